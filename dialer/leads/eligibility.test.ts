import fc from 'fast-check'
import t from 'tap'
import { type CampaignSettings, campaignSettingsSchema } from '../campaigns/settings.ts'
import { closedBecause } from './calling-window.ts'
import { eligibility } from './eligibility.ts'
import type { Holidays } from './holidays.ts'
import type { ClaimedLead, LeadPhone } from './lead.ts'

const holidays: Holidays = (_country, date) => (date.endsWith('-01-06') ? 'Epiphany' : undefined)
const settings = campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' })
const hour = 3_600_000
const day = 24 * hour
/** A Monday, 11:00 in Warsaw. */
const now = Date.parse('2026-01-12T10:00:00Z')

const phone = (id: number, more: Partial<LeadPhone> = {}): LeadPhone => ({
  id,
  number: `+4860010020${id}`,
  lineType: 'mobile',
  position: id - 1,
  state: 'active',
  ...more,
})

const lead = (more: Partial<ClaimedLead> = {}): ClaimedLead => ({
  leadId: 1,
  campaignId: 'c',
  contactId: 1,
  urgency: 0,
  attempts: 0,
  failures: 0,
  phoneId: null,
  callbackAt: null,
  callbackAgentId: null,
  country: 'PL',
  timeZone: 'Europe/Warsaw',
  noPredictiveUntil: null,
  phones: [phone(1), phone(2)],
  recentAttempts: [],
  suppressions: [],
  openDebts: 1,
  debts: 1,
  seenCallerIds: [],
  wantedCallerId: null,
  ...more,
})

const attempt = (placedAt: number, talked = false, counts = true) => ({ number: '+48600100201', placedAt, talked, counts })
const ask = (more: Partial<ClaimedLead>, at = now, mode: CampaignSettings['mode'] = 'ratio') =>
  eligibility(lead(more), settings, mode, at, holidays)
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString())

t.test('each rule says its sentence', (t) => {
  t.match(ask({}), { ok: true, phone: { id: 1 }, reason: 'attempt 1; phone 1 of 2 (mobile)' })
  t.match(ask({ phoneId: 2 }), { ok: true, phone: { id: 2 }, reason: /by the retry rule/ })
  t.match(ask({}, now + 10 * hour), {
    code: 'window_closed',
    reason: /It is Monday 21:00 for the contact.*possible Tue 13 Jan 2026 08:00/,
  })
  t.match(ask({ recentAttempts: [attempt(now - hour / 2)] }), {
    code: 'cap_hour',
    notBefore: now + hour / 2,
    reason: /called 1 time, the limit in an hour/,
  })
  t.match(ask({ recentAttempts: [attempt(now - hour / 2, false, false)] }), { ok: true })
  const threeToday = [attempt(now - 2.9 * hour), attempt(now - 2 * hour), attempt(now - 1.5 * hour)]
  t.match(ask({ recentAttempts: threeToday }), { code: 'cap_day', notBefore: Date.parse('2026-01-13T07:00:00Z') })
  const seven = [1, 2, 3, 4, 5, 6, 6.5].map((days) => attempt(now - days * day))
  t.match(ask({ recentAttempts: seven }), {
    code: 'cap_7_days',
    notBefore: now + day / 2 + 9 * hour,
    reason: /the limit in 7 days/,
  })
  const talk = { recentAttempts: [attempt(now - 2 * day, true)] }
  // The talk was on Saturday the 10th, day 1; the rest ends with Friday the 16th.
  t.match(ask(talk), { code: 'rest_after_talk', notBefore: Date.parse('2026-01-17T08:00:00Z') })
  t.match(ask({ ...talk, callbackAt: now }), { ok: true, reason: /asked to be called back/ })
  const abandoned = { noPredictiveUntil: now + 20 * hour }
  t.match(ask(abandoned), { code: 'after_abandoned_call', notBefore: Date.parse('2026-01-13T07:00:00Z') })
  t.match(ask(abandoned, now, 'predictive'), { code: 'after_abandoned_call' })
  t.match(ask(abandoned, now, 'progressive'), { ok: true })
  t.match(ask({ openDebts: 0, debts: 2 }), { code: 'no_open_debt', finished: true })
  t.match(ask({ openDebts: 0, debts: 0 }), { ok: true })
  t.match(ask({ phones: [phone(1, { state: 'invalid' }), phone(2, { state: 'wrong_person' })] }), {
    code: 'no_valid_phone',
    finished: true,
  })
  t.match(ask({ phones: [phone(1, { state: 'invalid' }), phone(2)], phoneId: 1 }), { ok: true, phone: { id: 2 } })
  t.end()
})

t.test('suppressions, of the contact and of a phone', (t) => {
  const suppression = { kind: 'do_not_call' as const, until: null, number: null, reason: 'asked by letter' }
  t.match(ask({ suppressions: [suppression] }), {
    code: 'suppressed_do_not_call',
    finished: true,
    reason: 'The contact must not be called (asked by letter).',
  })
  t.match(ask({ suppressions: [{ ...suppression, until: now + hour }] }), { notBefore: now + hour })
  t.match(ask({ suppressions: [{ ...suppression, until: now - 1 }] }), { ok: true })
  t.match(ask({ suppressions: [{ ...suppression, number: '+48600100201' }] }), { ok: true, phone: { id: 2 } })
  const both = [1, 2].map((n) => ({ ...suppression, number: `+4860010020${n}` }))
  t.match(ask({ suppressions: both }), { finished: true })
  t.match(ask({ suppressions: both.map((each, n) => ({ ...each, until: now + (n + 1) * hour })) }), { notBefore: now + hour })
  t.end()
})

t.test('window and caps are met together', (t) => {
  // The hour's cap ends at 20:30, when the window is closed.
  const result = ask({ recentAttempts: [attempt(now + 8.5 * hour)] }, now + 8.6 * hour)
  t.equal(result.ok === false && iso(result.notBefore), '2026-01-13T07:00:00.000Z')
  t.end()
})

/** Reckoned in calendar days of the contact, by other means than the code under test. */
function rested({ recentAttempts, timeZone }: ClaimedLead, restDays: number, at: number): boolean {
  const dayOf = (instant: number) => Date.parse(new Intl.DateTimeFormat('en-CA', { timeZone }).format(instant)) / day
  return recentAttempts.every(({ talked, placedAt }) => !talked || dayOf(at) - dayOf(placedAt) >= restDays)
}

t.test('properties: no rule is ever broken, and `notBefore` is when all are met', (t) => {
  const time = fc.integer({ min: now - 9 * day, max: now })
  const anyLead = fc
    .record({
      recentAttempts: fc.array(
        fc.record({ number: fc.constant('+48600100201'), placedAt: time, talked: fc.boolean(), counts: fc.boolean() }),
        { maxLength: 10 },
      ),
      noPredictiveUntil: fc.option(fc.integer({ min: now - day, max: now + 3 * day })),
      callbackAt: fc.option(time),
      phoneId: fc.option(fc.integer({ min: 1, max: 3 })),
      phones: fc
        .array(fc.constantFrom('active' as const, 'invalid' as const), { maxLength: 3 })
        .map((states) => states.map((state, i) => phone(i + 1, { state }))),
      suppressions: fc.array(
        fc.record({
          kind: fc.constantFrom('dispute' as const, 'paid' as const),
          until: fc.option(fc.integer({ min: now - day, max: now + 5 * day }), { freq: 8 }),
          number: fc.option(fc.constantFrom('+48600100201', '+48600100202')),
          reason: fc.constant('x'),
        }),
        { maxLength: 2 },
      ),
      openDebts: fc.integer({ min: 0, max: 2 }),
      debts: fc.constant(2),
      timeZone: fc.constantFrom('Europe/Warsaw', 'America/New_York', 'Pacific/Auckland'),
    })
    .map(lead)
  const caps = fc.record({
    perHour: fc.integer({ min: 1, max: 2 }),
    perDay: fc.integer({ min: 1, max: 3 }),
    per7Days: fc.integer({ min: 1, max: 7 }),
    restDaysAfterTalk: fc.integer({ min: 0, max: 7 }),
    daysBetween: fc.constant(0),
    phone: fc.constant({}),
    debt: fc.constant({}),
  })
  fc.assert(
    fc.property(
      anyLead,
      caps,
      fc.constantFrom('progressive' as const, 'ratio' as const, 'predictive' as const),
      fc.integer({ min: now, max: now + 2 * day }),
      (one, caps, mode, at) => {
        const rules = { ...settings, caps }
        const answer = eligibility(one, rules, mode, at, holidays)
        if (answer.ok) {
          const counted = one.recentAttempts.filter((each) => each.counts)
          const within = (ms: number) => counted.filter((each) => each.placedAt > at - ms).length
          return (
            closedBecause(at, one, rules.windows, holidays) === undefined &&
            answer.phone.state === 'active' &&
            within(hour) < caps.perHour &&
            within(7 * day - hour) < caps.per7Days &&
            (one.callbackAt !== null || rested(one, caps.restDaysAfterTalk, at)) &&
            one.openDebts > 0 &&
            (mode === 'progressive' || one.noPredictiveUntil === null || one.noPredictiveUntil <= at) &&
            one.suppressions.every(
              ({ until, number }) => (until !== null && until <= at) || (number !== null && number !== answer.phone.number),
            )
          )
        }
        if (!/^[A-Z].*\.$/s.test(answer.reason)) return false
        if (answer.finished) return answer.notBefore === undefined
        // At the time it names the answer is yes, and just before it is no.
        if (answer.notBefore === undefined || answer.notBefore <= at) return false
        return (
          eligibility(one, rules, mode, answer.notBefore, holidays).ok &&
          !eligibility(one, rules, mode, answer.notBefore - 1, holidays).ok
        )
      },
    ),
    { seed: 20261122, numRuns: 3000 },
  )
  t.end()
})
