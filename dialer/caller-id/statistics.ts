/** The few tests of significance that the health of numbers stands on. Pure. */

/** Share of the standard normal distribution below z; relative error under 2e-7 in both tails (Numerical Recipes, erfcc). */
export function normalBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + x / 2)
  const terms = [
    ...[-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806],
    ...[0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277],
  ]
  const sum = terms.reduceRight((rest, term) => term + t * rest, 0)
  const tail = (t * Math.exp(-x * x + sum)) / 2
  return z < 0 ? tail : 1 - tail
}

/** Chance of at least `successes` in `trials` independent trials, each with this chance. Exact. */
export function binomialAtLeast(successes: number, trials: number, chance: number): number {
  if (successes <= 0) return 1
  if (successes > trials) return 0
  let term = Math.exp(trials * Math.log1p(-chance))
  let below = 0
  for (let k = 0; k < successes; k++) {
    below += term
    term *= ((trials - k) / (k + 1)) * (chance / (1 - chance))
  }
  return Math.max(0, 1 - below)
}

/** Holm's step-down: which hypotheses fall if the chance of even one wrong rejection among all is to be at most `alpha`. */
export function holm(pValues: readonly number[], alpha: number): boolean[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  const rejected = pValues.map(() => false)
  for (const [rank, { p, index }] of order.entries()) {
    if (p > alpha / (pValues.length - rank)) break
    rejected[index] = true
  }
  return rejected
}

/** One number against its peers in one stratum. */
export interface TwoByTwo {
  calls: number
  answered: number
  peerCalls: number
  peerAnswered: number
}

export interface MantelHaenszel {
  /** In strata that tell anything. */
  calls: number
  answered: number
  /** Answers it would have had if it were as its peers. */
  expected: number
  /** Odds of an answer against the peers', over all strata; 1: alike. */
  oddsRatio: number
  /** Chance of so few answers or fewer if it were as its peers. */
  pValue: number
  /** Enough calls for the p-value to hold: the criterion of Mantel and Fleiss (1980). */
  enough: boolean
}

const mantelFleiss = 5

/** Cochran-Mantel-Haenszel, one-sided (fewer answers than the peers), with continuity correction. */
export function mantelHaenszel(strata: readonly TwoByTwo[]): MantelHaenszel {
  const sum = { calls: 0, answered: 0, expected: 0, variance: 0, least: 0, most: 0, for: 0, against: 0 }
  for (const { calls, answered, peerCalls, peerAnswered } of strata) {
    const all = calls + peerCalls
    const allAnswered = answered + peerAnswered
    const variance = (calls * peerCalls * allAnswered * (all - allAnswered)) / (all * all * (all - 1))
    if (!(variance > 0)) continue
    sum.calls += calls
    sum.answered += answered
    sum.expected += (calls * allAnswered) / all
    sum.variance += variance
    sum.least += Math.max(0, allAnswered - peerCalls)
    sum.most += Math.min(calls, allAnswered)
    sum.for += (answered * (peerCalls - peerAnswered)) / all
    sum.against += ((calls - answered) * peerAnswered) / all
  }
  const { calls, answered, expected, variance } = sum
  return {
    ...{ calls, answered, expected },
    oddsRatio: sum.against > 0 ? sum.for / sum.against : 1,
    pValue: variance > 0 ? normalBelow((answered - expected + 0.5) / Math.sqrt(variance)) : 1,
    enough: Math.min(expected - sum.least, sum.most - expected) >= mantelFleiss,
  }
}
