/**
 * The right to call over random histories: campaigns under different packs, contacts who share a phone, zones with odd clocks,
 * the days they change, and any order of calls, suppressions, payments, reminders, consent and callbacks. At every moment the
 * rules say what the oracle says, and the time they name is the first at which it agrees.
 */
import fc from 'fast-check'
import t from 'tap'
import type { CampaignSettings } from '../campaigns/settings.ts'
import { eligibility } from './eligibility.ts'
import {
  arbitraryCampaign,
  arbitraryContact,
  arbitraryStart,
  arbitraryStep,
  happen,
  leadOf,
  type Step,
} from './histories-under-test.ts'
import type { Holidays } from './holidays.ts'
import { allowed, minute, type World } from './oracle-under-test.ts'

const seed = 20_261_122
t.comment(`seed ${seed}`)
// Some seconds of work, more on a busy machine.
t.setTimeout(180_000)

const hour = 60 * minute
const day = 24 * hour
const holidays: Holidays = (country, date) =>
  ['2026-03-09', '2026-03-30', '2026-04-06', '2026-10-26', '2026-11-02'].includes(date) && country === 'PL'
    ? 'a holiday'
    : undefined

interface Tally {
  calls: number
  refusals: number
  scanned: number
}

/** Asks the rules at one moment and holds them against the oracle; returns the phone and debts of a call that may be placed. */
function ask(world: World, step: Step, settings: CampaignSettings, at: number, tally: Tally) {
  const campaign = { id: step.campaign, settings, mode: step.mode }
  const may = (instant: number) => allowed(world, step.contact, campaign, instant, holidays)
  const fail = (what: string, instant = at): never => {
    throw new Error(`${what} at ${new Date(instant).toISOString()}: ${JSON.stringify({ step, may: [...may(instant)], answer })}`)
  }
  const answer = eligibility(leadOf(world, step.contact, step.campaign, at), settings, step.mode, at, holidays)
  if (answer.ok) {
    tally.calls += 1
    const debts = may(at).get(answer.phone.id)
    if (!debts) return fail('a call breaks a rule')
    if ([...debts].sort().join() !== [...answer.debtIds].sort().join()) return fail('the call is about other debts')
    return { phone: answer.phone, debtIds: answer.debtIds }
  }
  tally.refusals += 1
  if (may(at).size > 0) fail('a call is refused for nothing')
  if (!/^[A-Z].*\.$/s.test(answer.reason)) fail('the reason is no sentence')
  if (answer.notBefore === undefined) {
    for (let later = at; later < at + 64 * day; later += 151 * minute) if (may(later).size > 0) fail('never is not never', later)
    return undefined
  }
  const { notBefore } = answer
  if (notBefore <= at || may(notBefore).size === 0) fail('the time named is too early', notBefore)
  if (may(notBefore - 1).size > 0) fail('the time named is too late', notBefore - 1)
  // Every minute of the wait where it is short, and of each twelfth longer one; else some of them.
  const thorough = notBefore - at < 6 * hour || tally.refusals % 12 === 0
  const pace = thorough ? minute : Math.max(minute, Math.ceil((notBefore - at) / 200 / minute) * minute)
  for (let earlier = at; earlier < notBefore; earlier += pace) {
    tally.scanned += 1
    if (may(earlier).size > 0) fail('the time named is not the first', earlier)
  }
  return undefined
}

t.test('random histories: no call breaks a rule of its pack, and "not before" is the first moment of all', async (t) => {
  const tally: Tally = { calls: 0, refusals: 0, scanned: 0 }
  fc.assert(
    fc.property(
      arbitraryStart,
      fc.tuple(arbitraryContact(1), arbitraryContact(2)),
      fc.tuple(arbitraryCampaign, arbitraryCampaign, arbitraryCampaign),
      fc.array(arbitraryStep, { minLength: 5, maxLength: 40 }),
      (startAt, contacts, campaigns, steps) => {
        const world: World = { contacts: structuredClone(contacts), attempts: [], inbound: [], suppressions: [], callbacks: [] }
        let at = startAt
        for (const step of steps) {
          at += step.wait * minute
          const settings = campaigns[step.campaign]
          if (!settings) continue
          if (step.act.do !== 'call') {
            happen(world, step, at)
            continue
          }
          const call = ask(world, step, settings, at, tally)
          if (!call) continue
          const { end } = step.act
          world.attempts.push({
            ...{ contactId: step.contact, number: call.phone.number, at, endedAt: at + 2 * minute, debtIds: call.debtIds },
            ...{
              counts: end !== 'congestion',
              talked: end === 'talk',
              machine: end === 'machine',
              prerecorded: step.mode === 'message',
              abandoned: end === 'abandoned',
            },
            restHours: settings.waits.afterAbandonedHours,
          })
          at += 3 * minute
        }
      },
    ),
    { seed, numRuns: 300 },
  )
  t.comment(`${tally.calls} calls, ${tally.refusals} refusals, ${tally.scanned} earlier moments looked at`)
  t.ok(tally.calls > 300 && tally.refusals > 1000, 'both happen often')
})
