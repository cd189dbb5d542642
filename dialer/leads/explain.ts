/**
 * The checks before a call as people read them: each with its source, be it the rule pack, the campaign's own setting or what
 * is known of the contact. Pure; used by lead-desk.ts for "why not, and when?" and to explain an attempt afterwards.
 */
import type { CampaignRules } from '../campaigns/campaign-rules.ts'
import type { Check } from './check.ts'
import { packOf, rulePacks } from './rule-packs/packs.ts'
import type { RuleName, RulePack } from './rule-packs/rule-pack.ts'
import { limitOf, settingOf } from './rule-packs/strictness.ts'
import type { RuleSettings } from './rule-settings.ts'

export interface ExplainedCheck {
  rule: string
  passed: boolean
  finding: string
  /** When the rule is met again; null: it is met, or waiting alone does not help. */
  until: Date | null
  /** Who asks for it; null: a rule pack of another version than today's. */
  source: string | null
}

/** Which setting a check reads. What is not here is known of the contact himself. */
const settingBehind: Readonly<Record<string, RuleName>> = {
  calling_window: 'windows',
  window_closed: 'windows',
  cap_hour: 'caps.perHour',
  cap_day: 'caps.perDay',
  cap_7_days: 'caps.per7Days',
  days_between: 'caps.daysBetween',
  message_cap_30_days: 'caps.messagesPer30Days',
  rest_after_talk: 'caps.restDaysAfterTalk',
  phone_cap_hour: 'caps.phone.perHour',
  phone_cap_day: 'caps.phone.perDay',
  phone_cap_7_days: 'caps.phone.per7Days',
  debt_cap_hour: 'caps.debt.perHour',
  debt_cap_day: 'caps.debt.perDay',
  debt_cap_7_days: 'caps.debt.per7Days',
  after_abandoned_call: 'waits.afterAbandonedHours',
  after_machine: 'waits.afterMachineHours',
  after_reminder: 'waits.afterReminderDays',
  reminder_missing: 'waits.afterReminderDays',
  overdue: 'waits.overdueDays',
  due_date_missing: 'waits.overdueDays',
  debt_unknown: 'waits.afterReminderDays',
  consent: 'consent',
  consent_missing: 'consent',
}

const known = 'what is known of the contact, his phones and debts'
const listed = 'suppression lists (GET /v1/suppressions)'
const planned = "the campaign's retry rule"

function sourceWithoutSetting(rule: string): string {
  if (rule === 'planned') return planned
  return /suppress/.test(rule) ? listed : known
}

export const explainNow = (checks: readonly Check[], settings: RuleSettings, rules: CampaignRules): ExplainedCheck[] =>
  checks.map(({ rule, finding, hold }) => ({
    ...{ rule, passed: hold === undefined, finding },
    until: hold === undefined || hold.until === null ? null : new Date(hold.until),
    source: sourceNow(rule, settings, rules),
  }))

function sourceNow(rule: string, settings: RuleSettings, rules: CampaignRules): string {
  const setting = settingBehind[rule]
  if (setting === undefined) return sourceWithoutSetting(rule)
  if (rules.looser.some((one) => one.rule === setting))
    return `the campaign, looser than its pack because: ${rules.looserBecause}`
  const { limit, source } = limitOf(packOf(rules.pack), setting)
  return JSON.stringify(settingOf(settings, setting)) === JSON.stringify(limit) ? source : `the campaign, within: ${source}`
}

/** Of an attempt long ago: all that was checked, for it was placed. */
export function explainThen(checks: Record<string, string>, pack: string | null, version: string | null): ExplainedCheck[] {
  const same = rulePacks.find((one) => one.id === pack && one.version === version)
  return Object.entries(checks).map(([rule, finding]) => ({
    ...{ rule, passed: true, finding, until: null },
    source: sourceThen(rule, same),
  }))
}

function sourceThen(rule: string, pack: RulePack | undefined): string | null {
  const setting = settingBehind[rule]
  if (setting === undefined) return sourceWithoutSetting(rule)
  return pack ? limitOf(pack, setting).source : null
}
