/**
 * How fast a trunk may be dialed after what it answered. Pure. Congestion halves the rate, at most once a second
 * (calls placed together fail together), down to 1/16; quiet brings a thirtieth of the full rate back each second.
 * A carrier that rejects our calls (401, 403, 407) rests for a minute: its credentials need a person.
 */
export interface Throttle {
  /** Share of the full rate, 0..1. */
  share: number
  cutAt: number
  /** No calls at all before this time. */
  restUntil: number
}

export const openThrottle: Throttle = { share: 1, cutAt: Number.NEGATIVE_INFINITY, restUntil: Number.NEGATIVE_INFINITY }

const smallestShare = 1 / 16
const cutEveryMs = 1000
const fullRecoveryMs = 30_000
const rejectedRestMs = 60_000

const shareAt = (throttle: Throttle, at: number): number =>
  Math.min(1, throttle.share + Math.max(0, at - throttle.cutAt) / fullRecoveryMs)

export function afterCongestion(throttle: Throttle, at: number): Throttle {
  if (at - throttle.cutAt < cutEveryMs) return throttle
  return { ...throttle, share: Math.max(smallestShare, shareAt(throttle, at) / 2), cutAt: at }
}

export const afterRejection = (throttle: Throttle, at: number): Throttle => ({ ...throttle, restUntil: at + rejectedRestMs })

/** Calls per second allowed now, 0 while the trunk rests. */
export const allowedRate = (throttle: Throttle, callsPerSecond: number, at: number): number =>
  at < throttle.restUntil ? 0 : callsPerSecond * shareAt(throttle, at)
