/**
 * The price of abandonment: the risk at which one more call is still worth placing, steered so that each
 * window ends just under the target. It looks at the budget (target x answers - abandoned) of the
 * tightest window and holds it at a small reserve: below the reserve the accepted risk falls, above it
 * rises (proportional), and what stays off for long moves the base (integral). Pure.
 */

/**
 * Gain for a day that allows 30 abandoned calls. A stronger gain makes the budget steadier and the risk
 * more restless; the two losses balance at (allowed per day)^(-2/3), which is the same setting for a team
 * of 1 as for 500. Found on seeds 1-3, teams of 5 and 20, see docs/pacing.md.
 */
export const tuning = { gain: 0.2, reserve: 1.4, depth: 1.6, floor: 1.5, power: 0.75, integral: 0.125, start: 0.6 }
const ALLOWED_AT_GAIN = 30

export interface Price {
  /** A person was connected or abandoned; `budget` as the ledger says, `allowed` = target x answers of 24 h. */
  settled(budget: number, allowed: number): void
  /** The highest risk accepted now. */
  acceptedRisk(budget: number, allowed: number): number
  snapshot(): number
}

export function createPrice(abandonTarget: number, saved?: number): Price {
  let base = saved !== undefined && Number.isFinite(saved) ? saved : Math.log(tuning.start * Math.max(1e-4, abandonTarget))

  function gainAt(allowed: number): number {
    const gain = tuning.gain * (Math.max(1, allowed) / ALLOWED_AT_GAIN) ** (-2 / 3)
    return Math.min(0.3, Math.max(0.004, gain))
  }

  function reserveAt(allowed: number): number {
    return tuning.floor + tuning.reserve * (Math.max(15, allowed) / ALLOWED_AT_GAIN) ** tuning.power
  }

  /** Logarithm of the factor on the base: steep towards the guard's wall at a budget of 1, gentle above the reserve. */
  function lean(budget: number, allowed: number): number {
    const reserve = reserveAt(allowed)
    if (budget < reserve) return tuning.depth * Math.max(-1.5, (budget - reserve) / (reserve - 1))
    return Math.min(1, gainAt(allowed) * (budget - reserve))
  }

  return {
    settled(budget, allowed) {
      base += tuning.integral * abandonTarget * gainAt(allowed) * lean(budget, allowed)
      base = Math.min(Math.log(0.5), Math.max(Math.log(1e-4), base))
    },
    acceptedRisk: (budget, allowed) => Math.min(0.7, Math.exp(base + lean(budget, allowed))),
    snapshot: () => base,
  }
}
