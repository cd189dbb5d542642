import fc from 'fast-check'
import t from 'tap'
import { admission, admitted, type Load } from './admission.ts'

const calm: Load = { loopDelayMs: 5, switchRoundTripMs: 2, journalPending: 0, rtpLoss: 0 }

t.test('nothing is held back while all is well', async (t) => {
  t.same(admission(calm), { share: 1 })
  t.same(admission({ ...calm, loopDelayMs: 60, switchRoundTripMs: 150, journalPending: 500, rtpLoss: 0.02 }), { share: 1 })
})

t.test('the tightest limit slows placing down, and is named', async (t) => {
  t.same(admission({ ...calm, switchRoundTripMs: 575, journalPending: 600 }), {
    share: 0.5,
    reason: 'the switch answers after 575 ms (limit 150 ms)',
  })
  t.match(admission({ ...calm, loopDelayMs: 155 }), { share: 0.5, reason: /^this engine is 155 ms late/ })
  t.match(admission({ ...calm, journalPending: 5000 }), { share: 0, reason: /^5000 records wait/ })
  t.match(admission({ ...calm, rtpLoss: 0.06 }).reason, /^6\.0 % of the audio/)
})

t.test('a worse load never admits more', async () => {
  const load = fc.record({
    loopDelayMs: fc.double({ min: 0, max: 500, noNaN: true }),
    switchRoundTripMs: fc.double({ min: 0, max: 2000, noNaN: true }),
    journalPending: fc.nat(4000),
    rtpLoss: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(load, load, (one, more) => {
      const worse = {
        loopDelayMs: one.loopDelayMs + more.loopDelayMs,
        switchRoundTripMs: one.switchRoundTripMs + more.switchRoundTripMs,
        journalPending: one.journalPending + more.journalPending,
        rtpLoss: one.rtpLoss + more.rtpLoss,
      }
      return admission(worse).share <= admission(one).share
    }),
    { seed: 6 },
  )
})

t.test('fractions of a call are carried over, so that a small share still places its part', async (t) => {
  let placed = 0
  let carried = 0
  for (let tick = 0; tick < 100; tick++) {
    const now = admitted(1, 0.3, carried)
    placed += now.calls
    carried = now.carried
  }
  t.ok(placed === 29 || placed === 30, `${placed} of 100`)
  t.same(admitted(7, 1, 0.9), { calls: 7, carried: 0 })
})
