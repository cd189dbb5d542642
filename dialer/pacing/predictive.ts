/**
 * Predictive dialing: place one more call while the chance that its answer finds no agent is below the
 * accepted risk. Learns from the roster's events (answer rate, ring times, talk and wrap-up), rebuilds
 * its tables every few minutes, and explains each decision. Holds no limit of its own: guard.ts and
 * the line ceiling stand outside. Pure.
 */
import { type AnswerRate, createAnswerRate } from './answer-rate.ts'
import { createCohort } from './cohort.ts'
import type { Decision } from './contract.ts'
import { createDurations, createFreeingTable } from './handle-times.ts'
import { type Budget, createPrice } from './price.ts'
import { createRingTimes, MOMENTS } from './ring-times.ts'
import type { Call, Roster, RosterListener } from './roster.ts'
import { createSupplyDemand } from './supply-demand.ts'

/** Tables are rebuilt every half minute at first, every three minutes once they hardly change. */
const REFRESH_MS = { first: 30_000, usual: 180_000, growth: 1.2 }
/** Mean talk and wrap-up before the first is heard of, with the weight of 12 talks. */
const PRIOR_TALK_SEC = 100
const PRIOR_WRAP_UP_SEC = 12

/** What the ledger says, as price.ts wants it. */
export type Outlook = Omit<Budget, 'stakes'>

export interface Predictive {
  readonly listener: Required<Pick<RosterListener, 'placed' | 'resolved' | 'agentLeaves'>>
  /** A person was connected or abandoned. */
  settled(outlook: Outlook): void
  readonly answerRate: AnswerRate
  /** `room` = lines that may be added. */
  decide(roster: Roster, at: number, room: number, outlook: Outlook): Decision
  snapshot(): SavedPredictive
}

export interface SavedPredictive {
  price: number
  answerRate: number[]
  ring: { answered: number[]; others: number[]; delay: number }
  talk: { ended: number[]; exposure: number[] }
  wrapUp: { ended: number[]; exposure: number[] }
}

export function createPredictive(
  settings: { abandonTarget: number; graceMs: number; ringTimeoutMs: number },
  saved?: SavedPredictive,
): Predictive {
  const answerRate = createAnswerRate(saved?.answerRate)
  const ring = createRingTimes(settings.ringTimeoutMs / 1000, saved?.ring)
  const talk = createDurations(PRIOR_TALK_SEC, saved?.talk)
  const wrapUp = createDurations(PRIOR_WRAP_UP_SEC, saved?.wrapUp)
  const freeing = createFreeingTable()
  const price = createPrice(settings, saved?.price)
  const cohort = createCohort((call) => {
    if (call.answered !== undefined) answerRate.resolved(call.answered, call.answerProbability)
  })
  const balance = createSupplyDemand()
  const chances = new Float64Array(MOMENTS)
  let stakes = 0.5
  let refreshedAt = Number.NEGATIVE_INFINITY
  let refreshMs = REFRESH_MS.first

  /** Seconds of ringing so far; before the first 180/183 it is expected to start after the usual delay. */
  function ringSec(call: Call, at: number): number {
    return call.ringingAt === undefined ? (at - call.placedAt) / 1000 - ring.delaySec() : (at - call.ringingAt) / 1000
  }

  const listener: Predictive['listener'] = {
    placed: (call) => cohort.placed(call),
    resolved(at, call, how) {
      const person = how === 'human' || how === 'unsure'
      // A call that the network refused says nothing about people.
      if (how === 'failed' || how === 'cancelled') return
      call.answered = person
      if (call.ringingAt !== undefined) ring.delayed((call.ringingAt - call.placedAt) / 1000)
      const sec = Math.max(0, ringSec(call, at))
      if (person) ring.answered(sec)
      else ring.otherwise(sec)
    },
    agentLeaves(at, agent) {
      const sec = (at - agent.since) / 1000
      if (agent.state === 'talking') talk.lasted(sec, true)
      else if (agent.state === 'wrap-up') wrapUp.lasted(sec, true)
    },
  }

  function weighAgents(roster: Roster, at: number): void {
    for (const agent of roster.agents.values()) {
      if (agent.leaving || (agent.state !== 'talking' && agent.state !== 'wrap-up')) continue
      freeing.chances(agent.state, (at - agent.since) / 1000, chances)
      balance.agent(chances)
    }
  }

  /** Share of the time an agent would wait for the next person, one ringing call at a time. */
  function idleIfProgressive(): number {
    const p = answerRate.next()
    const wait = ring.delaySec() + ring.answerSec() + (1 / p - 1) * (ring.delaySec() + ring.otherSec())
    return wait / (wait + talk.mean() + wrapUp.mean())
  }

  return {
    listener,
    settled: (outlook) => price.settled({ ...outlook, stakes }),
    answerRate,
    decide(roster, at, room, outlook) {
      if (at - refreshedAt >= refreshMs) {
        refreshedAt = at
        refreshMs = Math.min(REFRESH_MS.usual, refreshMs * REFRESH_MS.growth)
        ring.refresh()
        stakes = idleIfProgressive()
        freeing.rebuild(talk, wrapUp, ring.moments, settings.graceMs / 1000)
      }
      cohort.settle()
      const free = roster.idle() - roster.waiting()
      balance.begin(free, roster.agentsStaying() - roster.idle())
      weighAgents(roster, at)
      for (const call of roster.ringingCalls) {
        ring.chances(answerRate.of(call.answerProbability), ringSec(call, at), chances)
        balance.call(chances)
      }
      const accepted = price.acceptedRisk({ ...outlook, stakes })
      const expectedFree = balance.expectedFree()
      const expectedAnswers = balance.expectedAnswers()
      ring.chances(answerRate.next(), -ring.delaySec(), chances)
      let calls = 0
      let risk = balance.risk()
      while (calls < room && risk <= accepted) {
        balance.call(chances)
        calls++
        risk = balance.risk()
      }
      return {
        calls,
        reason:
          `predictive: ${roster.idle()} idle, ${roster.waiting()} waiting, ${roster.ringing()} ringing, ` +
          `${expectedFree.toFixed(1)} expected free, ${expectedAnswers.toFixed(1)} expected answers, ` +
          `risk of one more ${percent(risk)}, accepted ${percent(accepted)}, budget ${outlook.target.toFixed(1)}`,
      }
    },
    snapshot: () => ({
      price: price.snapshot(),
      answerRate: answerRate.snapshot(),
      ring: ring.snapshot(),
      talk: talk.snapshot(),
      wrapUp: wrapUp.snapshot(),
    }),
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

export function isSavedPredictive(saved: unknown): saved is SavedPredictive {
  if (typeof saved !== 'object' || saved === null) return false
  if (!('price' in saved && 'answerRate' in saved && 'ring' in saved && 'talk' in saved && 'wrapUp' in saved)) return false
  const { price, answerRate, ring, talk, wrapUp } = saved
  const pairs = (value: unknown, first: string, second: string): boolean => {
    const fields: Record<string, unknown> = Object.fromEntries(Object.entries(value ?? {}))
    return isNumbers(fields[first]) && isNumbers(fields[second])
  }
  const durations = pairs(talk, 'ended', 'exposure') && pairs(wrapUp, 'ended', 'exposure')
  return Number.isFinite(price) && isNumbers(answerRate) && pairs(ring, 'answered', 'others') && durations
}

const isNumbers = (value: unknown): boolean => Array.isArray(value) && value.every(Number.isFinite)
