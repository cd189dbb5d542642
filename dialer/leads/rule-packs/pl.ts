/** Poland: the trade code of the KPF. Weekends only where there is no other chance, which is a reason to be given. */
import { type RulePack, week } from './rule-pack.ts'

export const poland = {
  id: 'PL',
  version: '2026-11.1',
  name: 'Poland',
  countries: ['PL'],
  confirmed: true,
  rules: [
    {
      rule: 'windows',
      limit: week({ weekdays: '06:00-22:00' }),
      source:
        'KPF, principles of good practice: weekdays 6-22; weekends 8-20 only where there is no other chance (set them, with that reason)',
    },
  ],
  duties: [
    {
      duty: 'Only numbers to which one has the right are presented',
      source: 'Act of 28 July 2023 against abuse in electronic communication (caller-ID spoofing)',
    },
    {
      duty: 'After a transfer of a bank loan, written notice before the first contact (set waits.afterReminderDays)',
      source: 'EU 2021/2167 art. 10',
    },
  ],
} as const satisfies RulePack
