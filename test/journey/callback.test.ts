/**
 * A callback agreed with a certain agent, on the real switch: while he is away nobody is called for him, though another agent is
 * free; when he is ready he is reserved, the contact is called, and comes to him. Not made in time, it goes to anyone.
 */
import t from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import type { Json } from '../../load-tests/engine-process.ts'
import { recordsBalance } from '../support/books.ts'
import { newPerson, openCallCentre, type Person, type TestAgent } from '../support/call-centre.ts'

t.setTimeout(120_000)
const centre = await openCallCentre(t)
const callees = await centre.callees('callees')
const caps = { perHour: 100, perDay: 100, per7Days: 100, restDaysAfterTalk: 7 }

/** In a second, on the clock in Warsaw, as an agent would write it. */
const soonInWarsaw = () => new Date(Date.now() + 1000).toLocaleString('sv-SE', { timeZone: 'Europe/Warsaw' }).replace(' ', 'T')

/** A first talk, after which the contact wants to talk to Anna again, now; Anna is on a pause. */
async function setUp(graceMinutes: number) {
  const person = newPerson()
  const campaign = await centre.campaign({ over: 'callees', people: [person], settings: { caps, callbacks: { graceMinutes } } })
  const anna = await campaign.hire()
  await campaign.start()
  const talk = await callees.called()
  talk.answer()
  await anna.until('talking')
  const other = await campaign.hire()
  await anna.ask('hang-up')
  await talk.until('ended')
  await campaign.settled(1)
  await anna.ask('pause')
  const agreed = { resultCode: 'callback', callbackAt: soonInWarsaw(), callbackBy: 'me' }
  const recorded = await centre.engine.post<{ leadId: number; reason: string }>(`/v1/agents/${anna.id}/result`, agreed)
  t.match(recorded.reason, /called again when agreed/)
  return { person, campaign, anna, other }
}

async function talksWith(agent: TestAgent, idle: TestAgent, person: Person): Promise<void> {
  const call = await callees.called()
  t.equal(call.called, person.phones[0])
  call.answer()
  await agent.until('talking')
  t.equal(await idle.phase(), 'ready')
  await agent.ask('hang-up')
  await call.until('ended')
}

t.test('it waits for its agent and comes to him', async (t) => {
  const { person, campaign, anna, other } = await setUp(5)
  await centre.decision(campaign, /no lead is due/)
  await eventually(5000, 'the callback to be due', async () => {
    const { callbacks } = await centre.engine.get<{ callbacks: Json[] }>(`/v1/agents/${anna.id}/callbacks`)
    return callbacks.some(({ state, externalId }) => state === 'due' && externalId === person.id) || undefined
  })
  t.equal((await campaign.attempts()).length, 1, 'nobody was called for him')
  await anna.ask('ready')
  await talksWith(anna, other, person)
  await campaign.settled(2)
  t.match(await campaign.attempts(), [
    { agentId: anna.id },
    { agentId: anna.id, mode: 'progressive', reason: /asked to be called back/ },
  ])
  await recordsBalance(t, centre, campaign)
})

t.test('not made in time, it comes to anyone', async (t) => {
  const { person, campaign, anna, other } = await setUp(0)
  const call = await callees.called()
  call.answer()
  await other.until('talking')
  t.equal(await anna.phase(), 'paused')
  t.match((await campaign.lead(person.id)).lead, { reason: 'in a call' })
  await other.ask('hang-up')
  await call.until('ended')
  await campaign.settled(2)
})
