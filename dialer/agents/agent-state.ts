/**
 * What an agent can be, what can happen to him, and what then is to be done: the types of his state machine (agent.ts tells
 * it in prose), and how a state looks from outside. No decisions here.
 */
import { z } from 'zod'
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

const intent = z.strictObject({ to: z.enum(['paused', 'logged_out']), reason: z.string() }).optional()

/** What an agent comes back to when his leg, or the engine, was gone (standing.ts); a talk is found on the switch. */
export const standingSchema = z.discriminatedUnion('phase', [
  /** Ready, reserved or talking. */
  z.strictObject({ phase: z.literal('working'), next: intent }),
  z.strictObject({ phase: z.literal('paused'), reason: z.string() }),
  z.strictObject({ phase: z.literal('wrap_up'), callId: z.string(), until: z.number(), next: intent }),
])
export type Standing = z.infer<typeof standingSchema>

export interface OnShift {
  session: Session
  since: number
}
export type AgentState =
  | { phase: 'logged_out'; since: number; reason: string }
  /** `standing`: what he comes back to. */
  | ({ phase: 'calling'; standing?: Standing } & OnShift)
  /** `idleSince` survives a reservation that came to nothing. */
  | ({ phase: 'ready'; idleSince: number } & OnShift)
  /** `ahead`: the call was not answered yet. */
  | ({ phase: 'reserved'; callId: string; idleSince: number; ahead?: true; next?: Intent } & OnShift)
  | ({ phase: 'talking'; callId: string; next?: Intent } & OnShift)
  | ({ phase: 'wrap_up'; callId: string; until: number; next?: Intent } & OnShift)
  | ({ phase: 'paused'; reason: string } & OnShift)

export type AgentEvent = { at: number } & (
  | { type: 'log_in'; session: Session; standing?: Standing }
  /** The engine is new; his leg still stands, with this talk in it. */
  | { type: 'resume'; session: Session; standing: Standing; callId?: string }
  /** The leg stands in its bridge. */
  | { type: 'leg_up'; channelId: string }
  | { type: 'leg_lost'; channelId: string; reason: string }
  /** To another campaign, with the leg he has: a new session of the same phone call. */
  | { type: 'move'; sessionId: string; campaignId: string }
  | { type: 'reserve'; callId: string; ahead?: true }
  | { type: 'release'; callId: string; why?: 'bridge_failed' }
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
  | { do: 'keep_standing'; sessionId: string; standing: Standing }
  | { do: 'close_session'; sessionId: string; at: number; reason: string }
  /** Hang the leg up, if it still is, and take its bridge down. */
  | { do: 'close_leg'; session: Session }
  /** A callee could not be put into his bridge. */
  | { do: 'restore_bridge'; session: Session }
  | { do: 'announce_call'; session: Session; callId: string }
  | { do: 'end_talk'; callId: string }
  | { do: 'tell_lost'; callId: string; reason: string }
  | { do: 'start_wrap_up'; callId: string; until: number }
  | { do: 'tell_change'; campaignId: string; phase: AgentPhase; next?: Intent['to']; ahead?: true; at: number }

export interface AgentStep {
  state: AgentState
  effects: AgentEffect[]
  /** Why the event changed nothing. */
  ignored?: string
}

export const loggedOut = (at: number, reason = 'not logged in yet'): AgentState => ({ phase: 'logged_out', since: at, reason })

/** To the rest of the house an agent whose phone rings is still logged out. */
export const publicPhase = (state: AgentState): AgentPhase => (state.phase === 'calling' ? 'logged_out' : state.phase)
export const nextOf = (state: AgentState): { next?: Intent['to'] } =>
  'next' in state && state.next ? { next: state.next.to } : {}
export const aheadOf = (state: AgentState): { ahead?: true } => (state.phase === 'reserved' && state.ahead ? { ahead: true } : {})
export const publicFace = (state: AgentState) => `${publicPhase(state)} ${nextOf(state).next ?? ''}`
