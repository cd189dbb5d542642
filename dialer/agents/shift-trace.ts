/**
 * What each change of an agent's state leaves behind, whatever caused it: the stretch that ended, the session that was
 * opened or closed, the word to those who listen. Pure; called by `step` for every change.
 */
import { type AgentEffect, type AgentState, aheadOf, nextOf, publicFace } from './agent-state.ts'
import { atWork, standingOf } from './standing.ts'

export function traceOf(from: AgentState, to: AgentState, at: number): AgentEffect[] {
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
  const standing = after && standingOf(to)
  const known = sameSession ? standingOf(from) : atWork
  if (standing && JSON.stringify(standing) !== JSON.stringify(known))
    effects.push({ do: 'keep_standing', sessionId: after.session.sessionId, standing })
  const leaves = before && before.session.campaignId !== after?.session.campaignId
  if (leaves) effects.push({ do: 'tell_change', campaignId: before.session.campaignId, phase: 'logged_out', at })
  if (after && (leaves || publicFace(from) !== publicFace(to))) {
    effects.push({
      do: 'tell_change',
      campaignId: after.session.campaignId,
      phase: after.phase,
      ...nextOf(to),
      ...aheadOf(to),
      at,
    })
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
