/** Slovakia: what the regulator has warned of. */
import { type RulePack, week } from './rule-pack.ts'

const nbs = 'NBS, warning on collection practices'

export const slovakia = {
  id: 'SK',
  version: '2026-11.1',
  name: 'Slovakia',
  countries: ['SK'],
  confirmed: true,
  rules: [
    {
      rule: 'windows',
      limit: week({ weekdays: '08:00-18:00' }),
      source: `${nbs}: working days until 18:00; the beginning is the house's`,
    },
  ],
  duties: [
    { duty: 'Automated calls from changing numbers must not annoy', source: nbs },
    {
      duty: 'After a transfer of a bank loan, written notice before the first contact (set waits.afterReminderDays)',
      source: 'EU 2021/2167 art. 10',
    },
  ],
} as const satisfies RulePack
