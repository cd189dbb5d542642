/**
 * How often one may call: attempts over all campaigns, by person, by phone and by debt, and the rest after a talk. Pure.
 * Each limit is met again from one instant on, when the n-th last of n attempts falls out of its count. So limits can be
 * joined with each other and with the window by taking the latest.
 */
import { type Check, held, passed } from './check.ts'
import type { ClaimedLead, RecentAttempt } from './lead.ts'
import type { CapSettings } from './rule-settings.ts'
import { dayMs, dayOf, daysLater, startOfDay } from './wall-clock.ts'

const hourMs = 3_600_000
/** Days of the calendar can be longer than this by what a clock is changed. */
const slackMs = 27 * hourMs

type CountLimits = Partial<Pick<CapSettings, 'perHour' | 'perDay' | 'per7Days' | 'daysBetween'>> & { per30Days?: number }

const scopes = {
  contact: { prefix: '', called: 'The contact was called' },
  phone: { prefix: 'phone_', called: 'The phone was called' },
  message: { prefix: 'message_', called: 'A recorded message went to this phone' },
  debt: { prefix: 'debt_', called: 'The contact was called about this debt' },
} as const

/** The limits on the number of attempts; `attempts` are all that count for the scope, in any order. */
export function countChecks(
  scope: keyof typeof scopes,
  attempts: readonly RecentAttempt[],
  limits: CountLimits,
  timeZone: string,
  at: number,
): Check[] {
  const { prefix, called } = scopes[scope]
  /** An attempt counts until `endOf` it, which is not later than `longest` after it. */
  const check = (name: string, limit: number, span: string, longest: number, endOf: (placedAt: number) => number) => {
    const ends = attempts.flatMap(({ placedAt }) => (placedAt + longest > at ? [endOf(placedAt)] : [])).filter((end) => end > at)
    const finding = `${ends.length} of ${limit} ${span}`
    const until = ends.sort((a, b) => b - a)[limit - 1]
    if (until === undefined) return passed(prefix + name, finding)
    return held(prefix + name, until, `${called} ${limit} ${limit === 1 ? 'time' : 'times'}, the limit ${span}`, finding)
  }
  const days = (count: number) => (placedAt: number) => daysLater(placedAt, count, timeZone)
  const dayEnd = (placedAt: number) => startOfDay(dayOf(placedAt, timeZone) + 1, timeZone)
  const { perHour, perDay, per7Days, per30Days, daysBetween = 0 } = limits
  return [
    ...(perHour === undefined ? [] : [check('cap_hour', perHour, 'in an hour', hourMs, (placedAt) => placedAt + hourMs)]),
    ...(perDay === undefined ? [] : [check('cap_day', perDay, 'a day', slackMs, dayEnd)]),
    ...(per7Days === undefined ? [] : [check('cap_7_days', per7Days, 'in 7 days', 7 * dayMs + slackMs, days(7))]),
    ...(per30Days === undefined ? [] : [check('cap_30_days', per30Days, 'in 30 days', 30 * dayMs + slackMs, days(30))]),
    ...(daysBetween === 0
      ? []
      : [check('days_between', 1, `in ${daysBetween} days`, daysBetween * dayMs + slackMs, days(daysBetween))]),
  ]
}

/** Whoever called: a talk is a talk. */
export function restCheck(
  { recentAttempts, calledUsAt, timeZone }: Pick<ClaimedLead, 'recentAttempts' | 'calledUsAt' | 'timeZone'>,
  caps: CapSettings,
  at: number,
): Check[] {
  const days = caps.restDaysAfterTalk
  if (days === 0) return []
  const talkedAt = recentAttempts.reduce((last, one) => (one.talked ? Math.max(last, one.placedAt) : last), calledUsAt ?? 0)
  const until = talkedAt > 0 ? restUntil(talkedAt, caps, timeZone) : at
  if (until <= at) return [passed('rest_after_talk', `no talk in ${days} days`)]
  return [held('rest_after_talk', until, `The contact talked with us less than ${days} ${days === 1 ? 'day' : 'days'} ago`)]
}

/** The day of the talk is day 1 of the rest (12 CFR 1006.14(b)(2)(ii)). */
export const restUntil = (talkedAt: number, caps: Pick<CapSettings, 'restDaysAfterTalk'>, timeZone: string): number =>
  startOfDay(dayOf(talkedAt, timeZone) + caps.restDaysAfterTalk, timeZone)
