/**
 * Who is at work and which calls are live, from events alone. Late, doubled, impossible and lost events
 * are normal on a telephone network: an event that would take a call or an agent back in time is
 * ignored, and a call whose end was lost stops counting when it can no longer be in that state.
 * Tells listeners when a person was connected or abandoned (each call once) and what was learnt.
 */
import type { PacingEvent } from './contract.ts'

export type AgentState = Extract<PacingEvent, { type: 'agent' }>['state']
/** `silent`: waited past the grace and we were not told what came of it. */
export type CallState = 'ringing' | 'waiting' | 'silent' | 'talking' | 'machine' | 'dropped'

export interface Agent {
  readonly id: string
  state: AgentState
  since: number
  leaving: boolean
  /** The call this agent talks on, as far as we were told. */
  callId: string | undefined
}

export interface Call {
  readonly id: string
  state: CallState
  placedAt: number
  /** When the callee's phone began to ring (180/183), undefined until then. */
  ringingAt: number | undefined
  since: number
  readonly answerProbability: number | undefined
  agentId: string | undefined
  /** Whether a person answered; undefined until it rang out, or when the network refused it. */
  answered: boolean | undefined
  /** Place in the list of ringing calls, -1 when not ringing. */
  slot: number
}

export interface RosterListener {
  placed?(call: Call): void
  connected?(at: number, call: Call): void
  abandoned?(at: number, call: Call): void
  /** A ringing call came to an answer (by whom) or to another end (why). Called before the call moves on. */
  resolved?(at: number, call: Call, how: 'human' | 'unsure' | 'machine' | EndCause): void
  /** An agent has been in `agent.state` since `agent.since` and leaves it now. */
  agentLeaves?(at: number, agent: Agent): void
  /** A ringing call was given up because nobody told its end. */
  lost?(): void
}
export type EndCause = NonNullable<Extract<PacingEvent, { type: 'ended' }>['cause']>

export interface Roster {
  observe(event: PacingEvent): void
  /** Forgets what can no longer be true at `at` because its end was lost. */
  expire(at: number): void
  /** Agents ready and staying. */
  idle(): number
  waiting(): number
  ringing(): number
  /** Logged in and not paused. */
  agentsWorking(): number
  agentsStaying(): number
  liveLines(): number
  lastEventAt(): number
  readonly ringingCalls: readonly Call[]
  readonly agents: ReadonlyMap<string, Agent>
}

/** A ring may outlast its timeout by the network's delay; after this the end of the call was lost. */
const LOST_RING_MS = 10_000
/** A caller who waits longer than the grace by this was connected or dropped, and we were not told. */
const LOST_WAIT_MS = 3000
/** The longest message and talk we believe in without hearing of it. */
const LOST_MACHINE_MS = 180_000
const LOST_TALK_MS = 4 * 3_600_000
const EXPIRE_EVERY_MS = 1000
const REMEMBERED_ENDS = 4096

export function createRoster(settings: { graceMs: number; ringTimeoutMs: number }, listener: RosterListener = {}): Roster {
  const agents = new Map<string, Agent>()
  const calls = new Map<string, Call>()
  const ringingCalls: Call[] = []
  let waiting = 0
  let idle = 0
  let staying = 0
  let working = 0
  let lastEventAt = 0
  let expiredAt = 0
  // Two generations of ids of ended calls, so that a late event does not bring a call back to life.
  let ended = new Set<string>()
  let endedBefore = new Set<string>()

  function callOf(event: { callId: string; at: number; answerProbability?: number }): Call | undefined {
    const known = calls.get(event.callId)
    if (known) return known
    if (ended.has(event.callId) || endedBefore.has(event.callId)) return undefined
    const call: Call = {
      id: event.callId,
      state: 'ringing',
      placedAt: event.at,
      ringingAt: undefined,
      since: event.at,
      answerProbability: event.answerProbability,
      agentId: undefined,
      answered: undefined,
      slot: ringingCalls.length,
    }
    calls.set(call.id, call)
    ringingCalls.push(call)
    listener.placed?.(call)
    return call
  }

  function moveCall(call: Call, state: CallState, at: number): void {
    if (call.state === 'ringing') {
      const last = ringingCalls.pop()
      if (last && last !== call) {
        ringingCalls[call.slot] = last
        last.slot = call.slot
      }
      call.slot = -1
    }
    if (call.state === 'waiting') waiting--
    if (state === 'waiting') waiting++
    call.state = state
    call.since = at
  }

  function forget(call: Call, at: number): void {
    moveCall(call, 'dropped', at)
    calls.delete(call.id)
    if (ended.size >= REMEMBERED_ENDS) {
      endedBefore = ended
      ended = new Set()
    }
    ended.add(call.id)
  }

  function answered(event: Extract<PacingEvent, { type: 'answered' }>): void {
    const call = callOf(event)
    if (call?.state !== 'ringing') return
    listener.resolved?.(event.at, call, event.by)
    moveCall(call, event.by === 'machine' ? 'machine' : 'waiting', event.at)
  }

  function connected(event: Extract<PacingEvent, { type: 'connected' }>): void {
    const call = callOf(event)
    if (!call || call.state === 'talking' || call.state === 'dropped') return
    if (call.state === 'ringing') listener.resolved?.(event.at, call, 'human')
    moveCall(call, 'talking', event.at)
    call.agentId = event.agentId
    // Whoever is connected talks, even if the agent's own event is late or lost.
    setAgent(event.agentId, 'talking', event.at, undefined)
    const agent = agents.get(event.agentId)
    if (agent?.state === 'talking') agent.callId = call.id
    listener.connected?.(event.at, call)
  }

  function abandoned(event: { callId: string; at: number }): void {
    const call = callOf(event)
    if (!call || call.state === 'talking' || call.state === 'dropped') return
    if (call.state === 'ringing') listener.resolved?.(event.at, call, 'human')
    moveCall(call, 'dropped', event.at)
    listener.abandoned?.(event.at, call)
  }

  function end(event: Extract<PacingEvent, { type: 'ended' }>): void {
    const call = calls.get(event.callId)
    if (!call) return
    // Ended while waiting and nobody said how: soon, it was abandoned; long after the grace, it was a talk.
    if (call.state === 'ringing') listener.resolved?.(event.at, call, event.cause ?? 'no-answer')
    if (call.state === 'waiting') listener.abandoned?.(event.at, call)
    if (call.state === 'silent') listener.connected?.(event.at, call)
    forget(call, event.at)
  }

  function countAgent(agent: Agent, by: 1 | -1): void {
    if (agent.state === 'paused' || agent.state === 'logged-out') return
    working += by
    if (agent.leaving) return
    staying += by
    if (agent.state === 'ready') idle += by
  }

  function setAgent(id: string, state: AgentState, at: number, next: 'paused' | 'logged-out' | undefined): void {
    const agent = agents.get(id)
    if (!agent) {
      const fresh: Agent = { id, state, since: at, leaving: next !== undefined, callId: undefined }
      agents.set(id, fresh)
      countAgent(fresh, 1)
      return
    }
    if (at < agent.since) return
    countAgent(agent, -1)
    if (state !== agent.state) {
      listener.agentLeaves?.(at, agent)
      // An announced leave stays announced through talk and wrap-up, until the agent is ready again or gone.
      if (state !== 'talking' && state !== 'wrap-up') agent.leaving = false
      if (agent.state === 'talking') talkOver(agent, at)
      agent.state = state
      agent.since = at
    }
    if (next !== undefined) agent.leaving = true
    countAgent(agent, 1)
    if (state === 'logged-out') agents.delete(id)
  }

  /** The agent moved on, so the talk is over even if the end of its call is late or lost. */
  function talkOver(agent: Agent, at: number): void {
    const call = agent.callId === undefined ? undefined : calls.get(agent.callId)
    agent.callId = undefined
    if (call) forget(call, at)
  }

  return {
    ringingCalls,
    agents,
    observe(event) {
      if (event.at > lastEventAt) lastEventAt = event.at
      switch (event.type) {
        case 'placed':
          callOf(event)
          return
        case 'ringing': {
          const call = callOf(event)
          if (call?.state === 'ringing' && call.ringingAt === undefined) call.ringingAt = event.at
          return
        }
        case 'answered':
          return answered(event)
        case 'connected':
          return connected(event)
        case 'abandoned':
          return abandoned(event)
        case 'ended':
          return end(event)
        case 'agent':
          return setAgent(event.agentId, event.state, event.at, event.next)
        default:
          return event satisfies never
      }
    },
    expire(at) {
      if (at - expiredAt < EXPIRE_EVERY_MS) return
      expiredAt = at
      for (const call of calls.values()) {
        const age = at - call.since
        if (call.state === 'ringing' && at - call.placedAt > settings.ringTimeoutMs + LOST_RING_MS) {
          forget(call, at)
          listener.lost?.()
        } else if (call.state === 'waiting' && age > settings.graceMs + LOST_WAIT_MS) {
          moveCall(call, 'silent', at)
        } else if (call.state === 'machine' && age > LOST_MACHINE_MS) forget(call, at)
        else if (call.state === 'dropped' && age > LOST_MACHINE_MS) forget(call, at)
        else if ((call.state === 'talking' || call.state === 'silent') && age > LOST_TALK_MS) forget(call, at)
      }
    },
    idle: () => idle,
    waiting: () => waiting,
    ringing: () => ringingCalls.length,
    agentsWorking: () => working,
    agentsStaying: () => staying,
    liveLines: () => calls.size,
    lastEventAt: () => lastEventAt,
  }
}
