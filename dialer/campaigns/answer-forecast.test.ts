import { randomUUID } from 'node:crypto'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import type { CallPlan } from '../calls/call-plan.ts'
import { lead as leadOf, phone } from '../leads/lead-under-test.ts'
import { createAnswerForecast } from './answer-forecast.ts'
import { campaignSettingsSchema } from './settings.ts'

const { pool } = await withDatabase(t)
const clock = createFakeClock(Date.UTC(2026, 10, 23, 9))
const settings = campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' })
const campaignId = randomUUID()
const called = phone(1)
const lead = leadOf({ campaignId, phones: [called], openDebts: [], debts: 0 })

const setUp = () => {
  const forecast = createAnswerForecast({ pool, clock })
  const place = () => {
    const plan: CallPlan = {
      ...{ id: randomUUID(), campaignId, lead, phone: called, trunkId: 't', callerId: { id: 1, number: '+48220000000' } },
      ...{ mode: 'predictive', reason: 'test', placedAt: clock.now(), settings },
      features: forecast.forecast(lead, called, clock.now()).features,
    }
    forecast.placed(plan)
    return plan.id
  }
  const said = () => forecast.forecast(lead, called, clock.now()).answerProbability
  return { forecast, place, said }
}

t.test('a list that was hardly called says nothing; one that was says what happened, also after a restart', async (t) => {
  const { forecast, place, said } = setUp()
  for (let call = 0; call < 499; call++) forecast.ended(place(), call % 2 === 0 ? 'human_connected' : 'no_answer')
  t.equal(said(), undefined)
  t.notOk(forecast.knows(campaignId))
  forecast.ended(place(), 'no_answer')
  t.ok(Math.abs((said() ?? 0) - 0.5) < 0.1, `half of the calls were answered: ${said()}`)

  await forecast.save()
  const next = setUp()
  await next.forecast.load()
  t.equal(next.said(), said())
  t.ok(next.forecast.knows(campaignId))
})

t.test('calls are learnt in the order of placing, and what says nothing about people is not learnt', async (t) => {
  const { forecast, place } = setUp()
  const learnt = () => forecast.calibration().reduce((sum, tenth) => sum + tenth.attempts, 0)
  const [first, second, third] = [place(), place(), place()]
  forecast.ended(second, 'busy')
  forecast.ended(third, 'congestion')
  t.equal(learnt(), 0, 'the first still rings')
  forecast.observe({ type: 'answered', callId: first, at: clock.now(), by: 'human' })
  t.equal(learnt(), 2, 'the answer is known before the talk ends')
  forecast.ended(first, 'human_connected')
  t.equal(learnt(), 2, 'and learnt once')
})
