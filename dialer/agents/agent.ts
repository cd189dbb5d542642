/**
 * The agent's state machine.
 *
 * A shift begins `logged_out`. The engine rings the agent's phone, or the agent dials the log-in code: `calling`
 * until that leg stands in its bridge, then `ready`, with the time since when he is idle. A call may reserve him:
 * `reserved`, in the moment of the answer, or ahead of it for a callback that was agreed with him. The reservation ends in exactly one way: released unused (ready again, with his old place in the line;
 * at its end if it was his bridge that failed, so that the callee tries another agent),
 * connected (`talking`) and then finished, or lost with his leg. After a talk comes `wrap_up` until its limit, or until
 * he says ready or records the result. Between talks he may be `paused`. Who asks for a pause or the log-out while he is
 * reserved, talking or in wrap-up gets it afterwards (`next`), and takes it back by asking for ready; asking again in
 * wrap-up cuts the wrap-up short. A leg that is gone always ends the shift: `logged_out`.
 *
 * Pure and total: odd, late and doubled events come back `ignored` with a reason. pool.ts performs the effects.
 */
import {
  type AgentEffect,
  type AgentEvent,
  type AgentRules,
  type AgentState,
  type AgentStep,
  type Intent,
  loggedOut,
  type OnShift,
  type Session,
  type Standing,
} from './agent-state.ts'
import { traceOf } from './shift-trace.ts'
import { atWork, standAgain } from './standing.ts'

export function step(state: AgentState, event: AgentEvent, rules: AgentRules): AgentStep {
  const outcome = react(state, event, rules)
  if (typeof outcome === 'string') return { state, effects: [], ignored: outcome }
  return { state: outcome.to, effects: [...traceOf(state, outcome.to, event.at), ...(outcome.effects ?? [])] }
}

/** The new state and what is special to this event, or why nothing happens. */
type Outcome = { to: AgentState; effects?: AgentEffect[] } | string

function react(state: AgentState, event: AgentEvent, rules: AgentRules): Outcome {
  if (event.type === 'log_in') return logIn(state, event)
  if (event.type === 'resume') {
    if (state.phase !== 'logged_out') return `already ${state.phase}`
    return comeBack(event.session, event.standing, event.at, event.callId)
  }
  if (state.phase === 'logged_out') return 'the agent is logged out'
  const { at } = event
  switch (event.type) {
    case 'leg_up':
      if (event.channelId !== state.session.channelId) return 'an older leg of this agent'
      return state.phase === 'calling' ? comeBack(state.session, state.standing ?? atWork, at) : 'the leg was up already'
    case 'leg_lost':
      if (event.channelId !== state.session.channelId) return 'an older leg of this agent'
      return leave(state, at, event.reason)
    case 'move':
      return move(state, { ...state.session, sessionId: event.sessionId, campaignId: event.campaignId }, at)
    case 'reserve':
      if (state.phase !== 'ready') return `an agent who is ${state.phase} cannot be reserved`
      return {
        to: {
          ...{ ...onShift(state, at), phase: 'reserved', callId: event.callId, idleSince: state.idleSince },
          ...(event.ahead && { ahead: event.ahead }),
        },
      }
    case 'release':
      if (state.phase !== 'reserved' || state.callId !== event.callId) return 'not reserved for this call'
      return {
        to: state.next
          ? follow(state, state.next, at)
          : { ...ready(state, at), ...(event.why === undefined && { idleSince: state.idleSince }) },
        effects: [
          ...(closing(state).effects ?? []),
          ...(event.why && state.next?.to !== 'logged_out' ? [{ do: 'restore_bridge', session: state.session } as const] : []),
        ],
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

function logIn(state: AgentState, { session, standing, at }: Extract<AgentEvent, { type: 'log_in' }>): Outcome {
  const calling: AgentState = { phase: 'calling', session, since: at, ...(standing && { standing }) }
  if (state.phase === 'logged_out') return { to: calling }
  if (session.via === 'called') return `already ${state.phase}`
  if (state.phase === 'reserved' || state.phase === 'talking') return `dialed in from a second phone while ${state.phase}`
  // He dials in although a leg is up: his phone was restarted or he changed desks. The new leg replaces the old one.
  return { to: calling, effects: [{ do: 'close_leg', session: state.session }] }
}

/** Into the state he is to have: after a log-in ready, after a gap what he was before. */
function comeBack(session: Session, standing: Standing, at: number, callId?: string): Outcome {
  const to = standAgain(session, standing, at, callId)
  if (to.phase === 'logged_out') return { to, effects: [{ do: 'close_leg', session }] }
  return { to, ...(to.phase === 'wrap_up' && { effects: [{ do: 'start_wrap_up', callId: to.callId, until: to.until }] }) }
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
