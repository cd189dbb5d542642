import t from 'tap'
import { afterCongestion, afterRejection, allowedRate, openThrottle } from './throttle.ts'

t.test('congestion halves the rate once a second and quiet brings it back in half a minute', async (t) => {
  const cut = afterCongestion(openThrottle, 10_000)
  t.equal(allowedRate(cut, 20, 10_000), 10)
  t.equal(afterCongestion(cut, 10_500), cut, 'calls that were placed together fail together: one cut')
  t.equal(allowedRate(afterCongestion(cut, 11_000), 20, 11_000).toFixed(2), '5.33')
  t.equal(allowedRate(cut, 20, 25_000), 20)
})

t.test('however long the congestion lasts, a trickle goes on', async (t) => {
  let throttle = openThrottle
  for (let at = 0; at < 60_000; at += 1000) throttle = afterCongestion(throttle, at)
  t.ok(allowedRate(throttle, 16, 59_000) >= 1)
})

t.test('a trunk that rejects us rests for a minute', async (t) => {
  const rejected = afterRejection(openThrottle, 0)
  t.equal(allowedRate(rejected, 20, 59_999), 0)
  t.equal(allowedRate(rejected, 20, 60_000), 20)
})
