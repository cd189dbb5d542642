/**
 * The exact optimum of a Markov twin: a call centre whose ringing, talking and patience are exponential,
 * so that (busy + waiting, ringing) is all there is to know. Maximises the share of busy agents minus
 * lambda x abandoned by value iteration and finds lambda so that the target is just met; between two
 * neighbouring policies it mixes, as the best randomised policy does. Pure.
 */

export interface Twin {
  agents: number
  answerProbability: number
  handleSec: number
  /** Mean time a call rings, answered or not. */
  ringSec: number
  /** Mean patience of a waiting caller. */
  graceSec: number
}

export interface TwinResult {
  occupancy: number
  abandonment: number
}

/** How many calls should ring at each number of busy + waiting; more are never cancelled. */
export type RingingCurve = Int32Array

interface Grid {
  twin: Twin
  /** States of busy + waiting: 0..agents + the longest queue looked at. */
  rows: number
  /** States of ringing: 0..columns - 1. */
  columns: number
  /** Uniformisation rate, per second. */
  rate: number
}

const LONGEST_QUEUE = 8

export function gridOf(twin: Twin): Grid {
  const throughput = twin.agents / twin.handleSec
  const steady = (throughput * twin.ringSec) / twin.answerProbability
  const columns = Math.ceil(2.2 * steady + 4 * Math.sqrt(steady) + 2.5 / twin.answerProbability) + 6
  const rate = throughput + (columns - 1) / twin.ringSec + LONGEST_QUEUE / twin.graceSec
  return { twin, rows: twin.agents + LONGEST_QUEUE + 1, columns, rate }
}

/** The best occupancy at an abandonment target, and the policy nearest below the target. */
export function optimum(twin: Twin, abandonTarget: number): TwinResult & { curve: RingingCurve } {
  const grid = gridOf(twin)
  const values = new Float64Array(grid.rows * grid.columns)
  const solve = (lambda: number) => {
    const curve = bestCurve(grid, lambda, values)
    return { ...evaluateCurve(grid, curve), curve }
  }
  let low = 0 // log10 of a price that abandons too much
  let high = 4
  let over = solve(10 ** low)
  let under = solve(10 ** high)
  for (let i = 0; i < 14 && over.abandonment - under.abandonment > 1e-6; i++) {
    const middle = (low + high) / 2
    const found = solve(10 ** middle)
    if (found.abandonment > abandonTarget) [low, over] = [middle, found]
    else [high, under] = [middle, found]
  }
  if (over.abandonment <= abandonTarget) return over
  const share = (abandonTarget - under.abandonment) / Math.max(1e-12, over.abandonment - under.abandonment)
  return {
    occupancy: under.occupancy + share * (over.occupancy - under.occupancy),
    abandonment: abandonTarget,
    curve: under.curve,
  }
}

/** Value iteration; `values` is the start and holds the result, so that neighbouring prices start warm. */
function bestCurve(grid: Grid, lambda: number, values: Float64Array): RingingCurve {
  const { twin, rows, columns, rate } = grid
  const { agents, answerProbability: p } = twin
  const curve = new Int32Array(rows)
  const next = new Float64Array(values.length)
  const at = (b: number, r: number): number => values[b * columns + r] ?? 0
  for (let iteration = 0; iteration < 60_000; iteration++) {
    let lowest = Number.POSITIVE_INFINITY
    let highest = Number.NEGATIVE_INFINITY
    for (let b = 0; b < rows; b++) {
      const busy = Math.min(b, agents)
      const freed = busy / twin.handleSec / rate
      const lost = (b - busy) / twin.graceSec / rate
      const full = b === rows - 1
      let best = Number.NEGATIVE_INFINITY
      for (let r = columns - 1; r >= 0; r--) {
        const resolved = r / twin.ringSec / rate
        const stay = 1 - freed - lost - resolved
        let value = busy / rate + stay * at(b, r)
        if (b > 0) value += freed * at(b - 1, r) + lost * (at(b - 1, r) - lambda)
        if (r > 0) {
          const answered = full ? at(b, r - 1) - lambda : at(b + 1, r - 1)
          value += resolved * (p * answered + (1 - p) * at(b, r - 1))
        }
        if (value > best + 1e-12) {
          best = value
          curve[b] = r
        }
        const change = best - at(b, r)
        if (change < lowest) lowest = change
        if (change > highest) highest = change
        next[b * columns + r] = best
      }
    }
    const base = next[0] ?? 0
    for (let i = 0; i < next.length; i++) values[i] = (next[i] ?? 0) - base
    if ((highest - lowest) * rate < 1e-4 * agents) break
  }
  return curve
}

/** The long run of a policy given as a curve, by power iteration. */
export function evaluateCurve(grid: Grid, curve: RingingCurve): TwinResult {
  const { twin, rows, columns, rate } = grid
  const { agents, answerProbability: p } = twin
  let share = new Float64Array(rows * columns)
  let next = new Float64Array(rows * columns)
  const raised = (b: number, r: number): number => b * columns + Math.min(columns - 1, Math.max(r, curve[b] ?? 0))
  share[raised(0, 0)] = 1
  let before = -1
  for (let iteration = 0; iteration < 200_000; iteration++) {
    next.fill(0)
    let busyTime = 0
    for (let b = 0; b < rows; b++) {
      const busy = Math.min(b, agents)
      const leave = (busy / twin.handleSec + (b - busy) / twin.graceSec) / rate
      for (let r = 0; r < columns; r++) {
        const here = share[b * columns + r] ?? 0
        if (here < 1e-15) continue
        busyTime += here * busy
        const resolved = r / twin.ringSec / rate
        const add = (index: number, by: number): void => {
          next[index] = (next[index] ?? 0) + here * by
        }
        add(b * columns + r, 1 - leave - resolved)
        if (b > 0) add(raised(b - 1, r), leave)
        if (r > 0) {
          add(raised(Math.min(rows - 1, b + 1), r - 1), resolved * p)
          add(raised(b, r - 1), resolved * (1 - p))
        }
      }
    }
    ;[share, next] = [next, share]
    if (iteration % 500 === 499) {
      if (Math.abs(busyTime - before) < 1e-6 * agents) break
      before = busyTime
    }
  }
  return resultOf(grid, share)
}

function resultOf(grid: Grid, share: Float64Array): TwinResult {
  const { twin, rows, columns } = grid
  let busyTime = 0
  let lost = 0
  let answered = 0
  for (let b = 0; b < rows; b++) {
    const busy = Math.min(b, twin.agents)
    for (let r = 0; r < columns; r++) {
      const here = share[b * columns + r] ?? 0
      busyTime += here * busy
      const answers = (here * r * twin.answerProbability) / twin.ringSec
      answered += answers
      lost += (here * (b - busy)) / twin.graceSec + (b === rows - 1 ? answers : 0)
    }
  }
  return { occupancy: busyTime / twin.agents, abandonment: answered > 0 ? lost / answered : 0 }
}

/** Progressive in the twin: ringing <= idle - waiting. */
export function progressiveTwin(twin: Twin): TwinResult {
  const grid = gridOf(twin)
  return evaluateCurve(
    grid,
    Int32Array.from({ length: grid.rows }, (_, b) => Math.max(0, twin.agents - b)),
  )
}
