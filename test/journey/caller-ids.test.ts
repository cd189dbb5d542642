/**
 * Caller IDs on the real switch, judged by what our own SIP phone at the carrier's place saw: where the number stands on the
 * INVITE, which number each attempt of a person shows, and test calls that come back in or do not.
 */
import t from 'tap'
import { createPhone, type Phone } from '../../load-tests/phone.ts'
import { newNumber, newPerson, openCallCentre, type TestCampaign } from '../support/call-centre.ts'

t.setTimeout(180_000)
const centre = await openCallCentre(t)
const { engine, asterisk } = centre

interface CallerId {
  id: number
  number: string
  inboundRoute: string
  inboundRouteReason: string | null
}

const refusals = { caps: { perHour: 100, perDay: 100, per7Days: 100, restDaysAfterTalk: 0 }, retry: { maxAttempts: 20 } }

/** Dials the campaign's one person once more; the callee is busy. */
async function nextCall(campaign: TestCampaign, callees: Phone) {
  await centre.makeDue(campaign)
  const call = await callees.called()
  call.refuse('486 Busy Here')
  await call.until('ended')
  await campaign.settled(1)
  return call
}

t.test('the number stands where the trunk wants it', async (t) => {
  const wanted = [
    { id: 'both', settings: {}, from: 'number', asserted: 'number' },
    { id: 'from', settings: { presentation: 'from' }, from: 'number', asserted: '' },
    {
      ...{
        id: 'asserted',
        settings: { presentation: 'p_asserted_identity', fromUser: 'account-7', fromDomain: 'carrier.example' },
      },
      ...{ from: 'account-7', asserted: 'number' },
    },
    { id: 'digits', settings: { numberFormat: 'digits' }, from: 'number', asserted: 'number' },
  ]
  for (const { id, settings, from, asserted } of wanted) {
    const callees = await centre.callees(id)
    await engine.patch(`/v1/trunks/${id}`, settings)
    const person = newPerson()
    const campaign = await centre.campaign({ over: id, people: [person], settings: refusals })
    await campaign.hire()
    await campaign.start()
    const call = await nextCall(campaign, callees)
    const [attempt] = await campaign.attempts()
    const shown = 'numberFormat' in settings ? attempt?.callerId.slice(1) : attempt?.callerId
    const standsFor = (what: string) => (what === 'number' ? shown : what)
    t.equal(call.caller, standsFor(from), `${id}: user of From`)
    t.equal(/sip:([^@]*)@/.exec(call.inviteHeader('P-Asserted-Identity'))?.[1] ?? '', standsFor(asserted), `${id}: asserted`)
    if ('fromDomain' in settings) t.match(call.inviteHeader('From'), '@carrier.example>')
    await campaign.drain()
  }

  const callees = await centre.callees('rpid')
  await engine.patch('/v1/trunks/rpid', { presentation: 'remote_party_id', username: 'account-8', password: 'secret' })
  const campaign = await centre.campaign({ over: 'rpid', people: [newPerson()], settings: refusals })
  await campaign.hire()
  await campaign.start()
  const call = await nextCall(campaign, callees)
  const [attempt] = await campaign.attempts()
  t.equal(call.caller, 'account-8')
  t.match(call.inviteHeader('Remote-Party-ID'), `sip:${attempt?.callerId}@`)
  await t.rejects(engine.patch('/v1/trunks/both', { presentation: 'p_asserted_identity' }), /From needs a user of its own/)
})

t.test(
  'a person sees each number once, then the one he has not seen for the longest time, or the one chosen by hand',
  async (t) => {
    const callees = await centre.callees('rotation')
    const campaign = await centre.campaign({ over: 'rotation', people: [newPerson()], settings: refusals })
    const agent = await campaign.hire()
    await campaign.start()
    const shown: string[] = []
    for (let call = 0; call < 4; call++) shown.push((await nextCall(campaign, callees)).caller)
    t.same(new Set(shown.slice(0, 3)), new Set(campaign.callerIds), 'three numbers, each once')
    t.equal(shown[3], shown[0])
    const [lead] = await campaign.leads()
    await engine.put(`/v1/leads/${lead?.lead.id}/caller-id`, { number: shown[0] })
    t.equal((await nextCall(campaign, callees)).caller, shown[0], 'by hand, though he saw it just now')
    t.not((await nextCall(campaign, callees)).caller, shown[0], 'once')

    // By the agent, for the person on his screen.
    await centre.makeDue(campaign)
    const talk = await callees.called()
    talk.answer()
    await agent.until('talking')
    await engine.put(`/v1/agents/${agent.id}/lead/caller-id`, { number: talk.caller })
    await agent.ask('hang-up')
    await campaign.settled(1)
    t.equal((await nextCall(campaign, callees)).caller, talk.caller, 'the same number again, as the agent promised')
    const reasons = (await campaign.attempts()).map(({ reason }) => reason)
    t.match(reasons[0], /not seen by this contact, same country \(PL\)/)
    t.match(reasons[3], /all seen by this contact, this one the longest ago/)
    t.match(reasons[4], /number chosen by hand/)
    t.match(reasons[7], /number chosen by hand/)
  },
)

t.test('numbers at their cap rest until tomorrow, and the campaign says so', async (t) => {
  const callees = await centre.callees('capped')
  const campaign = await centre.campaign({ over: 'capped', people: [newPerson()], settings: refusals })
  const { callerIds } = await engine.get<{ callerIds: CallerId[] }>('/v1/caller-ids?limit=1000')
  for (const { id, number } of callerIds)
    if (campaign.callerIds.includes(number)) await engine.patch(`/v1/caller-ids/${id}`, { dailyCap: 1 })
  await campaign.hire()
  await campaign.start()
  for (const _ of campaign.callerIds) await nextCall(campaign, callees)
  await centre.makeDue(campaign)
  await centre.decision(campaign, /0 placed: every caller ID of the pool is at its daily or hourly cap/)
  t.equal((await campaign.attempts()).length, 3)
})

t.test('a number is dialed from when a test call to it came in again', async (t) => {
  const carrier = await createPhone({
    ...{ port: 0, account: 'carrier' },
    registrar: { host: asterisk.sipHost, port: asterisk.sipPort },
  })
  t.teardown(() => carrier.close())
  await centre.trunk('looping', carrier.port)
  const numbers = [newNumber('01'), newNumber('02')]
  const added = await engine.post<{ callerIds: CallerId[] }>('/v1/caller-ids', { pool: 'tested', trunkId: 'looping', numbers })
  const [good, lost] = added.callerIds.map(({ id }) => id)
  t.match(added.callerIds, [{ inboundRoute: 'untested' }, { inboundRoute: 'untested' }])

  const test = (id: number | undefined) => engine.post<CallerId>(`/v1/caller-ids/${id}/test`)
  const passing = test(good)
  const out = await carrier.called()
  t.same([out.called, out.caller], numbers)
  const back = await carrier.call(out.called, out.caller)
  t.match(await passing, { inboundRoute: 'passed', inboundRouteReason: 'a test call came in on it, with the number shown' })
  await Promise.all([out.until('ended'), back.until('ended')])
  t.equal(back.hungUpBy() === 'us', false, 'nobody answered it')

  const failing = test(lost)
  const second = await carrier.called()
  second.refuse('404 Not Found')
  t.match(await failing, { inboundRoute: 'failed', inboundRouteReason: /did not bring the call to us \(.*cause 1\)/ })
  t.same(await centre.ari('GET', 'channels').then((channels) => JSON.stringify(channels).includes('route-test')), false)
})
