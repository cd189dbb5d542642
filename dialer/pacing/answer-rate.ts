/**
 * How likely a placed call is answered by a person, followed through a changing day. Each resolved call
 * brings what was told of it (its own probability, or nothing) and what happened. Two memories run
 * side by side, a long and a short one; when they differ by more than chance allows, the world has
 * changed and the long one starts again from the short one. Pure; the caller owns time.
 */

/** Resolved calls remembered: 1,000 keep the error of p = 0.08 to 0.009; 60 notice .10 -> .30 in about 60 calls. */
const LONG = 1000
const SHORT = 60
/** Start: p = 0.2 with the weight of 20 calls (warm lists are .15-.25), forgotten after a few hundred. */
const PRIOR_RATE = 0.2
const PRIOR_WEIGHT = 20
/** Standard deviations between the memories that count as a change; at 3.5 a false alarm comes about weekly. */
const CHANGE_SD = 3.5

export interface AnswerRate {
  /** `told` is the probability given with the call, if any. */
  resolved(answeredByPerson: boolean, told: number | undefined): void
  /** For a call of which `told` is known or not, 0.001..0.999. */
  of(told: number | undefined): number
  /** For the next call to be placed. */
  next(): number
  snapshot(): number[]
}

export function createAnswerRate(saved?: readonly number[]): AnswerRate {
  // Sums over resolved calls: how many, answered, and what was expected of them by those told.
  let [calls, answers, expected] = [PRIOR_WEIGHT, PRIOR_WEIGHT * PRIOR_RATE, PRIOR_WEIGHT * PRIOR_RATE]
  let [shortCalls, shortAnswers, shortExpected] = [0, 0, 0]
  let toldMean = Number.NaN
  if (saved?.length === 4 && saved.every(Number.isFinite)) {
    ;[calls = calls, answers = answers, expected = expected] = saved
    const told = saved[3] ?? -1
    toldMean = told >= 0 ? told : Number.NaN
  }
  let rate = clamp(answers / calls)
  let correction = clampCorrection(answers / expected)

  function changeIfSurprised(): void {
    if (shortCalls < SHORT / 2) return
    const mean = Number.isNaN(toldMean) ? rate * shortCalls : correction * shortExpected
    const sd = Math.sqrt(Math.max(0.5, mean * (1 - Math.min(0.9, mean / shortCalls))))
    if (Math.abs(shortAnswers - mean) < CHANGE_SD * sd) return
    calls = shortCalls
    answers = shortAnswers + 0.5
    expected = shortExpected + 0.5
  }

  return {
    resolved(answeredByPerson, told) {
      const hit = answeredByPerson ? 1 : 0
      const keep = 1 - 1 / LONG
      const keepShort = 1 - 1 / SHORT
      if (told !== undefined) toldMean = Number.isNaN(toldMean) ? told : toldMean + (told - toldMean) / SHORT
      calls = calls * keep + 1
      answers = answers * keep + hit
      expected = expected * keep + (told ?? rate)
      shortCalls = shortCalls * keepShort + 1
      shortAnswers = shortAnswers * keepShort + hit
      shortExpected = shortExpected * keepShort + (told ?? rate)
      changeIfSurprised()
      rate = clamp(answers / calls)
      correction = clampCorrection(answers / expected)
    },
    of: (told) => (told === undefined ? rate : clamp(told * correction)),
    next: () => (Number.isNaN(toldMean) ? rate : clamp(toldMean * correction)),
    snapshot: () => [calls, answers, expected, Number.isNaN(toldMean) ? -1 : toldMean],
  }
}

const clamp = (p: number): number => Math.min(0.999, Math.max(0.001, p))
/** What was told may be wrong by a factor; beyond 5 it tells nothing. */
const clampCorrection = (factor: number): number => Math.min(5, Math.max(0.2, factor))
