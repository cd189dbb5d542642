import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createAgentRoom } from '../agents/room.ts'
import { createScriptedSwitch } from '../agents/switch-under-test.ts'
import type { ChannelRecord } from '../telephony/telephony.ts'
import { createCallEngine } from './engine.ts'
import { deaf, silentLog as log, noHolidays, prepareFloor } from './floor-under-test.ts'
import { createJournal } from './journal.ts'
import { pastOf, recover } from './recovery.ts'
import type { OpenAttempt } from './recovery-store.ts'

const at = Date.UTC(2026, 0, 5, 10)
const open: OpenAttempt = {
  ...{ id: 'x', leadId: 1, campaignId: 'c', phoneId: 1, number: '+48601000001', trunkId: 't', callerIdId: 1 },
  ...{ callerNumber: '+48220000001', mode: 'ratio', reason: 'test', placedAt: new Date(at - 60_000) },
  ...{ answeredAt: null, detection: null, detectionCause: null, detectedAt: null, connectedAt: null, agentId: null },
}
const answered = { ...open, answeredAt: new Date(at - 50_000) }
const agent = { agentId: 'a', sessionId: 's', channelId: 'leg', bridgeId: 'b' }
/** No campaign of these tests plays any. */
const messages = { prepare: async () => [] }
const nothing = { agent: undefined, agentIsThere: false, record: undefined }

t.test('the past of an attempt follows from its row, the record of the switch and the bridge it stands in', async (t) => {
  t.same(pastOf(open, nothing), { past: [] })
  t.same(pastOf({ ...answered, detection: 'human', detectedAt: new Date(at - 49_000) }, nothing).past, [
    { type: 'answered', at: at - 50_000 },
    { type: 'detected', verdict: 'human', cause: '', at: at - 49_000 },
  ])
  t.match(pastOf({ ...answered, connectedAt: new Date(at - 49_000), agentId: 'a' }, { ...nothing, agent, agentIsThere: true }), {
    past: [],
    talk: { agent, facts: { answeredAt: at - 50_000, connected: { agent, at: at - 49_000 } } },
  })
  const record: ChannelRecord = { answeredAt: at - 9000, bridged: { bridgeId: 'b', at: at - 8000 } }
  t.match(
    pastOf(open, { agent, agentIsThere: false, record }),
    { past: [{ type: 'agent_lost' }], talk: { facts: { answeredAt: at - 9000, connected: { at: at - 8000 } } } },
    'bridged in the last moment, not written; the agent hung up since',
  )
})

t.test('talks go on, phones ring on, what ended meanwhile is found, strangers are taken down', async (t) => {
  const { pool } = await withDatabase(t)
  const clock = createFakeClock()
  const floor = await prepareFloor(pool, clock)
  const plans = await floor.dial(5)
  const [talk, over, ringing, busy, never] = plans.map((plan) => plan.id)
  if (!talk || !over || !ringing || !busy || !never) throw new Error('no plans')
  const leg = { agentId: floor.agentId, channelId: 'leg', bridgeId: 'agent-s' }
  await pool.query(
    `insert into agent_sessions (id, agent_id, campaign_id, via, logged_in_at, channel_id, bridge_id)
     values (gen_random_uuid(), $1, $2, 'called', $3, 'leg', 'agent-s')`,
    [leg.agentId, floor.id, new Date(clock.now() - 60_000)],
  )
  clock.advance(3000)

  const { telephony, show, happen, settle, asked } = createScriptedSwitch()
  const up = (channelId: string) => ({ channelId, state: 'up', endpoint: 'e' }) as const
  const ended = (cause: number) => ({ ended: { at: clock.now() - 1000, cause } })
  show(
    {
      channels: [up(talk), { ...up(ringing), state: 'ringing' }, up('leg'), up('stranger')],
      bridges: [
        { bridgeId: 'agent-s', channelIds: [talk, 'leg'] },
        { bridgeId: 'agent-old', channelIds: [] },
      ],
    },
    new Map<string, ChannelRecord>([
      [talk, { answeredAt: clock.now() - 2000, bridged: { bridgeId: 'agent-s', at: clock.now() - 1990 } }],
      [over, { answeredAt: clock.now() - 2500, ...ended(16) }],
      [busy, ended(17)],
    ]),
  )
  const journal = createJournal({ pool, clock, log })
  const common = { pool, telephony, clock, log, switchName: 'main' }
  const room = createAgentRoom({ ...common, holidays: noHolidays, wrapUpMs: () => 0 })
  const engine = createCallEngine({ telephony, agents: room.agents, journal, clock, holidays: noHolidays, log, ...deaf })
  await recover({
    ...common,
    engine,
    room,
    messages,
    switchStartedAt: 0,
    claims: [(id) => id === 'somebody'],
    otherTalks: new Map(),
  })
  await settle()
  t.same(Object.fromEntries([...engine.live()].map(({ id, state }) => [id, state])), { [talk]: 'talking', [ringing]: 'ringing' })
  t.match(room.agents.state(leg.agentId), { phase: 'talking', callId: talk })
  t.same(
    asked.filter(([what]) => what === 'hangUp' || what === 'destroyBridge'),
    [
      ['hangUp', 'stranger'],
      ['destroyBridge', 'agent-old'],
    ],
  )
  t.same(
    engine.replay(floor.id).filter(({ type }) => type === 'connected' || type === 'ringing').length,
    2,
    'a new pacer is told of them',
  )

  await happen({ type: 'ended', channelId: talk, cause: 16 }, clock.now())
  t.equal(room.agents.state(leg.agentId).phase, 'ready', 'the agent is free again')
  await happen({ type: 'ended', channelId: ringing, cause: 19 }, clock.now())
  const written = journal.settled()
  clock.advance(1000)
  await written
  const { rows } = await pool.query<{ id: string; disposition: string; counts: boolean }>(
    'select id, disposition, counts from attempts',
  )
  t.same(Object.fromEntries(rows.map(({ id, disposition, counts }) => [id, [disposition, counts]])), {
    [talk]: ['human_connected', true],
    [over]: ['abandoned', true],
    [ringing]: ['no_answer', true],
    [busy]: ['busy', true],
    [never]: ['lost', false],
  })
  const states = (await floor.leads()).map(({ state }) => state)
  t.same(states, Array(5).fill('waiting'))
})

t.test('who answered while nobody listened and waits too long by now hears the message', async (t) => {
  const { pool } = await withDatabase(t)
  const clock = createFakeClock()
  const floor = await prepareFloor(pool, clock)
  const plans = await floor.dial(1)
  const [plan] = plans
  if (!plan) throw new Error('no plan')
  clock.advance(5000)
  const { telephony, show, settle, asked } = createScriptedSwitch()
  const record = new Map([[plan.id, { answeredAt: clock.now() - 4000 }]])
  show({ channels: [{ channelId: plan.id, state: 'up', endpoint: 'e' }], bridges: [] }, record)
  const common = { pool, telephony, clock, log, switchName: 'main' }
  const room = createAgentRoom({ ...common, holidays: noHolidays, wrapUpMs: () => 0 })
  const journal = createJournal({ pool, clock, log })
  const engine = createCallEngine({ telephony, agents: room.agents, journal, clock, holidays: noHolidays, log, ...deaf })
  await recover({ ...common, engine, room, messages, switchStartedAt: 0, claims: [], otherTalks: new Map() })
  await settle()
  clock.advance(1)
  await settle()
  t.ok(asked.some(([what, id]) => what === 'play' && id === `abandoned.1.${plan.id}`))
})
