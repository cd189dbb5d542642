/** The desk and its rows on a real database; the switch is a scripted one that says yes. */
import { createHash, randomUUID } from 'node:crypto'
import { pino } from 'pino'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { campaignSettingsSchema } from '../campaigns/settings.ts'
import type { Telephony, TelephonyEvent } from '../telephony/telephony.ts'
import { createAgentRoom } from './room.ts'

const log = pino({ level: 'silent' })
const { pool } = await withDatabase(t)

const settings = JSON.stringify(campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' }))
const campaigns = { first: randomUUID(), second: randomUUID() }
for (const [name, id] of Object.entries(campaigns)) {
  await pool.query('insert into campaigns (id, name, settings) values ($1, $2, $3)', [id, name, settings])
}
await pool.query(`insert into trunks (id, host, max_channels, calls_per_second) values ('main', '127.0.0.1', 10, 10)`)
await pool.query(
  `insert into caller_ids (number, pool, trunk_id, country, line_type) values ('+48221000000', 'main', 'main', 'PL', 'fixed')`,
)

let accounts = 0
function setUp() {
  const clock = createFakeClock()
  const asked: unknown[][] = []
  const listeners: ((event: TelephonyEvent) => void)[] = []
  const yes =
    (name: keyof Telephony) =>
    async (...args: unknown[]) =>
      void asked.push([name, ...args])
  const telephony: Telephony = {
    start: yes('start'),
    close: yes('close'),
    subscribe: (listener) => {
      listeners.push(listener)
      return () => {}
    },
    originateCallee: yes('originateCallee'),
    originateAgent: yes('originateAgent'),
    answer: yes('answer'),
    detect: yes('detect'),
    hangUp: yes('hangUp'),
    createBridge: yes('createBridge'),
    addToBridge: yes('addToBridge'),
    destroyBridge: yes('destroyBridge'),
    play: yes('play'),
    stopPlaying: yes('stopPlaying'),
    live: async () => ({ channels: [], bridges: [] }),
    putTrunk: yes('putTrunk'),
    removeTrunk: yes('removeTrunk'),
    putAgentAccount: yes('putAgentAccount'),
    removeAgentAccount: yes('removeAgentAccount'),
  }
  const room = createAgentRoom({ pool, telephony, clock, holidays: () => undefined, log, wrapUpMs: () => 15_000 })
  const happen = (event: TelephonyEvent) => {
    for (const listener of listeners) listener(event)
  }
  const hire = async (campaignId: string | null = campaigns.first) => {
    const { agent } = await room.desk.create({ account: `agent-${++accounts}`, name: 'Anna Nowak', campaignId })
    return agent
  }
  /** Rings his phone, answers, and lets the sound's limit pass. */
  const logIn = async (id: string) => {
    const called = room.desk.logIn(id)
    const ready = new Promise<void>((resolve) =>
      room.agents.onChange((change) => change.agentId === id && change.phase === 'ready' && resolve()),
    )
    while (room.agents.state(id).phase !== 'calling') await new Promise(setImmediate)
    const state = room.agents.state(id)
    if (!('session' in state)) throw new Error('not calling')
    happen({ type: 'answered', channelId: state.session.channelId, at: clock.now() })
    await called
    await new Promise(setImmediate)
    clock.advance(3000)
    await ready
    return state.session
  }
  return { clock, asked, room, desk: room.desk, agents: room.agents, hire, logIn }
}

/** A contact with one phone and one debt, and a talk of this agent with him. */
async function talkOf(agentId: string, at: number, ended: boolean) {
  const unique = randomUUID()
  const number = `+4860${String(Math.trunc(Number.parseInt(unique.slice(0, 8), 16) % 10_000_000)).padStart(7, '0')}`
  const { rows } = await pool.query<{ contact: number; phone: number; lead: number }>(
    `with c as (insert into contacts (external_id, name, country, time_zone) values ($1, 'Jan Kowalski', 'PL', 'Europe/Warsaw') returning id),
       p as (insert into phones (contact_id, number, line_type, position) select id, $2, 'mobile', 0 from c returning id),
       d as (insert into debts (contact_id, external_id, balance_minor, currency) select id, $1, 12345, 'PLN' from c),
       l as (insert into leads (campaign_id, contact_id, state, attempts, next_attempt_at, reason)
             select $3, id, $4, 1, now(), 'test' from c returning id)
     select c.id as contact, p.id as phone, l.id as lead from c, p, l`,
    [unique, number, campaigns.first, ended ? 'waiting' : 'in_call'],
  )
  const row = rows[0]
  if (!row) throw new Error('no rows')
  const attemptId = randomUUID()
  await pool.query(
    `insert into attempts (id, lead_id, campaign_id, contact_id, phone_id, number, trunk_id, caller_id_id, mode, reason, placed_at,
       agent_id, connected_at, ended_at)
     values ($1, $2, $3, $4, $5, $6, 'main', (select min(id) from caller_ids), 'progressive', 'test', $7, $8, $7, $9)`,
    [
      attemptId,
      row.lead,
      campaigns.first,
      row.contact,
      row.phone,
      number,
      new Date(at),
      agentId,
      ended ? new Date(at + 1) : null,
    ],
  )
  return { ...row, attemptId, number }
}

t.test('create: the password is shown once, only its digest is kept and pushed', async (t) => {
  const { desk, asked } = setUp()
  const { agent, password } = await desk.create({ account: 'digest', name: 'Anna', campaignId: campaigns.first })
  t.ok(password.length >= 24)
  const digest = createHash('md5').update(`digest:outpace:${password}`).digest('hex')
  t.same(asked, [['putAgentAccount', { account: 'digest', digest }]])
  t.match(agent, { account: 'digest', name: 'Anna', campaignId: campaigns.first, enabled: true, phase: 'logged_out' })
  t.notOk(JSON.stringify(await desk.get(agent.id)).includes(digest))
  await t.rejects(desk.create({ account: 'digest', name: 'Bea' }), { code: 'already_exists' })
  await t.rejects(desk.create({ account: 'x', name: 'Bea', campaignId: randomUUID() }), { code: 'not_found' })
  await t.rejects(desk.create({ account: 'No Blanks', name: 'Bea' }), { name: 'ZodError' })
})

t.test('a shift leaves its session and stretches', async (t) => {
  const { clock, desk, room, agents, hire, logIn } = setUp()
  const { id } = await hire()
  const { sessionId } = await logIn(id)
  clock.advance(1000)
  await desk.pause(id, 'lunch')
  clock.advance(2000)
  await desk.ready(id)
  clock.advance(500)
  agents.reserve(campaigns.first, 'x')
  agents.connected(id, 'x')
  clock.advance(4000)
  await desk.logOut(id)
  t.match(await desk.list().then((all) => all.find((one) => one.id === id)), {
    phase: 'talking',
    next: 'logged_out',
    callId: 'x',
  })
  agents.finished(id, 'x')
  await room.close()
  const { rows } = await pool.query(
    `select state, reason, extract(epoch from ended_at - began_at)::float as seconds from agent_stretches where session_id = $1 order by began_at`,
    [sessionId],
  )
  t.same(rows, [
    { state: 'ready', reason: null, seconds: 1 },
    { state: 'paused', reason: 'lunch', seconds: 2 },
    { state: 'ready', reason: null, seconds: 0.5 },
    { state: 'talking', reason: null, seconds: 4 },
  ])
  const session = await pool.query('select via, campaign_id, logged_out_at, logout_reason from agent_sessions where id = $1', [
    sessionId,
  ])
  t.match(session.rows, [{ via: 'called', campaign_id: campaigns.first, logged_out_at: Date, logout_reason: 'asked by API' }])
})

t.test('what is not possible says what is', async (t) => {
  const { desk, hire, logIn } = setUp()
  const { id } = await hire(null)
  await t.rejects(desk.logIn(id), { code: 'wrong_state', fields: { state: 'in no campaign' } })
  await desk.change(id, { campaignId: campaigns.first, enabled: false })
  await t.rejects(desk.logIn(id), { code: 'wrong_state', fields: { state: 'disabled' } })
  await desk.change(id, { enabled: true })
  await t.rejects(desk.pause(id, 'p'), { code: 'wrong_state', fields: { state: 'logged out', possible: 'log in' } })
  await logIn(id)
  await t.rejects(desk.logIn(id), { code: 'wrong_state' })
  await t.rejects(desk.hangUp(id), { code: 'wrong_state' })
  await t.rejects(desk.recordResult(id, { resultCode: 'refusal' }), { code: 'wrong_state', fields: { state: 'no talk yet' } })
  await t.rejects(desk.logOut(randomUUID()), { code: 'not_found' })
  await desk.logOut(id)
})

t.test('to another campaign on the shift, but never out of a talk', async (t) => {
  const { clock, desk, room, agents, hire, logIn } = setUp()
  const { id } = await hire()
  await logIn(id)
  const callId = randomUUID()
  clock.advance(1000)
  await desk.change(id, { campaignId: campaigns.second, name: 'Anna K.' })
  t.equal(agents.counts(campaigns.first).ready, 0)
  t.equal(agents.reserve(campaigns.second, callId)?.agentId, id)
  await t.rejects(desk.change(id, { campaignId: campaigns.first }), { code: 'wrong_state' })
  await t.rejects(desk.change(id, { campaignId: null }), { code: 'wrong_state' })
  t.match(await desk.get(id), { campaignId: campaigns.second, name: 'Anna K.', phase: 'reserved' })
  agents.release(id, callId)
  await desk.change(id, { enabled: false })
  t.match(await desk.get(id), { phase: 'logged_out', reason: 'the account was disabled', enabled: false })
  await room.close()
  const { rows } = await pool.query(
    'select campaign_id, logout_reason from agent_sessions where agent_id = $1 order by logged_in_at',
    [id],
  )
  t.same(rows, [
    { campaign_id: campaigns.first, logout_reason: 'moved to another campaign' },
    { campaign_id: campaigns.second, logout_reason: 'the account was disabled' },
  ])
})

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

t.test('a start closes what a former run left open, so that the agent can log in again', async (t) => {
  const former = setUp()
  const { id } = await former.hire()
  const { sessionId } = await former.logIn(id)
  while ((await pool.query('select from agent_sessions where id = $1', [sessionId])).rowCount === 0)
    await new Promise(setImmediate)
  const next = setUp()
  await next.room.start()
  const { rows } = await pool.query('select logout_reason from agent_sessions where id = $1', [sessionId])
  t.same(rows, [{ logout_reason: 'the engine was started anew' }])
  await next.logIn(id)
  await next.room.close()
})
