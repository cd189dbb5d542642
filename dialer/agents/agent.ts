/**
 * The agent's state machine.
 *
 * A shift begins `logged_out`. The engine rings the agent's phone, or the agent dials the log-in code: `calling`
 * until that leg stands in its bridge, then `ready`, with the time since when he is idle. A call may reserve him:
 * `reserved`. The reservation ends in exactly one way: released unused (ready again, with his old place in the line),
 * connected (`talking`) and then finished, or lost with his leg. After a talk comes `wrap_up` until its limit, or until
 * he says ready or records the result. Between talks he may be `paused`. Who asks for a pause or the log-out while he is
 * reserved, talking or in wrap-up gets it afterwards (`next`), and takes it back by asking for ready; asking again in
 * wrap-up cuts the wrap-up short. A leg that is gone always ends the shift: `logged_out`.
 *
 * Pure and total: odd, late and doubled events come back `ignored` with a reason. pool.ts performs the effects.
 */
import type { AgentPhase } from './agent-pool.ts'

/** One shift on one leg. */
export interface Session {
  sessionId: string
  campaignId: string
  via: 'dialed_in' | 'called'
  channelId: string
  bridgeId: string
}

export type Intent = { to: 'paused'; reason: string } | { to: 'logged_out'; reason: string }

interface OnShift {
  session: Session
  since: number
}
export type AgentState =
  | { phase: 'logged_out'; since: number; reason: string }
  | ({ phase: 'calling' } & OnShift)
  /** `idleSince` survives a reservation that came to nothing. */
  | ({ phase: 'ready'; idleSince: number } & OnShift)
  | ({ phase: 'reserved'; callId: string; idleSince: number; next?: Intent } & OnShift)
  | ({ phase: 'talking'; callId: string; next?: Intent } & OnShift)
  | ({ phase: 'wrap_up'; callId: string; until: number; next?: Intent } & OnShift)
  | ({ phase: 'paused'; reason: string } & OnShift)

export type AgentEvent = { at: number } & (
  | { type: 'log_in'; session: Session }
  /** The leg stands in its bridge. */
  | { type: 'leg_up'; channelId: string }
  | { type: 'leg_lost'; channelId: string; reason: string }
  /** To another campaign, with the leg he has: a new session of the same phone call. */
  | { type: 'move'; sessionId: string; campaignId: string }
  | { type: 'reserve'; callId: string }
  | { type: 'release'; callId: string }
  | { type: 'connected'; callId: string }
  | { type: 'finished'; callId: string }
  | { type: 'wrap_up_over'; callId: string }
  | { type: 'result_recorded'; callId: string }
  | { type: 'hang_up' }
  | { type: 'ready' }
  | { type: 'pause'; reason: string }
  | { type: 'log_out'; reason: string }
)

export interface AgentRules {
  wrapUpMs: number
}

/** Names of the stretches of a shift that are kept. */
export type StretchPhase = Exclude<AgentState['phase'], 'logged_out' | 'calling'>

export type AgentEffect =
  | { do: 'open_session'; session: Session; at: number }
  | {
      do: 'keep_stretch'
      sessionId: string
      beganAt: number
      endedAt: number
      phase: StretchPhase
      reason: string | null
    }
  | { do: 'close_session'; sessionId: string; at: number; reason: string }
  /** Hang the leg up, if it still is, and take its bridge down. */
  | { do: 'close_leg'; session: Session }
  | { do: 'announce_call'; session: Session; callId: string }
  | { do: 'end_talk'; callId: string }
  | { do: 'tell_lost'; callId: string; reason: string }
  | { do: 'start_wrap_up'; callId: string; until: number }
  | { do: 'tell_change'; campaignId: string; phase: AgentPhase; next?: Intent['to']; at: number }

export interface AgentStep {
  state: AgentState
  effects: AgentEffect[]
  /** Why the event changed nothing. */
  ignored?: string
}

export const loggedOut = (at: number, reason = 'not logged in yet'): AgentState => ({ phase: 'logged_out', since: at, reason })

export function step(state: AgentState, event: AgentEvent, rules: AgentRules): AgentStep {
  const outcome = react(state, event, rules)
  if (typeof outcome === 'string') return { state, effects: [], ignored: outcome }
  return { state: outcome.to, effects: [...bookkeeping(state, outcome.to, event.at), ...(outcome.effects ?? [])] }
}

/** The new state and what is special to this event, or why nothing happens. */
type Outcome = { to: AgentState; effects?: AgentEffect[] } | string

function react(state: AgentState, event: AgentEvent, rules: AgentRules): Outcome {
  if (event.type === 'log_in') return logIn(state, event.session, event.at)
  if (state.phase === 'logged_out') return 'the agent is logged out'
  const { at } = event
  switch (event.type) {
    case 'leg_up':
      if (event.channelId !== state.session.channelId) return 'an older leg of this agent'
      return state.phase === 'calling' ? { to: ready(state, at) } : 'the leg was up already'
    case 'leg_lost':
      if (event.channelId !== state.session.channelId) return 'an older leg of this agent'
      return leave(state, at, event.reason)
    case 'move':
      return move(state, { ...state.session, sessionId: event.sessionId, campaignId: event.campaignId }, at)
    case 'reserve':
      if (state.phase !== 'ready') return `an agent who is ${state.phase} cannot be reserved`
      return { to: { ...onShift(state, at), phase: 'reserved', callId: event.callId, idleSince: state.idleSince } }
    case 'release':
      if (state.phase !== 'reserved' || state.callId !== event.callId) return 'not reserved for this call'
      return {
        to: state.next ? follow(state, state.next, at) : { ...ready(state, at), idleSince: state.idleSince },
        ...closing(state),
      }
    case 'connected':
      if (state.phase !== 'reserved' || state.callId !== event.callId) return 'not reserved for this call'
      return {
        to: { ...onShift(state, at), phase: 'talking', callId: state.callId, ...planned(state.next) },
        effects: [{ do: 'announce_call', session: state.session, callId: state.callId }],
      }
    case 'finished':
      if (state.phase !== 'talking' || state.callId !== event.callId) return 'not talking on this call'
      return afterTalk(state, at, rules)
    case 'wrap_up_over':
    case 'result_recorded':
      if (state.phase !== 'wrap_up' || state.callId !== event.callId) return 'not in the wrap-up of this call'
      return { to: state.next ? follow(state, state.next, at) : ready(state, at), ...closing(state) }
    case 'hang_up':
      if (state.phase !== 'talking') return `an agent who is ${state.phase} has no talk to end`
      return { to: state, effects: [{ do: 'end_talk', callId: state.callId }] }
    case 'ready':
      return askReady(state, at)
    case 'pause':
      return askIntent(state, { to: 'paused', reason: event.reason }, at)
    case 'log_out':
      return askIntent(state, { to: 'logged_out', reason: event.reason }, at)
    default:
      return event satisfies never
  }
}

type Working = Exclude<AgentState, { phase: 'logged_out' }>

function logIn(state: AgentState, session: Session, at: number): Outcome {
  const calling: AgentState = { phase: 'calling', session, since: at }
  if (state.phase === 'logged_out') return { to: calling }
  if (session.via === 'called') return `already ${state.phase}`
  if (state.phase === 'reserved' || state.phase === 'talking') return `dialed in from a second phone while ${state.phase}`
  // He dials in although a leg is up: his phone was restarted or he changed desks. The new leg replaces the old one.
  return { to: calling, effects: [{ do: 'close_leg', session: state.session }] }
}

function move(state: Working, session: Session, at: number): Outcome {
  if (state.phase !== 'ready' && state.phase !== 'paused' && state.phase !== 'wrap_up')
    return `cannot be moved while ${state.phase}`
  if (session.campaignId === state.session.campaignId) return 'already in this campaign'
  const moved = { ...state, session, since: at }
  return { to: moved.phase === 'ready' ? { ...moved, idleSince: at } : moved }
}

function afterTalk(state: Extract<AgentState, { phase: 'talking' }>, at: number, rules: AgentRules): Outcome {
  if (state.next) return { to: follow(state, state.next, at), ...closing(state) }
  if (rules.wrapUpMs === 0) return { to: ready(state, at) }
  const until = at + rules.wrapUpMs
  return {
    to: { ...onShift(state, at), phase: 'wrap_up', callId: state.callId, until },
    effects: [{ do: 'start_wrap_up', callId: state.callId, until }],
  }
}

function askReady(state: Working, at: number): Outcome {
  switch (state.phase) {
    case 'paused':
    case 'wrap_up':
      return { to: ready(state, at) }
    case 'reserved':
    case 'talking': {
      const { next, ...staying } = state
      return next ? { to: staying } : `already ${state.phase}`
    }
    case 'ready':
      return 'already ready'
    case 'calling':
      return 'the leg is not up yet'
    default:
      return state satisfies never
  }
}

function askIntent(state: Working, intent: Intent, at: number): Outcome {
  switch (state.phase) {
    case 'reserved':
    case 'talking':
      return sameIntent(state.next, intent) ? 'already planned' : { to: { ...state, next: intent } }
    case 'wrap_up':
      // Asked a second time: he does not want to wait for the end of the wrap-up.
      if (state.next?.to === intent.to) return { to: follow(state, intent, at), ...closing({ ...state, next: intent }) }
      return { to: { ...state, next: intent } }
    case 'calling':
      return intent.to === 'logged_out' ? leave(state, at, intent.reason) : 'the leg is not up yet'
    case 'paused':
      if (intent.to === 'paused' && intent.reason === state.reason) return 'already paused'
      return { to: follow(state, intent, at), ...closing({ ...state, next: intent }) }
    case 'ready':
      return { to: follow(state, intent, at), ...closing({ ...state, next: intent }) }
    default:
      return state satisfies never
  }
}

/** The end of the shift, whatever he is doing. */
function leave(state: Working, at: number, reason: string): Outcome {
  const effects: AgentEffect[] = [{ do: 'close_leg', session: state.session }]
  if (state.phase === 'reserved' || state.phase === 'talking') effects.push({ do: 'tell_lost', callId: state.callId, reason })
  return { to: loggedOut(at, reason), effects }
}

const onShift = (state: Working, at: number): OnShift => ({ session: state.session, since: at })
const ready = (state: Working, at: number) => ({ ...onShift(state, at), phase: 'ready', idleSince: at }) as const
const planned = (next: Intent | undefined) => (next ? { next } : {})
const sameIntent = (a: Intent | undefined, b: Intent) => a?.to === b.to && a.reason === b.reason

function follow(state: Working, intent: Intent, at: number): AgentState {
  if (intent.to === 'logged_out') return loggedOut(at, intent.reason)
  return { ...onShift(state, at), phase: 'paused', reason: intent.reason }
}

const closing = (state: { session: Session; next?: Intent }): { effects?: AgentEffect[] } =>
  state.next?.to === 'logged_out' ? { effects: [{ do: 'close_leg', session: state.session }] } : {}

/** What every change of state leaves behind: the stretch that ended, the session's rows, the word to the listeners. */
function bookkeeping(from: AgentState, to: AgentState, at: number): AgentEffect[] {
  const effects: AgentEffect[] = []
  const before = openedSession(from)
  const after = openedSession(to)
  if (before && before.since !== at && (from.phase !== to.phase || before.since !== to.since)) {
    const { sessionId } = before.session
    effects.push({
      do: 'keep_stretch',
      sessionId,
      beganAt: before.since,
      endedAt: at,
      phase: before.phase,
      reason: before.reason,
    })
  }
  const sameSession = before?.session.sessionId === after?.session.sessionId
  if (before && !sameSession)
    effects.push({ do: 'close_session', sessionId: before.session.sessionId, at, reason: whyClosed(to) })
  if (after && !sameSession) effects.push({ do: 'open_session', session: after.session, at })
  const leaves = before && before.session.campaignId !== after?.session.campaignId
  if (leaves) effects.push({ do: 'tell_change', campaignId: before.session.campaignId, phase: 'logged_out', at })
  if (after && (leaves || publicFace(from) !== publicFace(to))) {
    effects.push({ do: 'tell_change', campaignId: after.session.campaignId, phase: after.phase, ...nextOf(to), at })
  }
  return effects
}

/** The session as the database knows it: not before the leg is up. */
function openedSession(state: AgentState) {
  if (state.phase === 'logged_out' || state.phase === 'calling') return undefined
  const { session, since, phase } = state
  return { session, since, phase, reason: state.phase === 'paused' ? state.reason : null }
}

function whyClosed(to: AgentState): string {
  if (to.phase === 'logged_out') return to.reason
  return to.phase === 'calling' ? 'dialed in again' : 'moved to another campaign'
}

/** To the rest of the house an agent whose phone rings is still logged out. */
export const publicPhase = (state: AgentState): AgentPhase => (state.phase === 'calling' ? 'logged_out' : state.phase)
export const nextOf = (state: AgentState): { next?: Intent['to'] } =>
  'next' in state && state.next ? { next: state.next.to } : {}
const publicFace = (state: AgentState) => `${publicPhase(state)} ${nextOf(state).next ?? ''}`
