/**
 * What both worlds are measured by. Times are milliseconds from the first call; the window is what lies after the warm-up.
 * Occupancy = (talking + wrap-up) / (logged in and not paused); abandonment = abandoned / (abandoned + connected). Pure.
 */
export interface Window {
  from: number
  to: number
}

export interface Happened {
  placed: number[]
  connected: number[]
  abandoned: number[]
  /** Of an agent, from the connection to the end of his wrap-up. */
  busy: Window[]
  /** Of each connected person, from the answer to the connection; in no order. */
  waits: number[]
}

export interface Measured {
  occupancy: number
  /** 0 while nobody answered. */
  abandonment: number
  placed: number
  connected: number
  abandoned: number
  /** Quantiles of the waits. */
  waitMs: { median: number; p95: number }
}

export function measure(happened: Happened, window: Window, agents: number): Measured {
  const within = (times: number[]) => times.filter((at) => at >= window.from && at < window.to).length
  const busyMs = happened.busy.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(to, window.to) - Math.max(from, window.from)),
    0,
  )
  const connected = within(happened.connected)
  const abandoned = within(happened.abandoned)
  return {
    occupancy: busyMs / (agents * (window.to - window.from)),
    abandonment: abandoned / Math.max(1, abandoned + connected),
    placed: within(happened.placed),
    connected,
    abandoned,
    waitMs: { median: quantile(happened.waits, 0.5), p95: quantile(happened.waits, 0.95) },
  }
}

export interface Interval {
  low: number
  median: number
  high: number
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN
}

/** The middle 95 % of the values. */
export function interval(values: number[]): Interval {
  return { low: quantile(values, 0.025), median: quantile(values, 0.5), high: quantile(values, 0.975) }
}

export const holds = ({ low, high }: Interval, value: number) => value >= low && value <= high
