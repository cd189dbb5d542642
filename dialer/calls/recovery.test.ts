import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createAgentPool } from '../agents/pool.ts'
import { createScriptedSwitch } from '../agents/switch-under-test.ts'
import { insertAttempts } from './call-store.ts'
import { createCallEngine } from './engine.ts'
import { deaf, silentLog as log, noHolidays, prepareFloor } from './floor-under-test.ts'
import { createJournal } from './journal.ts'
import { recoverCalls, stateAfterRestart } from './recovery.ts'
import type { OpenAttempt } from './recovery-store.ts'

const at = Date.UTC(2026, 0, 5, 10)
const open: OpenAttempt = {
  ...{ id: 'x', leadId: 1, campaignId: 'c', phoneId: 1, number: '+48601000001', trunkId: 't', callerIdId: 1 },
  ...{ callerNumber: '+48220000001', mode: 'ratio', reason: 'test', placedAt: new Date(at - 60_000) },
  ...{ answeredAt: null, connectedAt: null, agentId: null },
}
const answered = { ...open, answeredAt: new Date(at - 50_000) }
const connected = { ...answered, connectedAt: new Date(at - 49_000), agentId: 'a' }
const bridge = { bridgeId: 'b', channelIds: ['x', 'leg'] }

t.test('the state of an attempt after a restart follows from its row and its bridge', async (t) => {
  t.match(stateAfterRestart(open, undefined, at), { name: 'ending', deadline: at, verdicted: { disposition: 'lost' } })
  t.match(stateAfterRestart(answered, undefined, at), {
    name: 'ending',
    facts: { answeredAt: at - 50_000 },
    verdicted: { disposition: 'abandoned', ledger: 'abandoned' },
  })
  t.match(stateAfterRestart(connected, bridge, at), {
    name: 'talking',
    agent: { agentId: 'a', channelId: 'leg', bridgeId: 'b' },
    facts: { answeredAt: at - 50_000, connected: { at: at - 49_000 } },
  })
  t.match(stateAfterRestart(connected, undefined, at), {
    name: 'ending',
    verdicted: { disposition: 'human_connected', ledger: 'connected', reason: 'the talk ended while the engine was restarted' },
  })
})

t.test('a talk that ends while it is being taken over is not forgotten', async (t) => {
  const { pool } = await withDatabase(t)
  const clock = createFakeClock()
  const floor = await prepareFloor(pool, clock)
  await floor.enlist(1)
  const [talk] = await Promise.all((await floor.claim()).map(floor.plan))
  if (!talk) throw new Error('no plan')
  await insertAttempts(pool, [talk])
  await pool.query('update attempts set answered_at = $1, connected_at = $1, agent_id = $2', [
    new Date(clock.now()),
    floor.agentId,
  ])
  const { telephony, settle } = createScriptedSwitch()
  let looks = 0
  // Its end is told before anybody listens for this call, right after the first look.
  telephony.live = async () => ({ channels: [], bridges: looks++ === 0 ? [{ bridgeId: 'b', channelIds: [talk.id, 'leg'] }] : [] })
  const journal = createJournal({ pool, clock, log })
  const agents = createAgentPool({ clock, log, wrapUpMs: () => 0 })
  const engine = createCallEngine({ telephony, agents, journal, clock, holidays: noHolidays, log, ...deaf })
  await recoverCalls({ pool, telephony, engine, clock, log })
  await settle()
  t.equal(engine.count({}), 0)
  const written = journal.settled()
  clock.advance(1000)
  await written
  const { rows } = await pool.query('select disposition, end_reason as reason from attempts')
  t.same(rows, [{ disposition: 'human_connected', reason: 'the switch lost the call during the talk' }])
})

t.test('open attempts come to their ends: a talk goes on, its leg ends with it, the rest is closed', async (t) => {
  const { pool } = await withDatabase(t)
  const clock = createFakeClock()
  const floor = await prepareFloor(pool, clock)
  await floor.enlist(3)
  const plans = await Promise.all((await floor.claim()).map(floor.plan))
  await insertAttempts(pool, plans)
  const [talk, gone, ringing] = plans
  if (!talk || !gone || !ringing) throw new Error('no plans')
  await pool.query('update attempts set answered_at = $2, connected_at = $2, agent_id = $3 where id = any ($1)', [
    [talk.id, gone.id],
    new Date(clock.now()),
    floor.agentId,
  ])

  const { telephony, show, happen, settle, asked } = createScriptedSwitch()
  const channels = [talk.id, ringing.id, 'leg'].map((channelId) => ({ channelId, state: 'up', endpoint: 'e' }) as const)
  show({ channels, bridges: [{ bridgeId: 'b', channelIds: [talk.id, 'leg'] }] })
  const journal = createJournal({ pool, clock, log })
  const agents = createAgentPool({ clock, log, wrapUpMs: () => 0 })
  const engine = createCallEngine({ telephony, agents, journal, clock, holidays: noHolidays, log, ...deaf })
  await recoverCalls({ pool, telephony, engine, clock, log })
  clock.advance(1)
  await settle()
  const states = Object.fromEntries([...engine.live()].map(({ id, state }) => [id, state]))
  t.same(states, { [talk.id]: 'talking', [ringing.id]: 'ending' })
  t.ok(asked.some(([what, id]) => what === 'hangUp' && id === ringing.id))

  await happen({ type: 'ended', channelId: ringing.id, cause: 16 }, clock.now())
  await happen({ type: 'ended', channelId: talk.id, cause: 16 }, clock.now())
  t.match(asked.slice(-2), [
    ['hangUp', 'leg'],
    ['destroyBridge', 'b'],
  ])
  const written = journal.settled()
  clock.advance(1000)
  await written
  const { rows } = await pool.query('select id, disposition, end_reason as reason from attempts order by end_reason')
  t.same(rows, [
    { id: talk.id, disposition: 'human_connected', reason: 'the callee ended the talk' },
    { id: ringing.id, disposition: 'lost', reason: 'the engine was restarted before anyone answered' },
    { id: gone.id, disposition: 'human_connected', reason: 'the talk ended while the engine was restarted' },
  ])
  t.same(
    (await floor.leads()).map(({ state }) => state),
    ['waiting', 'waiting', 'waiting'],
  )
})
