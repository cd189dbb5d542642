import t from 'tap'
import { type CampaignSettings, campaignSettingsSchema } from '../campaigns/settings.ts'
import { eligibility } from './eligibility.ts'
import type { Holidays } from './holidays.ts'
import type { ClaimedLead, LeadPhone, OpenDebt } from './lead.ts'

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

const debt = (id: number, more: Partial<OpenDebt> = {}): OpenDebt => ({
  ...{ id, creditor: 'Bank A', dueOn: null, remindedOn: null },
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
  calledUsAt: null,
  phones: [phone(1), phone(2)],
  recentAttempts: [],
  suppressions: [],
  consent: 'unknown',
  openDebts: [debt(1)],
  debts: 1,
  seenCallerIds: [],
  wantedCallerId: null,
  ...more,
})

const attempt = (placedAt: number, talked = false, counts = true) => ({
  ...{ number: '+48600100201', placedAt, talked, counts, prerecorded: false, machineAt: null, abandonedAt: null, debtIds: [1] },
})
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
  t.match(ask({ openDebts: [], debts: 2 }), { code: 'no_open_debt', finished: true })
  t.match(ask({ openDebts: [], debts: 0 }), { ok: true })
  t.match(ask({ phones: [phone(1, { state: 'invalid' }), phone(2, { state: 'wrong_person' })] }), {
    code: 'no_valid_phone',
    finished: true,
  })
  t.match(ask({ phones: [phone(1, { state: 'invalid' }), phone(2)], phoneId: 1 }), { ok: true, phone: { id: 2 } })
  t.end()
})

t.test('suppressions, of the contact and of a phone', (t) => {
  const suppression = { kind: 'do_not_call' as const, until: null, number: null, creditor: null, reason: 'asked by letter' }
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

const settingsWith = (more: object) => campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main', ...more })
const askUnder = (rules: CampaignSettings, more: Partial<ClaimedLead>, mode: CampaignSettings['mode'] = 'ratio', at = now) =>
  eligibility(lead(more), rules, mode, at, holidays)

t.test('consent: never against it, and with it where it is needed', (t) => {
  t.match(ask({ consent: 'withdrawn' }), { code: 'consent_withdrawn', finished: true })
  const needed = settingsWith({ consent: 'needed' })
  t.match(askUnder(needed, {}), { code: 'consent_missing', finished: true, reason: /has not consented/ })
  t.match(askUnder(needed, { consent: 'given' }), { ok: true })
  t.end()
})

t.test('after a machine: the other phone, or an agent reserved, or a day later', (t) => {
  const rules = settingsWith({ waits: { afterMachineHours: 24 } })
  const machine = { ...attempt(now - 3 * hour), machineAt: now - 3 * hour }
  t.match(askUnder(rules, { recentAttempts: [machine] }), { ok: true, phone: { id: 2 } })
  const onlyPhone = { recentAttempts: [machine], phones: [phone(1)] }
  t.match(askUnder(rules, onlyPhone), { code: 'after_machine', notBefore: now + 21 * hour })
  t.match(askUnder(rules, onlyPhone, 'progressive'), { ok: true, phone: { id: 1 } })
  t.match(ask(onlyPhone), { ok: true }, 'where no pack asks for it')
  t.end()
})

t.test('the written reminder and the first days overdue, debt by debt', (t) => {
  const rules = settingsWith({ waits: { afterReminderDays: 4 } })
  t.match(askUnder(rules, {}), { code: 'reminder_missing', finished: true })
  const reminded = (remindedOn: string) => ({ openDebts: [debt(1, { remindedOn }), debt(2)] })
  t.match(askUnder(rules, reminded('2026-01-10')), { code: 'after_reminder', notBefore: Date.parse('2026-01-14T07:00:00Z') })
  t.match(askUnder(rules, reminded('2026-01-08')), { ok: true, debtIds: [1] }, 'about the debt that he was reminded of')
  t.match(askUnder(rules, { openDebts: [], debts: 0 }), { code: 'debt_unknown', finished: true })
  const overdue = settingsWith({ waits: { overdueDays: 10 } })
  const due = (dueOn: string) => ({ openDebts: [debt(1, { dueOn })] })
  t.match(askUnder(overdue, due('2026-01-02')), { code: 'overdue', notBefore: Date.parse('2026-01-13T07:00:00Z') })
  t.match(askUnder(overdue, due('2026-01-01')), { ok: true }, 'the eleventh day')
  t.match(askUnder(overdue, {}), { code: 'due_date_missing', finished: true })
  t.end()
})

t.test('the suppression of one creditor: his debts, on all phones or on one', (t) => {
  const bar = { kind: 'do_not_call' as const, until: null, number: null, creditor: 'bank a', reason: 'his list' }
  const two = { openDebts: [debt(1), debt(2, { creditor: 'Bank B' })], debts: 2 }
  t.match(ask({ ...two, suppressions: [bar] }), { ok: true, debtIds: [2] })
  t.match(ask({ suppressions: [bar] }), { code: 'suppressed_do_not_call', finished: true, reason: /for bank a \(his list\)/ })
  t.match(
    ask({ openDebts: [debt(1, { creditor: null })], suppressions: [bar] }),
    { finished: true },
    'whose debt it is, is unknown',
  )
  t.match(ask({ openDebts: [], debts: 0, suppressions: [bar] }), { finished: true })
  const onPhone = { ...bar, number: '+48600100201' }
  t.match(ask({ suppressions: [onPhone] }), { ok: true, phone: { id: 2 }, debtIds: [1] })
  t.match(ask({ ...two, suppressions: [onPhone] }), { ok: true, phone: { id: 1 }, debtIds: [2] })
  t.match(ask({ phones: [phone(1)], suppressions: [onPhone] }), { finished: true })
  t.end()
})

t.test('caps of one phone, of one debt, and days between two calls', (t) => {
  const caps = (more: object) => settingsWith({ caps: { perHour: 9, perDay: 9, per7Days: 9, ...more } })
  const calls = { recentAttempts: [attempt(now - 2 * hour), attempt(now - day)] }
  t.match(askUnder(caps({ phone: { perDay: 1 } }), calls), { ok: true, phone: { id: 2 } })
  t.match(askUnder(caps({ phone: { per7Days: 2 } }), { ...calls, phones: [phone(1)] }), {
    code: 'phone_cap_7_days',
    notBefore: Date.parse('2026-01-19T07:00:00Z'),
  })
  const two = { ...calls, openDebts: [debt(1), debt(2)], debts: 2 }
  t.match(askUnder(caps({ debt: { per7Days: 2 } }), two), { ok: true, debtIds: [2] })
  t.match(askUnder(caps({ debt: { per7Days: 2 } }), calls), { code: 'debt_cap_7_days', reason: /about this debt 2 times/ })
  t.match(askUnder(caps({ daysBetween: 2 }), calls), {
    code: 'days_between',
    notBefore: now + 2 * day - 2 * hour,
    reason: /called 1 time, the limit in 2 days/,
  })
  t.end()
})

t.test('the call that a contact asked for stands above caps and rest, once', (t) => {
  const asked = { callbackAt: now - hour / 4, recentAttempts: [attempt(now - hour / 2, true)] }
  t.match(ask(asked), { ok: true, reason: /asked to be called back/ })
  t.match(
    ask({ ...asked, callbackAt: now + hour }),
    { code: 'rest_after_talk', notBefore: now + hour },
    'the rest ends when he asked',
  )
  const tried = { ...asked, recentAttempts: [...asked.recentAttempts, attempt(now - hour / 5)] }
  t.match(ask(tried), { code: 'rest_after_talk' })
  t.match(ask(asked, now + 10 * hour), { code: 'window_closed' }, 'but not above the window')
  t.end()
})

t.test('every rule that was looked at is told, with what was found', (t) => {
  const findings = Object.fromEntries(
    ask({ recentAttempts: [attempt(now - 2 * hour)] }).checks.map(({ rule, finding }) => [rule, finding]),
  )
  t.same(findings, {
    suppression: 'on no list',
    consent: 'unknown, not needed',
    after_abandoned_call: 'none lately',
    cap_hour: '0 of 1 in an hour',
    cap_day: '1 of 3 a day',
    cap_7_days: '1 of 7 in 7 days',
    rest_after_talk: 'no talk in 7 days',
    phone_suppression: 'on no list',
    open_debt: '1 of 1 debts open',
    calling_window: 'Monday 11:00 in Europe/Warsaw',
  })
  t.end()
})

t.test('a talk is a talk, whoever called', (t) => {
  t.match(ask({ calledUsAt: now - 2 * day }), { code: 'rest_after_talk', notBefore: Date.parse('2026-01-17T08:00:00Z') })
  t.match(ask({ calledUsAt: now - 8 * day }), { ok: true })
  t.match(ask({ calledUsAt: now - hour, callbackAt: now - 1 }), { ok: true })
  t.end()
})
