/** The office on a real database: who hears of changes, how a campaign ends, and the figures against rows written by hand. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import type { Campaign } from './campaign.ts'
import type { LiveStats } from './live.ts'
import { mergePatch } from './merge-patch.ts'
import { createOffice } from './office.ts'

const { pool } = await withDatabase(t)
// Monday 10:00 UTC, 11:00 in Warsaw.
const clock = createFakeClock()
const office = createOffice({ pool, clock, liveDialing: false, live: () => undefined })
const settings = { country: 'PL', callerIdPool: 'main' }

await pool.query(
  `insert into trunks (id, host, max_channels, calls_per_second) values ('home', '127.0.0.1', 9, 9), ('far', '10.0.0.1', 9, 9)`,
)
await pool.query(
  `insert into caller_ids (number, pool, trunk_id, country, line_type, inbound_route) values
   ('+48221000001', 'main', 'home', 'PL', 'fixed', 'waived'), ('+48221000002', 'distant', 'far', 'PL', 'fixed', 'waived')`,
)

t.test('a brand that no number of the pool has', async (t) => {
  const { id } = await office.create({ name: randomUUID(), settings: { ...settings, callerIdBrand: 'Bank A' } })
  await t.rejects(office.start(id), { message: /the pool "main" has no active caller ID of the brand "Bank A" whose/ })
})

/** A campaign with an agent and a lead, ready to start. */
async function furnished(callerIdPool = 'main') {
  const campaign = await office.create({ name: randomUUID(), settings: { ...settings, callerIdPool } })
  const agentId = randomUUID()
  await pool.query(`insert into agents (id, account, name, sip_digest, campaign_id) values ($1, $2, 'Ala', 'x', $3)`, [
    agentId,
    `a${agentId.slice(0, 8)}`,
    campaign.id,
  ])
  const contact = await pool.query(
    `insert into contacts (external_id, name, country, time_zone) values ($1, 'Jan', 'PL', 'Europe/Warsaw') returning id`,
    [randomUUID()],
  )
  const lead = await pool.query(
    `insert into leads (campaign_id, contact_id, next_attempt_at, reason) values ($1, $2, now(), 'imported') returning id`,
    [campaign.id, contact.rows[0].id],
  )
  return { id: campaign.id, agentId, contactId: Number(contact.rows[0].id), leadId: Number(lead.rows[0].id) }
}

t.test('listeners hear of what was committed, and only of that', async (t) => {
  const { id } = await furnished()
  const heard: Campaign[] = []
  const stop = office.onChange((campaign) => heard.push(campaign))
  await office.start(id)
  await office.change(id, { settings: { mode: 'ratio' } })
  await t.rejects(office.start(id), { code: 'wrong_state' })
  await t.rejects(office.change(id, { settings: { graceMs: 9000 } }), { code: 'bad_request' })
  await office.lastCallEnded(id)
  t.match(heard, [
    { state: 'running', settings: { mode: 'progressive' } },
    { state: 'running', settings: { mode: 'ratio' } },
  ])
  stop()
  await office.pause(id)
  t.equal(heard.length, 2)
})

t.test('a draining campaign ends with its last call, and can begin again', async (t) => {
  const { id } = await furnished()
  const { startedAt } = await office.start(id)
  await office.drain(id)
  clock.advance(60_000)
  t.match(await office.lastCallEnded(id), { state: 'finished', finishedAt: new Date(clock.now()) })
  t.match(await office.lastCallEnded(id), { state: 'finished' }, 'told twice: nothing more happens')
  t.match(await office.start(id), { state: 'running', finishedAt: null, startedAt }, 'the first start is kept')
})

t.test('two starts at once: one starts it, the other is told', async (t) => {
  const { id } = await furnished()
  const results = await Promise.allSettled([office.start(id), office.start(id), office.start(id)])
  t.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
})

t.test('a trunk that leaves this machine does not count while live dialing is off', async (t) => {
  const { id } = await furnished('distant')
  await t.rejects(office.start(id), { code: 'campaign_not_ready', message: /trunk far points to 10\.0\.0\.1/ })
  const live = createOffice({ pool, clock, liveDialing: true, live: () => undefined })
  t.match(await live.start(id), { state: 'running' })
})

t.test('the figures', async (t) => {
  const { id, agentId, contactId, leadId } = await furnished()
  const hour = 3_600_000
  const attempt = async (
    hoursAgo: number,
    disposition: string,
    outcome: 'connected' | 'abandoned' | undefined,
    resultCode?: string,
  ) => {
    const attemptId = randomUUID()
    const at = new Date(clock.now() - hoursAgo * hour)
    await pool.query(
      `insert into attempts (id, lead_id, campaign_id, contact_id, number, trunk_id, caller_id_id, mode, reason, placed_at, answered_at,
                             connected_at, ended_at, disposition, result_code)
       values ($1, $2, $3, $4, '+48500600700', 'home', 1, 'ratio', 'due', $5, $6, $7, $5, $8, $9)`,
      [attemptId, leadId, id, contactId, at, outcome && at, outcome === 'connected' ? at : null, disposition, resultCode],
    )
    if (outcome) await pool.query('insert into abandonment_ledger values ($1, $2, $3, $4)', [attemptId, id, at, outcome])
  }
  await attempt(1, 'human_connected', 'connected', 'promise_to_pay')
  await attempt(2, 'abandoned', 'abandoned')
  // Warsaw's midnight was 11 hours ago, that of UTC 10: today, and yesterday though within 24 hours.
  await attempt(10.5, 'human_connected', 'connected', 'promise_to_pay')
  await attempt(11.5, 'abandoned', 'abandoned')
  await attempt(25, 'human_connected', 'connected')
  await attempt(24 * 31, 'abandoned', 'abandoned')
  await attempt(3, 'busy', undefined)

  const sessionId = randomUUID()
  const start = clock.now() - 26 * hour
  await pool.query(
    `insert into agent_sessions (id, agent_id, campaign_id, via, logged_in_at) values ($1, $2, $3, 'called', $4)`,
    [sessionId, agentId, id, new Date(start)],
  )
  // Of the first stretch, one hour of three lies within the last 24.
  for (const [from, to, state] of [
    [0, 3, 'ready'],
    [3, 5, 'talking'],
    [5, 6, 'wrap_up'],
    [6, 9, 'paused'],
  ] as const) {
    await pool.query('insert into agent_stretches values ($1, $2, $3, $4)', [
      sessionId,
      new Date(start + from * hour),
      new Date(start + to * hour),
      state,
    ])
  }

  await pool.query(
    `with c as (insert into contacts (external_id, name, country, time_zone)
                select 'T' || n, 'Jan', 'PL', 'Europe/Warsaw' from generate_series(1, 3) n returning id)
     insert into leads (campaign_id, contact_id, next_attempt_at, reason, taken_over_at, first_attempt_at)
     select $1, c.id, $2, 'imported', $2::timestamptz - interval '30 hours', v.first_attempt_at
       from (select id, row_number() over (order by id) as n from c) c
       join (values (1, $2::timestamptz - interval '7 hours'), (2, $2::timestamptz - interval '5 hours'), (3, null)) v (n, first_attempt_at) using (n)`,
    [id, new Date(clock.now())],
  )
  const live: LiveStats = {
    agents: { ready: 1, reserved: 0, talking: 0, wrap_up: 0, paused: 0, logged_out: 0 },
    calls: { ringing: 2 },
    lastDecision: { at: clock.now(), calls: 2, reason: 'one agent is free' },
    answerCalibration: [],
    peopleTakenForMachines: null,
  }
  const stats = await createOffice({ pool, clock, liveDialing: false, live: () => live }).stats(id)
  t.match(stats, {
    leads: { total: 4, byState: { waiting: 4 }, byDisposition: {}, topReasons: [{ reason: 'imported', leads: 4 }] },
    firstAttempts: { within24Hours: 1, later: 1, overdue: 1, pending: 1, none: 0, rate: 1 / 3 },
    attempts: { total: 7, answered: 6, connected: 3, live: 0, byDisposition: { human_connected: 3, abandoned: 3, busy: 1 } },
    abandonment: [
      { window: 'last_24_hours', connected: 2, abandoned: 2, rate: 1 / 2 },
      { window: 'calendar_day', connected: 2, abandoned: 1, rate: 1 / 3 },
      { window: 'last_30_days', connected: 3, abandoned: 2, rate: 2 / 5 },
    ],
    occupancy: 3 / 4,
    live,
  })
  t.same(stats.attempts.byResultCode, { promise_to_pay: 2 })
})

t.test('a merge patch', async (t) => {
  t.same(mergePatch({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] }, d: null }), { a: { b: 1, c: [3] } })
  t.same(mergePatch({ a: [1] }, { a: { b: null, c: 1 } }), { a: { c: 1 } })
  t.equal(mergePatch({}, JSON.parse('{"__proto__": {"x": 1}}')) && Reflect.get({}, 'x'), undefined)
})
