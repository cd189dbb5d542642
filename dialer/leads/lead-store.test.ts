import { randomUUID } from 'node:crypto'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { campaignSettingsSchema } from '../campaigns/settings.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import { applyResult } from './apply-result.ts'
import { getLeadHistory } from './history-store.ts'
import {
  claimAgentCallbacks,
  claimDueLeads,
  countDueLeads,
  dropLateFirstAttempts,
  readLead,
  releaseLeads,
  returnExpiredLeases,
} from './lead-store.ts'
import { addSuppressions } from './suppression-store.ts'

const settings = campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' })
const at = new Date('2026-01-12T10:00:00Z')
const minute = 60_000
const later = (minutes: number) => new Date(at.getTime() + minutes * minute)

async function createCampaign(pool: Pool): Promise<string> {
  const id = randomUUID()
  await pool.query('insert into campaigns (id, name, settings) values ($1::uuid, $1::uuid::text, $2)', [id, settings])
  return id
}

/** `count` contacts with one phone and one open debt, leads due at `due`. */
async function addLeads(pool: Pool, campaignId: string, count: number, { priority = 0, due = at, from = 0 } = {}) {
  await pool.query(
    `with c as (insert into contacts (external_id, name, country, time_zone)
                select 'K' || n, 'Anna', 'PL', 'Europe/Warsaw' from generate_series($2::int + 1, $2 + $3::int) n returning id),
          p as (insert into phones (contact_id, number, line_type, position) select id, '+48600' || (100000 + id), 'mobile', 0 from c),
          d as (insert into debts (contact_id, external_id, balance_minor, currency) select id, 'D' || id, 100, 'PLN' from c)
     insert into leads (campaign_id, contact_id, priority, next_attempt_at, reason)
     select $1, id, $4, $5::timestamptz + id * interval '1 millisecond', 'imported' from c order by id`,
    [campaignId, from, count, priority, due],
  )
}

async function addAttempt(
  pool: Pool,
  lead: { leadId: number; campaignId: string; contactId: number },
  more: Record<string, unknown>,
) {
  await pool.query(
    `insert into trunks (id, host, max_channels, calls_per_second) values ('t', '127.0.0.1', 10, 10) on conflict do nothing`,
  )
  await pool.query(
    `insert into caller_ids (number, pool, trunk_id, country, line_type) values ('+48221000000', 'main', 't', 'PL', 'fixed') on conflict do nothing`,
  )
  const row = {
    id: randomUUID(),
    lead_id: lead.leadId,
    campaign_id: lead.campaignId,
    contact_id: lead.contactId,
    number: '+48600100001',
    trunk_id: 't',
    mode: 'ratio',
    reason: 'test',
    placed_at: later(-60),
    ended_at: later(-59),
    disposition: 'no_answer',
    ...more,
  }
  const names = Object.keys(row)
  await pool.query(
    `insert into attempts (${names.join(', ')}, caller_id_id) values (${names.map((_, i) => `$${i + 1}`).join(', ')}, (select id from caller_ids limit 1))`,
    Object.values(row),
  )
  return row.id
}

t.test('claims due leads, urgent first, then longest due, with all the rules need', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  await addLeads(pool, campaignId, 3)
  await addLeads(pool, campaignId, 1, { priority: 9, from: 10 })
  await addLeads(pool, campaignId, 5, { priority: 9, from: 20, due: later(1) })
  const claim = { campaignId, limit: 3, owner: 'engine-1', leaseMs: 30_000, at: later(0.5) }
  const unset = { list: 'internal', number: null, contactId: null, externalId: null, creditor: null, until: null }
  await addSuppressions(pool, [
    { ...unset, contactId: 4, kind: 'dispute', reason: 'letter' },
    { ...unset, number: '+48600100004', kind: 'do_not_call', until: later(-5), reason: 'over' },
    { ...unset, externalId: 'K11', kind: 'legal_hold', creditor: 'Bank A', reason: 'his list' },
  ])
  await pool.query('update contacts set no_predictive_until = $1 where id = 4', [later(60)])
  await pool.query(`update leads set callback_at = $1 where contact_id = 4`, [at])
  const talked = { leadId: 1, campaignId, contactId: 1 }
  await addAttempt(pool, talked, { number: '+48600100004', connected_at: later(-60), placed_at: later(-61) })
  await addAttempt(pool, talked, {
    number: '+48600100004',
    connected_at: later(-70),
    placed_at: later(-71),
    result_code: 'answering_machine',
    counts: false,
  })
  await addAttempt(pool, talked, { number: '+48600100004', placed_at: later(-31 * 1440) })

  const due = (limit: number) => countDueLeads(pool, { ...claim, limit })
  t.same([await due(1), await due(claim.limit)], [1, 3], 'counted up to the limit')
  const claimed = await claimDueLeads(pool, claim)
  t.same(
    claimed.map((lead) => lead.contactId),
    [4, 1, 2],
  )
  t.equal(await due(100), 1, 'what is claimed is due no more')
  t.strictSame(claimed[0], {
    leadId: 4,
    campaignId,
    contactId: 4,
    urgency: 29,
    attempts: 0,
    failures: 0,
    phoneId: null,
    callbackAt: at.getTime(),
    callbackAgentId: null,
    country: 'PL',
    timeZone: 'Europe/Warsaw',
    consent: 'unknown',
    noPredictiveUntil: later(60).getTime(),
    calledUsAt: null,
    phones: [{ id: 4, number: '+48600100004', lineType: 'mobile', position: 0, state: 'active' }],
    recentAttempts: [
      {
        number: '+48600100004',
        placedAt: later(-71).getTime(),
        counts: false,
        talked: false,
        prerecorded: false,
        machineAt: null,
        abandonedAt: null,
        debtIds: [],
      },
      {
        number: '+48600100004',
        placedAt: later(-61).getTime(),
        counts: true,
        talked: true,
        prerecorded: false,
        machineAt: null,
        abandonedAt: null,
        debtIds: [],
      },
    ],
    suppressions: [
      { kind: 'dispute', until: null, number: null, creditor: null, reason: 'letter' },
      { kind: 'legal_hold', until: null, number: null, creditor: 'Bank A', reason: 'his list' },
    ],
    debts: 1,
    openDebts: [{ id: 4, creditor: null, dueOn: null, remindedOn: null }],
    seenCallerIds: [],
    wantedCallerId: null,
  })
  t.match(claimed[1], { recentAttempts: { length: 2 }, seenCallerIds: [{ callerIdId: 1, lastAt: later(-61).getTime() }] })
  t.match(await readLead(pool, 4, at), { leadId: 4, callbackAt: at.getTime() })
  t.equal(await readLead(pool, 99, at), undefined)
  t.match(await claimDueLeads(pool, claim), [{ contactId: 3 }], 'the rest; what is claimed stays so')
  t.same(await claimDueLeads(pool, claim), [])

  const release = { nextAttemptAt: later(10), reason: 'The window is closed.', state: 'waiting' as const, barredBy: null }
  t.equal(
    await releaseLeads(pool, [
      { leadId: 1, ...release },
      { leadId: 2, ...release, state: 'finished', barredBy: 'consent_missing' },
      { leadId: 9, ...release },
    ]),
    2,
  )
  t.match(
    (await pool.query('select state, reason, claimed_by, next_attempt_at, finished_at from leads where id in (1, 2) order by id'))
      .rows,
    [
      { state: 'waiting', reason: 'The window is closed.', claimed_by: null, next_attempt_at: later(10), finished_at: null },
      { state: 'finished', finished_at: Date },
    ],
  )
})

t.test('callbacks first, then first attempts that are owed, then by priority, the longest due before the others', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  await addLeads(pool, campaignId, 8)
  const set = (id: number, columns: string) => pool.query(`update leads set ${columns} where id = ${id}`)
  const owedFor = (minutes: number) => `first_attempt_by = '${later(minutes).toISOString()}'`
  const askedFor = (minutes: number) => `callback_at = '${later(minutes).toISOString()}'`
  await set(2, 'priority = 9')
  await set(3, owedFor(60))
  await set(4, `priority = 1, ${owedFor(60)}`)
  await set(5, askedFor(-5))
  await set(6, `priority = 1, ${askedFor(-5)}`)
  await set(7, `${askedFor(60)}, next_attempt_at = '${later(60).toISOString()}'`)
  await set(8, `priority = 9, ${owedFor(-1)}`)
  t.equal(await dropLateFirstAttempts(pool, { at, limit: 10 }), 1, 'too late to go first')
  const claim = { campaignId, limit: 20, owner: 'engine-1', leaseMs: 30_000, at: later(0.5) }
  t.same(
    (await claimDueLeads(pool, claim)).map(({ leadId, urgency }) => [leadId, urgency]),
    [
      [6, 21],
      [5, 20],
      [4, 11],
      [3, 10],
      [2, 9],
      [8, 9],
      [1, 0],
    ],
  )
})

t.test('a callback for a certain agent goes with him and with nobody else', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  await addLeads(pool, campaignId, 4)
  const [anna, petr] = [randomUUID(), randomUUID()]
  await pool.query(
    `insert into agents (id, account, name, sip_digest) values ($1, 'anna', 'Anna', 'x'), ($2, 'petr', 'Petr', 'x')`,
    [anna, petr],
  )
  await pool.query('update leads set callback_at = $1, callback_agent_id = $2 where id < 4', [at, anna])
  const ask = { campaignId, owner: 'engine-1', leaseMs: 30_000, at: later(0.5) }
  t.equal(await countDueLeads(pool, { ...ask, limit: 9 }), 1)
  t.match(await claimDueLeads(pool, { ...ask, limit: 9 }), { length: 1, 0: { leadId: 4 } })
  t.same(await claimAgentCallbacks(pool, { ...ask, agentIds: [petr] }), [])
  const mine = () => claimAgentCallbacks(pool, { ...ask, agentIds: [petr, anna] })
  t.match(await mine(), { length: 1, 0: { leadId: 1, callbackAgentId: anna, callbackAt: at.getTime() } }, 'one talk at a time')
  const claimed = (await Promise.all([mine(), mine(), mine()])).flat().map(({ leadId }) => leadId)
  t.equal(new Set(claimed).size, claimed.length, 'two engines at once never claim the same one')
})

t.test('two engines at once never claim the same lead', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  await addLeads(pool, campaignId, 200)
  const claim = (n: number) => claimDueLeads(pool, { campaignId, limit: 15, owner: `engine-${n}`, leaseMs: 30_000, at: later(1) })
  const claimed = (await Promise.all(Array.from({ length: 20 }, (_, n) => claim(n)))).flat().map((lead) => lead.leadId)
  t.equal(new Set(claimed).size, claimed.length)
  t.ok(claimed.length >= 150, `${claimed.length} were claimed at once`)
})

t.test('a lease that ran out gives the lead back, unless a call is alive', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  await addLeads(pool, campaignId, 3)
  const claimed = await claimDueLeads(pool, { campaignId, limit: 3, owner: 'dead', leaseMs: 30_000, at: later(1) })
  const [first, second] = claimed
  if (!first || !second) throw new Error('no leads')
  await addAttempt(pool, first, { ended_at: null, disposition: null })
  await addAttempt(pool, second, { number: '+48600100002' })
  await pool.query(`update leads set state = 'in_call' where id in ($1, $2)`, [first.leadId, second.leadId])
  t.equal(await returnExpiredLeases(pool, later(1)), 0)
  t.equal(await returnExpiredLeases(pool, later(2)), 2)
  t.match((await pool.query('select state from leads order by id')).rows, [
    { state: 'in_call' },
    { state: 'waiting' },
    { state: 'waiting' },
  ])
})

t.test("an agent's result is performed whole, and the history tells it", async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  await addLeads(pool, campaignId, 3)
  const apply = (leadId: number, code: 'do_not_call' | 'wrong_person' | 'callback', callbackAt?: number) =>
    inTransaction(pool, (db) =>
      applyResult(
        db,
        { leadId, number: `+4860010000${leadId}` },
        { code, phoneId: leadId, at: at.getTime(), ...(callbackAt ? { callbackAt } : {}) },
        settings,
        () => undefined,
      ),
    )
  t.match(await apply(1, 'do_not_call'), { state: 'finished' })
  t.match(await apply(2, 'wrong_person'), { state: 'finished', phoneState: 'wrong_person' })
  t.match(await apply(3, 'callback', later(90).getTime()), { state: 'waiting' })
  t.equal(
    await inTransaction(pool, (db) =>
      applyResult(
        db,
        { leadId: 99, number: '+48600100099' },
        { code: 'refusal', phoneId: null, at: 0 },
        settings,
        () => undefined,
      ),
    ),
    undefined,
  )
  t.match(await getLeadHistory(pool, 1), {
    lead: { state: 'finished', reason: 'The contact must not be called any more' },
    suppressions: [
      { kind: 'do_not_call', number: null },
      { kind: 'do_not_call', number: '+48600100001' },
    ],
  })
  t.match(await getLeadHistory(pool, 2), { phones: [{ state: 'wrong_person' }] })
  t.match(await getLeadHistory(pool, 3), {
    lead: { nextAttemptAt: later(90), callbackAt: later(90) },
    debts: [{ balanceMinor: 100 }],
  })
  t.equal(await getLeadHistory(pool, 99), undefined)
  t.match(await apply(1, 'do_not_call'), { state: 'finished' }, 'said again: on the list once')
  t.equal((await getLeadHistory(pool, 1))?.suppressions.length, 2)
})
