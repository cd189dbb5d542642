/**
 * The price of abandonment: the risk at which one more call is still worth placing, steered at the target
 * and kept under the limit. It looks at the budgets of both, in abandoned calls that they still grant. The
 * target's moves the risk gently, both ways. The limit's, in its tightest window, is kept above a reserve:
 * below it the accepted risk falls steeply, so that the guard's wall at one call left is seldom hit. What
 * stays off for long moves the base. Pure.
 */

/**
 * One setting for every team and list; found on seeds 1-6 with teams of 5, 20 and 200 (docs/pacing.md).
 * `gain`: logarithm of risk per abandoned call of surplus, for a day that grants 30 of them. Restless risk
 * and a large reserve both cost occupancy; the losses balance at (granted)^(-2/3).
 * `reserve`: calls kept back on such a day, growing as (granted)^power, because large teams abandon in clusters.
 * `depth`: how far the logarithm of risk has fallen when the wall is reached.
 */
const tuning = { gain: 0.1, reserve: 0.7, floor: 0.5, power: 1, depth: 1.6, integral: 0.125, start: 0.6 }
const GRANTED = 30
/** Bounds of the base: risk from 0.003 to 16 times the target (at 3 %: 0.0001 to 0.5). */
const LEAST = Math.log(0.0033)
const MOST = Math.log(16)

export interface Budget {
  /** Abandoned calls that the target still leaves of the last 24 hours. */
  target: number
  /** Those that the limit leaves in its tightest window. */
  limit: number
  /** Abandoned calls that the target grants to the people of the last 24 hours. */
  granted: number
  /** What the fall back to progressive would cost: share of working time that agents would idle, 0..1. */
  stakes: number
}

export interface Price {
  /** A person was connected or abandoned. */
  settled(budget: Budget): void
  /** The highest risk accepted now. */
  acceptedRisk(budget: Budget): number
  snapshot(): number
}

export function createPrice(settings: { abandonTarget: number }, saved?: number): Price {
  // Relative to the target, so that a new target moves the accepted risk with it.
  let base = saved !== undefined && Number.isFinite(saved) ? saved : Math.log(tuning.start)

  function gainAt(granted: number): number {
    const gain = tuning.gain * (Math.max(1, granted) / GRANTED) ** (-2 / 3)
    return Math.min(0.3, Math.max(0.004, gain))
  }

  /** Logarithm of the factor on the base. */
  function lean({ target, limit, granted, stakes }: Budget): number {
    const weight = 2 * stakes
    const reserve = weight * (tuning.floor + tuning.reserve * (Math.max(15, granted) / GRANTED) ** tuning.power)
    const aboveWall = limit - 1 - reserve
    if (aboveWall < 0) return weight * tuning.depth * Math.max(-1.5, aboveWall / reserve)
    return Math.max(-1, Math.min(1, gainAt(granted) * Math.min(target, aboveWall)))
  }

  return {
    settled(budget) {
      base += tuning.integral * settings.abandonTarget * gainAt(budget.granted) * lean(budget)
      base = Math.min(MOST, Math.max(LEAST, base))
    },
    acceptedRisk: (budget) => Math.min(0.7, settings.abandonTarget * Math.exp(base + lean(budget))),
    snapshot: () => base,
  }
}
