/** The weights in the repository are whole and belong to the features of today; the policy says what it is asked. */
import t from 'tap'
import { featureNames } from './features.ts'
import { fits, machineProbability, model } from './model.ts'
import { judge } from './verdict.ts'

t.test('the weights are of these features', async (t) => {
  t.ok(fits(model), 'train again: make train-amd')
  t.notOk(fits({ ...model, features: featureNames.slice(1) }))
  t.ok(model.trees.length > 50)
  for (const { feature, value, left, right } of model.trees) {
    t.same(new Set([value.length, left.length, right.length]), new Set([feature.length]))
    t.ok(
      feature.every(
        (name, node) => name < featureNames.length && (name < 0 || Math.min(left[node] ?? 0, right[node] ?? 0) > node),
      ),
    )
  }
})

t.test('longer greetings are more like a machine, and every vector has a probability', async (t) => {
  const at = (ms: number) => {
    const vector = new Float64Array(featureNames.length)
    for (const [n, name] of featureNames.entries())
      vector[n] =
        { firstWordMs: 500, sinceFirstWordMs: ms, greetingMs: ms, spokenMs: 0.8 * ms, utterances: 2, pausesMs: 300 }[
          name as string
        ] ?? 0
    return machineProbability(vector)
  }
  t.ok(at(4800) > at(800), `${at(4800)} > ${at(800)}`)
  for (const value of [Number.NaN, -1e9, 1e9]) {
    const probability = machineProbability(new Float64Array(featureNames.length).fill(value))
    t.ok(probability > 0 && probability < 1)
  }
})

t.test('thresholds and pauses', async (t) => {
  const policy = { machine: 0.9, human: 0.1, shortPauseMs: 300, doubt: 0.5, longPauseMs: 600, longestPauseMs: 900 }
  t.match(judge(0.95, 0, policy), { verdict: 'machine' })
  t.match(judge(0.05, 300, policy), { verdict: 'human' })
  t.equal(judge(0.05, 250, policy), undefined)
  t.equal(judge(0.3, 550, policy), undefined)
  t.match(judge(0.3, 600, policy), { verdict: 'human' })
  t.equal(judge(0.7, 850, policy), undefined, 'perhaps a machine that takes breath')
  t.match(judge(0.7, 900, policy), { verdict: 'unsure', reason: 'like_both' })
})
