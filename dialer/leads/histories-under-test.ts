/**
 * For right-to-call-properties.test.ts: random campaigns, contacts and steps, and what a step does to the world. Contacts share
 * a phone, zones have odd clocks, histories begin around days on which clocks are changed somewhere.
 */
import fc from 'fast-check'
import { settleSettings } from '../campaigns/campaign-rules.ts'
import type { ClaimedLead } from './lead.ts'
import { minute, type World } from './oracle-under-test.ts'
import { rulePackIds } from './rule-packs/packs.ts'

const hour = 60 * minute
const day = 24 * hour

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

export const arbitraryContact = (id: number) =>
  fc.record({
    id: fc.constant(id),
    timeZone: fc.constantFrom(...zones),
    country: fc.constantFrom('PL', 'US'),
    consent: fc.constantFrom('unknown' as const, 'given' as const),
    phones: fc
      .array(fc.constantFrom('active' as const, 'active' as const, 'invalid' as const), { minLength: 1, maxLength: 3 })
      .map((states) =>
        states.map((state, n) => ({
          id: id * 10 + n,
          number: numberOf(id, n),
          lineType: n === 2 ? ('mobile' as const) : ('fixed' as const),
          state,
        })),
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

export const arbitraryCampaign = fc
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
        messagesPer30Days: some(fc.integer({ min: 1, max: 3 })),
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
    consent: fc.constantFrom(undefined, undefined, 'for_messages_to_mobiles', 'needed'),
  })
  .map((own) => {
    const given = JSON.parse(JSON.stringify({ country: 'PL', callerIdPool: 'main', looserBecause: 'a property test', ...own }))
    return settleSettings(given).settings
  })

const contact = fc.constantFrom(1, 1, 2)
export const arbitraryStep = fc.record({
  wait: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 4 * 1440 })),
  contact,
  campaign: fc.constantFrom(0, 0, 0, 1, 2),
  mode: fc.constantFrom('progressive' as const, 'ratio' as const, 'predictive' as const, 'message' as const),
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
    { weight: 1, arbitrary: fc.record({ do: fc.constant('calls us' as const) }) },
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
export type Step = typeof arbitraryStep extends fc.Arbitrary<infer S> ? S : never

export const arbitraryStart = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -4 * 1440, max: 1440 }))
  .map(([date, minutes]) => Date.parse(date) + minutes * minute)

/** As lead-store.ts reads it. */
export function leadOf(world: World, contactId: number, campaign: number, at: number): ClaimedLead {
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
    calledUsAt: world.inbound.findLast((one) => one.contactId === contactId)?.at ?? null,
    phones: who.phones.map((phone, position) => ({ ...phone, position })),
    recentAttempts: world.attempts
      .filter((one) => one.contactId === contactId || numbers.includes(one.number))
      .map((one) => ({
        ...{ number: one.number, placedAt: one.at, talked: one.talked, counts: one.counts, debtIds: one.debtIds },
        prerecorded: one.prerecorded,
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
export function happen(world: World, { act, contact, campaign }: Step, at: number): void {
  const who = world.contacts.find(({ id }) => id === contact)
  if (!who) return
  if (act.do === 'suppress') {
    const number = act.phone === null ? null : (who.phones[act.phone]?.number ?? null)
    const until = act.hours === null ? null : at + act.hours * hour
    world.suppressions.push({ contactId: number === null ? contact : null, number, creditor: act.creditor, until })
  } else if (act.do === 'lift all') world.suppressions = []
  else if (act.do === 'calls us') world.inbound.push({ contactId: contact, at })
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
