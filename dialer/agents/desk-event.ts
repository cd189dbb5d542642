/**
 * The events of an agent's desk, and which of them a change of his state brings. Pure; the wording of docs/agents.md.
 * A call is offered before the bridge is up, so that the screen is there when the voice is.
 */
import type { AgentPhase } from './agent-pool.ts'
import type { CallScreen } from './screen-store.ts'

/** Whose record it may be, and why; the likeliest first. */
export interface Match extends CallScreen {
  why: string
}

export interface CallOffer {
  callId: string
  direction: 'outbound' | 'inbound'
  campaignId: string | null
  /** The debtor's number; null: he withholds it. */
  number: string | null
  /** The number of ours that he sees or dialed. */
  ourNumber: string
  /** Outbound exactly one; inbound none where nobody fits. */
  matches: Match[]
}

export type DeskEvent =
  | { type: 'phase'; at: number; phase: AgentPhase | 'calling'; next: 'paused' | 'logged_out' | null; callId: string | null }
  | ({ type: 'call_offered'; at: number } & CallOffer)
  | { type: 'connected'; at: number; callId: string }
  /** It came to no talk: the caller was gone, or goes to another agent. */
  | { type: 'call_withdrawn'; at: number; callId: string }
  /** The talk is over; the result code is awaited. */
  | { type: 'ended'; at: number; callId: string }
  /** The last open debt of him who is on the line was paid, disputed or withdrawn just now. */
  | { type: 'debt_settled'; at: number; callId: string; contactId: number }
  /** Detection took this call for a machine; he gets it to say by his result code whether it was one. */
  | { type: 'sample'; at: number; callId: string }
  /** A machine's beep was heard on his line: he does not talk to a person. */
  | { type: 'late_beep'; at: number; callId: string }
  /** A callback agreed with him is due: it is made as soon as he is ready. */
  | { type: 'callback_due'; at: number; leadId: number; externalId: string; name: string; callbackAt: number }

/** The part of an agent's state that concerns calls. */
export interface OnCall {
  phase: AgentPhase | 'calling'
  callId: string | null
}

export type CallNews = 'offered' | 'connected' | 'withdrawn' | 'ended'

/** What happened to calls between two states of an agent, in order. */
export function callNews(before: OnCall, after: OnCall): { news: CallNews; callId: string }[] {
  const was = before.phase === 'reserved' || before.phase === 'talking' ? before.callId : null
  const is = after.phase === 'reserved' || after.phase === 'talking' ? after.callId : null
  const goesOn = was === is && !(before.phase === 'talking' && after.phase === 'reserved')
  const news: { news: CallNews; callId: string }[] = []
  if (was !== null && !goesOn) news.push({ news: before.phase === 'talking' ? 'ended' : 'withdrawn', callId: was })
  if (is !== null && !goesOn) news.push({ news: 'offered', callId: is })
  if (is !== null && after.phase === 'talking' && !(goesOn && before.phase === 'talking'))
    news.push({ news: 'connected', callId: is })
  return news
}
