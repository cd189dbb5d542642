/**
 * How likely a placed call is answered by a person, followed through a changing day. Each resolved call
 * brings what was told of it (its own probability, or nothing) and whether a person answered. Memories
 * of different length run side by side; when a shorter one differs from the longest by more than chance
 * allows, the world has changed and the longest starts again from the shorter. Pure.
 */

/**
 * Resolved calls remembered, longest first. 6,000 keep the error of p = 0.08 under 5 % of itself (1,000
 * leave 11 %, which costs a team of five a point of occupancy); the shortest notices .10 -> .30 in about 60 calls.
 */
const MEMORIES = [6000, 1000, 250, 60]
/**
 * Start: p = 0.4 with the weight of 10 calls. High on purpose: a campaign that starts at .2 and finds .45
 * abandons a dozen people in its first minute and pays for them for hours; one that starts high loses a minute.
 */
const PRIOR_RATE = 0.4
const PRIOR_WEIGHT = 10
/** Leads differ so much that the mean of what is told of them needs hundreds of calls to be known to a few per cent. */
const TOLD_MEMORY = 600
/** Standard errors that count as a change; at 4 the shortest memory gives a false alarm about daily, forgotten in minutes. */
const CHANGE_SD = 4

export interface AnswerRate {
  /** `told` is the probability given with the call, if any. */
  resolved(answeredByPerson: boolean, told: number | undefined): void
  /** For a call of which `told` is known or not, 0.001..0.999. */
  of(told: number | undefined): number
  /** For the next call to be placed. */
  next(): number
  snapshot(): number[]
}

/** Decaying sums over resolved calls: how many, how many answered, how many were expected to. */
interface Memory {
  keep: number
  calls: number
  answers: number
  expected: number
}

export function createAnswerRate(saved?: readonly number[]): AnswerRate {
  const [longest, ...shorter] = MEMORIES.map((length): Memory => ({ keep: 1 - 1 / length, calls: 0, answers: 0, expected: 0 }))
  if (!longest) throw new RangeError('no memory')
  start(longest)
  // NaN until a call comes with a probability of its own.
  let toldMean = Number.NaN
  let toldCalls = 1
  if (saved?.length === 4 && saved.every((n) => Number.isFinite(n))) {
    const [calls = 0, answers = 0, expected = 0, told = -1] = saved
    Object.assign(longest, { calls, answers, expected })
    if (told >= 0) [toldMean, toldCalls] = [told, TOLD_MEMORY]
  }
  let rate = clamp(longest.answers / longest.calls)
  let correction = clampCorrection(longest.answers / longest.expected)

  // While few answers are known, count on one standard error more of them.
  let cautious = cautionAt(longest.answers)

  function startAgainIfSurprised(long: Memory): void {
    for (const [index, short] of shorter.entries()) {
      // A decaying memory of length n holds the information of 2n calls, half of it when filling.
      if (short.calls < 0.5 / (1 - short.keep)) continue
      const mean = Number.isNaN(toldMean) ? rate * short.calls : correction * short.expected
      const sd = Math.sqrt(Math.max(0.5, 0.5 * mean * (1 - Math.min(0.9, mean / short.calls))))
      if (Math.abs(short.answers - mean) < CHANGE_SD * sd) continue
      // All longer memories start again, or the next of them would call the new world a surprise.
      const { calls, answers, expected } = short
      for (const longer of [long, ...shorter.slice(0, index)])
        Object.assign(longer, { calls, answers: answers + 0.5, expected: expected + 0.5 })
      return
    }
  }

  function add(memory: Memory, hit: number, expected: number): void {
    memory.calls = memory.calls * memory.keep + 1
    memory.answers = memory.answers * memory.keep + hit
    memory.expected = memory.expected * memory.keep + expected
  }

  return {
    resolved(answeredByPerson, told) {
      if (told !== undefined)
        toldMean = Number.isNaN(toldMean) ? told : toldMean + (told - toldMean) / Math.min(TOLD_MEMORY, ++toldCalls)
      const hit = answeredByPerson ? 1 : 0
      const expected = told ?? rate
      add(longest, hit, expected)
      for (const memory of shorter) add(memory, hit, expected)
      startAgainIfSurprised(longest)
      rate = clamp(longest.answers / longest.calls)
      correction = clampCorrection(longest.answers / longest.expected)
      cautious = cautionAt(longest.answers)
    },
    of: (told) => clamp((told === undefined ? rate : told * correction) * cautious),
    next: () => clamp((Number.isNaN(toldMean) ? rate : toldMean * correction) * cautious),
    snapshot: () => [longest.calls, longest.answers, longest.expected, Number.isNaN(toldMean) ? -1 : toldMean],
  }
}

function start(memory: Memory): void {
  memory.calls = PRIOR_WEIGHT
  memory.answers = PRIOR_WEIGHT * PRIOR_RATE
  memory.expected = PRIOR_WEIGHT * PRIOR_RATE
}

const cautionAt = (answers: number): number => 1 + 1 / Math.sqrt(Math.max(1, answers))
const clamp = (p: number): number => Math.min(0.999, Math.max(0.001, p))
/** What was told may be wrong by a factor; beyond 5 it tells nothing. */
const clampCorrection = (factor: number): number => Math.min(5, Math.max(0.2, factor))
