/** Speech and pauses are found by the clock: in quiet, in noise that is there from the first frame, and after gaps. */
import t from 'tap'
import { createFrameClock } from './frame-clock.ts'
import { createHearing } from './hearing.ts'
import { noise, quiet, said, together } from './sounds-under-test.ts'

function listen(samples: Int16Array, untilMs = samples.length / 8) {
  const hearing = createHearing()
  const clock = createFrameClock((frame) => hearing.hear(frame, clock.atMs))
  clock.feed(samples.subarray(0, untilMs * 8), 0)
  return hearing
}
const near = (value: number | undefined, wanted: number, within: number) =>
  value !== undefined && Math.abs(value - wanted) <= within

t.test('first word, last word and pauses', async (t) => {
  const { speech } = listen(together(quiet(0.5), said(0.8), quiet(0.4), said(1), quiet(1)))
  t.ok(near(speech.firstWordMs, 500, 40), `first word ${speech.firstWordMs}`)
  t.ok(near(speech.lastWordMs, 2700, 60), `last word ${speech.lastWordMs}`)
  t.ok(near(speech.longestPauseMs, 400, 80), `pause ${speech.longestPauseMs}`)
  t.equal(speech.utterances, 2)
  t.notOk(speech.isSpeaking)
})

t.test('a line that hisses from the first frame says nothing, and is heard through', async (t) => {
  for (const amplitude of [0.005, 0.02, 0.05]) {
    t.equal(listen(noise(3, amplitude)).speech.firstWordMs, undefined, `noise of ${amplitude}`)
    const { speech } = listen(noise(0, amplitude / 5, together(quiet(0.7), said(1), quiet(1))))
    t.ok(near(speech.firstWordMs, 700, 60), `first word at ${speech.firstWordMs} in noise of ${amplitude / 5}`)
    t.ok(near(speech.lastWordMs, 1700, 120), `last word at ${speech.lastWordMs}`)
  }
})

t.test('digital silence is time without audio: the noise after it is still noise', async (t) => {
  const { speech } = listen(together(quiet(0.4), noise(2, 0.01)))
  t.equal(speech.firstWordMs, undefined)
})

t.test('audio that does not come is a pause', async (t) => {
  const hearing = createHearing()
  const clock = createFrameClock((frame) => hearing.hear(frame, clock.atMs))
  clock.feed(said(1), 0)
  clock.feed(new Int16Array(0), 1800)
  t.ok(near(hearing.speech.pauseMs, 800, 60), `${hearing.speech.pauseMs}`)
})
