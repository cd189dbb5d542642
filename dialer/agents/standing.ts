/**
 * What an agent comes back to when his leg, or the engine, was gone for a while: at work, paused or in wrap-up, and what he
 * had asked for besides. Kept with his session; a talk is not in it, it is found on the switch. Pure.
 */
import { type AgentState, type Intent, loggedOut, type Session, type Standing } from './agent-state.ts'

export const atWork: Standing = { phase: 'working' }

const planned = (intent: Intent | undefined) => (intent ? { next: intent } : {})

/** Undefined for one who is not on shift. */
export function standingOf(state: AgentState): Standing | undefined {
  switch (state.phase) {
    case 'logged_out':
      return undefined
    case 'calling':
      return state.standing
    case 'ready':
      return atWork
    case 'reserved':
    case 'talking':
      return { phase: 'working', ...planned(state.next) }
    case 'paused':
      return { phase: 'paused', reason: state.reason }
    case 'wrap_up':
      return { phase: 'wrap_up', callId: state.callId, until: state.until, ...planned(state.next) }
    default:
      return state satisfies never
  }
}

/** His talk was cut with his leg: he comes back to the wrap-up he would have had. */
export function standingAfterCut(state: AgentState, at: number, wrapUpMs: number): Standing | undefined {
  if (state.phase !== 'talking') return standingOf(state)
  return { phase: 'wrap_up', callId: state.callId, until: at + wrapUpMs, ...planned(state.next) }
}

/** The state in which he goes on; `callId`: the talk that his leg is in. */
export function standAgain(session: Session, standing: Standing, at: number, callId?: string): AgentState {
  const onShift = { session, since: at }
  if (callId !== undefined)
    return { ...onShift, phase: 'talking', callId, ...planned('next' in standing ? standing.next : undefined) }
  if (standing.phase === 'paused') return { ...onShift, phase: 'paused', reason: standing.reason }
  if (standing.phase === 'wrap_up' && standing.until > at)
    return { ...onShift, phase: 'wrap_up', callId: standing.callId, until: standing.until, ...planned(standing.next) }
  if (standing.next?.to === 'paused') return { ...onShift, phase: 'paused', reason: standing.next.reason }
  if (standing.next) return loggedOut(at, standing.next.reason)
  return { ...onShift, phase: 'ready', idleSince: at }
}
