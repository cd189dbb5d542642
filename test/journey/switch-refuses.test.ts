/**
 * The switch does not do what it is asked: it refuses requests with 4xx or 5xx, its answers get lost, things vanish behind the
 * engine's back. Between engine and Asterisk stands a proxy that spoils single requests; everything else is real.
 */
import t, { type Test } from 'tap'
import { concat, encodeAlaw, loudSeconds, silence, tone, toneSeconds } from '../../load-tests/signal.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre, type TestAgent, type TestCampaign } from '../support/call-centre.ts'
import { type FaultyAri, startFaultyAri } from '../support/faulty-ari.ts'

t.setTimeout(180_000)
const proxies: FaultyAri[] = []
const centre = await openCallCentre(t, {
  async ariUrl(asterisk) {
    const proxy = await startFaultyAri(asterisk.ariUrl)
    proxies.push(proxy)
    return proxy.url
  },
})
const [proxy] = proxies
if (!proxy) throw new Error('no proxy')
t.teardown(async () => proxy.close())
const callees = await centre.callees('callees')

const originate = { method: 'POST', path: /^channels\/[-0-9a-f]{36}$/ } as const
const hello = encodeAlaw(concat(silence(0.3), tone(300, 0.4), silence(60)))

async function underWay(t: Test, agentCount: number, settings = {}): Promise<{ campaign: TestCampaign; agents: TestAgent[] }> {
  const campaign = await centre.campaign({ over: 'callees', people: [newPerson()], settings })
  // One after the other: the first one is idle longest.
  const agents: TestAgent[] = []
  for (let n = 0; n < agentCount; n++) agents.push(await campaign.hire())
  t.teardown(async () => {
    await campaign.drain()
    for (const agent of agents) agent.leg.hangUp()
    for (const agent of agents) await agent.until('logged_out')
  })
  return { campaign, agents }
}

async function onlyAttempt(campaign: TestCampaign, deadlineMs?: number) {
  const [lead] = await campaign.settled(1, deadlineMs)
  const [attempt] = lead?.attempts ?? []
  if (!lead || !attempt) throw new Error('no attempt')
  return { lead: lead.lead, attempt }
}

t.test('the call is refused: failed, no attempt, tried again soon', async (t) => {
  for (const status of [400, 500, 503]) {
    const { campaign, agents } = await underWay(t, 1)
    const spoilt = proxy.spoil({ ...originate, how: status, times: 1 })
    await campaign.start()
    await spoilt
    const { lead, attempt } = await onlyAttempt(campaign)
    t.match(attempt, { disposition: 'failed', counts: false, answeredAt: null })
    t.match(attempt.endReason, new RegExp(`^the switch refused the call: .*${status}`))
    t.match(lead, { state: 'waiting', attempts: 0, failures: 1, reason: /again in 2 minutes$/ })
    await agents[0]?.until('ready')
    await booksBalance(t, centre, campaign)
  }
})

t.test('the trunk is gone from the switch: failed, and dialed as soon as it is there again', async (t) => {
  const { campaign } = await underWay(t, 1)
  for (const kind of ['endpoint', 'aor']) await centre.ari('DELETE', `asterisk/config/dynamic/res_pjsip/${kind}/_trunk-callees`)
  await campaign.start()
  const { attempt } = await onlyAttempt(campaign)
  t.match(attempt, { disposition: 'failed', counts: false })
  await booksBalance(t, centre, campaign)
  await centre.engine.patch('/v1/trunks/callees', { maxChannels: 99 })
  await centre.makeDue(campaign)
  const call = await callees.called()
  call.refuse('486 Busy Here')
  const [lead] = await campaign.settled(2)
  t.match(lead?.attempts[1], { disposition: 'busy', counts: true })
  await booksBalance(t, centre, campaign)
})

t.test('nobody knows whether the call was placed: it was, and its callee gets an agent', async (t) => {
  const { campaign, agents } = await underWay(t, 1)
  const spoilt = proxy.spoil({ ...originate, how: 'answer lost', times: 1 })
  await campaign.start()
  await spoilt
  const call = await callees.called()
  call.ring()
  await call.until('ringing')
  call.answer()
  await agents[0]?.until('talking')
  call.hangUp()
  const { attempt } = await onlyAttempt(campaign)
  t.match(attempt, { disposition: 'human_connected', counts: true })
  await booksBalance(t, centre, campaign)
})

t.test('detection cannot start: the person goes to an agent as unsure', async (t) => {
  const { campaign, agents } = await underWay(t, 1, { detection: 'asterisk' })
  const spoilt = proxy.spoil({ method: 'POST', path: /\/continue\?context=detect/, how: 500, times: 1 })
  await campaign.start()
  const call = await callees.called()
  call.ring()
  call.answer()
  await spoilt
  await agents[0]?.until('talking')
  call.hangUp()
  const { attempt } = await onlyAttempt(campaign)
  t.match(attempt, { disposition: 'human_connected', detection: 'unsure', detectionCause: 'detection could not start' })
  await agents[0]?.until('ready')
  await booksBalance(t, centre, campaign)
})

t.test('the bridge fails once: the second try joins them', async (t) => {
  const { campaign, agents } = await underWay(t, 1)
  const spoilt = proxy.spoil({ method: 'POST', path: /\/addChannel\?channel=[-0-9a-f]{36}$/, how: 500, times: 1 })
  await campaign.start()
  const call = await callees.called()
  call.audio.say(encodeAlaw(tone(1004, 1)))
  call.answer()
  await spoilt
  await agents[0]?.until('talking')
  await agents[0]?.leg.audio.until((heard) => toneSeconds(heard, 1004) > 0.3)
  call.hangUp()
  t.match((await onlyAttempt(campaign)).attempt, { disposition: 'human_connected', agentId: agents[0]?.id })
  await agents[0]?.until('ready')
  await booksBalance(t, centre, campaign)
})

t.test('the bridge fails always: the message, abandoned, the agent is free', async (t) => {
  const { campaign, agents } = await underWay(t, 1)
  const spoilt = proxy.spoil({ method: 'POST', path: /\/addChannel\?channel=[-0-9a-f]{36}$/, how: 500, times: 3 })
  await campaign.start()
  const call = await callees.called()
  call.answer()
  await spoilt
  await call.audio.until((heard) => loudSeconds(heard) > 0.5)
  call.hangUp()
  const { attempt } = await onlyAttempt(campaign)
  t.match(attempt, { disposition: 'abandoned', agentId: null, endReason: /^the agent could not be connected; / })
  await agents[0]?.until('ready')
  await booksBalance(t, centre, campaign)
})

t.test('the message cannot be played: hung up, and the record does not claim it was heard', async (t) => {
  const { campaign, agents } = await underWay(t, 1)
  const spoilt = proxy.spoil({ method: 'POST', path: /\/play\/abandoned\./, how: 500, times: 1 })
  await campaign.start()
  const call = await callees.called()
  call.ring()
  await agents[0]?.ask('pause')
  call.answer()
  await spoilt
  await call.until('ended')
  t.equal(loudSeconds(call.audio.heard()), 0)
  const { attempt } = await onlyAttempt(campaign)
  t.match(attempt, {
    disposition: 'abandoned',
    endReason: 'no agent was free within the grace; the message was not played to its end',
  })
  await booksBalance(t, centre, campaign)
})

t.test('the hang-up is refused: asked again until it is done', async (t) => {
  const { campaign, agents } = await underWay(t, 1)
  await campaign.start()
  const call = await callees.called()
  call.answer()
  await agents[0]?.until('talking')
  const spoilt = proxy.spoil({ method: 'DELETE', path: /^channels\/[-0-9a-f]{36}\?/, how: 500, times: 1 })
  await agents[0]?.ask('hang-up')
  await spoilt
  t.equal(call.state(), 'up', 'not yet')
  await agents[0]?.until('ready')
  await call.until('ended', 8000)
  const { attempt } = await onlyAttempt(campaign)
  t.match(attempt, { disposition: 'human_connected', endReason: 'the agent ended the talk' })
  await booksBalance(t, centre, campaign)
})

t.test("an agent's bridge vanishes: the call goes to the next agent", async (t) => {
  const { campaign, agents } = await underWay(t, 2, { detection: 'asterisk' })
  const [first, second] = agents
  if (!first || !second) throw new Error('no agents')
  await campaign.start()
  const call = await callees.called()
  call.audio.say(hello)
  call.answer()
  await centre.liveCall(campaign, 'detecting')
  await centre.ari('DELETE', `bridges/${await centre.bridgeOf(first)}`)
  await second.until('talking', 8000)
  call.hangUp()
  t.match((await onlyAttempt(campaign)).attempt, { disposition: 'human_connected', agentId: second.id })
})
