/** The lead of a call and the result of a talk, on a real database. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { settledReason } from '../debts/debt.ts'
import { prepareDesk } from './desk-under-test.ts'

const { pool } = await withDatabase(t)
const { campaigns, setUp, talkOf } = await prepareDesk(pool)

t.test('the lead of the call is shown, and the result of the talk changes its plan and ends the wrap-up', async (t) => {
  const { clock, desk, agents, hire, logIn } = setUp()
  const { id } = await hire()
  await logIn(id)
  const talk = await talkOf(id, clock.now(), false)
  agents.reserve(campaigns.first, talk.attemptId)
  agents.connected(id, talk.attemptId)
  t.match(await desk.get(id), {
    phase: 'talking',
    lead: { contact: { name: 'Jan Kowalski' }, debts: [{ balanceMinor: 12345, currency: 'PLN' }] },
  })
  await t.rejects(desk.recordResult(id, { resultCode: 'refusal' }), { code: 'wrong_state' })
  agents.finished(id, talk.attemptId)
  await t.rejects(desk.recordResult(id, { resultCode: 'refusal' }), { code: 'wrong_state', fields: { state: 'not over yet' } })
  await pool.query(`update attempts set ended_at = $2 where id = $1`, [talk.attemptId, new Date(clock.now())])
  await pool.query(`update leads set state = 'waiting' where id = $1`, [talk.lead])
  const recorded = await desk.recordResult(id, { resultCode: 'do_not_call', note: 'angry' })
  t.match(recorded, { attemptId: talk.attemptId, leadId: talk.lead, state: 'finished', nextAttemptAt: null })
  t.equal(agents.state(id).phase, 'ready')
  const after = await pool.query(
    `select l.state, a.result_code, a.result_note,
       (select count(*) from suppressions where contact_id = $2 or number = $3) as suppressions
     from leads l join attempts a on a.lead_id = l.id where l.id = $1`,
    [talk.lead, talk.contact, talk.number],
  )
  t.same(after.rows, [{ state: 'finished', result_code: 'do_not_call', result_note: 'angry', suppressions: 2 }])
})

t.test('paid during the talk: whatever the result plans, there is nothing to call again for', async (t) => {
  const { clock, desk, agents, hire, logIn } = setUp()
  const { id } = await hire()
  await logIn(id)
  const talk = await talkOf(id, clock.now(), true)
  agents.reserve(campaigns.first, talk.attemptId)
  agents.connected(id, talk.attemptId)
  agents.finished(id, talk.attemptId)
  await pool.query(`update debts set state = 'paid', balance_minor = 0 where contact_id = $1`, [talk.contact])
  const recorded = await desk.recordResult(id, { resultCode: 'no_result' })
  t.match(recorded, { leadId: talk.lead, state: 'finished', reason: settledReason })
})

t.test('a result never goes to an earlier talk while the latest is not written', async (t) => {
  const { clock, desk, agents, hire, logIn } = setUp()
  const { id } = await hire()
  await logIn(id)
  const earlier = await talkOf(id, clock.now() - 60_000, true)
  const callId = randomUUID()
  agents.reserve(campaigns.first, callId)
  agents.connected(id, callId)
  agents.finished(id, callId)
  clock.advance(15_000)
  await t.rejects(desk.recordResult(id, { resultCode: 'refusal' }), { code: 'wrong_state', fields: { state: 'not over yet' } })
  const { rows } = await pool.query('select result_code from attempts where id = $1', [earlier.attemptId])
  t.same(rows, [{ result_code: null }])
})

t.test('a machine on his line is no person in the abandonment record', async (t) => {
  const { clock, desk, agents, hire, logIn } = setUp()
  const { id } = await hire()
  await logIn(id)
  for (const [code, left] of [
    ['refusal', 1],
    ['answering_machine', 0],
  ] as const) {
    const talk = await talkOf(id, clock.now(), true)
    await pool.query(
      `insert into abandonment_ledger (attempt_id, campaign_id, at, outcome)
       select id, campaign_id, placed_at, 'connected' from attempts where id = $1`,
      [talk.attemptId],
    )
    agents.reserve(campaigns.first, talk.attemptId)
    agents.connected(id, talk.attemptId)
    agents.finished(id, talk.attemptId)
    await desk.recordResult(id, { resultCode: code })
    const { rows } = await pool.query('select 1 from abandonment_ledger where attempt_id = $1', [talk.attemptId])
    t.equal(rows.length, left, code)
    clock.advance(60_000)
  }
})
