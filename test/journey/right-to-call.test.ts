/**
 * The right to call, on the real switch: who is on a list is not rung and says why, whoever is lifted from it is called, and each
 * call can be explained afterwards by its rule pack, version and checks.
 */
import t from 'tap'
import type { LeadStory } from '../../dialer/leads/lead-desk.ts'
import type { RightToCall } from '../../dialer/leads/right-to-call.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre } from '../support/call-centre.ts'

t.setTimeout(120_000)
const centre = await openCallCentre(t)
const callees = await centre.callees('callees')

t.test('suppressed by phone, by person and by another creditor; lifted, and called', async (t) => {
  const people = [newPerson(), newPerson(), newPerson()]
  const [byPhone, byPerson, free] = people
  if (!byPhone || !byPerson || !free) throw new Error('three people')
  const campaign = await centre.campaign({ over: 'callees', people })
  await centre.pool.query(`update debts set creditor = 'Bank A'`)
  const why = async (personId: string) => {
    const { lead } = await campaign.lead(personId)
    return centre.engine.get<RightToCall>(`/v1/leads/${lead.id}/eligibility`)
  }
  const { id } = await centre.engine.post<{ id: number }>('/v1/suppressions', { phone: byPhone.phones[0], reason: 'a letter' })
  const listed = `contact,reason\n${byPerson.id},complaint\n`
  await centre.engine.upload('/v1/suppressions/import?list=bank', listed)
  await centre.engine.post('/v1/suppressions', { contact: free.id, creditor: 'another bank', reason: 'not his' })
  await campaign.hire()
  await campaign.start()

  const first = await callees.called()
  t.equal(first.called, free.phones[0], 'the only one who may be called')
  first.refuse('486 Busy Here')
  await campaign.settled(1)
  await centre.decision(campaign, /no lead is due/)
  t.match(await campaign.lead(byPhone.id), { lead: { state: 'finished', barredBy: 'suppressed_do_not_call' }, attempts: [] })
  t.match(await why(byPerson.id), { mayBeCalled: false, sentence: /must not be called \(complaint\)/, notBefore: null })
  t.match(await why(free.id), { mayBeCalled: false, sentence: /planned for later|the limit in an hour/, notBefore: /T/ })

  await centre.engine.post(`/v1/suppressions/${id}/lift`, { reason: 'the letter was about somebody else' })
  const second = await callees.called()
  t.equal(second.called, byPhone.phones[0])
  second.refuse('486 Busy Here')
  await campaign.settled(2)
  const { lead } = await campaign.lead(byPhone.id)
  const { attempts } = await centre.engine.get<LeadStory>(`/v1/leads/${lead.id}`)
  t.match(attempts, [{ rulePack: 'PL', rulePackVersion: /^2026-/, debts: [`D-${byPhone.id}`], checks: [{ passed: true }] }])
  const told = new Map(attempts[0]?.checks?.map((check) => [check.rule, check]))
  t.match(told.get('cap_hour'), { finding: '0 of 1 in an hour', source: /house rule/ })
  t.match(told.get('calling_window'), { finding: /in Europe\/Warsaw/, source: /KPF/ })
  t.equal((await campaign.lead(byPerson.id)).attempts.length, 0)
  await campaign.drain()
  await booksBalance(t, centre, campaign)
})
