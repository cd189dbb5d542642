/** Germany: no figures for collection calls were confirmed; the house's rules hold. */
import type { RulePack } from './rule-pack.ts'

export const germany = {
  id: 'DE',
  version: '2026-11.1',
  name: 'Germany',
  countries: ['DE'],
  confirmed: false,
  rules: [],
  duties: [
    {
      duty: 'After a transfer of a bank loan, written notice before the first contact (set waits.afterReminderDays)',
      source: 'EU 2021/2167 art. 10',
    },
  ],
} as const satisfies RulePack
