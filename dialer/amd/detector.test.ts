/** The detector on sounds made here: tones, beeps with onset, speech-like envelopes, gaps; no corpus. */
import t from 'tap'
import { createDetector, type DetectorFact } from './detector.ts'
import { featureNames } from './features.ts'
import { alawToLinear, linearToAlaw, linearToUlaw, ulawToLinear } from './g711.ts'
import type { Model } from './model.ts'
import { chord, noise, quiet, said, sine, together } from './sounds-under-test.ts'

/** A model of one tree, so that these tests do not hang on a training: from 3 s of greeting on it is a machine. */
const byLength: Model = {
  ...{ features: featureNames, bias: 0 },
  trees: [{ feature: [featureNames.indexOf('greetingMs'), -1, -1], value: [3000, -5, 5], left: [1, 0, 0], right: [2, 0, 0] }],
  policy: { machine: 0.9, human: 0.1, shortPauseMs: 350, doubt: 0.5, longPauseMs: 600, longestPauseMs: 900 },
}

/** Everything the detector says about these samples, fed in packets of 20 ms. */
function hear(samples: Int16Array, fromMs = 0): DetectorFact[] {
  const detector = createDetector({ model: byLength })
  const facts: DetectorFact[] = []
  for (let at = 0; at < samples.length; at += 160) facts.push(...detector.feed(samples.subarray(at, at + 160), fromMs + at / 8))
  return facts
}
const beeps = (facts: DetectorFact[]) => facts.filter((fact) => fact.type === 'beep')
const kinds = (facts: DetectorFact[]) => facts.flatMap((fact) => (fact.type === 'tone' ? [fact.kind] : []))
const verdict = (facts: DetectorFact[]) => facts.find((fact) => fact.type === 'verdict')

t.test('G.711 there and back is what it was', async (t) => {
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n)
  t.same(linearToAlaw(alawToLinear(bytes)), bytes)
  const ulaw = linearToUlaw(ulawToLinear(bytes))
  t.same(ulawToLinear(ulaw), ulawToLinear(bytes), 'the two zeros of µ-law are one')
  t.equal(alawToLinear(Uint8Array.of(0xaa))[0], 32_256)
  t.equal(ulawToLinear(Uint8Array.of(0x80))[0], 32_124)
})

t.test('a short greeting and a pause is a person, at once', async (t) => {
  const facts = hear(together(quiet(0.4), said(0.6), quiet(3)))
  const found = verdict(facts)
  t.match(found, { verdict: 'human' })
  t.ok(found && found.atMs > 1000 && found.atMs < 1800, `at ${found?.atMs} ms`)
  t.ok(found?.greetingEndMs && Math.abs(found.greetingEndMs - 1000) < 60, `greeting ended at ${found?.greetingEndMs} ms`)
  t.ok(facts.some((fact) => fact.type === 'greeting_ended'))
})

t.test('speech that goes on and on is a machine, and its beep is told afterwards', async (t) => {
  const facts = hear(together(quiet(0.3), said(7), quiet(0.8), sine(1000, 0.4), quiet(2)))
  t.match(verdict(facts), { verdict: 'machine' })
  t.equal(beeps(facts).length, 1)
  t.ok(facts.findIndex(({ type }) => type === 'beep') > facts.findIndex(({ type }) => type === 'verdict'))
})

t.test('nothing is heard: unsure, whether silence is sent or nothing at all', async (t) => {
  t.match(verdict(hear(quiet(5))), { verdict: 'unsure', reason: 'silence' })
  const detector = createDetector({ model: byLength })
  t.match(
    [0, 1000, 2000, 3000, 4000].flatMap((atMs) => detector.feed(new Int16Array(0), atMs)).find(({ type }) => type === 'verdict'),
    { verdict: 'unsure', reason: 'silence' },
  )
  t.match(verdict(hear(noise(5, 0.02))), { verdict: 'unsure', reason: 'silence' })
})

t.test('held notes are music: nobody is hung up on for it', async (t) => {
  const root = (hz: number) => chord([hz, hz * 1.26, hz * 1.5, hz * 2, hz * 2.52, hz * 3, hz * 4], 0.8)
  const facts = hear(together(quiet(0.3), ...[220, 247, 196, 220, 262, 220, 247, 196, 220].map(root)))
  t.ok(kinds(facts).includes('music'))
})

t.test('the trained model gives the same verdict on the same sound', async (t) => {
  const call = together(quiet(0.4), said(0.5), quiet(3))
  const say = () => createDetector().feed(call, 0)
  t.match(verdict(say()), { verdict: 'human' })
  t.same(say(), say())
})

t.test('a pause that is not sent counts by the clock', async (t) => {
  const detector = createDetector({ model: byLength })
  const facts = [...detector.feed(together(quiet(0.4), said(0.6)), 0), ...detector.feed(together(quiet(0.02)), 2500)]
  t.match(
    facts.find(({ type }) => type === 'verdict'),
    { verdict: 'human' },
  )
})

t.test('beeps of all frequencies and lengths, in noise, with onset and frequency', async (t) => {
  let found = 0
  let all = 0
  for (const hz of [390, 440, 620, 800, 1000, 1400, 1780, 2150])
    for (const seconds of [0.12, 0.25, 0.5, 0.95]) {
      const facts = beeps(hear(noise(0, 0.004, together(quiet(0.2), said(2), quiet(0.5), sine(hz, seconds, 0.2), quiet(1)))))
      all++
      const [beep] = facts
      if (facts.length !== 1 || beep?.type !== 'beep') continue
      found++
      t.ok(Math.abs(beep.onsetMs - 2700) <= 30, `${hz} Hz ${seconds} s: onset at ${beep.onsetMs}`)
      t.ok(Math.abs(beep.endMs - 2700 - seconds * 1000) <= 40, `${hz} Hz ${seconds} s: end at ${beep.endMs}`)
      t.ok(Math.abs(beep.frequencyHz - hz) < 12, `${hz} Hz: ${beep.frequencyHz}`)
    }
  t.equal(found, all, 'every one was heard')
})

t.test('a beep with a lost packet in it is one beep', async (t) => {
  const samples = together(said(2), quiet(0.5), sine(1000, 0.5), quiet(1))
  samples.fill(0, 8 * 2700, 8 * 2720)
  t.equal(beeps(hear(samples)).length, 1)
})

t.test('tones of the network are told by name and are no beeps', async (t) => {
  const suite: [string, Int16Array, string[]][] = [
    ['ringback PL CZ DE', together(sine(425, 1), quiet(4), sine(425, 1), quiet(2)), ['ringback']],
    ['ringback HU', together(sine(425, 1.25), quiet(3.75), sine(425, 1.25), quiet(1)), ['ringback']],
    ['ringback ES', together(sine(425, 1.5), quiet(3), sine(425, 1.5), quiet(1)), ['ringback']],
    ['ringback FR', together(sine(440, 1.5), quiet(3.5), sine(440, 1.5), quiet(1)), ['ringback']],
    ['ringback US', together(sine(440, 2, 0.15, 480), quiet(4), sine(440, 2, 0.15, 480), quiet(1)), ['ringback']],
    ['busy 425', together(...Array.from({ length: 6 }, () => together(sine(425, 0.5), quiet(0.5)))), ['busy_tone']],
    ['busy US', together(...Array.from({ length: 6 }, () => together(sine(480, 0.5, 0.15, 620), quiet(0.5)))), ['busy_tone']],
    ['SIT', together(quiet(0.2), sine(950, 0.33), sine(1400, 0.33), sine(1800, 0.33), quiet(1)), ['sit']],
    [
      'SIT, long first',
      together(sine(985, 0.38), quiet(0.03), sine(1429, 0.38), quiet(0.03), sine(1777, 0.38), quiet(1)),
      ['sit'],
    ],
    ['fax calls', together(sine(1100, 0.5), quiet(3), sine(1100, 0.5), quiet(1)), ['fax']],
    ['fax answers', together(quiet(0.2), sine(2100, 3), quiet(1)), ['fax']],
  ]
  for (const [name, samples, expected] of suite) {
    const facts = hear(samples)
    t.same(beeps(facts), [], `${name}: no beep`)
    const heard = new Set(kinds(facts).filter((kind) => kind !== 'silence'))
    t.same([...heard], expected, name)
  }
})

t.test('no beep in speech-like sounds', async (t) => {
  let all = 0
  for (let seed = 1; seed <= 12; seed++) all += beeps(hear(said(10, seed))).length
  t.equal(all, 0)
})

t.test('the same audio in other chunks gives the same facts', async (t) => {
  const samples = together(quiet(0.3), said(1.2), quiet(0.4), said(3), sine(800, 0.3), quiet(2))
  const byPacket = hear(samples)
  const detector = createDetector({ model: byLength })
  const odd: DetectorFact[] = []
  for (let at = 0; at < samples.length; at += 113) odd.push(...detector.feed(samples.subarray(at, at + 113), at / 8))
  t.same(odd, byPacket)
  t.same(createDetector({ model: byLength }).feed(samples, 0), byPacket)
})
