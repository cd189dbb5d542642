/**
 * "Why not, and when?" for one lead: the rules' word with every check, joined with what else keeps it waiting. Pure; asked by
 * lead-desk.ts for the API.
 */
import type { Campaign } from '../campaigns/campaign.ts'
import type { CampaignRules } from '../campaigns/campaign-rules.ts'
import { held } from './check.ts'
import { type Eligibility, eligibility, modeOf } from './eligibility.ts'
import { type ExplainedCheck, explainNow } from './explain.ts'
import type { Holidays } from './holidays.ts'
import type { ClaimedLead, LeadState } from './lead.ts'

export interface RightToCall {
  leadId: number
  /** Every rule is met and the lead is due: it waits for an agent or a line, and for nothing else. */
  mayBeCalled: boolean
  /** Why not and when, or what it waits for. */
  sentence: string
  /** The first moment at which every rule is met; null: now, or not by waiting. */
  notBefore: Date | null
  rules: CampaignRules
  checks: ExplainedCheck[]
}

interface AskedLead {
  state: LeadState
  /** How the lead came to where it is. */
  reason: string
  nextAttemptAt: Date
  /** The rule that finished it. */
  barredBy: string | null
}

export function rightToCall(
  lead: ClaimedLead,
  asked: AskedLead,
  campaign: Campaign,
  at: number,
  holidays: Holidays,
): RightToCall {
  const may = whenDue(lead, asked, campaign, at, holidays)
  const idle = whyIdle(asked)
  return {
    leadId: lead.leadId,
    mayBeCalled: may.ok && idle === undefined,
    sentence: idle ?? waits(may, campaign),
    notBefore: may.ok || may.notBefore === undefined || idle !== undefined ? null : new Date(may.notBefore),
    rules: campaign.rules,
    checks: explainNow(may.checks, campaign.settings, campaign.rules),
  }
}

/** What keeps the lead from being called whatever the rules say; a rule that finished it speaks for itself. */
function whyIdle({ state, reason, barredBy }: AskedLead): string | undefined {
  if (state === 'claimed' || state === 'in_call') return 'The contact is being called now.'
  if (state === 'held') return `The lead waits for a supervisor's decision: ${reason}`
  return state === 'finished' && barredBy === null ? `The lead is finished: ${reason}` : undefined
}

/** A lead that is planned for later than the rules ask is held by its plan. */
function whenDue(lead: ClaimedLead, asked: AskedLead, { settings }: Campaign, at: number, holidays: Holidays): Eligibility {
  const mode = modeOf(lead, settings)
  const now = eligibility(lead, settings, mode, at, holidays)
  const plannedAt = asked.nextAttemptAt.getTime()
  const free = now.ok ? at : (now.notBefore ?? Number.POSITIVE_INFINITY)
  if (asked.state !== 'waiting' || plannedAt <= free) return now
  const plan = held('planned', plannedAt, `The next call is planned for later (${asked.reason})`)
  return eligibility(lead, settings, mode, at, holidays, [plan])
}

function waits(may: Eligibility, { state }: Campaign): string {
  const still = state === 'running' ? '' : ` The campaign is ${state}: no calls are placed.`
  if (!may.ok) return `${may.reason}${still}`
  return still
    ? `The contact may be called now.${still}`
    : 'The contact may be called now, and waits for a free agent and a line.'
}
