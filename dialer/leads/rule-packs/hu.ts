/** Hungary: the figures of the central bank's recommendation could not be confirmed, so the Polish hours stand in. */
import { type RulePack, week } from './rule-pack.ts'

export const hungary = {
  id: 'HU',
  version: '2026-11.1',
  name: 'Hungary',
  countries: ['HU'],
  confirmed: false,
  rules: [
    {
      rule: 'windows',
      limit: week({ weekdays: '06:00-22:00' }),
      source: 'MNB, recommendation 2/2019: figures not confirmed; the hours of Poland (KPF) until they are',
    },
  ],
  duties: [
    {
      duty: 'After a transfer of a bank loan, written notice before the first contact (set waits.afterReminderDays)',
      source: 'EU 2021/2167 art. 10',
    },
  ],
} as const satisfies RulePack
