import t from 'tap'
import type { Disposition } from '../calls/outcome.ts'
import { afterCall, allowedRate, openThrottle, type Throttle } from './throttle.ts'

/** The rate after many calls of which one in `every` is congested. */
function settled(every: number): number {
  let throttle: Throttle = openThrottle
  for (let call = 1; call <= 600; call++) throttle = afterCall(throttle, call % every === 0 ? 'congestion' : 'no_answer', 0)
  return allowedRate(throttle, 16, 0)
}

t.test('the worse the congestion, the slower', async (t) => {
  t.ok(settled(30) > 11, 'a few congested destinations slow nothing for long')
  t.ok(settled(2) < 4, 'every second call congested')
  t.equal(settled(1), 1, 'a dead trunk gets a trickle')
})

t.test('a trunk that lives again is back at full speed within twenty calls', async (t) => {
  let throttle: Throttle = { ...openThrottle, share: 1 / 16 }
  for (let call = 0; call < 20; call++) throttle = afterCall(throttle, 'human_connected', 0)
  t.equal(allowedRate(throttle, 10, 0), 10)
})

t.test('a trunk that rejects us rests for a minute', async (t) => {
  const rejected = afterCall(openThrottle, 'trunk_rejected', 0)
  t.equal(allowedRate(rejected, 20, 59_999), 0)
  t.equal(allowedRate(rejected, 20, 60_000), 20)
})

t.test('what says nothing about the carrier changes nothing', async (t) => {
  for (const disposition of ['failed', 'lost', 'cancelled'] satisfies Disposition[])
    t.equal(afterCall(openThrottle, disposition, 0), openThrottle)
})
