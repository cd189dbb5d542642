/** United States: Regulation F of the CFPB for collectors, and the telemarketing rules of FCC and FTC as the safe default. */
import { type RulePack, week } from './rule-pack.ts'

const abandoned = '47 CFR 64.1200(a)(7), 16 CFR 310.4(b)(4): at most 3 % of live answers, per campaign, per 30 days'

export const unitedStates = {
  id: 'US',
  version: '2026-11.1',
  name: 'United States',
  countries: ['US'],
  confirmed: true,
  rules: [
    {
      rule: 'windows',
      limit: week({ weekdays: '08:00-21:00', saturday: '08:00-21:00', sunday: '08:00-21:00', onHolidays: true }),
      source: "12 CFR 1006.6(b)(1): 8:00-21:00 in the consumer's local time",
    },
    {
      rule: 'caps.debt.per7Days',
      limit: 7,
      source: '12 CFR 1006.14(b)(2)(i)(A): 7 calls in 7 consecutive days per person per debt, over all phones',
    },
    {
      rule: 'caps.restDaysAfterTalk',
      limit: 7,
      source: '12 CFR 1006.14(b)(2)(i)(B): no call within 7 days after a talk; its day is day 1',
    },
    {
      rule: 'consent',
      limit: 'for_messages_to_mobiles',
      source: '47 CFR 64.1200(a)(1)(iii): recorded messages to a mobile need prior express consent',
    },
    {
      rule: 'caps.messagesPer30Days',
      limit: 3,
      source: '47 CFR 64.1200(a)(3)(iii): 3 recorded messages to a landline in 30 days without consent',
    },
    { rule: 'abandonLimit', limit: 0.03, source: abandoned },
    { rule: 'abandonTarget', limit: 0.03, source: abandoned },
    { rule: 'graceMs', limit: 2000, source: '47 CFR 64.1200(a)(7): an agent within 2 s of the completed greeting' },
    {
      rule: 'ringTimeoutMs',
      limit: 15_000,
      source: '47 CFR 64.1200(a)(6), 16 CFR 310.4(b)(4)(ii): unanswered calls ring at least 15 s or 4 rings',
    },
  ],
  duties: [
    {
      duty: 'A voicemail holds nothing but the limited-content message: the business name without "collection", the name of the person, a number, and the request to reply',
      source: '12 CFR 1006.2(j)',
    },
    { duty: 'Recorded messages to a landline offer an opt-out', source: '47 CFR 64.1200(a)(3)(iii)' },
    { duty: 'Records of abandoned calls are kept', source: '16 CFR 310.4(b)(4)(iv)' },
  ],
} as const satisfies RulePack
