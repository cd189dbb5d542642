/** The desk and its rows on a real database; the switch is a scripted one that says yes. */
import { createHash, randomUUID } from 'node:crypto'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { prepareDesk } from './desk-under-test.ts'

const { pool } = await withDatabase(t)
const { campaigns, setUp } = await prepareDesk(pool)

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

t.test('a new engine finds its agents where they were; a leg that is gone ends the shift', async (t) => {
  const former = setUp()
  const [stays, gone, cut] = [await former.hire(), await former.hire(), await former.hire()]
  const legs = [await former.logIn(stays.id), await former.logIn(gone.id), await former.logIn(cut.id)]
  await former.desk.pause(stays.id, 'lunch')
  await former.room.handOver()
  const [leg] = legs
  if (!leg) throw new Error('no leg')

  const next = setUp()
  const sessions = await next.room.openSessions()
  const standstill = {
    upChannels: new Set([leg.channelId]),
    bridges: new Map([[leg.bridgeId, [leg.channelId]]]),
    talks: new Map<string, string>(),
  }
  const [here, went, fell] = [stays, gone, cut].map(({ id }) => sessions.filter(({ agentId }) => agentId === id))
  const before = former.clock.now() - 60_000
  await next.room.resume({ ...standstill, sessions: [...(here ?? []), ...(went ?? [])], switchStartedAt: before })
  await next.room.resume({ ...standstill, sessions: fell ?? [], switchStartedAt: former.clock.now() + 1 })
  t.match(next.agents.state(stays.id), { phase: 'paused', reason: 'lunch', session: { sessionId: leg.sessionId } })
  t.equal(next.agents.state(gone.id).phase, 'logged_out')
  t.equal(next.agents.state(cut.id).phase, 'calling', 'his phone rings')
  const { rows } = await pool.query(
    'select agent_id, logout_reason from agent_sessions where agent_id = any ($1) order by logout_reason',
    [[stays.id, gone.id, cut.id]],
  )
  t.same(rows, [
    { agent_id: gone.id, logout_reason: 'the phone hung up while the engine was away' },
    { agent_id: cut.id, logout_reason: 'the switch was restarted' },
    { agent_id: stays.id, logout_reason: null },
  ])
  await next.room.close()
})
