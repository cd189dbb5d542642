/**
 * What a rule pack is: for one country, the most that its rules allow, each with its source. Data only; packs.ts lists them,
 * strictness.ts compares, campaigns/campaign-rules.ts applies. A rule that a pack does not name is the house's own.
 */
import type { RuleSettings, WindowSettings } from '../rule-settings.ts'

/** Of two values the lower one is stricter, or the higher one. */
export const numberRules = {
  'caps.perHour': 'lower',
  'caps.perDay': 'lower',
  'caps.per7Days': 'lower',
  'caps.daysBetween': 'higher',
  'caps.restDaysAfterTalk': 'higher',
  'caps.messagesPer30Days': 'lower',
  'caps.phone.perHour': 'lower',
  'caps.phone.perDay': 'lower',
  'caps.phone.per7Days': 'lower',
  'caps.debt.perHour': 'lower',
  'caps.debt.perDay': 'lower',
  'caps.debt.per7Days': 'lower',
  'waits.afterAbandonedHours': 'higher',
  'waits.afterMachineHours': 'higher',
  'waits.afterReminderDays': 'higher',
  'waits.overdueDays': 'higher',
  abandonTarget: 'lower',
  abandonLimit: 'lower',
  graceMs: 'lower',
  ringTimeoutMs: 'higher',
} as const

export type NumberRule = keyof typeof numberRules
/** A rule is named by its setting. */
export type RuleName = NumberRule | 'windows' | 'consent'

export type Rule = { source: string } & (
  | { rule: 'windows'; limit: WindowSettings }
  | { rule: 'consent'; limit: RuleSettings['consent'] }
  | { rule: NumberRule; limit: number }
)

export interface RulePack<Id extends string = string> {
  id: Id
  /** Changes with any rule; each attempt says by which version it was checked. */
  version: string
  name: string
  /** ISO 3166: campaigns of these countries take the pack unless they name another. */
  countries: readonly string[]
  /** False: no source could be confirmed for some of it; ask a lawyer before relying on it. */
  confirmed: boolean
  rules: readonly Rule[]
  /** What the law asks besides, and the engine cannot decide for an attempt. */
  duties: readonly { duty: string; source: string }[]
}

const hours = (span: string) => {
  const [from = '', to = ''] = span.split('-')
  return span === '' ? [] : [{ from, to }]
}

/** Windows in short: `week({ weekdays: '08:00-20:00', saturday: '09:00-18:00' })`; a day left out is closed. */
export function week(open: { weekdays: string; saturday?: string; sunday?: string; onHolidays?: true }): WindowSettings {
  const weekday = hours(open.weekdays)
  return {
    ...{ monday: weekday, tuesday: weekday, wednesday: weekday, thursday: weekday, friday: weekday },
    ...{ saturday: hours(open.saturday ?? ''), sunday: hours(open.sunday ?? ''), onHolidays: open.onHolidays ?? false },
  }
}
