/**
 * When busy agents become free: hazards of talk and of wrap-up by age, learnt from what ended and from
 * what is known to have lasted at least so long, and from them, for an agent of any age in talk or
 * wrap-up, the chance to be free by each of the pacer's moments. Pure.
 */
import { MOMENTS } from './ring-times.ts'

/** Bins of age: a second each up to 20 s, then each 8 % longer, to about an hour. */
const BINS = 95
const edges = new Float64Array(BINS + 1)
for (let i = 1; i <= BINS; i++) edges[i] = i <= 20 ? i : (edges[i - 1] ?? 0) * 1.08
/** Ends remembered (half-life), and the weight of the start's exponential guess. */
const MEMORY = 3000
const PRIOR_WEIGHT = 12
/** Ages in the table that decisions read: seconds up to 120, then 3 % steps, see `ageIndex`. */
const TABLE_AGES = 240
const GRID_SEC = 4000
const MOST_SLICES = 60

export interface Durations {
  lasted(sec: number, ended: boolean): void
  /** Share that lasts longer than `age` seconds. */
  survival(age: number): number
  mean(): number
  snapshot(): { ended: number[]; exposure: number[] }
}

export function createDurations(priorMeanSec: number, saved?: { ended: number[]; exposure: number[] }): Durations {
  const ended = new Float64Array(BINS)
  const exposure = new Float64Array(BINS)
  const survival = new Float64Array(BINS + 1)
  let total = 0
  let stale = true
  // A change of the world shows as recent means far from the long ones.
  let recentMean = priorMeanSec
  let longMean = priorMeanSec
  let spread = priorMeanSec
  let sinceChange = 0
  if (
    saved?.ended.length === BINS &&
    saved.exposure.length === BINS &&
    [...saved.ended, ...saved.exposure].every(Number.isFinite)
  ) {
    ended.set(saved.ended)
    exposure.set(saved.exposure)
  } else {
    let left = PRIOR_WEIGHT
    for (let i = 0; i < BINS; i++) {
      const width = width_(i)
      const ends = left * (1 - Math.exp(-width / priorMeanSec))
      // At least half a call's worth in each bin, so that ages never seen still have a hazard.
      const weight = Math.max(ends, 0.5 * (1 - Math.exp(-width / priorMeanSec)))
      ended[i] = weight
      exposure[i] = weight / (1 / priorMeanSec)
      left -= ends
    }
  }

  function refresh(): void {
    let hazard = 0
    survival[0] = 1
    for (let i = 0; i < BINS; i++) {
      hazard += ((ended[i] ?? 0) / Math.max(1e-9, exposure[i] ?? 0)) * width_(i)
      survival[i + 1] = Math.exp(-hazard)
    }
    stale = false
  }

  function at(age: number): number {
    if (stale) refresh()
    const bin = binOf(age)
    const low = survival[bin] ?? 0
    const high = survival[bin + 1] ?? 0
    const part = Math.min(1, (age - (edges[bin] ?? 0)) / width_(bin))
    return low + (high - low) * part
  }

  function forget(keep: number): void {
    for (let i = 0; i < BINS; i++) {
      ended[i] = (ended[i] ?? 0) * keep
      exposure[i] = (exposure[i] ?? 0) * keep
    }
    total *= keep
  }

  /** 40 recent ends against all: at 4 standard errors the long memory gives way. */
  function watch(sec: number): void {
    sinceChange++
    recentMean += (sec - recentMean) / Math.min(40, sinceChange)
    const pace = Math.min(1000, sinceChange)
    longMean += (sec - longMean) / pace
    spread += (Math.abs(sec - longMean) - spread) / pace
    const error = (1.5 * spread) / Math.sqrt(40)
    if (sinceChange < 200 || Math.abs(recentMean - longMean) < 4 * error) return
    forget(0.1)
    sinceChange = 0
  }

  return {
    lasted(sec, isEnd) {
      const bin = binOf(sec)
      for (let i = 0; i < bin; i++) exposure[i] = (exposure[i] ?? 0) + width_(i)
      exposure[bin] = (exposure[bin] ?? 0) + Math.min(width_(bin), sec - (edges[bin] ?? 0))
      stale = true
      if (!isEnd) return
      ended[bin] = (ended[bin] ?? 0) + 1
      total++
      if (total > MEMORY) forget(0.5)
      watch(sec)
    },
    survival: at,
    mean() {
      if (stale) refresh()
      let sum = 0
      for (let i = 0; i < BINS; i++) sum += width_(i) * 0.5 * ((survival[i] ?? 0) + (survival[i + 1] ?? 0))
      return sum
    },
    snapshot: () => ({ ended: rounded(ended), exposure: rounded(exposure) }),
  }
}

export interface FreeingTable {
  rebuild(talk: Durations, wrapUp: Durations, moments: Float64Array, graceSec: number): void
  /** `into[i]` = chance that an agent of this age in talk or wrap-up is free by moment i and the grace. */
  chances(state: 'talking' | 'wrap-up', ageSec: number, into: Float64Array): void
}

export function createFreeingTable(): FreeingTable {
  const inTalk = new Float64Array(TABLE_AGES * MOMENTS)
  const inWrapUp = new Float64Array(TABLE_AGES * MOMENTS)
  // Survival at n + 0.5 seconds: whole-second slices of a talk start where the table's ages lie.
  const talkLeft = new Float64Array(GRID_SEC)
  const wrapUpLeft = new Float64Array(GRID_SEC)
  const wrapUpBy = new Float64Array(MOST_SLICES + 1)
  return {
    rebuild(talk, wrapUp, moments, graceSec) {
      for (let n = 0; n < GRID_SEC; n++) {
        talkLeft[n] = talk.survival(n + 0.5)
        wrapUpLeft[n] = wrapUp.survival(n + 0.5)
      }
      for (let i = 0; i < MOMENTS; i++) {
        const horizon = (moments[i] ?? 0) + graceSec
        const slices = Math.min(MOST_SLICES, Math.max(1, Math.round(horizon)))
        // A talk that ends in the middle of slice s leaves the rest of the horizon to the wrap-up.
        for (let s = 1; s <= slices; s++) wrapUpBy[s] = 1 - wrapUp.survival(Math.max(0, horizon - s + 0.5))
        for (let index = 0; index < TABLE_AGES; index++) {
          const sec = Math.min(GRID_SEC - MOST_SLICES - 1, Math.floor(ageAt(index)))
          const alive = Math.max(1e-12, talkLeft[sec] ?? 0)
          let free = 0
          for (let s = 1; s <= slices; s++) free += ((talkLeft[sec + s - 1] ?? 0) - (talkLeft[sec + s] ?? 0)) * (wrapUpBy[s] ?? 0)
          inTalk[index * MOMENTS + i] = free / alive
          inWrapUp[index * MOMENTS + i] = 1 - (wrapUpLeft[sec + slices] ?? 0) / Math.max(1e-12, wrapUpLeft[sec] ?? 0)
        }
      }
    },
    chances(state, ageSec, into) {
      const table = state === 'talking' ? inTalk : inWrapUp
      const row = ageIndex(ageSec) * MOMENTS
      for (let i = 0; i < MOMENTS; i++) into[i] = table[row + i] ?? 0
    },
  }
}

const GROWTH = Math.log(1.03)

function ageIndex(ageSec: number): number {
  if (ageSec < 120) return ageSec > 0 ? Math.floor(ageSec) : 0
  return Math.min(TABLE_AGES - 1, 120 + Math.floor(Math.log(ageSec / 120) / GROWTH))
}

function ageAt(index: number): number {
  return index < 120 ? index + 0.5 : 120 * Math.exp((index - 119.5) * GROWTH)
}

function binOf(age: number): number {
  if (age < 20) return age > 0 ? Math.floor(age) : 0
  const bin = 20 + Math.floor(Math.log(age / 20) / Math.log(1.08) + 1e-9)
  return Math.min(BINS - 1, bin)
}

function width_(bin: number): number {
  return (edges[bin + 1] ?? 0) - (edges[bin] ?? 0)
}

const rounded = (counts: Float64Array): number[] => Array.from(counts, (count) => Math.round(count * 1000) / 1000)
