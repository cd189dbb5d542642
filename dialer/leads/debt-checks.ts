/**
 * About which of a contact's debts he may be called: an open one that no suppression of its creditor bars, whose written
 * reminder and due date lie far enough back, and that he was not called about too often. Pure; used by eligibility.ts.
 */
import type { CampaignSettings } from '../campaigns/settings.ts'
import { noOpenDebt } from '../debts/debt.ts'
import { countChecks } from './caps.ts'
import { type Check, held, passed } from './check.ts'
import type { ClaimedLead, OpenDebt, Suppression } from './lead.ts'
import { stands, suppressedBy, unlessAskedFor } from './person-checks.ts'
import { dayOfIso, startOfDay } from './wall-clock.ts'

export interface DebtWay {
  /** null: no debt of the contact is known, or none is open. */
  debt: OpenDebt | null
  checks: Check[]
}

/** For each open debt what stands against calling about it, whichever phone. */
export function debtWays(lead: ClaimedLead, settings: CampaignSettings, at: number): DebtWay[] {
  if (lead.debts === 0) return [{ debt: null, checks: [unknownDebtCheck(settings)] }]
  if (lead.openDebts.length === 0) return [{ debt: null, checks: [held('no_open_debt', null, noOpenDebt)] }]
  const bars = lead.suppressions.filter((one) => one.number === null && one.creditor !== null && stands(one, at))
  return lead.openDebts.map((debt) => ({
    debt,
    checks: [
      passed('open_debt', `${lead.openDebts.length} of ${lead.debts} debts open`),
      ...bars.filter((bar) => isAbout(bar, debt)).map(suppressedBy),
      ...reminderCheck(debt, settings, lead.timeZone, at),
      ...overdueCheck(debt, settings, lead.timeZone, at),
      ...unlessAskedFor(lead, at, capChecks(debt, lead, settings, at)),
    ],
  }))
}

/** Who the creditor of a debt is may be unknown: then it is taken for his. */
export const isAbout = ({ creditor }: Suppression, debt: OpenDebt): boolean =>
  creditor === null || debt.creditor === null || creditor.toLowerCase() === debt.creditor.toLowerCase()

function unknownDebtCheck({ waits: { afterReminderDays, overdueDays } }: CampaignSettings): Check {
  if (afterReminderDays === null && overdueDays === 0) return passed('open_debt', 'no debt of the contact is known')
  return held('debt_unknown', null, 'No debt of the contact is known, and these rules ask for its reminder or due date')
}

const daysAgo = (count: number) => `${count} ${count === 1 ? 'day' : 'days'}`

function reminderCheck(debt: OpenDebt, { waits }: CampaignSettings, timeZone: string, at: number): Check[] {
  const days = waits.afterReminderDays
  if (days === null) return []
  if (debt.remindedOn === null) return [held('reminder_missing', null, 'No written reminder of an open debt is recorded')]
  const until = startOfDay(dayOfIso(debt.remindedOn) + days, timeZone)
  const finding = `reminded on ${debt.remindedOn}`
  if (until <= at) return [passed('after_reminder', finding)]
  return [held('after_reminder', until, `The written reminder was sent less than ${daysAgo(days)} ago`, finding)]
}

/** Overdue for 10 days: the day after the due date is the first, so the eleventh is free. */
function overdueCheck(debt: OpenDebt, { waits }: CampaignSettings, timeZone: string, at: number): Check[] {
  const days = waits.overdueDays
  if (days === 0) return []
  if (debt.dueOn === null) return [held('due_date_missing', null, 'No due date of an open debt is known')]
  const until = startOfDay(dayOfIso(debt.dueOn) + days + 1, timeZone)
  const finding = `due on ${debt.dueOn}`
  if (until <= at) return [passed('overdue', finding)]
  return [held('overdue', until, `The debt is not yet overdue for more than ${daysAgo(days)}`, finding)]
}

function capChecks(debt: OpenDebt, lead: ClaimedLead, { caps }: CampaignSettings, at: number): Check[] {
  if (Object.keys(caps.debt).length === 0) return []
  const about = lead.recentAttempts.filter(({ counts, debtIds }) => counts && debtIds.includes(debt.id))
  return countChecks('debt', about, caps.debt, lead.timeZone, at)
}
