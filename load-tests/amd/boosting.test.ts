/** The trainer learns what single features cannot tell, the same way each time; the area under the curve is right. */
import t from 'tap'
import { machineProbability } from '../../dialer/amd/model.ts'
import { seeded } from '../chance.ts'
import { areaUnderCurve, boost, type Rows } from './boosting.ts'

const options = { trees: 30, depth: 3, rate: 0.2, leastWeight: 5, sample: 0.8, seed: 1 }

/** Yes where exactly one of two numbers is high; a third says nothing. */
function either(count: number, seed: number): Rows {
  const random = seeded(seed)
  const columns = [0, 1, 2].map(() => Float32Array.from({ length: count }, random))
  const high = (f: number, n: number) => (columns[f]?.[n] ?? 0) > 0.5
  const targets = Uint8Array.from({ length: count }, (_, n) => (high(0, n) !== high(1, n) ? 1 : 0))
  return { columns, targets, weights: new Float32Array(count).fill(1) }
}

t.test('two features together', async (t) => {
  const model = boost(either(2000, 1), options)
  const judged = either(500, 2)
  const scores = Array.from(judged.targets, (_, n) =>
    machineProbability(
      Float64Array.from(judged.columns, (column) => column[n] ?? 0),
      model,
    ),
  )
  const area = areaUnderCurve(scores, [...judged.targets])
  t.ok(area > 0.97, `area ${area}`)
  t.same(boost(either(2000, 1), options), model)
})

t.test('the area under the curve', async (t) => {
  t.equal(areaUnderCurve([1, 2, 3, 4], [0, 0, 1, 1]), 1)
  t.equal(areaUnderCurve([4, 3, 2, 1], [0, 0, 1, 1]), 0)
  t.equal(areaUnderCurve([1, 1, 1, 1], [0, 1, 0, 1]), 0.5)
})
