/**
 * Calls to our numbers on the real switch, beside the happy ones (calls-back.test.ts): nobody free, closed, withheld, several
 * who fit, a call that crosses ours, an engine that dies. What the caller hears is judged by his own phone.
 */
import t, { type Test } from 'tap'
import { tones } from '../../load-tests/audio.ts'
import { eventually } from '../../load-tests/deadline.ts'
import type { PhoneCall } from '../../load-tests/phone-call.ts'
import { encodeAlaw, loudSeconds, tone, toneSeconds } from '../../load-tests/signal.ts'
import { newPerson, openCallCentre, type Person, type TestCampaign } from '../support/call-centre.ts'
import { openDesk } from '../support/desk.ts'

t.setTimeout(240_000)
const centre = await openCallCentre(t)
const carrier = await centre.callees('carrier')
const caps = { perHour: 100, perDay: 100, per7Days: 100, restDaysAfterTalk: 7 }

const numberOf = ({ phones }: Person) => phones[0] ?? ''
const newCampaign = (people: Person[], settings = {}) =>
  centre.campaign({ over: 'carrier', people, settings: { caps, wrapUpMs: 0, ...settings } })
const ourNumber = ({ callerIds }: TestCampaign) => callerIds[0] ?? ''

/** The person calls the campaign's number. */
const callIn = (campaign: TestCampaign, from: string) => carrier.call(ourNumber(campaign), from)

async function rowOf(from: string) {
  const { rows } = await centre.pool.query('select * from inbound_calls where number = $1 order by arrived_at desc limit 1', [
    from,
  ])
  return rows[0]
}
const over = (from: string, outcome: string) =>
  eventually(10_000, `${outcome} of ${from}`, async () => {
    const row = await rowOf(from)
    return row?.outcome === outcome ? row : undefined
  })

const hears = (call: PhoneCall, seconds: number) => call.audio.until((heard) => loudSeconds(heard) >= seconds, 15_000)
/** The whole of a recording and no more: the caller is hung up when it is over. */
async function hearsToTheEnd(t: Test, call: PhoneCall) {
  await call.until('ended', 30_000)
  t.equal(call.hungUpBy(), 'them')
  t.ok(loudSeconds(call.audio.heard()) > 2, 'he heard us')
}

t.test('nobody is free: he hears us, no new call is placed, and the next free agent is his', async (t) => {
  const [caller, other] = [newPerson(), newPerson()]
  const campaign = await newCampaign([caller, other])
  const agent = await campaign.hire()
  agent.leg.audio.say(encodeAlaw(tone(tones.agent, 1)))
  await agent.ask('pause')
  const call = await callIn(campaign, numberOf(caller))
  call.audio.say(encodeAlaw(tone(tones.callee, 1)))
  await call.until('up')
  await hears(call, 2)
  await campaign.start()
  await centre.decision(campaign, /1 who called us wait for an agent/)
  await campaign.pause()
  await agent.ask('ready')
  await agent.until('talking')
  await agent.leg.audio.until((heard) => toneSeconds(heard, tones.callee) >= 1)
  call.audio.forget()
  await call.audio.until((heard) => toneSeconds(heard, tones.agent) >= 1)
  t.equal((await campaign.lead(other.id)).attempts.length, 0)
  call.hangUp()
  t.match(await over(numberOf(caller), 'talked'), { match: 'caller', end_reason: 'the caller ended the talk' })
  const { lead, attempts } = await campaign.lead(caller.id)
  t.match(lead, { attempts: 0, state: 'waiting', reason: /called us and talked to an agent.*7 days of rest/ })
  t.same(attempts, [], 'his call is no attempt of ours')
})

t.test('he does not want to wait: key 1, and he is called back', async (t) => {
  const caller = newPerson()
  const campaign = await newCampaign([caller], { inbound: { callbackOfferAfterMs: 0, callbackDelayMinutes: 10 } })
  const agent = await campaign.hire()
  await agent.ask('pause')
  const call = await callIn(campaign, numberOf(caller))
  await call.until('up')
  await hears(call, 1)
  call.audio.press('1')
  await hearsToTheEnd(t, call)
  await over(numberOf(caller), 'callback_planned')
  const { lead } = await campaign.lead(caller.id)
  t.match(lead, { state: 'waiting', attempts: 0, callbackAt: Date, reason: /asked to be called back/ })
})

t.test('closed by the clock, or nobody on shift: told so; a number that is not ours does not exist', async (t) => {
  const caller = newPerson()
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
  const never = { ...Object.fromEntries(days.map((day) => [day, []])), onHolidays: false }
  const campaign = await newCampaign([caller], { inbound: { hours: never } })
  await campaign.hire()
  const closed = await callIn(campaign, numberOf(caller))
  await hearsToTheEnd(t, closed)
  await over(numberOf(caller), 'closed')
  const stranger = await carrier.call('+48229999999', numberOf(caller))
  await t.rejects(stranger.until('up'), /404/)
})

t.test('a withheld number: the reference from our letter; the agent who knows him goes first', async (t) => {
  const caller: Person = { id: 'K-4711-001', phones: newPerson().phones }
  const campaign = await newCampaign([caller])
  const [first, second] = [await campaign.hire(), await campaign.hire()]
  const known = await callIn(campaign, numberOf(caller))
  await known.until('up')
  await eventually(5000, 'a talk', async () => (await rowOf(numberOf(caller)))?.connected_at ?? undefined)
  known.hangUp()
  const talkedWith = (await over(numberOf(caller), 'talked')).agent_id === first.id ? first : second
  const other = talkedWith === first ? second : first
  // The wrap-up of a campaign that does not run.
  await talkedWith.ask('ready')
  const desk = await openDesk(centre.engine, talkedWith.id)
  const call = await callIn(campaign, 'anonymous')
  await call.until('up')
  await hears(call, 1)
  for (const digit of '4711001#') call.audio.press(digit)
  const { event } = await desk.until('call_offered', undefined, 15_000)
  t.match(event, { number: null, matches: [{ contact: { externalId: 'K-4711-001' }, why: /reference/ }] })
  t.equal(event.matches[0]?.history[0]?.direction, 'inbound', 'his first call is in the history')
  await talkedWith.until('talking')
  t.equal(await other.phase(), 'ready', 'although the other one has waited longer')
  call.hangUp()
  await desk.until('ended')
  desk.close()
})

t.test('several who fit are all offered; the result belongs to the one whom the agent names', async (t) => {
  const [number = ''] = newPerson().phones
  const couple = ['wife', 'husband'].map((id) => ({ id, phones: [number] }))
  const campaign = await newCampaign(couple, { wrapUpMs: 60_000 })
  const agent = await campaign.hire()
  const desk = await openDesk(centre.engine, agent.id)
  const call = await callIn(campaign, number)
  const { event } = await desk.until('call_offered')
  t.same(event.matches.map(({ contact }) => contact.externalId).sort(), ['husband', 'wife'])
  const husband = event.matches.find(({ contact }) => contact.externalId === 'husband')
  await agent.until('talking')
  await agent.ask('hang-up')
  await call.until('ended')
  await over(number, 'talked')
  await centre.engine.post(`/v1/agents/${agent.id}/result`, { resultCode: 'refusal', contactId: husband?.contact.id })
  t.match((await campaign.lead('husband')).lead, { state: 'finished', reason: /refused/ })
  const wife = await campaign.lead('wife')
  t.match(wife.lead, { state: 'waiting', attempts: 0 })
  const asked = await centre.engine.get<{ now: unknown }>(`/v1/leads/${wife.lead.id}`)
  t.match(asked.now, { ok: false, code: 'rest_after_talk' }, 'who talked on that phone rests')
  t.match(await rowOf(number), { result_code: 'refusal', lead_id: (await campaign.lead('husband')).lead.id })
  desk.close()
})

t.test('our call to him rings while he calls us: it is taken back, and he talks', async (t) => {
  const caller = newPerson()
  const campaign = await newCampaign([caller], { mode: 'ratio', linesPerAgent: 2, maxLinesPerAgent: 4 })
  const agent = await campaign.hire()
  await campaign.start()
  const ours = await carrier.called()
  ours.ring()
  await centre.liveCall(campaign, 'ringing')
  const theirs = await carrier.call(ours.caller, numberOf(caller))
  await ours.until('ended')
  t.same([ours.hungUpBy(), ours.status()], ['them', 487])
  await agent.until('talking')
  t.equal(theirs.state(), 'up')
  const [lead] = await campaign.settled(1)
  t.match(lead?.attempts, [{ disposition: 'cancelled', endReason: /calling us/ }])
  await centre.makeDue(campaign)
  const putBack = async () =>
    /another call|talked with us/.test((await campaign.lead(caller.id)).lead.reason) ? true : undefined
  await eventually(10_000, 'the lead to be put back', putBack)
  t.equal((await campaign.attempts()).length, 1, 'nobody is called who is on the line')
  await campaign.pause()
  theirs.hangUp()
  await over(numberOf(caller), 'talked')
})
