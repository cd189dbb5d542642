import { pino } from 'pino'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createGate } from '../../test/support/gate.ts'
import { systemClock } from '../clock.ts'
import { createPool } from '../storage/database.ts'
import type { AnswerFacts, Outcome } from './call.ts'
import type { CallPlan } from './call-plan.ts'
import { insertAttempts } from './call-store.ts'
import { prepareFloor, silentLog, standpoint } from './floor-under-test.ts'
import { createJournal, type JournalEntry } from './journal.ts'

const { pool, url } = await withDatabase(t)
const floor = await prepareFloor(pool, systemClock)

/** Calls that were placed: their attempts are committed. */
async function placed(count: number): Promise<CallPlan[]> {
  await floor.enlist(count)
  const plans = await Promise.all((await floor.claim(count)).map(floor.plan))
  await insertAttempts(pool, plans, standpoint)
  return plans
}

const facts = (at: number): AnswerFacts => ({
  answeredAt: at,
  connected: { agent: { agentId: floor.agentId, sessionId: 's', channelId: 'l', bridgeId: 'b' }, at: at + 100 },
})

function ended(plan: CallPlan, changes: Partial<Outcome> = {}): JournalEntry {
  const endedAt = plan.placedAt + 5000
  const outcome: Outcome = {
    ...{ disposition: 'abandoned', reason: 'nobody was free', counts: true, ledger: 'abandoned', endedAt },
    ...{ network: { cause: 16 }, facts: { answeredAt: plan.placedAt + 1000 } },
    ...changes,
  }
  const waiting = {
    state: 'waiting',
    nextAttemptAt: endedAt + 3_600_000,
    phoneId: null,
    callbackAt: null,
    callbackAgentId: null,
  } as const
  return {
    ...{ kind: 'ended', id: plan.id, leadId: plan.lead.leadId, contactId: plan.lead.contactId, campaignId: plan.campaignId },
    ...{ phoneId: plan.phone.id, outcome },
    plan: { ...waiting, attempts: 1, failures: 0, reason: 'again in an hour' },
    restHoursIfAbandoned: 72,
  }
}

const attempt = async (id: string) => (await pool.query('select * from attempts where id = $1', [id])).rows[0]
const ledgerOf = async (ids: string[]) =>
  (await pool.query('select attempt_id from abandonment_ledger where attempt_id = any ($1)', [ids])).rowCount

t.test('answer, agent and end come in order, many calls in one write, and repeated they change nothing', async (t) => {
  const plans = await placed(700)
  const journal = createJournal({ pool, clock: systemClock, log: silentLog })
  const [first] = plans
  if (!first) throw new Error('no plan')
  journal.add({ kind: 'progress', id: first.id, facts: { answeredAt: first.placedAt + 1000 } })
  journal.add({ kind: 'progress', id: first.id, facts: facts(first.placedAt + 1000) })
  await journal.settled()
  t.match(await attempt(first.id), { agent_id: floor.agentId, answered_at: new Date(first.placedAt + 1000), ended_at: null })

  const ends = plans.map((plan) => ended(plan, plan === first ? { facts: facts(first.placedAt + 1000) } : {}))
  for (const entry of ends) journal.add(entry)
  t.equal(journal.pending, 700)
  await journal.settled()
  t.equal(journal.pending, 0)
  t.match(await attempt(first.id), { disposition: 'abandoned', end_reason: 'nobody was free', agent_id: floor.agentId })
  const ids = plans.map(({ id }) => id)
  t.equal(await ledgerOf(ids), 700)
  t.same(new Set((await floor.leads()).map(({ state, reason }) => `${state}: ${reason}`)), new Set(['waiting: again in an hour']))
  const lead = await pool.query('select first_attempt_by as by, first_attempt_at as at from leads where id = $1', [
    first.lead.leadId,
  ])
  t.same(lead.rows, [{ by: null, at: new Date(first.placedAt) }], 'the first attempt is made')
  const { rows } = await pool.query('select no_predictive_until as until from contacts where id = $1', [first.lead.contactId])
  t.same(rows[0]?.until, new Date(first.placedAt + 5000 + 72 * 3_600_000))

  for (const entry of ends.slice(0, 3)) journal.add(entry)
  await journal.settled()
  journal.add(ended(first, { disposition: 'busy', ledger: 'connected' }))
  journal.add({ kind: 'progress', id: first.id, facts: { answeredAt: 1 } })
  await journal.settled()
  t.equal(await ledgerOf(ids), 700, 'the ledger counts each call once')
  t.match(
    await attempt(first.id),
    { answered_at: new Date(first.placedAt + 1000), disposition: 'abandoned' },
    'an end is not overwritten',
  )
})

t.test('the database goes away and comes back: nothing is lost, the order stays', async (t) => {
  const plans = await placed(20)
  const gate = await createGate(t, url)
  const own = createPool(gate.url, 2)
  t.teardown(() => own.end())
  const waits: unknown[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => waits.push(JSON.parse(line)) })
  const journal = createJournal({ pool: own, clock: systemClock, log })
  for (const plan of plans) journal.add({ kind: 'progress', id: plan.id, facts: facts(plan.placedAt + 500) })
  const tried = new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (waits.length === 0) return
      clearInterval(look)
      resolve()
    }, 10)
  })
  await tried
  t.match(waits[0], { msg: 'journal waits for the database', pending: 20 })
  for (const plan of plans) journal.add(ended(plan, { facts: facts(plan.placedAt + 500) }))
  t.equal(journal.pending, 40)
  await gate.open()
  await journal.settled()
  t.equal(journal.pending, 0)
  const { rows } = await pool.query<{ n: number }>(
    'select count(*) as n from attempts where id = any ($1) and ended_at is not null and connected_at is not null',
    [plans.map(({ id }) => id)],
  )
  t.equal(rows[0]?.n, 20)
})

t.test('an entry that the database refuses is logged and holds nothing up', async (t) => {
  const [poisoned, ...others] = await placed(4)
  if (!poisoned) throw new Error('no plan')
  const said: unknown[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => said.push(JSON.parse(line)) })
  const journal = createJournal({ pool, clock: systemClock, log })
  journal.add(ended(poisoned, { reason: 'a zero \u0000 in a text' }))
  for (const plan of others) journal.add(ended(plan))
  await journal.settled()
  t.match(said, [{ attemptId: poisoned.id, kind: 'ended', msg: 'journal entry refused by the database' }])
  t.equal(said.length, 1)
  t.match(
    await attempt(poisoned.id),
    { ended_at: Date, disposition: 'abandoned' },
    'over all the same: the person can be called again',
  )
  for (const { id } of others) t.match(await attempt(id), { disposition: 'abandoned' })
})

t.test("an agent's result written meanwhile stands", async (t) => {
  const [plan] = await placed(1)
  if (!plan) throw new Error('no plan')
  await pool.query(`update attempts set result_code = 'promise_to_pay' where id = $1`, [plan.id])
  await pool.query(`update leads set state = 'finished', reason = 'he promised to pay' where id = $1`, [plan.lead.leadId])
  const journal = createJournal({ pool, clock: systemClock, log: silentLog })
  journal.add(ended(plan, { disposition: 'human_connected', ledger: 'connected' }))
  await journal.settled()
  const lead = (await floor.leads()).find(({ id }) => id === plan.lead.leadId)
  t.match(lead, { state: 'finished', reason: 'he promised to pay', attempts: 1 })
  t.match(await attempt(plan.id), { disposition: 'human_connected', result_code: 'promise_to_pay' })
})
