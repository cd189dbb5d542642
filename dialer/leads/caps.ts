/**
 * How often one person may be called, over all campaigns and all his phones. Pure.
 * Each limit is met again from one instant on, whatever the time is now: with a limit of n, the instant at which the n-th
 * youngest attempt falls out of its count. So the limits can be joined with each other and with the window by taking the latest.
 */
import { localTime } from './calling-window.ts'
import type { RecentAttempt } from './lead.ts'
import type { CapSettings } from './rule-settings.ts'

export interface Hold {
  /** Free again from this instant on; null: never. */
  until: number | null
  code: string
  /** A sentence without its full stop, so that more can follow. */
  reason: string
}

const hourMs = 3_600_000

/** The holds that caps lay on a contact with these attempts; those already over are among them. */
export function capHolds(
  attempts: RecentAttempt[],
  caps: CapSettings,
  timeZone: string,
  /** The contact asked for this call: the rest after the talk does not stand against it. */
  askedFor: boolean,
): Hold[] {
  const youngestFirst = attempts.flatMap((attempt) => (attempt.counts ? [attempt.placedAt] : [])).sort((a, b) => b - a)
  const startOfDay = (at: number) => localTime(at, timeZone).startOf('day')
  const limits = [
    { limit: caps.perHour, code: 'cap_hour', span: 'in an hour', freeAt: (at: number) => at + hourMs },
    { limit: caps.perDay, code: 'cap_day', span: 'a day', freeAt: (at: number) => startOfDay(at).plus({ days: 1 }).toMillis() },
    {
      limit: caps.per7Days,
      code: 'cap_7_days',
      span: 'in 7 days',
      freeAt: (at: number) => localTime(at, timeZone).plus({ days: 7 }).toMillis(),
    },
  ]
  const holds: Hold[] = limits.flatMap(({ limit, code, span, freeAt }) => {
    const nth = youngestFirst[limit - 1]
    if (nth === undefined) return []
    return [
      {
        until: freeAt(nth),
        code,
        reason: `The contact was called ${limit} ${limit === 1 ? 'time' : 'times'}, the limit ${span}`,
      },
    ]
  })
  const talks = attempts.filter((attempt) => attempt.talked).map((attempt) => attempt.placedAt)
  if (talks.length > 0 && caps.restDaysAfterTalk > 0 && !askedFor) {
    holds.push({ until: restUntil(Math.max(...talks), caps, timeZone), code: 'rest_after_talk', reason: restReason(caps) })
  }
  return holds
}

const restReason = (caps: CapSettings) =>
  `The contact talked with us less than ${caps.restDaysAfterTalk} ${caps.restDaysAfterTalk === 1 ? 'day' : 'days'} ago`

/** The day of the talk is day 1 of the rest (12 CFR 1006.14(b)(2)(ii)). */
export const restUntil = (talkedAt: number, caps: CapSettings, timeZone: string): number =>
  localTime(talkedAt, timeZone).startOf('day').plus({ days: caps.restDaysAfterTalk }).toMillis()
