/**
 * Will there be an agent for the next answer? At each of the pacer's moments, supply is the free agents
 * plus the busy ones that may become free by then (and the grace), demand is the answers that come
 * before. Both are sums of independent yes/no chances: exact (Poisson-binomial) for small teams, normal
 * for large ones. The risk of one more call is the mean over the moments of P(supply <= demand). Pure;
 * keeps its arrays, so that a decision allocates nothing.
 */
import { MOMENTS } from './ring-times.ts'

/** Up to here the exact sum costs less than 0.1 ms; above it the normal one errs by less than 0.002 in the risk. */
const EXACT_AGENTS = 40
/** The answer rate may be off by this share for all calls at once; matters when a large team dials a burst. */
const COMMON_ERROR = 0.05

export interface SupplyDemand {
  /** Starts over: agents free now less callers waiting (may be negative), and how many agents are busy. */
  begin(free: number, busy: number): void
  agent(chances: Float64Array): void
  call(chances: Float64Array): void
  /** Chance that a call placed now, when answered, finds no agent. */
  risk(): number
  expectedFree(): number
  expectedAnswers(): number
}

export function createSupplyDemand(): SupplyDemand {
  const width = EXACT_AGENTS + 2
  const freed = new Float64Array(MOMENTS * width)
  const answers = new Float64Array(MOMENTS * width)
  const freedMean = new Float64Array(MOMENTS)
  const answersMean = new Float64Array(MOMENTS)
  const spread = new Float64Array(MOMENTS)
  let free = 0
  let exact = true
  let agents = 0
  /** Answers that matter: more than this many leave nobody free whatever happens. */
  let most = 0

  /** Adds one chance q to the distribution of a sum at `row`, known up to `top`. */
  function add(sums: Float64Array, row: number, top: number, q: number): void {
    const stay = 1 - q
    for (let i = row + top; i > row; i--) sums[i] = (sums[i] ?? 0) * stay + (sums[i - 1] ?? 0) * q
    sums[row] = (sums[row] ?? 0) * stay
  }

  function exactRisk(): number {
    let risk = 0
    for (let m = 0; m < MOMENTS; m++) {
      const row = m * width
      // atLeast = P(answers >= free + f), walking f up from none freed.
      let atLeast = 1
      for (let x = 0; x < free; x++) atLeast -= answers[row + x] ?? 0
      for (let f = 0; f <= agents; f++) {
        risk += (freed[row + f] ?? 0) * (atLeast > 0 ? atLeast : 0)
        const gone = free + f
        if (gone >= 0) atLeast -= answers[row + gone] ?? 0
        if (atLeast < 1e-9) break
      }
    }
    return risk / MOMENTS
  }

  function normalRisk(): number {
    let risk = 0
    for (let m = 0; m < MOMENTS; m++) {
      const short = (answersMean[m] ?? 0) - free - (freedMean[m] ?? 0) + 0.5
      const together = COMMON_ERROR * (answersMean[m] ?? 0)
      risk += normal(short / Math.sqrt((spread[m] ?? 0) + together * together + 1e-6))
    }
    return risk / MOMENTS
  }

  return {
    begin(freeNow, busy) {
      free = freeNow
      exact = freeNow + busy <= EXACT_AGENTS && busy <= EXACT_AGENTS
      most = Math.max(0, freeNow + busy)
      agents = 0
      freedMean.fill(0)
      answersMean.fill(0)
      spread.fill(0)
      if (!exact) return
      freed.fill(0)
      answers.fill(0)
      for (let m = 0; m < MOMENTS; m++) freed[m * width] = answers[m * width] = 1
    },
    agent(chances) {
      agents++
      for (let m = 0; m < MOMENTS; m++) {
        const q = chances[m] ?? 0
        freedMean[m] = (freedMean[m] ?? 0) + q
        if (exact) add(freed, m * width, agents, q)
        else spread[m] = (spread[m] ?? 0) + q * (1 - q)
      }
    },
    call(chances) {
      for (let m = 0; m < MOMENTS; m++) {
        const q = chances[m] ?? 0
        answersMean[m] = (answersMean[m] ?? 0) + q
        if (exact) add(answers, m * width, most, q)
        else spread[m] = (spread[m] ?? 0) + q * (1 - q)
      }
    },
    risk: () => (exact ? exactRisk() : normalRisk()),
    expectedFree: () => free + mean(freedMean),
    expectedAnswers: () => mean(answersMean),
  }
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / MOMENTS

/** The normal distribution function, to 7.5e-8 (Abramowitz and Stegun 26.2.17). */
function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = 0.3989422804014327 * Math.exp(-0.5 * x * x) * poly
  return x > 0 ? 1 - tail : tail
}
