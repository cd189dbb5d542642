import { pino } from 'pino'
import t from 'tap'
import { OutpaceError } from './errors.ts'
import { createNeededPart } from './needed-part.ts'

function setUp() {
  const said: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => said.push(JSON.parse(line)) })
  const stop = new AbortController()
  const part = createNeededPart({ part: 'asterisk', code: 'switch_unavailable', where: 'here:1', log, stop: stop.signal })
  return { said, stop, part }
}

t.test('tries until it works, says each failure with what to do, and then what /ready says', async (t) => {
  const { part, said } = setUp()
  let tries = 0
  const result = await part.untilItWorks(async () => {
    tries += 1
    if (tries === 1) throw new Error('refused')
    return tries
  })
  t.equal(result, 2)
  t.match(said, [{ part: 'asterisk', code: 'switch_unavailable', problem: 'Asterisk at here:1 does not answer: refused.' }])
  t.equal(part.lastProblem, 'refused')
  t.same(part.state(undefined), { part: 'asterisk', ready: true, sentence: 'answers' })
  t.match(part.state('gone'), {
    ready: false,
    sentence: /^Asterisk at here:1 does not answer: gone\. Start it or correct ARI_URL/,
  })
})

t.test('a failure that knows its own code keeps it', async (t) => {
  const { part, said } = setUp()
  let tries = 0
  await part.untilItWorks(async () => {
    if (tries++ === 0) throw new OutpaceError('schema_changed', { file: '001', how: 'was edited' })
  })
  t.match(said, [{ code: 'schema_changed', whatToDo: /^Use the program version/ }])
})

t.test('asked to stop: the pause ends at once, and a failure after that is not reported', async (t) => {
  const { part, said, stop } = setUp()
  let tries = 0
  const waiting = part.untilItWorks(async () => {
    tries += 1
    setImmediate(() => stop.abort())
    throw new Error('refused')
  })
  t.equal(await waiting, undefined)
  t.equal(tries, 1)
  const late = setUp()
  const stopped = late.part.untilItWorks(async () => {
    late.stop.abort()
    throw new Error('we ended it ourselves')
  })
  t.equal(await stopped, undefined)
  t.equal(late.said.length, 0)
  t.equal(said.length, 1)
})
