/**
 * The agent's desk on the real switch: the whole record is there before the voice, and every turn of the call follows in
 * order; a debt paid during the talk is told.
 */
import t from 'tap'
import { newPerson, openCallCentre } from '../support/call-centre.ts'
import { openDesk } from '../support/desk.ts'

t.setTimeout(60_000)
const centre = await openCallCentre(t)
const callees = await centre.callees('callees')

t.test('a call we placed: offered with everything, connected, paid, ended', async (t) => {
  const person = newPerson()
  const campaign = await centre.campaign({ over: 'callees', people: [person], settings: { wrapUpMs: 60_000 } })
  const agent = await campaign.hire()
  const desk = await openDesk(centre.engine, agent.id)
  await campaign.start()
  const call = await callees.called()
  call.ring()
  await centre.liveCall(campaign, 'ringing')
  call.answer()
  const { event: offer } = await desk.until('call_offered')
  t.match(offer, {
    ...{ direction: 'outbound', campaignId: campaign.id, number: person.phones[0], ourNumber: call.caller },
    matches: [
      {
        contact: { externalId: person.id, name: `Person ${person.id}` },
        phones: [{ number: person.phones[0], state: 'active' }],
        debts: [{ externalId: `D-${person.id}`, balanceMinor: 10_000, currency: 'PLN', state: 'open' }],
        history: [{ number: person.phones[0], ourNumber: call.caller }],
        lead: { state: 'in_call' },
      },
    ],
  })
  await desk.until('connected', ({ callId }) => callId === offer.callId)
  await centre.engine.patch(`/v1/debts/D-${person.id}`, { balance: 0 })
  await desk.until('debt_settled', ({ callId }) => callId === offer.callId)
  await agent.ask('hang-up')
  await desk.until('phase', ({ phase }) => phase === 'wrap_up')
  t.strictSame(
    desk.seen.map(({ event }) => (event.type === 'phase' ? event.phase : event.type)),
    ['ready', 'call_offered', 'reserved', 'connected', 'talking', 'debt_settled', 'ended', 'wrap_up'],
  )
  const late = await openDesk(centre.engine, agent.id)
  t.match((await late.until('call_offered')).event, { callId: offer.callId }, 'a desk that opens in the wrap-up sees it too')
  late.close()
  desk.close()
})
