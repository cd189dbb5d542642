/** Runner and campaign run on a real database, with the real engine, agent pool and pacer; only the switch and the time are the test's. */
import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import type { DeskEvent } from '../agents/desk-event.ts'
import { createAgentPool } from '../agents/pool.ts'
import { createScriptedSwitch } from '../agents/switch-under-test.ts'
import { createCallerIdSupply } from '../caller-id/supply.ts'
import { createCallEngine } from '../calls/engine.ts'
import { deaf, silentLog as log, noHolidays, prepareFloor } from '../calls/floor-under-test.ts'
import { createJournal } from '../calls/journal.ts'
import { createMemoryCoordination } from '../cluster/memory.ts'
import { createTrunkLines } from '../trunks/trunk-lines.ts'
import { createAnswerForecast } from './answer-forecast.ts'
import { createOffice } from './office.ts'
import { createRunner } from './runner.ts'

const { pool } = await withDatabase(t)

async function setUp(t: Test, changes = {}) {
  const clock = createFakeClock()
  const floor = await prepareFloor(pool, clock, { mode: 'ratio', linesPerAgent: 2, ...changes })
  const coordination = createMemoryCoordination(clock)
  const { telephony, asked, happen } = createScriptedSwitch()
  const agents = createAgentPool({ clock, log, wrapUpMs: () => 0 })
  const up = { switch: true }

  const onDesks: [agentId: string, event: DeskEvent][] = []
  const desks = { publish: (agentId: string, event: DeskEvent) => void onDesks.push([agentId, event]) }

  function startProcess(owner: string) {
    const journal = createJournal({ pool, clock, log })
    const engine = createCallEngine({ telephony, agents, journal, clock, holidays: noHolidays, log, ...deaf })
    const trunkLines = createTrunkLines({ coordination, clock, log })
    const office = createOffice({ pool, clock, liveDialing: false, live: () => undefined })
    const forecast = createAnswerForecast({ pool, clock })
    const switchIsUp = () => up.switch
    const deps = {
      pool,
      engine,
      journal,
      agents,
      trunkLines,
      callerIdSupply: createCallerIdSupply({ pool, clock }),
      coordination,
      office,
      clock,
      holidays: noHolidays,
      log,
      owner,
      forecast,
      switchName: 'main',
      messages: { prepare: async (_: unknown, calls: unknown[]) => calls.map(() => undefined) },
      load: () => ({ loopDelayMs: 0, switchRoundTripMs: 0, journalPending: 0, rtpLoss: 0 }),
      wall: clock.now,
      switchIsUp,
      desks,
      callersWaiting: () => 0,
    }
    return { engine, office, journal, runner: createRunner(deps) }
  }
  const first = startProcess('first')
  await first.runner.start()
  const stopped: { runner: { stop(): Promise<void> } }[] = [first]
  t.teardown(async () => {
    for (const { runner } of stopped) await runner.stop()
    // Nothing of this test is looked at by the next one.
    await pool.query(`update campaigns set state = 'paused' where id = $1`, [floor.id])
  })
  /** Lets time go by until it is so. */
  const until = <T>(what: string, look: () => T | undefined | Promise<T | undefined>) =>
    eventually(8000, what, async () => {
      clock.advance(250)
      return look()
    })
  return {
    ...{ clock, floor, onDesks, coordination, asked, happen, agents, up, until, startProcess, stopped },
    ...first,
    reason: (runner = first.runner) => runner.live(floor.id)?.lastDecision?.reason ?? '',
    placed: () => asked.filter(([what]) => what === 'originateCallee').length,
    logIn(agentId: string) {
      const channelId = `leg-${agentId}`
      const session = { sessionId: agentId, campaignId: floor.id, via: 'called', channelId, bridgeId: `b-${agentId}` } as const
      agents.tell(agentId, { type: 'log_in', session })
      agents.tell(agentId, { type: 'leg_up', channelId })
    },
  }
}

t.test('a send-out needs no agent, and has no more calls up than it may', async (t) => {
  const message = { person: { pl: [{ say: 'Halo' }] } }
  const { floor, until, placed, reason, happen, engine, clock } = await setUp(t, {
    mode: 'message',
    message,
    maxConcurrentCalls: 2,
  })
  await floor.enlist(5)
  await until('two calls', () => placed() === 2 || undefined)
  await until('a look at them', () => /message: 2 of 2 calls are up, 0 more wanted/.test(reason()) || undefined)
  const [first] = engine.live()
  await happen({ type: 'ended', channelId: String(first?.id), cause: 17 }, clock.now())
  await until('the next one', () => placed() === 3 || undefined)
})

t.test('an agent logs in: as many calls as the pacer wants, and no more without leads, with the reason', async (t) => {
  const { floor, logIn, until, placed, reason, engine } = await setUp(t)
  await floor.enlist(1)
  await until('a first decision', () => reason() || undefined)
  t.equal(placed(), 0, 'no agent, no call')
  logIn('a')
  await until('the call', () => placed() === 1 || undefined)
  await until('the reason', () => /no more leads are due and callable/.test(reason()) || undefined)
  t.match(reason(), /^ratio: .*; [01] placed: no more leads/)
  t.equal(engine.count({ campaignId: floor.id }), 1)
})

t.test('a callback waits for its agent, comes to him when he is ready, and after the grace to anyone', async (t) => {
  const { floor, logIn, until, placed, agents, clock, happen, asked, engine, reason, onDesks } = await setUp(t, {
    callbacks: { graceMinutes: 5 },
  })
  const { agentId } = floor
  const [kept, missed] = await floor.enlist(2)
  const agreed = (id: number | undefined, at: number) =>
    pool.query('update leads set callback_at = $2, callback_agent_id = $3, next_attempt_at = $2 where id = $1', [
      id,
      new Date(at),
      agentId,
    ])
  const later = clock.now() + 3_600_000
  await agreed(kept, clock.now())
  await agreed(missed, later)
  logIn(randomUUID())
  const leadNow = async (id: number | undefined) => (await floor.leads()).find((lead) => lead.id === id)
  await until('a tick', () => /no lead is due/.test(reason()) || undefined)
  t.equal(placed(), 0, 'another agent is ready, and it is not for him')
  await until('a word on his desk', () => onDesks.length > 0 || undefined)
  t.match(onDesks, [[agentId, { type: 'callback_due', leadId: kept, name: 'Jan' }]])
  logIn(agentId)
  await until('the call', () => placed() === 1 || undefined)
  t.match(agents.state(agentId), { phase: 'reserved', ahead: true })
  const [live] = [...engine.live()]
  await happen({ type: 'answered', channelId: String(live?.id) }, clock.now())
  t.match(agents.state(agentId), { phase: 'talking', callId: live?.id })
  t.match(
    asked.filter(([what]) => what === 'addToBridge'),
    [['addToBridge', `b-${agentId}`, live?.id]],
  )
  const { rows } = await pool.query('select mode from attempts where id = $1', [live?.id])
  t.same(rows, [{ mode: 'progressive' }])
  t.match(await leadNow(kept), { state: 'in_call' })

  clock.advance(later + 301_000 - clock.now())
  await until('the grace to be over', async () => (await leadNow(missed))?.state === 'in_call' || undefined)
  t.equal(agents.state(agentId).phase, 'talking')
  const why = await pool.query('select callback_misses as misses, callback_agent_id as agent from leads where id = $1', [missed])
  t.same(why.rows, [{ misses: 1, agent: null }], 'anyone calls')
})

t.test('the trunk is full: the reason says so', async (t) => {
  const { floor, logIn, until, placed, reason } = await setUp(t)
  await floor.enlist(5)
  await pool.query('update trunks set max_channels = 1 where id = $1', [floor.name])
  logIn('a')
  logIn('b')
  await until('the reason', () => /the trunks have room for 0/.test(reason()) || undefined)
  t.equal(placed(), 1)
})

t.test('the switch is away: nothing is placed, and the reason says so; then it goes on', async (t) => {
  const { floor, logIn, until, placed, reason, up } = await setUp(t)
  await floor.enlist(2)
  up.switch = false
  logIn('a')
  await until('the reason', () => reason().startsWith('the switch is away') || undefined)
  t.equal(placed(), 0)
  up.switch = true
  await until('the calls', () => placed() === 2 || undefined)
})

t.test('two processes: one dials, the other one says why not, and takes over when the first stops', async (t) => {
  const { floor, logIn, until, placed, reason, runner, startProcess, stopped } = await setUp(t)
  await floor.enlist(6)
  await until('the lease', () => (reason() && !/another process/.test(reason()) ? true : undefined))
  const second = startProcess('second')
  stopped.push(second)
  await second.runner.start()
  logIn('a')
  await until('the first to dial', () => placed() === 2 || undefined)
  await until('the second to say why not', () => /another process dials this campaign/.test(reason(second.runner)) || undefined)
  t.equal(second.engine.count({}), 0)
  await runner.stop()
  logIn('b')
  await until('the second to dial', () => second.engine.count({}) > 0 || undefined)
})

t.test('paused: no call. Drained: finished after the last call, when it is written', async (t) => {
  const { floor, logIn, until, placed, office, happen, clock, engine, journal } = await setUp(t)
  await floor.enlist(6)
  logIn('a')
  await until('two calls', () => placed() === 2 || undefined)
  await office.pause(floor.id)
  const [x, y] = [...engine.live()].map(({ id }) => id)
  await happen({ type: 'ended', channelId: String(x), cause: 17 }, clock.now())
  for (let i = 0; i < 20; i++) clock.advance(250)
  await until('the end to be written', () => journal.pending === 0 || undefined)
  t.equal(placed(), 2, 'none in place of the one that ended')
  await office.drain(floor.id)
  t.match(await office.get(floor.id), { state: 'draining' })
  await happen({ type: 'ended', channelId: String(y), cause: 17 }, clock.now())
  await until('the end', async () => ((await office.get(floor.id)).state === 'finished' ? true : undefined))
  const { rows } = await pool.query('select from attempts where campaign_id = $1 and ended_at is null', [floor.id])
  t.equal(rows.length, 0)
})

t.test('settings changed while it runs hold from the next tick on', async (t) => {
  const { floor, logIn, until, placed, office } = await setUp(t)
  await floor.enlist(6)
  logIn('a')
  await until('two calls', () => placed() === 2 || undefined)
  await office.change(floor.id, { settings: { linesPerAgent: 4 } })
  await until('four calls', () => placed() === 4 || undefined)
})

t.test('leads that a dead process claimed come back', async (t) => {
  const { floor, until } = await setUp(t)
  await floor.enlist(2)
  await floor.claim()
  await until('the claims to run out', async () => {
    const leads = await floor.leads()
    return leads.every(({ state, reason }) => state === 'waiting' && reason.includes('did not dial it')) || undefined
  })
  t.pass('both wait again')
})
