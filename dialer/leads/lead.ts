/**
 * The words of this room as types: what a lead, a claimed lead and a plan for its next attempt are.
 *
 * A lead is `waiting` until it is due, `claimed` by one engine for a moment, `in_call` while an attempt lives, and then
 * `waiting` again or `finished`; `held` while a supervisor has to decide (a missed callback).
 * Claims run out: an engine that dies gives its leads back (lead-store.ts).
 */

export type LeadState = 'waiting' | 'claimed' | 'in_call' | 'held' | 'finished'

export const lineTypes = ['mobile', 'fixed', 'fixed_or_mobile', 'voip', 'other'] as const
export type LineType = (typeof lineTypes)[number]

export type PhoneState = 'active' | 'invalid' | 'wrong_person'

export interface LeadPhone {
  id: number
  /** E.164 with the plus. */
  number: string
  lineType: LineType
  /** Order in which the contact's phones are tried, from 0. */
  position: number
  state: PhoneState
}

export const suppressionKinds = ['do_not_call', 'paid', 'dispute', 'deceased', 'legal_hold', 'wrong_person'] as const
export type SuppressionKind = (typeof suppressionKinds)[number]

export interface Suppression {
  kind: SuppressionKind
  /** Epoch ms; null: for ever. */
  until: number | null
  /** The phone it holds for; null: the contact on all his phones. */
  number: string | null
  /** The creditor whose debts it holds for; null: for all. */
  creditor: string | null
  reason: string
}

export interface OpenDebt {
  id: number
  creditor: string | null
  /** Dates as YYYY-MM-DD. */
  dueOn: string | null
  /** Of the last written reminder. */
  remindedOn: string | null
}

export const consents = ['unknown', 'given', 'withdrawn'] as const
export type Consent = (typeof consents)[number]

export interface RecentAttempt {
  number: string
  placedAt: number
  /** An agent spoke with the contact. */
  talked: boolean
  counts: boolean
  /** A recorded message was played, or was to be. */
  prerecorded: boolean
  /** When a machine was detected on it. */
  machineAt: number | null
  /** When it ended, if it was abandoned. */
  abandonedAt: number | null
  /** The open debts that it was about. */
  debtIds: number[]
}

/** Everything the rules need to decide about one lead, read together with the claim. Times are epoch ms. */
export interface ClaimedLead {
  leadId: number
  campaignId: string
  contactId: number
  /** The place in the queue, the highest first: 20 a callback, 10 a first attempt that is owed, and the priority (0 to 9). */
  urgency: number
  attempts: number
  failures: number
  /** The phone to dial next; null: the first that can be dialed. */
  phoneId: number | null
  /** When the contact asked to be called back, if the next call is that one. */
  callbackAt: number | null
  /** The agent he wants to talk to then; null: anyone. */
  callbackAgentId: string | null
  country: string
  timeZone: string
  noPredictiveUntil: number | null
  /** When the contact last called us and talked with an agent; 90 days. */
  calledUsAt: number | null
  consent: Consent
  phones: LeadPhone[]
  /** 30 days, talks 90, over all campaigns, by the contact and by his numbers. */
  recentAttempts: RecentAttempt[]
  suppressions: Suppression[]
  openDebts: OpenDebt[]
  /** All that are known, whatever their state. */
  debts: number
  /** Over all time: a number seen once is known. */
  seenCallerIds: { callerIdId: number; lastAt: number }[]
  /** The caller ID that a person chose for the next attempt, and who. */
  wantedCallerId: { id: number; by: string } | null
}

interface PlanBase {
  attempts: number
  failures: number
  reason: string
  /** What was learnt about the phone just dialed. */
  phoneState?: Exclude<PhoneState, 'active'>
}

/** What becomes of a lead after an attempt or an agent's result. `nextAttemptAt` lies inside a calling window. */
export type LeadPlan =
  | (PlanBase & {
      state: 'waiting'
      nextAttemptAt: number
      phoneId: number | null
      callbackAt: number | null
      callbackAgentId: string | null
    })
  | (PlanBase & { state: 'finished' })
