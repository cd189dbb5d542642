/** The engine against a switch that does only what the test says, the real agent pool, and a clock that stands still. */
import t from 'tap'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createAgentPool } from '../agents/pool.ts'
import { createScriptedSwitch } from '../agents/switch-under-test.ts'
import { campaignSettingsSchema } from '../campaigns/settings.ts'
import { settledReason } from '../debts/debt.ts'
import { lead as leadOf, phone } from '../leads/lead-under-test.ts'
import type { PacingEvent } from '../pacing/contract.ts'
import { type RefusalKind, type Telephony, TelephonyError } from '../telephony/telephony.ts'
import type { Outcome } from './call.ts'
import type { CallPlan } from './call-plan.ts'
import { createCallEngine } from './engine.ts'
import { deaf, silentLog as log, noHolidays } from './floor-under-test.ts'
import type { JournalEntry } from './journal.ts'

const settings = campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' })

function planOf(id: string, at: number, campaignId = 'c1'): CallPlan {
  const called = phone(1)
  const lead = leadOf({ campaignId, phones: [called], openDebts: [], debts: 0 })
  return {
    ...{
      id,
      campaignId,
      lead,
      phone: called,
      trunkId: 't1',
      callerId: { id: 1, number: '+48220000001' },
      mode: 'ratio',
      reason: 'test',
    },
    ...{ placedAt: at, settings },
  }
}

function setUp(
  failing: Partial<Record<keyof Telephony, TelephonyError>> = {},
  detection: 'off' | 'asterisk' = 'off',
  chance = 1,
) {
  const clock = createFakeClock()
  const scripted = createScriptedSwitch(failing)
  const agents = createAgentPool({ clock, log, wrapUpMs: () => 15_000 })
  const written: JournalEntry[] = []
  const journal = {
    add: (entry: JournalEntry) => void written.push(entry),
    settled: async () => {},
    giveUp: () => [],
    pending: 0,
  }
  const engine = createCallEngine({
    telephony: scripted.telephony,
    agents,
    journal,
    clock,
    holidays: noHolidays,
    log,
    ...deaf,
    random: () => chance,
  })
  const ended: Record<string, Outcome> = {}
  const paced: PacingEvent[] = []
  engine.onEnded(({ plan, outcome }) => {
    ended[plan.id] = outcome
  })
  engine.onPacing(({ event }) => paced.push(event))
  return {
    ...scripted,
    ...{ clock, agents, engine, ended, paced, written },
    logIn(agentId: string) {
      const channelId = `leg-${agentId}`
      const session = { sessionId: agentId, campaignId: 'c1', via: 'called', channelId, bridgeId: `bridge-${agentId}` } as const
      agents.tell(agentId, { type: 'log_in', session })
      agents.tell(agentId, { type: 'leg_up', channelId })
      clock.advance(1000)
    },
    begin: (...ids: string[]) =>
      engine.begin(ids.map((id) => ({ ...planOf(id, clock.now()), settings: { ...settings, detection } }))),
    answer: (id: string) => scripted.happen({ type: 'answered', channelId: id }, clock.now()),
    hangUp: (id: string, cause = 16) => scripted.happen({ type: 'ended', channelId: id, cause }, clock.now()),
    states: () => Object.fromEntries([...engine.live()].map(({ id, state }) => [id, state])),
    asks: (what: keyof Telephony) => scripted.asked.filter(([name]) => name === what).map(([, ...args]) => args),
  }
}

t.test('one agent, two answers: the first gets him, the second waits, and is next when he is free', async (t) => {
  const { begin, answer, states, logIn, asks, hangUp, agents, clock, ended, settle } = setUp()
  logIn('a')
  begin('x', 'y', 'z')
  for (const id of ['x', 'y', 'z']) await answer(id)
  t.same(states(), { x: 'talking', y: 'waiting', z: 'waiting' })
  t.same(asks('addToBridge'), [['bridge-a', 'x']])
  await hangUp('x')
  t.match(ended.x, { disposition: 'human_connected', ledger: 'connected' })
  t.equal(agents.tell('a', { type: 'ready' }), undefined)
  await settle()
  t.same(states(), { y: 'talking', z: 'waiting' }, 'the longer waiting one, not the last')
  clock.advance(settings.graceMs)
  t.same(states(), { y: 'talking', z: 'message' })
  t.same(asks('play'), [['abandoned.1.z', 'z', settings.abandonedMessage]])
})

t.test('a callback comes to the agent it was agreed with, and the pacer hears of it when it is answered', async (t) => {
  const { engine, answer, states, logIn, asks, agents, paced, clock } = setUp()
  for (const name of ['a', 'b']) logIn(name)
  agents.reserveAhead('b', 'c1', 'x')
  engine.begin([{ ...planOf('x', clock.now()), forAgentId: 'b' }])
  t.same([paced, engine.replay('c1')], [[], []])
  await answer('x')
  t.same(states(), { x: 'talking' })
  t.same(asks('addToBridge'), [['bridge-b', 'x']], 'though a is idle longer')
  t.same(
    paced.map(({ type }) => type),
    ['placed', 'answered', 'connected'],
  )
})

t.test('a callback nobody answers gives its agent back; one whose agent is gone comes to another', async (t) => {
  const { engine, answer, logIn, asks, agents, hangUp, clock, paced } = setUp()
  for (const name of ['a', 'b']) logIn(name)
  for (const id of ['x', 'y']) {
    agents.reserveAhead('b', 'c1', id)
    engine.begin([{ ...planOf(id, clock.now()), forAgentId: 'b' }])
    if (id === 'y') agents.tell('b', { type: 'leg_lost', channelId: 'leg-b', reason: 'dead' })
    else await hangUp('x', 17)
  }
  t.same(
    paced.map(({ type }) => type),
    ['placed', 'ended'],
    'both at once, when it is over',
  )
  t.same(agents.ready('c1'), ['a'])
  await answer('y')
  t.same(asks('addToBridge'), [['bridge-a', 'y']])
})

t.test('who hangs up while waiting leaves the line', async (t) => {
  const { begin, answer, states, logIn, hangUp, ended, settle } = setUp()
  begin('x', 'y')
  await answer('x')
  await answer('y')
  await hangUp('x')
  t.match(ended.x, { disposition: 'abandoned', ledger: 'abandoned', reason: /hung up after 0\.0 s while no agent was free/ })
  logIn('a')
  await settle()
  t.same(states(), { y: 'talking' })
})

t.test('the debt is settled: who is rung is let go, who waits hears so, others are not touched', async (t) => {
  const { engine, begin, answer, states, asks, hangUp, ended, written, settle } = setUp()
  begin('rings', 'waits')
  const other = planOf('other', 0)
  engine.begin([{ ...other, lead: { ...other.lead, contactId: 2 } }])
  await answer('waits')
  engine.settle(new Set([1]), 'paid')
  await settle()
  t.same(states(), { rings: 'ending', waits: 'message', other: 'placing' })
  t.same(asks('hangUp'), [['rings']])
  t.same(asks('play'), [['settled.1.waits', 'waits', settings.settledMessage]])
  await hangUp('rings')
  t.match(ended.rings, { disposition: 'settled', reason: 'paid' })
  t.match(written.at(-1), { plan: { state: 'finished', attempts: 1, reason: settledReason } })
})

t.test('an agent of another campaign is not taken', async (t) => {
  const { engine, clock, answer, states, logIn } = setUp()
  logIn('a')
  engine.begin([planOf('x', clock.now(), 'c2')])
  await answer('x')
  t.same(states(), { x: 'waiting' })
})

t.test('a bridge that fails frees the agent and tries again; a third time the person hears the message', async (t) => {
  const failing: Partial<Record<keyof Telephony, TelephonyError>> = { addToBridge: new TelephonyError('refused', 'no') }
  const { begin, answer, states, logIn, asks, agents } = setUp(failing)
  logIn('a')
  begin('x')
  await answer('x')
  t.same(states(), { x: 'message' })
  t.equal(asks('addToBridge').length, 3)
  t.equal(agents.counts('c1').ready, 1)
})

t.test('the agent dies in the talk: the person gets another one, and is not abandoned', async (t) => {
  const { begin, answer, states, logIn, agents, settle, hangUp, ended } = setUp()
  logIn('a')
  begin('x')
  await answer('x')
  logIn('b')
  agents.tell('a', { type: 'leg_lost', channelId: 'leg-a', reason: 'the phone hung up' })
  await settle()
  t.same(states(), { x: 'talking' })
  t.equal(agents.state('b').phase, 'talking')
  await hangUp('x')
  t.match(ended.x, { disposition: 'human_connected', facts: { connected: { agent: { agentId: 'a' } } } })
  t.equal(agents.state('b').phase, 'wrap_up')
})

t.test('what the switch answers to the request for a call', async (t) => {
  const cases: [RefusalKind, Record<string, string>, string | undefined][] = [
    ['refused', {}, 'failed: the switch refused the call: no'],
    ['gone', {}, 'failed: the switch refused the call: no'],
    ['duplicate', { x: 'placing' }, undefined],
    ['unreachable', { x: 'placing' }, undefined],
  ]
  for (const [kind, live, end] of cases) {
    const { begin, settle, states, ended } = setUp({ originateCallee: new TelephonyError(kind, 'no') })
    begin('x')
    await settle()
    t.same(states(), live, kind)
    t.equal(ended.x && `${ended.x.disposition}: ${ended.x.reason}`, end, kind)
    if (ended.x) t.equal(ended.x.counts, false)
  }
})

t.test('a call the switch never confirmed is looked for: hung up if it is there, lost if not', async (t) => {
  const { begin, settle, states, ended, clock, asks, show } = setUp({ originateCallee: new TelephonyError('unreachable', 'no') })
  begin('x')
  await settle()
  t.same(states(), { x: 'placing' })
  clock.advance(10_000)
  await settle()
  t.equal(asks('hangUp').length, 1)
  show({ channels: [{ channelId: 'x', state: 'ringing', endpoint: 't1' }], bridges: [] })
  clock.advance(5000)
  await settle()
  t.same(states(), { x: 'ending' })
  t.equal(asks('hangUp').length, 2, 'still there: hung up again')
  show({ channels: [], bridges: [] })
  clock.advance(5000)
  await settle()
  t.same(states(), {})
  t.match(ended.x, { disposition: 'lost', counts: false, reason: 'the switch did not confirm the call' })
})

t.test('after the switch was away: what is no longer there has ended, with the reason; the rest goes on', async (t) => {
  const { begin, answer, happen, show, states, ended, logIn, clock } = setUp()
  logIn('a')
  begin('talk', 'ringing', 'placing', 'alive')
  await answer('talk')
  await happen({ type: 'ringing', channelId: 'ringing' })
  show({ channels: [{ channelId: 'alive', state: 'ringing', endpoint: 't1' }], bridges: [] })
  await happen({ type: 'up', startedAt: 0 }, clock.now())
  t.same(states(), { alive: 'ringing' }, 'what was missed is made up for')
  const said = Object.fromEntries(Object.entries(ended).map(([id, { disposition, reason }]) => [id, `${disposition}: ${reason}`]))
  t.same(said, {
    talk: 'human_connected: the switch lost the call during the talk',
    ringing: 'lost: the switch lost the call before anyone answered',
    placing: 'lost: the switch lost the call before anyone answered',
  })
})

t.test('ring limit, late and doubled events, one end for each call', async (t) => {
  const { begin, happen, states, ended, clock, hangUp, asks, written, answer } = setUp()
  begin('x')
  await happen({ type: 'ringing', channelId: 'x' }, clock.now())
  clock.advance(settings.ringTimeoutMs)
  t.same(states(), { x: 'ending' })
  t.equal(asks('hangUp').length, 1)
  await hangUp('x', 127)
  await hangUp('x')
  await answer('x')
  await happen({ type: 'ringing', channelId: 'nobody' })
  t.match(ended.x, { disposition: 'no_answer', reason: 'nobody answered within 20 s', counts: true })
  t.equal(written.filter(({ kind }) => kind === 'ended').length, 1)
  t.equal(clock.pending(), 0, 'no timer is left')
})

t.test('the pacer is told of each call from placed to ended, and all of it again when it is made anew', async (t) => {
  const { begin, answer, logIn, paced, engine, hangUp } = setUp()
  logIn('a')
  begin('x')
  await answer('x')
  const types = ['placed', 'answered', 'connected']
  t.same(
    paced.map(({ type }) => type),
    types,
  )
  t.same(
    engine.replay('c1').map(({ type }) => type),
    types,
  )
  await hangUp('x')
  t.match(paced.at(-1), { type: 'ended', cause: 'hang-up' })
  t.same(engine.replay('c1'), [])
})

t.test('cancel takes back what rings and ends what talks; close leaves no timer', async (t) => {
  const { begin, answer, logIn, engine, states, clock, hangUp, ended, asked } = setUp()
  logIn('a')
  begin('ringing', 'talking', 'waiting')
  await answer('talking')
  await answer('waiting')
  engine.cancel(({ state }) => state === 'placing', 'the engine was stopped')
  t.same(states(), { ringing: 'ending', talking: 'talking', waiting: 'waiting' })
  engine.cancel(() => true, 'the engine was stopped')
  t.same(states(), { ringing: 'ending', talking: 'ending', waiting: 'message' })
  await hangUp('ringing')
  await hangUp('talking')
  t.match(ended, {
    ringing: { disposition: 'cancelled', counts: true },
    talking: { disposition: 'human_connected', reason: 'the engine was stopped' },
  })
  t.equal(engine.count({ trunkId: 't1' }), 1)
  engine.close()
  t.equal(engine.count({}), 0)
  const before = asked.length
  clock.advance(120_000)
  t.equal(asked.length, before, 'nothing is asked of the switch any more')
})

t.test('a machine in a hundred goes to an agent as a sample, and he is told; with nobody free it is let go', async (t) => {
  const { begin, answer, states, logIn, happen, ended, clock, engine, hangUp } = setUp({}, 'asterisk', 0.009)
  const news: unknown[] = []
  engine.onAgentNews(({ agentId, what }) => news.push([agentId, what]))
  logIn('a')
  begin('x', 'y')
  for (const channelId of ['x', 'y']) {
    await answer(channelId)
    await happen({ type: 'detected', channelId, verdict: 'machine', cause: 'MAXWORDS' }, clock.now())
  }
  t.same(states(), { x: 'talking', y: 'ending' })
  t.same(news, [['a', 'sample']])
  await hangUp('y')
  t.match(ended.y, { disposition: 'machine', reason: /no agent was free for the sample/ })
  t.equal(ended.y?.ledger, undefined)

  const others = setUp({}, 'asterisk', 0.011)
  others.logIn('a')
  others.begin('x')
  await others.answer('x')
  await others.happen({ type: 'detected', channelId: 'x', verdict: 'machine', cause: 'MAXWORDS' }, others.clock.now())
  t.same(others.states(), { x: 'ending' })
})
