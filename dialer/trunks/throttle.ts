/**
 * How fast a trunk may be dialed after what it answered. Pure. Each congested call takes a quarter off the rate, each call
 * that got through gives a twentieth of the full rate back: up to one congested call in six costs nothing (some
 * destinations always are), every second one leaves a fifth, and a dead trunk is left a sixteenth to show that it lives again.
 * A carrier that rejects our calls (401, 403, 407) rests for a minute: its credentials need a person.
 */
import type { Disposition } from '../calls/outcome.ts'

export interface Throttle {
  /** Share of the full rate, 0..1. */
  share: number
  /** No calls at all before this time. */
  restUntil: number
}

export const openThrottle: Throttle = { share: 1, restUntil: Number.NEGATIVE_INFINITY }

const smallestShare = 1 / 16
const keptAfterCongestion = 0.75
const regained = 0.05
const rejectedRestMs = 60_000

export function afterCall(throttle: Throttle, disposition: Disposition, at: number): Throttle {
  switch (disposition) {
    case 'congestion':
      return { ...throttle, share: Math.max(smallestShare, throttle.share * keptAfterCongestion) }
    case 'trunk_rejected':
      return { ...throttle, restUntil: at + rejectedRestMs }
    case 'failed':
    case 'lost':
    case 'cancelled':
    case 'settled':
      // Says nothing about the carrier.
      return throttle
    default:
      return { ...throttle, share: Math.min(1, throttle.share + regained) }
  }
}

/** Calls per second allowed now, 0 while the trunk rests. */
export const allowedRate = (throttle: Throttle, callsPerSecond: number, at: number): number =>
  at < throttle.restUntil ? 0 : callsPerSecond * throttle.share
