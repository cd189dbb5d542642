/** Czechia: the trade code of the AIA. */
import { type RulePack, week } from './rule-pack.ts'

export const czechia = {
  id: 'CZ',
  version: '2026-11.1',
  name: 'Czechia',
  countries: ['CZ'],
  confirmed: true,
  rules: [
    {
      rule: 'windows',
      limit: week({ weekdays: '08:00-22:00', saturday: '09:00-22:00' }),
      source: "AIA, code of ethics: automated calls until 22:00; the beginning and the free Sunday are the house's",
    },
  ],
  duties: [
    {
      duty: 'After a transfer of a bank loan, written notice before the first contact (set waits.afterReminderDays)',
      source: 'EU 2021/2167 art. 10',
    },
  ],
} as const satisfies RulePack
