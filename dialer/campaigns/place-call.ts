/**
 * From "n calls now" to n attempts on the switch: claim leads, ask whether each may be called and from which number,
 * commit the attempts, hand them to the call engine. A lead that may not be called goes back with its reason and time.
 * Called by runner.ts only; decides nothing itself (leads/eligibility.ts, caller-id/choose.ts do).
 */
import { randomUUID } from 'node:crypto'
import type { CallerIdCandidate } from '../caller-id/caller-id.ts'
import { chooseCallerId } from '../caller-id/choose.ts'
import type { CallPlan } from '../calls/call-plan.ts'
import { insertAttempts } from '../calls/call-store.ts'
import type { CallEngine } from '../calls/engine.ts'
import type { Clock } from '../clock.ts'
import { eligibility } from '../leads/eligibility.ts'
import type { Holidays } from '../leads/holidays.ts'
import type { ClaimedLead } from '../leads/lead.ts'
import { claimDueLeads, type ReleasedLead, releaseLeads } from '../leads/lead-store.ts'
import type { Pool } from '../storage/database.ts'
import type { Campaign } from './campaign.ts'

/** What may be dialed with in this tick: numbers of the pool, and how many calls each trunk has room for. */
export interface Allowance {
  callerIds: CallerIdCandidate[]
  /** How often each was used lately, kept up by what is placed here. */
  uses: Map<number, number>
  room: Map<string, number>
}

export interface PlaceCallDeps {
  pool: Pool
  engine: CallEngine
  clock: Clock
  holidays: Holidays
  /** Name of this process on the leases. */
  owner: string
}

export interface Placement {
  placed: number
  /** Leads looked at and put back, by the code of the reason. */
  refused: Map<string, number>
}

const leaseMs = 30_000
/** Leads that turn out not callable are replaced by others, so often in one tick. */
const maxRounds = 4
/** A person who is in another call now is looked at again after this time. */
const inCallDelayMs = 120_000

export async function placeCalls(
  deps: PlaceCallDeps,
  campaign: Campaign,
  wanted: number,
  allowance: Allowance,
): Promise<Placement> {
  const placement: Placement = { placed: 0, refused: new Map() }
  for (let round = 0; round < maxRounds && placement.placed < wanted; round++) {
    const limit = Math.min(wanted - placement.placed, total(allowance.room))
    if (limit <= 0) break
    const at = deps.clock.now()
    const leads = await claimDueLeads(deps.pool, { campaignId: campaign.id, limit, owner: deps.owner, leaseMs, at: new Date(at) })
    if (leads.length === 0) break
    await placeClaimed(deps, campaign, leads, allowance, at, placement)
  }
  return placement
}

const total = (room: Map<string, number>): number => [...room.values()].reduce((sum, free) => sum + free, 0)

async function placeClaimed(
  { pool, engine, holidays }: PlaceCallDeps,
  campaign: Campaign,
  leads: ClaimedLead[],
  allowance: Allowance,
  at: number,
  placement: Placement,
): Promise<void> {
  const plans: CallPlan[] = []
  const back: ReleasedLead[] = []
  const putBack = (lead: ClaimedLead, code: string, released: Omit<ReleasedLead, 'leadId'>) => {
    placement.refused.set(code, (placement.refused.get(code) ?? 0) + 1)
    back.push({ leadId: lead.leadId, ...released })
  }

  for (const lead of leads) {
    const may = eligibility(lead, campaign.settings, campaign.settings.mode, at, holidays)
    if (!may.ok) {
      const again = may.notBefore ?? at + inCallDelayMs
      putBack(lead, may.code, {
        nextAttemptAt: new Date(again),
        reason: may.reason,
        state: may.finished ? 'finished' : 'waiting',
      })
      continue
    }
    const plan = planCall(campaign, lead, may, allowance, at)
    if ('refused' in plan)
      putBack(lead, 'no_caller_id', { nextAttemptAt: new Date(at + 1000), reason: plan.refused, state: 'waiting' })
    else plans.push(plan)
  }

  const written = plans.length > 0 ? await insertAttempts(pool, plans) : new Set<string>()
  for (const plan of plans)
    if (!written.has(plan.id))
      putBack(plan.lead, 'in_call', {
        nextAttemptAt: new Date(at + inCallDelayMs),
        reason: 'this person or number is in another call just now',
        state: 'waiting',
      })
  if (back.length > 0) await releaseLeads(pool, back)
  const committed = plans.filter((plan) => written.has(plan.id))
  engine.begin(committed)
  placement.placed += committed.length
}

function planCall(
  campaign: Campaign,
  lead: ClaimedLead,
  may: { phone: ClaimedLead['phones'][number]; reason: string },
  allowance: Allowance,
  at: number,
): CallPlan | { refused: string } {
  const { phone } = may
  const candidates = allowance.callerIds.filter((callerId) => (allowance.room.get(callerId.trunkId) ?? 0) > 0)
  const choice = chooseCallerId({
    candidates,
    number: phone.number,
    country: lead.country,
    lineType: phone.lineType,
    seen: lead.seenCallerIds,
    uses: allowance.uses,
  })
  if (!choice.callerId) return { refused: choice.reason }
  const { callerId } = choice
  allowance.uses.set(callerId.id, (allowance.uses.get(callerId.id) ?? 0) + 1)
  allowance.room.set(callerId.trunkId, (allowance.room.get(callerId.trunkId) ?? 1) - 1)
  return {
    id: randomUUID(),
    campaignId: campaign.id,
    lead,
    phone: { id: phone.id, number: phone.number },
    trunkId: callerId.trunkId,
    callerId: { id: callerId.id, number: callerId.number },
    mode: campaign.settings.mode,
    reason: `${may.reason}; ${choice.reason}`,
    placedAt: at,
    settings: campaign.settings,
  }
}
