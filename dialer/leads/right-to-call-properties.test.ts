/**
 * The right to call over random histories: campaigns under different packs, contacts who share a phone, zones with odd clocks,
 * the days they change, and any order of calls, suppressions, payments, reminders, consent and callbacks. At every moment the
 * rules say what the oracle says, and the time they name is the first at which it agrees.
 */
import fc from 'fast-check'
import t from 'tap'
import { settleSettings } from '../campaigns/campaign-rules.ts'
import type { CampaignSettings } from '../campaigns/settings.ts'
import { eligibility } from './eligibility.ts'
import type { Holidays } from './holidays.ts'
import type { ClaimedLead } from './lead.ts'
import { allowed, minute, type World } from './oracle-under-test.ts'
import { rulePackIds } from './rule-packs/packs.ts'

const seed = 20_261_122
t.comment(`seed ${seed}`)

const hour = 60 * minute
const day = 24 * hour
const holidays: Holidays = (country, date) =>
  ['2026-03-09', '2026-03-30', '2026-04-06', '2026-10-26', '2026-11-02'].includes(date) && country === 'PL'
    ? 'a holiday'
    : undefined

const zones = [
  ...['Europe/Warsaw', 'Europe/Athens', 'Europe/London', 'UTC', 'America/New_York', 'America/St_Johns', 'America/Havana'],
  ...[
    'America/Nuuk',
    'Asia/Beirut',
    'Africa/Cairo',
    'Africa/Casablanca',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Pacific/Chatham',
  ],
]
/** Clocks change somewhere on these days. */
const changes = [
  '2026-02-15',
  '2026-03-08',
  '2026-03-29',
  '2026-04-05',
  '2026-04-24',
  '2026-10-04',
  '2026-10-25',
  '2026-10-29',
  '2026-11-01',
]

const shared = '+48500600702'
const numberOf = (contactId: number, phone: number) => (phone === 1 ? shared : `+4850060${contactId}70${phone}`)

const arbitraryContact = (id: number) =>
  fc.record({
    id: fc.constant(id),
    timeZone: fc.constantFrom(...zones),
    country: fc.constantFrom('PL', 'US'),
    consent: fc.constantFrom('unknown' as const, 'given' as const),
    phones: fc
      .array(fc.constantFrom('active' as const, 'active' as const, 'invalid' as const), { minLength: 1, maxLength: 3 })
      .map((states) =>
        states.map((state, n) => ({ id: id * 10 + n, number: numberOf(id, n), lineType: 'mobile' as const, state })),
      ),
    debts: fc
      .array(fc.constantFrom('A', 'B', null), { maxLength: 3 })
      .map((creditors) =>
        creditors.map((creditor, n) => ({ id: id * 10 + n, creditor, dueOn: null, remindedOn: null, state: 'open' as const })),
      ),
  })

const allDay = [{ from: '00:00', to: '24:00' }]
const everyDay = Object.fromEntries(
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((name) => [name, allDay]),
)
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const cap = fc.integer({ min: 1, max: 4 })
const counts = fc.record({ perHour: some(cap), perDay: some(cap), per7Days: some(cap) })

const arbitraryCampaign = fc
  .record({
    rulePack: fc.constantFrom(...rulePackIds),
    windows: fc.constantFrom(
      undefined,
      everyDay,
      { ...everyDay, onHolidays: true },
      { sunday: [{ from: '01:30', to: '03:15' }] },
    ),
    caps: some(
      fc.record({
        ...{ perHour: some(cap), perDay: some(cap), per7Days: some(cap), phone: some(counts), debt: some(counts) },
        ...{ daysBetween: some(fc.integer({ min: 0, max: 3 })), restDaysAfterTalk: some(fc.integer({ min: 0, max: 9 })) },
      }),
    ),
    waits: some(
      fc.record({
        ...{
          afterAbandonedHours: some(fc.integer({ min: 0, max: 96 })),
          afterMachineHours: some(fc.integer({ min: 0, max: 30 })),
        },
        ...{ afterReminderDays: some(fc.integer({ min: 0, max: 6 })), overdueDays: some(fc.integer({ min: 0, max: 3 })) },
      }),
    ),
    consent: fc.constantFrom(undefined, undefined, undefined, 'needed'),
  })
  .map((own) => {
    const given = JSON.parse(JSON.stringify({ country: 'PL', callerIdPool: 'main', looserBecause: 'a property test', ...own }))
    return settleSettings(given).settings
  })

const contact = fc.constantFrom(1, 1, 2)
const arbitraryStep = fc.record({
  wait: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 4 * 1440 })),
  contact,
  campaign: fc.constantFrom(0, 0, 0, 1, 2),
  mode: fc.constantFrom('progressive' as const, 'ratio' as const, 'predictive' as const),
  act: fc.oneof(
    {
      weight: 14,
      arbitrary: fc.record({
        do: fc.constant('call' as const),
        end: fc.constantFrom('no answer', 'no answer', 'congestion', 'talk', 'machine', 'abandoned'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('suppress' as const),
        phone: fc.option(fc.nat({ max: 2 })),
        creditor: fc.constantFrom(null, 'A', 'B'),
        hours: fc.option(fc.integer({ min: 1, max: 100 }), { freq: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lift all' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('debt' as const),
        debt: fc.nat({ max: 2 }),
        state: fc.constantFrom('open' as const, 'paid' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('dates' as const), daysAgo: fc.integer({ min: -2, max: 9 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('consent' as const),
        to: fc.constantFrom('given' as const, 'given' as const, 'unknown' as const, 'withdrawn' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('callback' as const),
        inMinutes: fc.oneof(fc.integer({ min: -60, max: 60 }), fc.integer({ min: 0, max: 2000 })),
      }),
    },
  ),
})
type Step = typeof arbitraryStep extends fc.Arbitrary<infer S> ? S : never

/** As lead-store.ts reads it. */
function leadOf(world: World, contactId: number, campaign: number, at: number): ClaimedLead {
  const who = world.contacts.find(({ id }) => id === contactId)
  if (!who) throw new Error(`no contact ${contactId}`)
  const numbers = who.phones.map(({ number }) => number)
  const rests = world.attempts.flatMap((one) =>
    one.contactId === contactId && one.abandoned ? [one.endedAt + one.restHours * hour] : [],
  )
  return {
    ...{ leadId: 1, campaignId: 'c', contactId, urgency: 0, attempts: 0, failures: 0, phoneId: null, callbackAgentId: null },
    callbackAt: world.callbacks.findLast((one) => one.contactId === contactId && one.campaign === campaign)?.at ?? null,
    ...{ country: who.country, timeZone: who.timeZone, consent: who.consent, seenCallerIds: [], wantedCallerId: null },
    noPredictiveUntil: rests.length > 0 ? Math.max(...rests) : null,
    phones: who.phones.map((phone, position) => ({ ...phone, position })),
    recentAttempts: world.attempts
      .filter((one) => one.contactId === contactId || numbers.includes(one.number))
      .map((one) => ({
        ...{ number: one.number, placedAt: one.at, talked: one.talked, counts: one.counts, debtIds: one.debtIds },
        ...{ machineAt: one.machine ? one.at + minute : null, abandonedAt: one.abandoned ? one.endedAt : null },
      })),
    suppressions: world.suppressions
      .filter((one) => one.contactId === contactId || (one.number !== null && numbers.includes(one.number)))
      .filter(({ until }) => until === null || until > at)
      .map(({ number, creditor, until }) => ({ kind: 'do_not_call', reason: 'listed', number, creditor, until })),
    openDebts: who.debts.filter(({ state }) => state === 'open'),
    debts: who.debts.length,
  }
}

/** What is not a call happens to the world. */
function happen(world: World, { act, contact, campaign }: Step, at: number): void {
  const who = world.contacts.find(({ id }) => id === contact)
  if (!who) return
  if (act.do === 'suppress') {
    const number = act.phone === null ? null : (who.phones[act.phone]?.number ?? null)
    const until = act.hours === null ? null : at + act.hours * hour
    world.suppressions.push({ contactId: number === null ? contact : null, number, creditor: act.creditor, until })
  } else if (act.do === 'lift all') world.suppressions = []
  else if (act.do === 'consent') who.consent = act.to
  else if (act.do === 'callback') world.callbacks.push({ contactId: contact, campaign, at: at + act.inMinutes * minute })
  else if (act.do === 'debt') for (const debt of who.debts) if (debt.id % 10 === act.debt) debt.state = act.state
  if (act.do === 'dates') {
    const date = new Date(at - act.daysAgo * day).toISOString().slice(0, 10)
    who.debts.forEach((debt, n) => {
      if (n % 2 === 0) debt.remindedOn = date
      if (n % 2 === 0 || act.daysAgo > 3) debt.dueOn = date
    })
  }
}

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
  const start = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -4 * 1440, max: 1440 }))
    .map(([date, minutes]) => Date.parse(date) + minutes * minute)
  fc.assert(
    fc.property(
      start,
      fc.tuple(arbitraryContact(1), arbitraryContact(2)),
      fc.tuple(arbitraryCampaign, arbitraryCampaign, arbitraryCampaign),
      fc.array(arbitraryStep, { minLength: 5, maxLength: 40 }),
      (startAt, contacts, campaigns, steps) => {
        const world: World = { contacts: structuredClone(contacts), attempts: [], suppressions: [], callbacks: [] }
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
              abandoned: end === 'abandoned',
            },
            restHours: settings.waits.afterAbandonedHours,
          })
          at += 3 * minute
        }
      },
    ),
    { seed, numRuns: 450 },
  )
  t.comment(`${tally.calls} calls, ${tally.refusals} refusals, ${tally.scanned} earlier moments looked at`)
  t.ok(tally.calls > 400 && tally.refusals > 400, 'both happen often')
})
