/** Our detector on calls, against a switch that sends what the test says and a detector that finds what it says. */
import t from 'tap'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import type { DetectorFact } from '../amd/detector.ts'
import { type HeardAudio, TelephonyError } from '../telephony/telephony.ts'
import type { CallEvent } from './call.ts'
import { silentLog as log } from './floor-under-test.ts'
import { createListening } from './listening.ts'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

function setUp(refusal?: TelephonyError) {
  const clock = createFakeClock()
  const answeredAt = clock.now()
  const switchHears = new Map<string, (audio: HeardAudio) => void>()
  const stopped: string[] = []
  const fed: [samples: number, atMs: number][] = []
  let facts: DetectorFact[] | Error = []
  const reported: CallEvent[] = []
  const listening = createListening({
    telephony: {
      async listen(id, hear) {
        if (refusal) throw refusal
        switchHears.set(id, hear)
      },
      stopListening: async (id) => void stopped.push(id),
    },
    createDetector: () => ({
      feed(samples, atMs) {
        fed.push([samples.length, atMs])
        const found = facts
        facts = []
        if (found instanceof Error) throw found
        return found
      },
    }),
    clock,
    log,
  })
  const call = { id: 'x', answeredAt, keepAudioMs: 0, report: (event: CallEvent) => void reported.push(event) }
  return {
    ...{ listening, clock, answeredAt, stopped, fed, reported, call },
    /** A packet that comes now; what the detector finds in it. */
    packet(found: DetectorFact[] | Error = []) {
      clock.advance(20)
      facts = found
      switchHears.get('x')?.({ at: clock.now() - 20, samples: new Int16Array(160), lost: 0 })
    },
    finds(found: DetectorFact[]) {
      facts = found
    },
  }
}

const verdict = (kind: 'human' | 'machine', atMs: number): DetectorFact => ({
  ...{ type: 'verdict', atMs, verdict: kind, reason: 'because', confidence: 0.9, features: {} },
})

t.test('facts become events of the call, in wall time; the beep by its end', async (t) => {
  const { listening, call, packet, reported, answeredAt, clock } = setUp()
  listening.start(call)
  await settle()
  packet([{ type: 'tone', kind: 'ringback', atMs: 0 }, { ...verdict('machine', 10), greetingEndMs: 5 } as DetectorFact])
  packet([
    { type: 'greeting_ended', atMs: 30 },
    { type: 'beep', onsetMs: 31, endMs: 38, frequencyHz: 1000 },
  ])
  t.same(reported, [
    {
      type: 'detected',
      at: clock.now() - 20,
      verdict: 'machine',
      cause: 'because',
      detector: 'outpace',
      greetingEndedAt: answeredAt + 5,
    },
    { type: 'greeting_ended', at: answeredAt + 30 },
    { type: 'beep', at: answeredAt + 38 },
  ])
})

t.test('in a silence without packets time passes for the detector all the same', async (t) => {
  const { listening, call, packet, finds, fed, reported, clock, answeredAt } = setUp()
  listening.start(call)
  await settle()
  packet()
  fed.length = 0
  finds([verdict('human', 0)])
  clock.advance(500)
  t.ok(fed.length >= 3 && fed.every(([samples]) => samples === 0))
  t.ok((fed.at(-1)?.[1] ?? 0) >= clock.now() - answeredAt - 100, 'by the clock')
  t.match(reported, [{ type: 'detected', verdict: 'human' }])
})

t.test('no audio at all: unsure, once; the audio that comes then is still evidence', async (t) => {
  const { listening, call, packet, reported, clock } = setUp()
  listening.start(call)
  await settle()
  clock.advance(1900)
  t.same(reported, [])
  clock.advance(5000)
  t.match(reported, [{ type: 'detected', verdict: 'unsure', cause: 'no audio arrived' }])
  packet([verdict('machine', 7000)])
  t.equal(reported.length, 1)
  t.match(listening.stop('x'), { verdict: { verdict: 'unsure' }, media: { packets: 1 } })
})

t.test('the switch refuses to let us listen', async (t) => {
  const { listening, call, reported, stopped, clock } = setUp(new TelephonyError('refused', 'no such module'))
  listening.start(call)
  await settle()
  t.match(reported, [{ type: 'listening_failed', why: /no such module/ }])
  clock.advance(10_000)
  t.equal(reported.length, 1)
  t.equal(clock.pending(), 0, 'no timer is left')
  t.match(listening.stop('x'), { media: { packets: 0 } })
  t.same(stopped, [])
})

t.test('a detector that fails costs a verdict, not a call', async (t) => {
  const { listening, call, packet, reported, stopped } = setUp()
  listening.start(call)
  await settle()
  packet(new Error('a bug'))
  t.match(reported, [{ type: 'detected', verdict: 'unsure', cause: 'the detector failed' }])
  t.same(stopped, ['x'])
  packet([verdict('machine', 1)])
  t.equal(reported.length, 1)
})

t.test('after a person it listens on for a late beep, and no longer; on a machine to the end', async (t) => {
  const person = setUp()
  person.listening.start(person.call)
  await settle()
  person.packet([verdict('human', 1)])
  person.clock.advance(14_000)
  t.same(person.stopped, [])
  person.clock.advance(2000)
  t.same(person.stopped, ['x'])
  t.equal(person.clock.pending(), 0)
  person.listening.stop('x')
  t.same(person.stopped, ['x'], 'once')

  const machine = setUp()
  machine.listening.start(machine.call)
  await settle()
  machine.packet([verdict('machine', 1)])
  machine.clock.advance(60_000)
  t.same(machine.stopped, [])
  machine.listening.stop('x')
  t.same(machine.stopped, ['x'])
})

t.test('in shadow nothing is reported, and all is kept', async (t) => {
  const { listening, call, packet, reported } = setUp()
  listening.start({ id: call.id, answeredAt: call.answeredAt, keepAudioMs: 1000 })
  await settle()
  packet([verdict('machine', 1)])
  t.same(reported, [])
  const heard = listening.stop('x')
  t.match(heard, { verdict: { verdict: 'machine' } })
  t.equal(heard?.audio?.length, 160)
  t.equal(listening.stop('x'), undefined)
})
