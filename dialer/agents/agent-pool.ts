/**
 * What the call engine and the runner need of the agents: reserve, connect, free, and be told of changes.
 * Implemented by agents/pool.ts; the call engine never sees a leg.
 */

export type AgentPhase = 'ready' | 'reserved' | 'talking' | 'wrap_up' | 'paused' | 'logged_out'

export interface AgentChange {
  agentId: string
  campaignId: string
  phase: AgentPhase
  /** Known to leave after the talk or wrap-up. */
  next?: 'paused' | 'logged_out'
  /** Reserved for a call that nobody has answered yet. */
  ahead?: true
  at: number
}

export interface ReservedAgent {
  agentId: string
  sessionId: string
  /** The agent's leg and the bridge it stands in for the shift. */
  channelId: string
  bridgeId: string
}

export interface AgentPool {
  /** The longest-idle ready agent of the campaign, now reserved for this call; undefined when none is ready. */
  reserve(campaignId: string, callId: string): ReservedAgent | undefined
  /** This agent and no other, before the call is answered; he is told again when he was reserved for it already. */
  reserveAhead(agentId: string, campaignId: string, callId: string): ReservedAgent | undefined
  /** This very agent, of whatever campaign, now reserved for this call; undefined when he is not ready. */
  reserveAgent(agentId: string, callId: string): ReservedAgent | undefined
  /**
   * The reservation was not used: the agent is ready again and keeps his place in the line, or goes to its end
   * if his bridge failed, so that the callee comes to another one next.
   */
  release(agentId: string, callId: string, why?: 'bridge_failed'): void
  /** The callee is in the agent's bridge. */
  connected(agentId: string, callId: string): void
  /** The talk is over: wrap-up begins (or the pause or log-out he asked for). */
  finished(agentId: string, callId: string): void
  /** Every change of phase, in order. */
  onChange(listener: (change: AgentChange) => void): void
  /** The agent's phone died, or he hung up or logged out, while reserved or talking: this call needs another agent or its end. */
  onLost(listener: (lost: { agentId: string; callId: string; reason: string }) => void): void
  /** The agent asked to end the talk (API or DTMF): the engine hangs the callee up. */
  onHangUpAsked(listener: (asked: { agentId: string; callId: string }) => void): void
}
