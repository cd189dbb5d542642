import fc from 'fast-check'
import t from 'tap'
import { countsAsAttempt, dispositions } from '../calls/outcome.ts'
import { campaignSettingsSchema } from '../campaigns/settings.ts'
import { closedBecause } from './calling-window.ts'
import type { LeadPhone, RecentAttempt } from './lead.ts'
import { resultCodeSchema, resultCodes } from './result-code.ts'
import { type AttemptOutcome, type PlannedLead, planAfterResult, planNext } from './retry.ts'

const settings = campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' })
const minute = 60_000
const day = 1440 * minute
/** A Monday, 11:00 in Warsaw. */
const at = Date.parse('2026-01-12T10:00:00Z')
const noHolidays = () => undefined

const phone = (id: number, state: LeadPhone['state'] = 'active'): LeadPhone => ({
  id,
  number: `+4860010020${id}`,
  lineType: 'mobile',
  position: id - 1,
  state,
})
const tried: RecentAttempt = {
  ...{ number: '', placedAt: at, talked: false, counts: true, prerecorded: true },
  ...{ machineAt: null, abandonedAt: null, debtIds: [] },
}
const lead = (more: Partial<PlannedLead> = {}): PlannedLead => ({
  attempts: 0,
  failures: 0,
  phoneId: null,
  callbackAt: null,
  callbackAgentId: null,
  phones: [phone(1), phone(2)],
  timeZone: 'Europe/Warsaw',
  country: 'PL',
  recentAttempts: [],
  ...more,
})
const after = (disposition: AttemptOutcome['disposition'], more: Partial<PlannedLead> = {}, phoneId = 1) =>
  planNext(lead(more), { disposition, counts: countsAsAttempt(disposition), phoneId, at }, settings, noHolidays)

t.test('each disposition by its rule', (t) => {
  t.match(after('no_answer'), {
    state: 'waiting',
    attempts: 1,
    phoneId: 2,
    nextAttemptAt: at + 60 * minute,
    reason: 'no answer: again in 60 minutes, on the next phone',
  })
  t.match(after('no_answer', { attempts: 1 }, 2), { phoneId: 1, nextAttemptAt: at + 180 * minute })
  t.match(after('no_answer', { attempts: 4 }), { nextAttemptAt: at + day }, 'the last delay repeats')
  t.match(after('no_answer', { attempts: 5 }), { state: 'finished', attempts: 6, reason: /all 6 attempts are used/ })
  t.match(after('busy', { attempts: 2 }), { phoneId: 1, nextAttemptAt: at + 180 * minute })
  t.match(after('abandoned'), { nextAttemptAt: at + 3 * day })
  t.match(after('human_connected'), {
    nextAttemptAt: Date.parse('2026-01-19T07:00:00Z'),
    reason: /rest, when the calling window opens$/,
  })
  t.match(after('invalid_number'), { state: 'waiting', phoneId: 2, phoneState: 'invalid' })
  t.match(after('invalid_number', { phones: [phone(1), phone(2, 'invalid')] }), {
    state: 'finished',
    phoneState: 'invalid',
    reason: /no other valid phone/,
  })
  t.match(after('congestion', { attempts: 3, failures: 1 }), { attempts: 3, failures: 2, nextAttemptAt: at + 5 * minute })
  t.match(after('busy', { attempts: 3, failures: 2 }), { failures: 0 })
  const callback = { callbackAt: at - minute, callbackAgentId: 'anna' }
  t.match(after('congestion', callback), callback, 'what the network could not carry is still the callback asked for')
  t.match(after('no_answer', callback), { callbackAt: null, callbackAgentId: null })
  const never = {
    ...settings,
    retry: {
      ...settings.retry,
      rules: { ...settings.retry.rules, declined: { delaysMinutes: [], nextPhone: false, attemptsPerNumber: 1 } },
    },
  }
  t.match(planNext(lead(), { disposition: 'declined', counts: true, phoneId: 1, at }, never, noHolidays), {
    state: 'finished',
    reason: /allows no further attempt/,
  })
  t.end()
})

t.test('a send-out: three attempts per number an hour apart, then the next phone; a rule for each thing that was heard', (t) => {
  const message = { person: { pl: [{ say: 'Halo' }] } }
  const sendOut = campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main', mode: 'message', message })
  /** Attempts before this one, on these phones, the oldest first; what follows when this one goes to the last of them. */
  const afterTries = (disposition: AttemptOutcome['disposition'], phones: number[]) => {
    const before = phones
      .slice(0, -1)
      .map((id, n): RecentAttempt => ({ ...tried, number: phone(id).number, placedAt: at - (9 - n) * minute }))
    const phoneId = phones.at(-1) ?? 1
    const planned = lead({ attempts: before.length, recentAttempts: before })
    return planNext(planned, { disposition, counts: true, phoneId, at }, sendOut, noHolidays)
  }
  const inAnHour = { state: 'waiting', nextAttemptAt: at + 60 * minute }
  t.match(afterTries('no_answer', [1]), { ...inAnHour, phoneId: 1 })
  t.match(afterTries('no_answer', [1, 1]), { ...inAnHour, phoneId: 1 })
  t.match(afterTries('no_answer', [1, 1, 1]), { ...inAnHour, phoneId: 2, reason: /in 60 minutes, on the next phone/ })
  t.match(afterTries('busy', [1, 1, 1, 2]), { ...inAnHour, phoneId: 2 }, 'counted anew on the next one')
  t.match(afterTries('machine', [1, 1, 1, 2, 2, 2]), { state: 'finished', reason: /all 6 attempts are used/ })
  t.match(afterTries('message_heard_in_part', [1]), { ...inAnHour, phoneId: 1 })
  t.match(afterTries('message_left', [1]), { state: 'waiting', phoneId: 2, nextAttemptAt: at + day })
  for (const heard of ['message_heard', 'message_confirmed'] as const)
    t.match(afterTries(heard, [1]), { state: 'finished', reason: /the retry rule allows no further attempt$/ })
  t.match(afterTries('opted_out', [1]), { state: 'finished', reason: /asked by a key not to be called/ })
  t.match(afterTries('callback_asked', [1]), { state: 'waiting', callbackAt: at + 15 * minute, callbackAgentId: null })
  t.match(after('message_left'), { phoneId: 2, nextAttemptAt: at + day }, 'in a campaign with agents')
  t.end()
})

t.test('each result code', (t) => {
  const said = (code: keyof typeof resultCodes, callbackAt?: number, more: Partial<PlannedLead> = {}) =>
    planAfterResult(
      lead({ attempts: 2, ...more }),
      { code, phoneId: 1, at, ...(callbackAt === undefined ? {} : { callbackAt }) },
      settings,
      noHolidays,
    )
  t.match(said('promise_to_pay'), { state: 'finished', attempts: 2, reason: 'The contact promised to pay' })
  t.match(said('promise_to_pay', at + 3 * day), { state: 'waiting', callbackAt: at + 3 * day })
  t.match(said('callback', at + 90 * minute), {
    state: 'waiting',
    nextAttemptAt: at + 90 * minute,
    callbackAt: at + 90 * minute,
    phoneId: 1,
  })
  t.match(said('callback', Date.parse('2026-01-12T22:00:00Z')), { nextAttemptAt: Date.parse('2026-01-13T07:00:00Z') })
  t.match(said('callback', at + day, { attempts: 6 }), { state: 'waiting' }, 'also beyond the attempts of the rule')
  t.match(said('callback'), { state: 'waiting', callbackAt: null, nextAttemptAt: Date.parse('2026-01-19T07:00:00Z') })
  t.match(said('wrong_person'), { state: 'waiting', phoneId: 2, phoneState: 'wrong_person' })
  t.match(said('wrong_person', undefined, { phones: [phone(1)] }), { state: 'finished', phoneState: 'wrong_person' })
  t.match(said('do_not_call', at + day), { state: 'finished' }, 'a date changes nothing')
  t.match(said('answering_machine'), { state: 'waiting', phoneId: 2, nextAttemptAt: at + day })
  t.match(said('no_result'), { nextAttemptAt: Date.parse('2026-01-19T07:00:00Z') })
  for (const code of resultCodeSchema.options) if (resultCodes[code].suppress) t.match(said(code), { state: 'finished' }, code)
  t.end()
})

t.test('properties', (t) => {
  const phones = fc.array(fc.constantFrom('active' as const, 'invalid' as const, 'wrong_person' as const), { maxLength: 4 })
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 0, max: 9 }),
      phones,
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(...dispositions),
      fc.integer({ min: at, max: at + 365 * day }),
      fc.constantFrom('Europe/Warsaw', 'America/New_York', 'Pacific/Auckland'),
      (attempts, failures, states, phoneId, disposition, at, timeZone) => {
        const one = lead({ attempts, failures, phones: states.map((state, i) => phone(i + 1, state)), timeZone })
        const counts = countsAsAttempt(disposition)
        const plan = planNext(one, { disposition, counts, phoneId, at }, settings, noHolidays)
        if (plan.attempts !== attempts + (counts ? 1 : 0) || plan.failures !== (counts ? 0 : failures + 1) || plan.reason === '')
          return false
        if (plan.state === 'finished') return true
        const goneOn = plan.phoneId !== phoneId
        const goodPhone = plan.phoneId === null || one.phones.some(({ id, state }) => id === plan.phoneId && state === 'active')
        return (
          plan.nextAttemptAt > at &&
          closedBecause(plan.nextAttemptAt, one, settings.windows, noHolidays) === undefined &&
          (!goneOn || goodPhone) &&
          !(disposition === 'invalid_number' && plan.phoneId === phoneId) &&
          (!counts || plan.attempts < settings.retry.maxAttempts)
        )
      },
    ),
    { seed: 20261122, numRuns: 3000 },
  )
  t.end()
})

t.test('every lead ends: by attempts, however calls come out', (t) => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.constantFrom(...dispositions.filter(countsAsAttempt))), (outcomes) => {
      let one = lead()
      let now = at
      for (let calls = 1; calls <= settings.retry.maxAttempts; calls += 1) {
        const disposition = outcomes.next().value ?? 'busy'
        const phoneId = one.phoneId ?? 1
        const plan = planNext(one, { disposition, counts: true, phoneId, at: now }, settings, noHolidays)
        if (plan.state === 'finished') return true
        now = plan.nextAttemptAt
        const phones = one.phones.map((each) =>
          each.id === phoneId && plan.phoneState ? { ...each, state: plan.phoneState } : each,
        )
        one = { ...one, attempts: plan.attempts, failures: plan.failures, phoneId: plan.phoneId, phones }
      }
      return false
    }),
    { seed: 20261122 },
  )
  t.end()
})
