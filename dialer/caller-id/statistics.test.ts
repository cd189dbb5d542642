/** The tests of significance against values from tables and exact enumeration. */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { binomialAtLeast, holm, mantelHaenszel, normalBelow } from './statistics.ts'

const near = (t: Test, found: number, wanted: number, tolerance = 1e-6) =>
  t.ok(Math.abs(found - wanted) <= tolerance * Math.abs(wanted), `${found} is ${wanted}`)

t.test('the normal distribution, far out too', async (t) => {
  for (const [z, below] of [
    [0, 0.5],
    [-1, 0.15865525393],
    [-1.6448536269514722, 0.05],
    [-3, 0.0013498980316],
    [-6, 9.865876450377e-10],
    [2, 0.97724986805],
  ] as const)
    near(t, normalBelow(z), below)
})

t.test('the binomial tail is exact', async (t) => {
  near(t, binomialAtLeast(3, 5, 0.5), 0.5)
  near(t, binomialAtLeast(3, 20, 0.01), 0.00100358, 1e-4)
  t.equal(binomialAtLeast(0, 9, 0.3), 1)
  t.equal(binomialAtLeast(10, 9, 0.3), 0)
})

t.test('Holm: rejects one by one from the smallest, and stops at the first that stands', async (t) => {
  t.same(holm([0.01, 0.04, 0.03, 0.005], 0.05), [true, false, false, true])
  t.same(holm([], 0.05), [])
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (pValues) => {
      const rejected = holm(pValues, 0.05)
      const byBonferroni = pValues.map((p) => p <= 0.05 / pValues.length)
      return rejected.every((one, index) => (byBonferroni[index] ? one : !one || (pValues[index] ?? 1) <= 0.05))
    }),
    { seed: 20_261_122 },
  )
})

t.test('Mantel-Haenszel: the textbook, strata that say nothing, and the same rates everywhere', async (t) => {
  // One stratum of 2 x 2: 10 of 100 against 30 of 100. E = 20, V = 100*100*40*160 / (200*200*199) = 8.0402.
  const one = mantelHaenszel([{ calls: 100, answered: 10, peerCalls: 100, peerAnswered: 30 }])
  t.match(one, { calls: 100, answered: 10, expected: 20, enough: true })
  near(t, one.oddsRatio, 10 / 90 / (30 / 70))
  near(t, one.pValue, normalBelow(-9.5 / Math.sqrt(8.040201005)), 1e-4)
  const silent = [
    { calls: 5, answered: 0, peerCalls: 0, peerAnswered: 0 },
    { calls: 5, answered: 0, peerCalls: 9, peerAnswered: 0 },
    { calls: 1, answered: 1, peerCalls: 0, peerAnswered: 0 },
  ]
  t.match(mantelHaenszel(silent), { calls: 0, pValue: 1, oddsRatio: 1, enough: false })
  t.match(mantelHaenszel([{ calls: 4, answered: 0, peerCalls: 400, peerAnswered: 200 }]), { enough: false })
  // Simpson: worse in the sum only because it was used in the bad hour.
  const confounded = mantelHaenszel([
    { calls: 200, answered: 20, peerCalls: 20, peerAnswered: 2 },
    { calls: 20, answered: 12, peerCalls: 200, peerAnswered: 120 },
  ])
  near(t, confounded.oddsRatio, 1)
  t.ok(confounded.pValue > 0.4)
})
