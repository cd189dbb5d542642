/**
 * Chooses the policy of a model on the validation part: of all thresholds and pauses that keep people taken for
 * machines under the limit, the one that catches most machines within 5 s of the first word, with a price on people's
 * waiting longer than the targets.
 */
import { type Model, machineProbability, type Policy } from '../../dialer/amd/model.ts'
import { judge } from '../../dialer/amd/verdict.ts'
import type { Listened } from './listening.ts'

/** Under the targets of 1 % and 500 / 800 ms, since the test part will differ by chance. */
const limits = { falseMachines: 0.007, medianMs: 480, p95Ms: 790 }
/** A second that people wait over a limit costs as much as this share of machines. */
const costOfSecond = 3
export const machineWithinMs = 5000

export interface Trial {
  item: Listened['item']
  toneAtMs: number | undefined
  moments: { atMs: number; pauseMs: number; machine: number }[]
}

export const trialsOf = (listened: readonly Listened[], model: Pick<Model, 'bias' | 'trees'>): Trial[] =>
  listened.map(({ item, moments, toneAtMs }) => ({
    ...{ item, toneAtMs },
    moments: moments.map(({ atMs, pauseMs, vector }) => ({ atMs, pauseMs, machine: machineProbability(vector, model) })),
  }))

export interface Ended {
  verdict: 'human' | 'machine' | 'unsure'
  atMs: number
}

/** What the policy says to an item, and when. */
export function ending({ moments, toneAtMs }: Trial, policy: Policy): Ended {
  for (const { atMs, pauseMs, machine } of moments) {
    if (toneAtMs !== undefined && toneAtMs <= atMs) break
    const verdict = judge(machine, pauseMs, policy)
    if (verdict) return { verdict: verdict.verdict, atMs }
  }
  return toneAtMs === undefined ? { verdict: 'unsure', atMs: moments.at(-1)?.atMs ?? 0 } : { verdict: 'machine', atMs: toneAtMs }
}

export function choosePolicy(trials: readonly Trial[]): Policy {
  let best = { policy: withMachineThreshold(trials, patient), worth: Number.NEGATIVE_INFINITY }
  for (const pauses of pausesToTry)
    for (const human of [0.03, 0.05, 0.1, 0.15, 0.2, 0.3])
      for (const doubt of [0.1, 0.2, 0.3, 0.5].filter((one) => one >= human)) {
        const policy = withMachineThreshold(trials, { ...pauses, human, doubt, machine: 1 })
        const waits = waitsOfPeople(trials, policy)
        const overMs = over(quantile(waits, 0.5), limits.medianMs) + over(quantile(waits, 0.95), limits.p95Ms)
        const worth = caughtInTime(trials, policy) - (costOfSecond * overMs) / 1000
        if (worth > best.worth) best = { policy, worth }
      }
  return best.policy
}

const patient: Policy = { machine: 1, human: 0.1, shortPauseMs: 400, doubt: 0.5, longPauseMs: 650, longestPauseMs: 800 }
const pausesToTry = [300, 350, 400, 450].flatMap((shortPauseMs) =>
  [550, 600, 650, 700].flatMap((longPauseMs) =>
    [700, 750, 800, 900].map((longestPauseMs) => ({ shortPauseMs, longPauseMs, longestPauseMs })),
  ),
)
const over = (ms: number, limitMs: number) => Math.max(0, ms - limitMs)

/** The least threshold with which few enough people are taken for machines. */
function withMachineThreshold(trials: readonly Trial[], policy: Policy): Policy {
  const people = trials.filter(({ item }) => item.label === 'human')
  const highest = people.map((trial) => highestBeforeVerdict(trial, policy)).sort((a, b) => b - a)
  const allowed = Math.floor(limits.falseMachines * people.length)
  return { ...policy, machine: Math.min(0.9999, (highest[allowed] ?? 1) + 1e-6) }
}

function highestBeforeVerdict({ moments, toneAtMs }: Trial, policy: Policy): number {
  if (toneAtMs !== undefined) return 1
  let highest = 0
  for (const { pauseMs, machine } of moments) {
    highest = Math.max(highest, machine)
    if (judge(machine, pauseMs, policy)) break
  }
  return highest
}

/** From the true end of the greeting to the verdict that gives a person an agent. */
export function waitsOfPeople(trials: readonly Trial[], policy: Policy): number[] {
  return trials.flatMap((trial) => {
    const end = ending(trial, policy)
    const isJudged = trial.item.label === 'human' && end.verdict !== 'machine' && trial.item.greetingEndMs
    return isJudged ? [end.atMs - (trial.item.greetingEndMs ?? 0)] : []
  })
}

export function caughtInTime(trials: readonly Trial[], policy: Policy): number {
  const machines = trials.filter(({ item }) => item.label === 'machine')
  const caught = machines.filter((trial) => {
    const end = ending(trial, policy)
    return end.verdict === 'machine' && end.atMs <= (trial.item.speech[0]?.[0] ?? 0) + machineWithinMs
  })
  return caught.length / machines.length
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}
