/**
 * What is put under load, and what came of it: the engine (engine-loop.ts) and its baseline (bare.ts) answer to the same words.
 * Types and arithmetic only.
 */

export interface Load {
  callsPerSecond: number
  seconds: number
}

export interface LoadRun {
  placed: number
  /** Calls that were not answered, bridged, ended and written as they should, on either side of the wire. */
  lost: number
  /** Answer -> bridged, sorted milliseconds. */
  waits: number[]
  cpuMsPerCall: number
}

export interface Loop {
  run(load: Load): Promise<LoadRun>
  stop(): Promise<void>
}

/** The longest wait that 99 of 100 people may have, ms (issue 6). */
export const waitLimitMs = 200
/** Share of the asked calls that must have been placed, or the rate was not held. */
const heldShare = 0.98

export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** The load was carried: the rate was held, nobody waited too long, nothing was lost. */
export const isHeld = ({ callsPerSecond, seconds }: Load, { placed, lost, waits }: LoadRun): boolean =>
  placed >= heldShare * callsPerSecond * seconds && lost === 0 && quantile(waits, 0.99) <= waitLimitMs
