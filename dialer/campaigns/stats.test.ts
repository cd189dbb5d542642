import t from 'tap'
import { occupancy, withRate } from './stats.ts'

t.test('people taken for machines are counted into the abandonment rate by estimate', async (t) => {
  const count = { window: 'last_24_hours' as const, connected: 98, abandoned: 2 }
  t.equal(withRate(count, 0).rate, 0.02)
  // 2 % of all people never heard an agent: 100 heard are 98 % of them.
  const { byEstimate, rate } = withRate(count, 0.02)
  t.equal(byEstimate.toFixed(2), '2.04')
  t.equal(rate?.toFixed(4), '0.0396')
  t.equal(withRate({ ...count, connected: 0, abandoned: 0 }, 0.02).rate, null, 'nothing was counted yet')
})

t.test('occupancy leaves the paused and the reserved out of the work', async (t) => {
  const stretches = [
    { state: 'talking', ms: 300 },
    { state: 'wrap_up', ms: 100 },
    { state: 'ready', ms: 500 },
    { state: 'reserved', ms: 100 },
    { state: 'paused', ms: 9000 },
  ]
  t.equal(occupancy(stretches), 0.4)
  t.equal(occupancy([]), null)
})
