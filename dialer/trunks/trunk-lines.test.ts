import { pino } from 'pino'
import t from 'tap'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createMemoryCoordination } from '../cluster/memory.ts'
import { createTrunkLines } from './trunk-lines.ts'

const trunk = { id: 'a', maxChannels: 30, callsPerSecond: 10 }

function setUp() {
  const clock = createFakeClock()
  const said: unknown[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => said.push(JSON.parse(line)) })
  const coordination = createMemoryCoordination(clock)
  const lines = createTrunkLines({ coordination, clock, log })
  const take = async (wanted: number, live = 0, trunks = [trunk]) =>
    Object.fromEntries(await lines.take(trunks, wanted, () => live))
  return { clock, said, lines, take, coordination }
}

t.test('channels, calls per second, and what is wanted: the smallest counts', async (t) => {
  const { take, clock } = setUp()
  t.same(await take(3), { a: 3 })
  clock.advance(1000)
  t.same(await take(100), { a: 5 }, 'half a second saved up, not a whole one')
  t.same(await take(100), { a: 0 })
  clock.advance(200)
  t.same(await take(100), { a: 2 })
  clock.advance(1000)
  t.same(await take(100, 29), { a: 1 }, 'one channel left')
  t.same(await take(100, 30), {}, 'all channels are taken')
})

t.test('over a second no more than the rate, however often it is asked', async (t) => {
  const { take, clock } = setUp()
  let granted = 0
  for (let ms = 0; ms < 10_000; ms += 250) {
    granted += (await take(100)).a ?? 0
    clock.advance(250)
  }
  t.ok(granted <= 10 * trunk.callsPerSecond + 5 && granted >= 10 * trunk.callsPerSecond - 5, `${granted} in 10 s`)
})

t.test('several trunks: what the first cannot take goes over the second', async (t) => {
  const { take } = setUp()
  t.same(await take(8, 0, [trunk, { ...trunk, id: 'b' }]), { a: 5, b: 3 })
})

t.test('processes share the rate of a trunk', async (t) => {
  const { take, coordination, clock } = setUp()
  const log = pino({ level: 'silent' })
  const other = createTrunkLines({ coordination, clock, log })
  t.same(await take(4), { a: 4 })
  t.same(Object.fromEntries(await other.take([trunk], 4, () => 0)), { a: 1 })
})

t.test('congestion slows the trunk, calls that get through give the rate back', async (t) => {
  const { take, lines, clock } = setUp()
  for (let i = 0; i < 20; i++) lines.ended('a', 'congestion')
  await take(100)
  clock.advance(2000)
  t.same(await take(100), { a: 1 }, 'a sixteenth of 10 a second')
  for (let i = 0; i < 20; i++) lines.ended('a', 'no_answer')
  clock.advance(1000)
  t.same(await take(100), { a: 5 })
})

t.test('a carrier that rejects our calls rests for a minute, and the log says why', async (t) => {
  const { take, lines, clock, said } = setUp()
  lines.ended('a', 'trunk_rejected')
  t.same(await take(10), {})
  t.match(said, [{ trunkId: 'a', msg: /check the credentials/ }])
  clock.advance(60_000)
  t.same(await take(10), { a: 5 })
})

t.test('trunks take turns in being asked first', async (t) => {
  const { take, clock } = setUp()
  const both = [trunk, { ...trunk, id: 'b' }]
  const first: string[] = []
  for (let tick = 0; tick < 4; tick++) {
    first.push(Object.keys(await take(1, 0, both)).join())
    clock.advance(1000)
  }
  t.same(first, ['a', 'b', 'a', 'b'])
})
