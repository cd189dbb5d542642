/**
 * The people of the simulated world: who answers, after how long, how long they talk. The figures are
 * those of docs/pacing.md ("what the world looks like"); a cell changes some of them. Pure.
 */
import { betaTable, exponential, lognormal, normal, uniform } from './random.ts'

export interface Person {
  outcome: 'person' | 'machine' | 'busy' | 'no-answer' | 'failed'
  /** From placing to ringing, and from ringing to the outcome. */
  delaySec: number
  ringSec: number
  /** What the pacer may be told of the chance of an answer; NaN when nothing. */
  told: number
  takenForMachine: boolean
}

export interface AgentDue {
  agent: number
  atSec: number
  to: 'ready' | 'paused' | 'logged-out'
}

export interface WorldSettings {
  agents: number
  hours: number
  graceMs: number
  ringTimeoutMs: number
  detectionSec: number
  /** Share of the people who answer. */
  takenForMachines: number
  leavesAreAnnounced: boolean
  person(index: number, sec: number): Person
  talkSec(index: number, sec: number): number
  wrapUpSec(index: number): number
  patienceSec(index: number): number
  agentPlan(day: number): readonly AgentDue[]
}

export interface WorldOptions {
  agents: number
  seed: number
  /** Chance of an answer by second of the day. */
  answerProbability: number | ((sec: number) => number)
  hours?: number
  /** Exponential ring, handle and patience without delay or wrap-up: the twin of markov-optimum.ts. */
  markov?: boolean
  /** Each lead has its own probability, Beta with this a + b and the mean above; the pacer is told. */
  toldConcentration?: number
  talk?: { shortShare: number; shortSec: number; longSec: number; sigma: number }
  wrapUpSec?: number
  detection?: { sec: number; takenForMachines: number }
  /** Share of calls that fail at once, by second of the day. */
  failing?(sec: number): number
  agentPlan?(day: number): readonly AgentDue[]
  leavesAreAnnounced?: boolean
}

const GRACE_MS = 2000
const RING_TIMEOUT_MS = 25_000
const ANSWER_MEDIAN_SEC = 9.5
const ANSWER_SIGMA = 0.4
const MACHINE_SHARE = 0.4
const BUSY_SHARE = 0.05
const DELAY_SEC = { least: 1.5, most: 4 }

/** One stream of random numbers for each question asked about a call. */
const STREAM = {
  outcome: 1,
  ring: 2,
  other: 3,
  delay: 4,
  lead: 5,
  failing: 6,
  machine: 7,
  kind: 8,
  talk: 9,
  wrapUp: 10,
  patience: 11,
}

export function createWorld(options: WorldOptions): WorldSettings {
  const { seed } = options
  const { answerProbability: given } = options
  const chanceAt = typeof given === 'number' ? () => given : given
  const talk = options.talk ?? { shortShare: 0.55, shortSec: 25, longSec: 200, sigma: 0.6 }
  const wrapUpMean = options.wrapUpSec ?? 12
  const concentration = options.toldConcentration
  const mean = chanceAt(0)
  const leads = concentration === undefined ? undefined : betaTable(mean * concentration, (1 - mean) * concentration)
  const everybodyAtStart = Array.from({ length: options.agents }, (_, agent): AgentDue => ({ agent, atSec: 0, to: 'ready' }))

  function person(index: number, sec: number): Person {
    if (options.markov) return markovPerson(index, chanceAt(sec))
    const delaySec = DELAY_SEC.least + (DELAY_SEC.most - DELAY_SEC.least) * uniform(seed, STREAM.delay, index)
    const own = leads
      ? (leads[Math.floor(1024 * uniform(seed, STREAM.lead, index))] ?? mean) * (chanceAt(sec) / mean)
      : chanceAt(sec)
    const told = leads ? own : Number.NaN
    if (options.failing && uniform(seed, STREAM.failing, index) < options.failing(sec))
      return { outcome: 'failed', delaySec: 0.3, ringSec: 0, told, takenForMachine: false }
    if (uniform(seed, STREAM.outcome, index) < own) {
      const ringSec = Math.min(24, lognormalMedian(normal(seed, STREAM.ring, index)))
      const taken = options.detection !== undefined && uniform(seed, STREAM.machine, index) < options.detection.takenForMachines
      return { outcome: 'person', delaySec, ringSec, told, takenForMachine: taken }
    }
    const which = uniform(seed, STREAM.other, index)
    if (which < BUSY_SHARE) return { outcome: 'busy', delaySec, ringSec: 0.5, told, takenForMachine: false }
    // Voice mail answers after 15-22 s of ringing; the rest ring until the timeout.
    if (which < BUSY_SHARE + MACHINE_SHARE)
      return { outcome: 'machine', delaySec, ringSec: 15 + 7 * uniform(seed, STREAM.ring, index), told, takenForMachine: false }
    return { outcome: 'no-answer', delaySec, ringSec: RING_TIMEOUT_MS / 1000 - delaySec, told, takenForMachine: false }
  }

  function markovPerson(index: number, p: number): Person {
    const outcome = uniform(seed, STREAM.outcome, index) < p ? 'person' : 'no-answer'
    return {
      outcome,
      delaySec: 0,
      ringSec: exponential(uniform(seed, STREAM.ring, index), 12),
      told: Number.NaN,
      takenForMachine: false,
    }
  }

  return {
    agents: options.agents,
    hours: options.hours ?? 8,
    graceMs: GRACE_MS,
    // A Markov ring has no end; the pacer must not take a long one for lost.
    ringTimeoutMs: options.markov ? 120_000 : RING_TIMEOUT_MS,
    takenForMachines: options.detection?.takenForMachines ?? 0,
    detectionSec: options.detection?.sec ?? 0,
    leavesAreAnnounced: options.leavesAreAnnounced ?? false,
    person,
    talkSec(index) {
      if (options.markov) return exponential(uniform(seed, STREAM.talk, index), 120)
      const short = uniform(seed, STREAM.kind, index) < talk.shortShare
      return lognormal(normal(seed, STREAM.talk, index), short ? talk.shortSec : talk.longSec, talk.sigma)
    },
    wrapUpSec: (index) => (options.markov ? 0 : lognormal(normal(seed, STREAM.wrapUp, index), wrapUpMean, 0.5)),
    patienceSec: (index) =>
      options.markov ? exponential(uniform(seed, STREAM.patience, index), GRACE_MS / 1000) : GRACE_MS / 1000,
    agentPlan: options.agentPlan ?? (() => everybodyAtStart),
  }
}

const lognormalMedian = (z: number): number => ANSWER_MEDIAN_SEC * Math.exp(ANSWER_SIGMA * z)
