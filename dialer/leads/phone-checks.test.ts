/** What holds one phone: a machine a day ago, recorded messages. */
import t from 'tap'
import { modeOf } from './eligibility.ts'
import type { ClaimedLead } from './lead.ts'
import { ask, askUnder, attempt, day, hour, lead, now, phone, settingsWith } from './lead-under-test.ts'

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

t.test('recorded messages: by consent to a mobile, three in 30 days to a landline, or with an agent', (t) => {
  const rules = settingsWith({ mode: 'message', consent: 'for_messages_to_mobiles', caps: { messagesPer30Days: 2 } })
  const send = (more: Partial<ClaimedLead>) => askUnder(rules, more, modeOf(lead(more), rules))
  t.match(send({}), { code: 'consent_missing', finished: true, reason: /recorded messages on a mobile/ })
  t.match(send({ consent: 'given' }), { ok: true, phone: { id: 1 } })
  t.match(askUnder(rules, {}, 'ratio'), { ok: true }, 'an agent speaks')
  t.match(send({ callbackAt: now }), { ok: true }, 'he asked for an agent')
  const landline = phone(2, { lineType: 'fixed' })
  t.match(send({ phones: [phone(1), landline] }), { ok: true, phone: { id: 2 } })
  const message = (days: number) => ({ ...attempt(now - days * day), number: landline.number, prerecorded: true })
  t.match(send({ phones: [landline], recentAttempts: [message(20), message(9)] }), {
    code: 'message_cap_30_days',
    notBefore: now + 10 * day,
    reason: /A recorded message went to this phone 2 times, the limit in 30 days/,
  })
  t.match(send({ phones: [landline], recentAttempts: [message(30), message(9)] }), { ok: true })
  t.end()
})
