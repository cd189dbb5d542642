/**
 * All agents on shift, in memory: the state of each, the lines of ready ones, the wrap-up timers.
 * The only caller of `step`. What it decides goes out as effects: to the call engine and the runner by the AgentPool
 * port, to leg.ts (the phone) and shift-record.ts (the rows) by `onEffect`. It touches neither switch nor database.
 */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { createSignal } from '../signal.ts'
import { step } from './agent.ts'
import type { AgentChange, AgentPhase, AgentPool, ReservedAgent } from './agent-pool.ts'
import { type AgentEffect, type AgentEvent, type AgentState, aheadOf, loggedOut, nextOf, publicPhase } from './agent-state.ts'
import { createReadyLine, type ReadyLine } from './ready-line.ts'

/** An event without its time: the pool reads the clock. */
export type AgentAsk = AgentEvent extends infer Event ? (Event extends AgentEvent ? Omit<Event, 'at'> : never) : never

export interface AgentPoolDeps {
  clock: Clock
  log: Log
  /** Wrap-up limit of a campaign. */
  wrapUpMs(campaignId: string): number
}

export type AgentCounts = Record<AgentPhase, number>

export interface Agents extends AgentPool {
  /** Puts the event to the agent's machine; undefined when it took it, or why it was ignored. */
  tell(agentId: string, event: AgentAsk): string | undefined
  state(agentId: string): AgentState
  /** Who is ready in the campaign, the longest idle first. */
  ready(campaignId: string): string[]
  /** Agents of the campaign by phase, for LiveStats. */
  counts(campaignId: string): AgentCounts
  /** The change that would bring a listener up to date, for each agent on shift (a campaign's runner starting late). */
  present(campaignId: string): AgentChange[]
  /** Every effect, in order; a listener takes those that concern it. */
  onEffect(listener: (told: { agentId: string; effect: AgentEffect }) => void): void
}

export function createAgentPool({ clock, log, wrapUpMs }: AgentPoolDeps): Agents {
  const states = new Map<string, AgentState>()
  const lines = new Map<string, ReadyLine>()
  const wrapUps = new Map<string, () => void>()
  const changes = createSignal<AgentChange>()
  const losses = createSignal<{ agentId: string; callId: string; reason: string }>()
  const hangUps = createSignal<{ agentId: string; callId: string }>()
  const everything = createSignal<{ agentId: string; effect: AgentEffect }>()
  // Effects wait here while others are told: a listener may call the pool back, and all must hear things in one order.
  const outbox: { agentId: string; effect: AgentEffect }[] = []
  let telling = false

  const stateOf = (agentId: string): AgentState => states.get(agentId) ?? loggedOut(0)

  function lineOf(campaignId: string): ReadyLine {
    const line = lines.get(campaignId) ?? createReadyLine()
    lines.set(campaignId, line)
    return line
  }

  function tell(agentId: string, ask: AgentAsk): string | undefined {
    const before = stateOf(agentId)
    const rules = { wrapUpMs: 'session' in before ? wrapUpMs(before.session.campaignId) : 0 }
    const { state, effects, ignored } = step(before, { ...ask, at: clock.now() }, rules)
    if (ignored !== undefined) {
      log.debug({ agentId, event: ask.type, phase: before.phase, reason: ignored }, 'agent event ignored')
      return ignored
    }
    if (before.phase === 'ready') lineOf(before.session.campaignId).remove(agentId)
    if (before.phase === 'wrap_up' && state.phase !== 'wrap_up') stopWrapUp(agentId)
    states.set(agentId, state)
    if (state.phase === 'ready') lineOf(state.session.campaignId).add(agentId, state.idleSince)
    if (state.phase !== before.phase) log.debug({ agentId, from: before.phase, to: state.phase }, 'agent changed')
    for (const effect of effects) outbox.push({ agentId, effect })
    if (!telling) tellAll()
    return undefined
  }

  function tellAll() {
    telling = true
    for (let next = outbox.shift(); next; next = outbox.shift()) {
      try {
        perform(next.agentId, next.effect)
      } catch (error) {
        log.error({ err: error, agentId: next.agentId, effect: next.effect.do }, 'a listener of the agent pool failed')
      }
    }
    telling = false
  }

  function perform(agentId: string, effect: AgentEffect) {
    everything.emit({ agentId, effect })
    if (effect.do === 'tell_change') {
      const { do: _, ...change } = effect
      changes.emit({ agentId, ...change })
    } else if (effect.do === 'tell_lost') {
      losses.emit({ agentId, callId: effect.callId, reason: effect.reason })
    } else if (effect.do === 'end_talk') {
      hangUps.emit({ agentId, callId: effect.callId })
    } else if (effect.do === 'start_wrap_up') {
      startWrapUp(agentId, effect.callId, effect.until)
    }
  }

  function startWrapUp(agentId: string, callId: string, until: number) {
    const state = stateOf(agentId)
    if (state.phase !== 'wrap_up' || state.callId !== callId) return
    wrapUps.set(
      agentId,
      clock.after(until - clock.now(), () => tell(agentId, { type: 'wrap_up_over', callId })),
    )
  }

  function stopWrapUp(agentId: string) {
    wrapUps.get(agentId)?.()
    wrapUps.delete(agentId)
  }

  function reservedFor(agentId: string, callId: string): ReservedAgent | undefined {
    const state = stateOf(agentId)
    if (state.phase !== 'reserved' || state.callId !== callId) return undefined
    const { sessionId, channelId, bridgeId } = state.session
    return { agentId, sessionId, channelId, bridgeId }
  }

  function reserveAgent(agentId: string, callId: string): ReservedAgent | undefined {
    tell(agentId, { type: 'reserve', callId })
    return reservedFor(agentId, callId)
  }

  return {
    reserve(campaignId, callId) {
      const agentId = lines.get(campaignId)?.first()
      return agentId === undefined ? undefined : reserveAgent(agentId, callId)
    },
    reserveAhead(agentId, campaignId, callId) {
      const state = stateOf(agentId)
      if (state.phase === 'ready' && state.session.campaignId === campaignId)
        tell(agentId, { type: 'reserve', callId, ahead: true })
      return reservedFor(agentId, callId)
    },
    reserveAgent,
    release: (agentId, callId, why) => void tell(agentId, { type: 'release', callId, ...(why && { why }) }),
    connected: (agentId, callId) => void tell(agentId, { type: 'connected', callId }),
    finished: (agentId, callId) => void tell(agentId, { type: 'finished', callId }),
    onChange: changes.on,
    onLost: losses.on,
    onHangUpAsked: hangUps.on,
    onEffect: everything.on,
    tell,
    state: stateOf,
    ready: (campaignId) => lines.get(campaignId)?.all() ?? [],
    counts(campaignId) {
      const counts: AgentCounts = { ready: 0, reserved: 0, talking: 0, wrap_up: 0, paused: 0, logged_out: 0 }
      for (const state of onShift(campaignId).values()) counts[publicPhase(state)]++
      return counts
    },
    present: (campaignId) =>
      [...onShift(campaignId)].map(([agentId, state]) => ({
        agentId,
        campaignId,
        phase: publicPhase(state),
        ...nextOf(state),
        ...aheadOf(state),
        at: state.since,
      })),
  }

  function onShift(campaignId: string): Map<string, AgentState> {
    return new Map([...states].filter(([, state]) => 'session' in state && state.session.campaignId === campaignId))
  }
}
