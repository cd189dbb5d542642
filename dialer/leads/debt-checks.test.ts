/** About which debts one may call: reminders, days overdue, creditors who bar it. */
import t from 'tap'
import { ask, askUnder, debt, phone, settingsWith } from './lead-under-test.ts'

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
