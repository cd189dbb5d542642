import t from 'tap'
import { MOMENTS } from './ring-times.ts'
import { createSupplyDemand } from './supply-demand.ts'

const chances = (q: number): Float64Array => new Float64Array(MOMENTS).fill(q)

/** P(free + freed <= answers) by looking at every outcome. */
function bruteForce(free: number, agents: number[], calls: number[]): number {
  let risk = 0
  const all = [...agents, ...calls]
  for (let outcome = 0; outcome < 2 ** all.length; outcome++) {
    let chance = 1
    let supply = free
    all.forEach((q, i) => {
      const hit = (outcome >> i) & 1
      chance *= hit ? q : 1 - q
      if (hit) supply += i < agents.length ? 1 : -1
    })
    if (supply <= 0) risk += chance
  }
  return risk
}

t.test('the exact risk is the sum over all outcomes', async (t) => {
  for (const [free, agents, calls] of [
    [1, [0.2, 0.5], [0.3, 0.3, 0.1]],
    [0, [0.1, 0.4, 0.7], [0.6]],
    [-1, [0.9, 0.4], [0.2, 0.2]],
    [2, [], [0.5, 0.5, 0.5]],
    [0, [], [0.5]],
  ] as const) {
    const balance = createSupplyDemand()
    balance.begin(free, agents.length)
    for (const q of agents) balance.agent(chances(q))
    for (const q of calls) balance.call(chances(q))
    t.ok(Math.abs(balance.risk() - bruteForce(free, [...agents], [...calls])) < 1e-9)
  }
})

t.test('at the size where the exact sum ends, the normal one is near it', async (t) => {
  const risks = [40, 41].map((agents) => {
    const balance = createSupplyDemand()
    balance.begin(0, agents)
    for (let i = 0; i < agents; i++) balance.agent(chances(0.15 * (40 / agents)))
    for (let i = 0; i < 20; i++) balance.call(chances(0.1))
    return balance.risk()
  })
  const [exact = 0, normal = 1] = risks
  t.ok(Math.abs(exact - normal) < 0.01, `${exact} ${normal}`)
})
