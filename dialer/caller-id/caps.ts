/**
 * How many calls a number may make: its own caps, and while it warms a ramp that begins low and doubles every day, since
 * carriers and call-screening apps distrust a number that starts with hundreds of calls. Pure; used by supply.ts and health.
 */
import type { CallerIdState, Caps } from './caller-id.ts'

/** Calls in 24 hours on each day of the warming. */
const warmingRamp = [10, 20, 40, 80, 160]
export const warmingDays = warmingRamp.length
/** No more than this part of a day's calls in one hour, while it warms. */
const hourOfWarmingDay = 1 / 4

const dayMs = 86_400_000

/** Attempts from a number in the last 24 hours and in the last hour. */
export interface Uses {
  day: number
  hour: number
}

export const unused: Uses = { day: 0, hour: 0 }

export interface CapSource {
  state: CallerIdState
  stateSince: Date
  dailyCap: number | null
  hourlyCap: number | null
}

export function capsOf({ state, stateSince, dailyCap, hourlyCap }: CapSource, at: number): Caps {
  const perDay = dailyCap ?? Number.POSITIVE_INFINITY
  const perHour = hourlyCap ?? Number.POSITIVE_INFINITY
  if (state !== 'warming') return { perDay, perHour }
  const ramp = warmingRamp[Math.floor((at - Number(stateSince)) / dayMs)] ?? Number.POSITIVE_INFINITY
  return { perDay: Math.min(perDay, ramp), perHour: Math.min(perHour, Math.ceil(ramp * hourOfWarmingDay)) }
}

export const isAtCap = (uses: Uses, caps: Caps): boolean => uses.day >= caps.perDay || uses.hour >= caps.perHour
