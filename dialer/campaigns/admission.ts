/**
 * Admission control: how much of what the pacer asks for may be placed, from what is measured of this engine and its switch.
 * Placing slows down before answers suffer, and stops before they are lost; the reason names the measure and its limit.
 * Pure. Measured by load-meter.ts, asked by campaign-run.ts at each tick.
 */

export interface Load {
  /** How late this process comes to its work: 95th percentile of the last second. */
  loopDelayMs: number
  /** How long the switch takes to answer a request: 90th percentile of the last seconds. */
  switchRoundTripMs: number
  /** Records of calls that wait for the database. */
  journalPending: number
  /** Share of audio packets lost on the way from callees, where the switch tells it (0..1). */
  rtpLoss: number
}

interface Limit {
  measure: keyof Load
  /** Above this placing slows down, at `none` it stops. */
  from: number
  none: number
  says(value: number): string
}

/** An answer is to be with its agent within 200 ms: the loop and one request to the switch stand in between. */
const limits: readonly Limit[] = [
  { measure: 'loopDelayMs', from: 60, none: 250, says: (ms) => `this engine is ${Math.round(ms)} ms late (limit 60 ms)` },
  {
    measure: 'switchRoundTripMs',
    from: 150,
    none: 1000,
    says: (ms) => `the switch answers after ${Math.round(ms)} ms (limit 150 ms)`,
  },
  { measure: 'journalPending', from: 500, none: 2000, says: (n) => `${n} records wait for the database (limit 500)` },
  {
    measure: 'rtpLoss',
    from: 0.02,
    none: 0.1,
    says: (share) => `${(share * 100).toFixed(1)} % of the audio is lost (limit 2 %)`,
  },
]

export interface Admission {
  /** 1: all that is asked for; 0: nothing. */
  share: number
  /** The tightest limit; absent while nothing is held back. */
  reason?: string
}

export function admission(load: Load): Admission {
  let tightest: Admission = { share: 1 }
  for (const { measure, from, none, says } of limits) {
    const value = load[measure]
    const share = Math.max(0, Math.min(1, (none - value) / (none - from)))
    if (share < tightest.share) tightest = { share, reason: says(value) }
  }
  return tightest
}

/** So many of `asked` calls now, and the part of a call that is carried over to the next tick. */
export function admitted(asked: number, share: number, carried: number): { calls: number; carried: number } {
  const exact = asked * share + (share < 1 ? carried : 0)
  const calls = Math.floor(exact)
  return { calls, carried: exact - calls }
}
