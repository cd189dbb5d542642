import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { silentLog as log } from '../calls/floor-under-test.ts'
import { createSpeech } from './speech.ts'
import { samplesOf, secondsOf, wavOf } from './wav.ts'

const folder = mkdtempSync(join(tmpdir(), 'outpace-speech-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** Counts its own runs: one line each in the file `runs`. */
const counting = join(folder, 'say.sh')
writeFileSync(counting, `#!/bin/sh\necho "$1" >>${folder}/runs\nexec espeak-ng -v "$1" --stdin --stdout\n`)
chmodSync(counting, 0o755)
const runs = () => readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n')

const clock = createFakeClock()
const commands = { default: [counting, '{language}'], byLanguage: { xx: ['false'], yy: ['no-such-program'], zz: ['cat'] } }
const speech = createSpeech({ folder, commands, clock, log })

t.test('spoken once for all who ask, and found again', async (t) => {
  const [one, two] = await Promise.all([speech.speak('Dzień dobry', 'pl'), speech.speak('Dzień dobry', 'pl')])
  t.equal(one, two)
  t.match(one, /^spoken\/[0-9a-f]{2}\/[0-9a-f]{64}$/)
  const wav = readFileSync(join(folder, `${one}.wav`))
  const samples = samplesOf(wav)
  t.ok(samples && secondsOf(samples) > 0.4, 'telephone sound')
  t.same(wavOf([samples ?? Buffer.alloc(0)]), wav, 'in the one format')
  t.equal(statSync(join(folder, `${one}.wav`)).mode & 0o444, 0o444, 'which the user of the switch may read')
  const beginning = Math.max(...Array.from({ length: 800 }, (_, n) => Math.abs(samples?.readInt16LE(2 * n) ?? 0)))
  t.ok(beginning > 300, 'it begins at once')
  await speech.speak('Dzień dobry', 'pl')
  t.same(runs(), ['pl'])
  t.not(await speech.speak('Dzień dobry', 'cs'), one)
  t.same(runs(), ['pl', 'cs'])
})

t.test('many at once, all spoken', async (t) => {
  const files = await Promise.all(Array.from({ length: 8 }, (_, n) => speech.speak(`Numer ${n}`, 'pl')))
  t.equal(new Set(files).size, 8)
})

t.test('a command that fails, is not there, or says nothing that is sound', async (t) => {
  await t.rejects(speech.speak('x', 'xx'), { message: /^false failed: code 1/ })
  await t.rejects(speech.speak('x', 'yy'), { message: /^no-such-program cannot be run/ })
  await t.rejects(speech.speak('x', 'zz'), { message: /^sox failed/ })
  t.same(
    readdirSync(join(folder, 'spoken'), { recursive: true }).filter((name) => /\.wav\./.test(String(name))),
    [],
    'nothing half-made is left',
  )
})

t.test('what nobody wanted for a day is removed, for it holds names and amounts', async (t) => {
  const [old, wanted] = [await speech.speak('stary', 'pl'), await speech.speak('nowy', 'pl')]
  const yesterday = new Date(clock.now() - 25 * 3_600_000)
  for (const path of [old, wanted]) utimesSync(join(folder, `${path}.wav`), yesterday, yesterday)
  await speech.speak('nowy', 'pl')
  speech.start()
  clock.advance(0)
  const has = (path: string) => statSync(join(folder, `${path}.wav`), { throwIfNoEntry: false }) !== undefined
  await eventually(2000, 'the old file to go', async () => (has(old) ? undefined : true))
  speech.stop()
  t.notOk(has(old))
  t.ok(has(wanted))
})
