/**
 * Somebody hangs up in the worst moment. Callees and agents are phones of ours that act to the millisecond; each race is run
 * many times with other delays, so that both sides win some. Whoever wins: one disposition, nobody and nothing left over.
 */
import t, { type Test } from 'tap'
import { endings } from '../../load-tests/endings.ts'
import type { PhoneCall } from '../../load-tests/phone-call.ts'
import { concat, encodeAlaw, loudSeconds, silence, tone } from '../../load-tests/signal.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre, type TestAgent, type TestCampaign } from '../support/call-centre.ts'

t.setTimeout(180_000)
const centre = await openCallCentre(t)
const callees = await centre.callees('callees')

/** What a person says to a detector: a word, and then he listens. */
const hello = encodeAlaw(concat(silence(0.3), tone(300, 0.4), silence(60)))

/** The moment of an act is what a race varies. */
const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** A campaign that runs, with `count` people and an agent for each of them. Stands still after the test. */
async function underWay(t: Test, count: number, settings = {}): Promise<{ campaign: TestCampaign; agents: TestAgent[] }> {
  const people = Array.from({ length: count }, () => newPerson())
  const campaign = await centre.campaign({ over: 'callees', people, settings })
  const agents = await Promise.all(people.map(() => campaign.hire()))
  await campaign.start()
  t.teardown(async () => {
    await campaign.drain()
    for (const agent of agents) agent.leg.hangUp()
    for (const agent of agents) await agent.until('logged_out')
  })
  return { campaign, agents }
}

/** Takes `count` calls and lets each go its way; the n-th one is told its number. */
async function eachCall(count: number, act: (call: PhoneCall, n: number) => Promise<void>): Promise<void> {
  const calls = await Promise.all(Array.from({ length: count }, () => callees.called()))
  await Promise.all(calls.map(act))
}

const dispositionsOf = async (campaign: TestCampaign) => {
  const counts: Record<string, number> = {}
  for (const { disposition } of await campaign.attempts())
    counts[disposition ?? 'none'] = (counts[disposition ?? 'none'] ?? 0) + 1
  return counts
}

/** Free again, and good for the next call. */
async function allReady(t: Test, agents: TestAgent[]) {
  for (const agent of agents) await agent.until('ready')
  t.pass('every agent is free again')
}

t.test('the callee hangs up while it rings', async (t) => {
  const { campaign, agents } = await underWay(t, 8)
  await eachCall(8, async (call, n) => {
    if (n % 2 === 0) call.ring()
    await after(n * 15)
    call.refuse('480 Temporarily Unavailable')
  })
  await campaign.settled(8)
  t.same(await dispositionsOf(campaign), { no_answer: 8 })
  await allReady(t, agents)
  await booksBalance(t, centre, campaign)
})

t.test('the callee hangs up while detection listens', async (t) => {
  const { campaign, agents } = await underWay(t, 8, { detection: 'asterisk' })
  await eachCall(8, async (call, n) => {
    call.ring()
    call.answer()
    await after(n * n * 16)
    call.hangUp()
  })
  await campaign.settled(8)
  t.same(await dispositionsOf(campaign), { caller_hangup: 8 })
  await allReady(t, agents)
  await booksBalance(t, centre, campaign)
})

t.test('the callee hangs up while the bridge is made', async (t) => {
  const { campaign, agents } = await underWay(t, 24)
  await eachCall(24, async (call, n) => {
    call.ring()
    call.answer()
    await after(4 * n)
    call.hangUp()
  })
  await campaign.settled(24)
  const met = await dispositionsOf(campaign)
  t.comment(JSON.stringify(met))
  t.equal((met.caller_hangup ?? 0) + (met.human_connected ?? 0), 24, 'hung up before, or a talk, and nothing else')
  await allReady(t, agents)
  await booksBalance(t, centre, campaign)
})

t.test('the agent hangs up while it rings: who answers then gets the message', async (t) => {
  const { campaign, agents } = await underWay(t, 2)
  await eachCall(2, async (call, n) => {
    call.ring()
    agents[n]?.leg.hangUp()
    await agents[n]?.until('logged_out')
    call.answer()
    await call.audio.until((heard) => loudSeconds(heard) > 0.2)
    call.hangUp()
  })
  await campaign.settled(2)
  t.same(await dispositionsOf(campaign), { abandoned: 2 })
  await booksBalance(t, centre, campaign)
})

t.test('the agent hangs up while detection listens: another one gets the call', async (t) => {
  const { campaign, agents } = await underWay(t, 2, { detection: 'asterisk' })
  const [leaving, staying] = agents
  const [first, second] = await Promise.all([callees.called(), callees.called()])
  first.ring()
  second.refuse('486 Busy Here')
  first.audio.say(hello)
  first.answer()
  await centre.liveCall(campaign, 'detecting')
  leaving?.leg.hangUp()
  await staying?.until('talking', 8000)
  first.hangUp()
  await campaign.settled(2)
  t.same(await dispositionsOf(campaign), { human_connected: 1, busy: 1 })
  t.match(await campaign.attempts(), [{}, {}])
  await staying?.until('ready')
  await booksBalance(t, centre, campaign)
})

t.test('the agents hang up while the bridges are made: the message', async (t) => {
  const { campaign, agents } = await underWay(t, 8)
  await eachCall(8, async (call, n) => {
    call.ring()
    if (n > 0) await after(2 * n)
    call.answer()
    // The first agents leave before the last callees answer.
    await after(8)
    agents[n]?.leg.hangUp()
    await call.audio.until((heard) => loudSeconds(heard) > 0.2)
    call.hangUp()
  })
  await campaign.settled(8)
  for (const { disposition, connectedAt, endReason } of await campaign.attempts())
    t.equal(disposition, connectedAt ? 'human_connected' : 'abandoned', endReason ?? '')
  for (const agent of agents) await agent.until('logged_out')
  await booksBalance(t, centre, campaign)
})

t.test('the agent hangs up in the talk: the callee gets another agent, and counts once', async (t) => {
  const { campaign, agents } = await underWay(t, 2)
  const [first, second] = await Promise.all([callees.called(), callees.called()])
  first.ring()
  second.refuse('486 Busy Here')
  first.answer()
  await centre.liveCall(campaign, 'talking')
  const phases = await Promise.all(agents.map((agent) => agent.phase()))
  const talking = agents[phases.indexOf('talking')]
  const other = agents[phases.indexOf('ready')]
  talking?.leg.hangUp()
  await other?.until('talking')
  t.equal(first.state(), 'up')
  await other?.ask('hang-up')
  await first.until('ended')
  await campaign.settled(2)
  t.same(await dispositionsOf(campaign), { human_connected: 1, busy: 1 })
  const talk = (await campaign.attempts()).find(({ disposition }) => disposition === 'human_connected')
  t.equal(talk?.agentId, talking?.id, 'the talk stands under the first agent')
  await other?.until('ready')
  await booksBalance(t, centre, campaign)
})

t.test('two answers and one agent: who has waited longest gets him', async (t) => {
  const { campaign, agents } = await underWay(t, 3)
  const [busy, first, second] = await Promise.all([callees.called(), callees.called(), callees.called()])
  for (const call of [busy, first, second]) call.ring()
  await campaign.pause()
  const [agent, ...others] = agents
  for (const one of others) await one.ask('pause')
  busy.answer()
  await agent?.until('talking')
  // The later INVITE answers first.
  second.answer()
  await centre.liveCall(campaign, 'waiting')
  first.answer()
  await after(200)
  await agent?.ask('hang-up')
  await agent?.until('talking')
  await first.audio.until((heard) => loudSeconds(heard) > 0.2)
  t.equal(loudSeconds(second.audio.heard()), 0, 'who answered first hears no message')
  first.hangUp()
  second.hangUp()
  const leads = await campaign.settled(3)
  const of = (call: PhoneCall) => leads.find((lead) => lead.phones[0]?.number === call.called)?.attempts[0]
  t.match(of(second), { disposition: 'human_connected', agentId: agent?.id })
  t.match(of(first), { disposition: 'abandoned', agentId: null })
  await agent?.until('ready')
  await booksBalance(t, centre, campaign)
})

t.test('the answer and our CANCEL cross', async (t) => {
  const ringTimeoutMs = 15_000
  const { campaign, agents } = await underWay(t, 12, { ringTimeoutMs })
  const carrier = await centre.carrier('carrier')
  const crossing = endings.find(({ plays }) => plays === 'crossing')
  const onSipp = await centre.campaign({ over: 'carrier', people: [newPerson(crossing?.digits)], settings: { ringTimeoutMs } })
  await onSipp.hireOnSipp(1)
  await onSipp.start()
  await eachCall(12, async (call, n) => {
    call.ring()
    await after(ringTimeoutMs - 15 + 3 * n)
    if (call.state() === 'ringing') call.answer()
    // Up: it was in time, and the talk is ours to end.
    await call.until('ended', 2500).catch(() => call.hangUp())
  })
  await campaign.settled(12)
  const met = await dispositionsOf(campaign)
  t.comment(JSON.stringify(met))
  t.equal((met.no_answer ?? 0) + (met.abandoned ?? 0) + (met.human_connected ?? 0), 12, 'too late, crossed, or in time')
  await allReady(t, agents)
  await booksBalance(t, centre, campaign)

  await onSipp.settled(1)
  const [attempt] = await onSipp.attempts()
  const call = await carrier.call(({ attemptId }) => attemptId === attempt?.id)
  t.ok(call.cancelledAt && call.answeredAt && call.endedAt, 'cancelled, answered all the same, and hung up')
  t.equal(call.hungUpBy, 'caller')
  t.equal(attempt?.disposition, crossing?.expected)
  await booksBalance(t, centre, onSipp)
})
