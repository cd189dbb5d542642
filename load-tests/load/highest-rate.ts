/**
 * The highest rate that a loop carries: short probes climb until one fails, halve the gap until it is small, and a long run
 * confirms what was found, a step lower each time that it fails. Decides by isHeld alone.
 */
import { isHeld, type Load, type LoadRun } from './loop.ts'

export interface Search {
  /** Calls per second of the first probe. */
  from: number
  probeSeconds: number
  confirmSeconds: number
}

export interface Tried {
  load: Load
  run: LoadRun
  held: boolean
}

export interface HighestRate {
  /** 0: none was held. */
  callsPerSecond: number
  /** The long run at that rate. */
  confirmed: LoadRun | undefined
  /** Every run, in order. */
  tried: Tried[]
}

const climb = 1.5
/** Probes end when the gap is this share of the rate, and a failed confirmation steps down by it. */
const fineness = 0.06

export async function findHighestRate(run: (load: Load) => Promise<LoadRun>, search: Search): Promise<HighestRate> {
  const tried: Tried[] = []
  async function holds(callsPerSecond: number, seconds: number): Promise<boolean> {
    const load = { callsPerSecond, seconds }
    const result = await run(load)
    const held = isHeld(load, result)
    tried.push({ load, run: result, held })
    return held
  }

  let low = 0
  let high = search.from
  while (await holds(high, search.probeSeconds)) {
    low = high
    high = Math.ceil(high * climb)
  }
  while (high - low > Math.max(1, fineness * high)) {
    const middle = Math.round((low + high) / 2)
    if (await holds(middle, search.probeSeconds)) low = middle
    else high = middle
  }
  for (let rate = low; rate >= 1; rate = Math.floor(rate * (1 - fineness)))
    if (await holds(rate, search.confirmSeconds)) return { callsPerSecond: rate, confirmed: tried.at(-1)?.run, tried }
  return { callsPerSecond: 0, confirmed: undefined, tried }
}
