/**
 * One person is never in two calls: not with two campaigns that run side by side, not when two contacts share a phone.
 * The judge is the carrier: its calls to one number, or to one person's numbers, never overlap.
 */
import t, { type Test } from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import type { WireCall } from '../../load-tests/wire-log.ts'
import { booksBalance } from '../support/books.ts'
import { newNumber, openCallCentre, type Person, type TestCampaign } from '../support/call-centre.ts'

t.setTimeout(120_000)
const centre = await openCallCentre(t)
const carrier = await centre.carrier('carrier')
/** Without the caps: here nothing but the live call stands between a person and the next one. */
const settings = { caps: { perHour: 100, perDay: 100, per7Days: 100, restDaysAfterTalk: 0 } }
const people = 6

/** Pairs of calls to one person that were up at the same time. */
function overlaps(calls: WireCall[], personOf: (number: string) => string): string[] {
  const sorted = calls.toSorted((a, b) => a.invitedAt - b.invitedAt)
  return sorted.flatMap((call, n) =>
    sorted
      .slice(n + 1)
      .filter((later) => personOf(later.called) === personOf(call.called) && later.invitedAt < (call.endedAt ?? Number.MAX_VALUE))
      .map((later) => `${personOf(call.called)}: ${call.attemptId} and ${later.attemptId}`),
  )
}

const callsOf = async (campaigns: TestCampaign[]) => {
  const callerIds = campaigns.flatMap((campaign) => campaign.callerIds)
  return (await carrier.calls()).filter((call) => callerIds.includes(call.caller))
}

/**
 * Leads that are put back or rest are made due at once, again and again, so that the calls to one person keep running into
 * each other until so many were made. Returns how often a lead was seen that had to wait for another call.
 */
async function dialAgainstEachOther(campaigns: TestCampaign[], attempts: number): Promise<number> {
  let waited = 0
  await Promise.all(campaigns.map((campaign) => campaign.start()))
  await eventually(40_000, `${attempts} attempts`, async () => {
    const leads = (await Promise.all(campaigns.map((campaign) => campaign.leads()))).flat()
    waited += leads.filter(({ lead }) => lead.reason === 'this person or number is in another call just now').length
    if (leads.flatMap((lead) => lead.attempts).length >= attempts) return true
    await Promise.all(campaigns.map((campaign) => centre.makeDue(campaign)))
    return undefined
  })
  await Promise.all(campaigns.map((campaign) => campaign.drain()))
  await Promise.all(campaigns.map((campaign) => campaign.until('finished', 20_000)))
  return waited
}

async function neverTwo(t: Test, campaigns: TestCampaign[], personOf: (number: string) => string) {
  const calls = await callsOf(campaigns)
  const attempts = (await Promise.all(campaigns.map((campaign) => campaign.attempts()))).flat()
  t.same(calls.map((call) => call.attemptId).sort(), attempts.map((attempt) => attempt.id).sort(), 'attempts = INVITEs')
  t.same(overlaps(calls, personOf), [], `${calls.length} calls, no two of them with one person`)
  for (const campaign of campaigns) await booksBalance(t, centre, campaign)
}

t.test('one person in two running campaigns', async (t) => {
  // The first phone is busy: one campaign tries it while the person talks to the other one on the second.
  const both: Person[] = Array.from({ length: people }, (_, n) => ({
    id: `both-${n}`,
    phones: [newNumber('30'), newNumber('15')],
  }))
  const rules = { ...settings, retry: { rules: { busy: { delaysMinutes: [1], nextPhone: true } } } }
  const campaigns = await Promise.all([0, 1].map(() => centre.campaign({ over: 'carrier', people: both, settings: rules })))
  for (const campaign of campaigns) await campaign.hireOnSipp(people)
  t.ok((await dialAgainstEachOther(campaigns, 6 * people)) > 0, 'they met')
  await neverTwo(t, campaigns, (number) => both.find(({ phones }) => phones.includes(number))?.id ?? number)
})

t.test('two contacts with one phone', async (t) => {
  const numbers = Array.from({ length: people }, () => newNumber('15'))
  const couples = numbers.flatMap((number, n) => [`wife-${n}`, `husband-${n}`].map((id) => ({ id, phones: [number] })))
  const campaign = await centre.campaign({ over: 'carrier', people: couples, settings })
  await campaign.hireOnSipp(2 * people)
  t.ok((await dialAgainstEachOther([campaign], 4 * people)) > 0, 'they met')
  await neverTwo(t, [campaign], (number) => number)
})
