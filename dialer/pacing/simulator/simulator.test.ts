import t from 'tap'
import { optimum, progressiveTwin } from './markov-optimum.ts'
import { measureOurs, measurePeer } from './measure.ts'
import { betaTable } from './random.ts'

t.test('the exact optimum is the published one', async (t) => {
  // Table "the bound" of docs/pacing.md, handle 120 s, ring 12 s, grace 2 s.
  for (const [agents, answerProbability, published] of [
    [1, 0.2, 69],
    [2, 0.45, 83],
    [5, 0.2, 78.1],
    [5, 0.45, 84.7],
  ] as const) {
    const twin = { agents, answerProbability, handleSec: 120, ringSec: 12, graceSec: 2 }
    const best = optimum(twin, 0.03)
    t.ok(Math.abs(100 * best.occupancy - published) < 0.6, `${agents} ${answerProbability}: ${best.occupancy}`)
    t.ok(progressiveTwin(twin).occupancy <= best.occupancy)
  }
})

t.test('the simulated twin agrees with the exact progressive', async (t) => {
  const world = { agents: 5, seed: 9, answerProbability: 0.2, markov: true }
  const exact = progressiveTwin({ agents: 5, answerProbability: 0.2, handleSec: 120, ringSec: 12, graceSec: 2 }).occupancy
  const simulated = measurePeer({ kind: 'progressive', level: 1 }, world, 10).occupancy
  t.ok(Math.abs(simulated - exact) < 0.015, `${simulated} ${exact}`)
})

t.test('the same seed gives the same days; ours beats progressive within the limit', async (t) => {
  const world = { agents: 10, seed: 9, answerProbability: 0.2, hours: 4 }
  const ours = measureOurs(world, 4)
  t.same(measureOurs(world, 4), ours)
  const progressive = measurePeer({ kind: 'progressive', level: 1 }, world, 4)
  t.ok(ours.occupancy > progressive.occupancy + 0.1)
  t.equal(ours.daysWithin, 4)
  t.equal(progressive.abandonment, 0)
})

t.test('a beta table has its mean', async (t) => {
  const table = betaTable(0.8, 3.2)
  t.ok(Math.abs(table.reduce((sum, p) => sum + p, 0) / table.length - 0.2) < 0.002)
})
