import t from 'tap'
import { createAnswerRate } from './answer-rate.ts'
import { createDurations, createFreeingTable } from './handle-times.ts'
import { createPrice } from './price.ts'
import { createRingTimes, MOMENTS } from './ring-times.ts'
import { exponential, uniform } from './simulator/random.ts'

t.test('the answer rate settles within a tenth and notices a change soon', async (t) => {
  const rate = createAnswerRate()
  let calls = 0
  const see = (p: number, count: number) => {
    for (let i = 0; i < count; i++) rate.resolved(uniform(5, 1, calls++) < p, undefined)
  }
  see(0.1, 3000)
  t.ok(Math.abs(rate.next() - 0.1) < 0.015, `${rate.next()}`)
  see(0.3, 100)
  t.ok(rate.next() > 0.2, `after 100 calls ${rate.next()}`)
})

t.test('what is told is corrected by what happens', async (t) => {
  const rate = createAnswerRate()
  for (let i = 0; i < 6000; i++) rate.resolved(uniform(6, 1, i) < 0.1, 0.2)
  t.ok(Math.abs(rate.of(0.4) - 0.2) < 0.03, `${rate.of(0.4)}`)
})

t.test('an exponential ring has no memory, and the table knows', async (t) => {
  const ring = createRingTimes(120)
  for (let i = 0; i < 6000; i++) {
    ring.answered(exponential(uniform(7, 1, i), 10))
    ring.otherwise(exponential(uniform(7, 2, i), 10))
  }
  ring.refresh()
  const young = new Float64Array(MOMENTS)
  const old = new Float64Array(MOMENTS)
  ring.chances(0.2, 1, young)
  ring.chances(0.2, 12, old)
  for (let i = 0; i < MOMENTS; i++) t.ok(Math.abs((young[i] ?? 0) - (old[i] ?? 1)) < 0.03)
  t.ok(Math.abs((young[MOMENTS - 1] ?? 0) - 0.2 * 0.92) < 0.02)
})

t.test('talk and wrap-up end as they were seen to end', async (t) => {
  const talk = createDurations(100)
  const wrapUp = createDurations(12)
  for (let i = 0; i < 3000; i++) {
    talk.lasted(exponential(uniform(8, 1, i), 60), true)
    wrapUp.lasted(10, true)
  }
  t.ok(Math.abs(talk.mean() - 60) < 4, `${talk.mean()}`)
  const table = createFreeingTable()
  table.rebuild(talk, wrapUp, new Float64Array(MOMENTS).fill(20), 2)
  const chances = new Float64Array(MOMENTS)
  table.chances('talking', 30, chances)
  t.ok(Math.abs((chances[0] ?? 0) - (1 - Math.exp(-12 / 60))) < 0.03, `22 s leave 12 s for the talk: ${chances[0]}`)
  table.chances('wrap-up', 5, chances)
  t.ok((chances[0] ?? 0) > 0.97)
})

t.test('the accepted risk falls towards the wall and rises with the budget', async (t) => {
  const price = createPrice({ abandonTarget: 0.03 })
  const riskAt = (left: number) => price.acceptedRisk({ target: left, limit: left, granted: 30, stakes: 0.5 })
  const risks = [1, 1.5, 2, 4, 8].map(riskAt)
  t.same(
    [...risks].sort((a, b) => a - b),
    risks,
  )
  for (let i = 0; i < 2000; i++) price.settled({ target: 20, limit: 20, granted: 30, stakes: 0.5 })
  t.ok(riskAt(2) > (risks[2] ?? 1), 'a surplus that stays moves the base')
})

t.test('with the limit far off, a target that is overdrawn lowers the risk gently', async (t) => {
  const price = createPrice({ abandonTarget: 0.01 })
  const riskAt = (target: number, limit: number) => price.acceptedRisk({ target, limit, granted: 10, stakes: 0.5 })
  t.ok(riskAt(-2, 20) > riskAt(-2, 1.2), 'more so when the limit is near')
  t.ok(riskAt(-2, 20) < riskAt(0, 20))
  t.ok(riskAt(-2, 20) > 0.5 * riskAt(0, 20))
})
