import t from 'tap'
import { ask, askUnder, attempt, day, debt, hour, now, phone, settingsWith } from './lead-under-test.ts'

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

t.test('consent: never against it, and with it where it is needed', (t) => {
  t.match(ask({ consent: 'withdrawn' }), { code: 'consent_withdrawn', finished: true })
  const needed = settingsWith({ consent: 'needed' })
  t.match(askUnder(needed, {}), { code: 'consent_missing', finished: true, reason: /has not consented/ })
  t.match(askUnder(needed, { consent: 'given' }), { ok: true })
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
