/** What becomes of numbers, and what a supervisor is told to do. */
import fc from 'fast-check'
import t from 'tap'
import type { CallerId } from './caller-id.ts'
import { changeState } from './change-state.ts'
import { type HealthReport, judgeBlocks, judgeRun, noCalls } from './health.ts'
import { adviceFor, type Judged, planChanges } from './rest.ts'

const at = new Date('2026-03-02T03:20:00Z')
const daysLater = (days: number) => new Date(at.getTime() + days * 86_400_000)

const number = (id: number, fields: Partial<CallerId> = {}): CallerId => ({
  ...{ id, number: `+4822100000${id}`, pool: 'main', trunkId: 't', country: 'PL', area: '22', lineType: 'fixed', brand: null },
  ...{ dailyCap: null, hourlyCap: null, state: 'active', stateSince: daysLater(-30), stateReason: 'added', restUntil: null },
  ...{ judgedSince: daysLater(-30), createdAt: daysLater(-30) },
  ...{ inboundRoute: 'passed', inboundRouteAt: daysLater(-1), inboundRouteReason: 'came in' },
  ...fields,
})
const healthy = noCalls
const blocked: HealthReport = { ...noCalls, blocked: judgeBlocks({ calls: 15, blockers: 3 }) }
const failing: HealthReport = { ...noCalls, failing: judgeRun({ length: 9, peerCalls: 50, peerFailures: 4 }) }
const low: HealthReport = { ...noCalls, answerRate: { ...noCalls.answerRate, isLow: true } }
const judged = (callerId: CallerId, report: HealthReport = healthy, earlierRests = 0): Judged => ({
  callerId,
  report,
  earlierRests,
})

const byDay = new Set(['failing', 'blocked'] as const)
const byNight = new Set(['failing', 'blocked', 'low_answer_rate'] as const)

t.test('an ill number rests, longer each time; answer rates only by night', async (t) => {
  const peers = [2, 3, 4].map((id) => judged(number(id)))
  const restOf = (report: HealthReport, rests = 0) => planChanges([judged(number(1), report, rests), ...peers], byNight, at)
  t.match(restOf(failing), [
    { callerId: { id: 1 }, change: { to: 'resting', restUntil: daysLater(2), reason: /get through.*rests 2 days/ } },
  ])
  t.match(restOf(blocked), [{ change: { restUntil: daysLater(14), reason: /607, 608/ } }])
  t.match(restOf(blocked, 1), [{ change: { restUntil: daysLater(28) } }])
  t.match(restOf(blocked, 5), [{ change: { restUntil: daysLater(60) } }])
  t.match(restOf(low), [{ change: { restUntil: daysLater(14) } }])
  t.same(planChanges([judged(number(1), low), ...peers], byDay, at), [])
  t.same(planChanges(peers, byNight, at), [])
})

t.test('a rest ends in warming, warming in active; a rest by hand ends by hand', async (t) => {
  const resting = number(1, { state: 'resting', restUntil: at })
  t.match(planChanges([judged(resting)], byDay, at), [{ change: { to: 'warming' } }])
  t.same(planChanges([judged({ ...resting, restUntil: daysLater(1) }), judged({ ...resting, restUntil: null })], byDay, at), [])
  const warm = changeState(resting, { to: 'warming', reason: 'rested', at, restUntil: null })
  t.match(warm, { state: 'warming', stateSince: at, restUntil: null, judgedSince: at }, 'a fresh start')
  t.same(planChanges([judged(warm)], byDay, daysLater(4.9)), [])
  const [back] = planChanges([judged(warm)], byDay, daysLater(5))
  t.match(back, { change: { to: 'active', reason: /warmed up for 5 days/ } })
  if (back) t.match(changeState(warm, back.change), { state: 'active', judgedSince: at }, 'what it did while it warmed counts')
})

t.test('never more than half of what a pool uses is taken away; the worst first', async (t) => {
  const pool = [judged(number(1), low), judged(number(2), failing), judged(number(3), blocked)]
  t.match(planChanges(pool, byNight, at), [{ callerId: { id: 2 } }])
  t.equal(planChanges(pool, byNight, at).length, 1)
  t.same(planChanges([judged(number(1), failing)], byNight, at), [], 'the only one stays')
  const anyReport = fc.constantFrom(healthy, blocked, failing, low)
  const anyPool = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('active', 'warming', 'resting'), anyReport))
  fc.assert(
    fc.property(anyPool, (drawn) => {
      const all = drawn.map(([name, state, report], id) => judged(number(id, { pool: name, state }), report))
      const rested = planChanges(all, byNight, at).filter(({ change }) => change.to === 'resting')
      return ['a', 'b'].every((name) => {
        const used = all.filter(({ callerId }) => callerId.pool === name && callerId.state !== 'resting').length
        return rested.filter(({ callerId }) => callerId.pool === name).length <= used / 2
      })
    }),
    { seed: 20_261_122 },
  )
})

t.test('advice: what to do, or nothing', async (t) => {
  t.equal(adviceFor(judged(number(1))), null)
  t.match(adviceFor(judged(number(1, { inboundRoute: 'untested' }))), 'Test its inbound route')
  t.match(adviceFor(judged(number(1, { inboundRoute: 'failed', inboundRouteReason: 'SIP 404' }))), /Ask the carrier .*SIP 404/)
  t.match(adviceFor(judged(number(1), failing)), /whether it may still be presented: its last 9 calls .* add some/)
  t.match(adviceFor(judged(number(1), low)), /^Let it rest/)
  const resting = number(1, { state: 'resting', restUntil: daysLater(3) })
  t.equal(adviceFor(judged(resting)), null)
  t.match(adviceFor(judged(resting, healthy, 3)), 'It rested 3 times in half a year: retire it')
  t.match(adviceFor(judged({ ...resting, restUntil: null, stateReason: 'complaints' })), /until you end it \(complaints\)/)
  t.equal(adviceFor(judged(number(1, { state: 'retired', inboundRoute: 'untested' }))), null)
})
