/**
 * When ringing calls come to an end: the time to a person's answer and the time at which all others
 * resolve, as two distributions on half-second steps, and the delay from placing to ringing. From them
 * the tables a decision reads: the six moments at which a new call is likely to be answered, and for a
 * call of any age the chance to be answered by each of these moments. Pure.
 */

/** The moments: middles of six equal shares of the answers, as tried in docs/pacing.md. */
export const MOMENTS = 6
const SHARES = [0.08, 0.25, 0.42, 0.58, 0.75, 0.92]
const STEP_SEC = 0.5
const STEPS = 120
/** Samples remembered; the prior weighs 15 answers and is gone after a few hundred. */
const MEMORY = 3000
const PRIOR_WEIGHT = 15
const LONGEST_DELAY_SEC = 6

export interface RingTimes {
  answered(ringSec: number): void
  otherwise(ringSec: number): void
  /** From placing to the first 180/183. */
  delayed(delaySec: number): void
  /** Mean seconds from placing to ringing; 0 while nobody reports ringing. */
  delaySec(): number
  /** Mean seconds of ringing until a person answers, and until any other end; as of the last refresh. */
  answerSec(): number
  otherSec(): number
  /** Rebuilds the tables from what was seen. */
  refresh(): void
  /** Seconds from now to the moments at which a call placed now is answered. */
  readonly moments: Float64Array
  /** Share of the people who will answer a new call that have answered by each moment. */
  readonly shares: Float64Array
  /** Adds up for one ringing call: `into[i]` = chance that it is answered by moment i. */
  chances(p: number, ringSec: number, into: Float64Array): void
  snapshot(): { answered: number[]; others: number[]; delay: number }
}

export function createRingTimes(
  ringTimeoutSec: number,
  saved?: { answered: number[]; others: number[]; delay: number },
): RingTimes {
  const answered = histogram(saved?.answered, (sec) => bell(sec, 9.5, 4.5))
  const others = histogram(saved?.others, (sec) => bell(sec, ringTimeoutSec, 2) + 0.02)
  let delay = saved?.delay ?? -1
  const moments = new Float64Array(MOMENTS)
  const shares = new Float64Array(MOMENTS)
  const stillPerson = new Float64Array(STEPS + 1)
  const stillOther = new Float64Array(STEPS + 1)
  // For an age in steps: answers between that age and each moment later, as a share of all answers.
  const firstAge = -Math.ceil(LONGEST_DELAY_SEC / STEP_SEC)
  const answersBy = new Float64Array((STEPS - firstAge + 1) * MOMENTS)

  function refresh(): void {
    survival(answered, stillPerson)
    survival(others, stillOther)
    const delaySec = Math.max(0, delay)
    for (let i = 0; i < MOMENTS; i++) {
      moments[i] = delaySec + quantile(stillPerson, SHARES[i] ?? 1)
      shares[i] = SHARES[i] ?? 1
    }
    for (let age = firstAge; age <= STEPS; age++) {
      const from = surviving(stillPerson, Math.max(0, age))
      for (let i = 0; i < MOMENTS; i++) {
        const to = surviving(stillPerson, Math.max(0, age + (moments[i] ?? 0) / STEP_SEC))
        answersBy[(age - firstAge) * MOMENTS + i] = Math.max(0, from - to)
      }
    }
  }
  refresh()

  return {
    moments,
    shares,
    refresh,
    answered: (ringSec) => sample(answered, ringSec),
    otherwise: (ringSec) => sample(others, ringSec),
    delayed(delaySec) {
      const sec = Math.min(LONGEST_DELAY_SEC, Math.max(0, delaySec))
      delay = delay < 0 ? sec : delay + (sec - delay) / 100
    },
    answerSec: () => area(stillPerson),
    otherSec: () => area(stillOther),
    delaySec: () => Math.max(0, delay),
    chances(p, ringSec, into) {
      const age = Math.max(firstAge, Math.min(STEPS, Math.floor(ringSec / STEP_SEC)))
      const index = age < 0 ? 0 : age
      const person = p * (stillPerson[index] ?? 0)
      const alive = person + (1 - p) * (stillOther[index] ?? 0)
      const scale = alive > 1e-9 ? p / alive : 0
      const row = (age - firstAge) * MOMENTS
      for (let i = 0; i < MOMENTS; i++) into[i] = scale * (answersBy[row + i] ?? 0)
    },
    snapshot: () => ({ answered: rounded(answered.counts), others: rounded(others.counts), delay }),
  }
}

interface Histogram {
  counts: Float64Array
  total: number
}

function histogram(saved: number[] | undefined, prior: (sec: number) => number): Histogram {
  const counts = new Float64Array(STEPS)
  if (saved?.length === STEPS && saved.every((n) => Number.isFinite(n) && n >= 0)) counts.set(saved)
  else {
    for (let i = 0; i < STEPS; i++) counts[i] = prior((i + 0.5) * STEP_SEC)
    const scale = PRIOR_WEIGHT / sum(counts)
    for (let i = 0; i < STEPS; i++) counts[i] = (counts[i] ?? 0) * scale
  }
  return { counts, total: sum(counts) }
}

/** Spreads a sample over its neighbours, and halves the past when the memory is full. */
function sample(histogram: Histogram, sec: number): void {
  const { counts } = histogram
  const step = Math.max(1, Math.min(STEPS - 2, Math.floor(sec / STEP_SEC)))
  counts[step - 1] = (counts[step - 1] ?? 0) + 0.25
  counts[step] = (counts[step] ?? 0) + 0.5
  counts[step + 1] = (counts[step + 1] ?? 0) + 0.25
  histogram.total++
  if (histogram.total < MEMORY) return
  for (let i = 0; i < STEPS; i++) counts[i] = (counts[i] ?? 0) / 2
  histogram.total /= 2
}

function survival({ counts }: Histogram, into: Float64Array): void {
  const total = sum(counts)
  let left = total
  for (let i = 0; i <= STEPS; i++) {
    into[i] = Math.max(0, left / total)
    left -= counts[i] ?? 0
  }
}

function surviving(still: Float64Array, steps: number): number {
  const low = Math.min(STEPS, Math.floor(steps))
  const high = Math.min(STEPS, low + 1)
  const part = Math.min(1, steps - low)
  return (still[low] ?? 0) * (1 - part) + (still[high] ?? 0) * part
}

function quantile(still: Float64Array, share: number): number {
  for (let i = 1; i <= STEPS; i++) {
    const before = 1 - (still[i - 1] ?? 0)
    const after = 1 - (still[i] ?? 0)
    if (after >= share) return (i - 1 + (share - before) / Math.max(1e-12, after - before)) * STEP_SEC
  }
  return STEPS * STEP_SEC
}

const sum = (counts: Float64Array): number => counts.reduce((total, count) => total + count, 0)
const area = (still: Float64Array): number => sum(still) * STEP_SEC
const bell = (x: number, mean: number, sd: number): number => Math.exp(-0.5 * ((x - mean) / sd) ** 2)
const rounded = (counts: Float64Array): number[] => Array.from(counts, (count) => Math.round(count * 1000) / 1000)
