/** Slovenia: no rule of its own was found; the house's rules hold. */
import type { RulePack } from './rule-pack.ts'

export const slovenia = {
  id: 'SI',
  version: '2026-11.1',
  name: 'Slovenia',
  countries: ['SI'],
  confirmed: false,
  rules: [],
  duties: [
    {
      duty: 'In early collection the trade calls 4 to 10 days after the written reminder (set waits.afterReminderDays)',
      source: 'practice of the trade; no binding source found',
    },
    {
      duty: 'After a transfer of a bank loan, written notice before the first contact (set waits.afterReminderDays)',
      source: 'EU 2021/2167 art. 10',
    },
  ],
} as const satisfies RulePack
