/**
 * The debtor calls back, on the real switch: 50 of 50 are known by the number they call from and the number they dialed, and the
 * agent has the record before the voice.
 */
import t from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { watchBridges } from '../support/bridge-witness.ts'
import { newPerson, openCallCentre, type Person } from '../support/call-centre.ts'
import { openDesk } from '../support/desk.ts'

t.setTimeout(180_000)
const debtors = 50
const agentsOnShift = 5
const centre = await openCallCentre(t)
const callees = await centre.callees('callees')
const witness = await watchBridges(t, centre.asterisk)
const caps = { perHour: 100, perDay: 100, per7Days: 100, restDaysAfterTalk: 0 }

interface SeenNumber {
  person: Person
  /** Ours, as his display showed it. */
  number: string
}

t.test('call-back from 50 debtors: the right record in 50 of 50, at the agent before the bridge is up', async (t) => {
  const people = Array.from({ length: debtors }, () => newPerson())
  const settings = { caps, mode: 'ratio', linesPerAgent: 2, maxLinesPerAgent: 4 }
  const campaign = await centre.campaign({ over: 'callees', people, settings })
  const agents = []
  for (let n = 0; n < agentsOnShift; n++) agents.push(await campaign.hire())
  const desks = await Promise.all(agents.map(({ id }) => openDesk(centre.engine, id)))
  const seen: SeenNumber[] = []
  await campaign.start()
  while (seen.length < debtors) {
    const call = await callees.called()
    call.ring()
    call.refuse('486 Busy Here')
    const person = people.find(({ phones }) => phones[0] === call.called)
    if (person) seen.push({ person, number: call.caller })
  }
  await campaign.pause()
  await campaign.settled(debtors)
  t.ok(new Set(seen.map(({ number }) => number)).size > 1, 'they were called from several numbers')

  const right: string[] = []
  const before: string[] = []
  const back = async ({ person, number }: SeenNumber) => {
    const [from = ''] = person.phones
    const call = await callees.call(number, from)
    await call.until('up', 15_000)
    const isHis = () =>
      desks.flatMap((desk) => desk.seen).find(({ event }) => event.type === 'call_offered' && event.number === from)
    const offered = await eventually(15_000, `an offer of ${from}`, async () => isHis())
    if (offered.event.type !== 'call_offered') return
    const [match, ...others] = offered.event.matches
    const isRight = match?.contact.externalId === person.id && others.length === 0 && match.history[0]?.ourNumber === number
    if (isRight && offered.event.ourNumber === number && offered.event.direction === 'inbound') right.push(person.id)
    const { callId } = offered.event
    const desk = desks.find((one) => one.seen.includes(offered))
    await desk?.until('connected', (event) => event.callId === callId, 15_000)
    const inBridge = await eventually(10_000, 'the switch to tell of the bridge', async () => witness.enteredAt(from))
    if (offered.event.at <= inBridge) before.push(person.id)
    call.hangUp()
    await desk?.until('ended', (event) => event.callId === callId, 15_000)
    const order = desk?.seen
      .map(({ event }) => event)
      .filter((event) => 'callId' in event && event.callId === callId && event.type !== 'phase')
    t.strictSame(
      order?.map(({ type }) => type),
      ['call_offered', 'connected', 'ended'],
    )
  }
  for (let n = 0; n < debtors; n += agentsOnShift) await Promise.all(seen.slice(n, n + agentsOnShift).map(back))
  t.equal(right.length, debtors, 'the right record')
  t.equal(before.length, debtors, 'the record was sent before the bridge was up')
  for (const desk of desks) desk.close()
})
