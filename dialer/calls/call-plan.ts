/** An attempt as planned by campaigns/place-call.ts: who, from which number, why, under which rules. Immutable. Pure. */
import type { CampaignSettings } from '../campaigns/settings.ts'
import type { ClaimedLead } from '../leads/lead.ts'
import type { PreparedMessage } from '../messages/message.ts'
import type { LeadFeatures } from '../pacing/answer-model.ts'
import type { CallRules } from './call-state.ts'

export interface CallPlan {
  /** Attempt id and channel id (uuid). */
  id: string
  campaignId: string
  lead: ClaimedLead
  phone: { id: number; number: string }
  trunkId: string
  callerId: { id: number; number: string }
  mode: CampaignSettings['mode']
  /** Reserved for this call before it is placed; who answers comes to him first. */
  forAgentId?: string
  /** Why this lead, this phone and this caller ID. */
  reason: string
  placedAt: number
  /** What the answer model knew and said; absent for a call taken over after a restart. */
  features?: LeadFeatures
  answerProbability?: number
  /** The campaign's message to this contact, where there is one. */
  message?: PreparedMessage
  /** The campaign's rules when the call was placed; a change holds from the next call on. */
  settings: CampaignSettings
}

/** What of it the call machine goes by. */
export const rulesOf = ({ settings, message }: CallPlan): CallRules => ({
  detection: settings.detection,
  shadow: settings.shadow,
  graceMs: settings.graceMs,
  ringTimeoutMs: settings.ringTimeoutMs,
  ...(message && { message }),
})
