/** Greece, the strictest of the EU: one contact in two days, and none in the first ten days overdue. */
import { type RulePack, week } from './rule-pack.ts'

const law = 'Act 3758/2009 on debtor notification companies'

export const greece = {
  id: 'GR',
  version: '2026-11.1',
  name: 'Greece',
  countries: ['GR'],
  confirmed: true,
  rules: [
    { rule: 'windows', limit: week({ weekdays: '09:00-20:00' }), source: `${law}: Mon-Fri 9-20` },
    { rule: 'caps.perDay', limit: 1, source: `${law}: one contact in 2 days` },
    { rule: 'caps.daysBetween', limit: 2, source: `${law}: one contact in 2 days` },
    { rule: 'waits.overdueDays', limit: 10, source: `${law}: not in the first 10 days overdue` },
  ],
  duties: [
    { duty: 'The caller ID is shown', source: law },
    { duty: 'Recordings are kept a year', source: law },
    {
      duty: 'After a transfer of a bank loan, written notice before the first contact (set waits.afterReminderDays)',
      source: 'EU 2021/2167 art. 10',
    },
  ],
} as const satisfies RulePack
