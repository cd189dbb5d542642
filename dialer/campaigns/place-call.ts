/**
 * From "n calls now" to n attempts on the switch: claim leads, ask whether each may be called and from which number,
 * commit the attempts, hand them to the call engine. A lead that may not be called goes back with its reason and time.
 * Called by runner.ts only; decides nothing itself (leads/eligibility.ts, caller-id/choose.ts do).
 */
import { randomUUID } from 'node:crypto'
import type { AgentPool } from '../agents/agent-pool.ts'
import type { Agents } from '../agents/pool.ts'
import { homeOfCallee } from '../caller-id/area.ts'
import { unused } from '../caller-id/caps.ts'
import { chooseCallerId, type NoCallerId } from '../caller-id/choose.ts'
import type { Supply } from '../caller-id/supply.ts'
import type { NewAttempt } from '../calls/call-store.ts'
import type { CallEngine } from '../calls/engine.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Check } from '../leads/check.ts'
import { type Eligibility, eligibility, modeOf, needsAgent } from '../leads/eligibility.ts'
import type { Holidays } from '../leads/holidays.ts'
import type { ClaimedLead, LeadPhone } from '../leads/lead.ts'
import { claimAgentCallbacks, type ReleasedLead, releaseLeads } from '../leads/lead-store.ts'
import type { Log } from '../log.ts'
import type { Messages } from '../messages/messages.ts'
import type { Pool } from '../storage/database.ts'
import type { AnswerForecast, Forecast } from './answer-forecast.ts'
import type { Campaign } from './campaign.ts'
import type { CampaignLeases } from './campaign-leases.ts'
import { claimReadable } from './claim-readable.ts'
import { commitAttempts } from './commit-attempts.ts'

/** What may be dialed with in this tick: numbers of the pool, and how many calls each trunk has room for. */
export interface Allowance extends Supply {
  room: Map<string, number>
  /** Asked again when the messages are ready: the campaign still runs, and nothing holds it back. */
  stillWanted(): boolean
}

export interface PlaceCallDeps {
  pool: Pool
  engine: CallEngine
  agents: AgentPool & Pick<Agents, 'ready'>
  clock: Clock
  holidays: Holidays
  forecast: AnswerForecast
  messages: Pick<Messages, 'prepare'>
  /** The machine's own time: calling windows and caps go by it, also when it was set. */
  wall(): number
  /** Name of this process on claimed leads. */
  owner: string
  switchName: string
  leases: Pick<CampaignLeases, 'fence' | 'outrun'>
  log: Log
}

export interface Placement {
  placed: number
  /** Leads looked at and put back, by the code of the reason. */
  refused: Map<string, number>
}

const leaseMs = 30_000
/** Leads that turn out not callable are replaced by others, so often in one tick. */
const maxRounds = 4
/** A lead whose data cannot be judged or written is put aside so long; somebody may have corrected it by then. */
const poisonedDelayMs = 24 * 3_600_000
/** A person who is in another call now is looked at again after this time. */
const inCallDelayMs = 120_000
/** Mode predictive: so many due leads are looked at for each call, and those are called whom this hour suits best. */
const choice = 2
/** The others come back into the choice after this time. */
const notChosenDelayMs = 60_000
/** No number for this contact: looked at again after this time. */
const noNumberDelayMs = { trunk_full: 1000, no_caller_id: 10_000, caller_ids_at_cap: 60_000 }
/** A contact whose message lacks something is looked at again after this time: the next import may bring it. */
const noMessageDelayMs = 3_600_000
const noAgentDelayMs = 30_000

export async function placeCalls(
  deps: PlaceCallDeps,
  campaign: Campaign,
  wanted: number,
  allowance: Allowance,
): Promise<Placement> {
  const placement: Placement = { placed: 0, refused: new Map() }
  for (let round = 0; round < maxRounds && placement.placed < wanted; round++) {
    const limit = Math.min(wanted - placement.placed, total(allowance.room))
    if (limit <= 0 || deps.leases.fence(campaign.id) === undefined) break
    const at = deps.wall()
    const choosing = campaign.settings.mode === 'predictive' && deps.forecast.knows(campaign.id)
    const asked = choosing ? limit * choice : limit
    const leads = await claimReadable(deps, {
      ...{ campaignId: campaign.id, limit: asked, owner: deps.owner, leaseMs, at: new Date(at) },
    })
    if (leads.length === 0) break
    await placeClaimed(deps, campaign, leads, limit, allowance, at, placement)
  }
  return placement
}

/**
 * Callbacks agreed with an agent who is ready now: he is reserved, then the contact is called, and comes to him. The supplies
 * are asked for when there is such a callback.
 */
export async function placeAgentCallbacks(
  deps: PlaceCallDeps,
  campaign: Campaign,
  readyAgents: string[],
  allowanceFor: (calls: number) => Promise<Allowance | string>,
): Promise<void> {
  const at = deps.wall()
  const leads = await claimAgentCallbacks(deps.pool, {
    ...{ campaignId: campaign.id, agentIds: readyAgents, owner: deps.owner, leaseMs, at: new Date(at) },
  })
  if (leads.length === 0) return
  const placement: Placement = { placed: 0, refused: new Map() }
  const allowance = await allowanceFor(leads.length)
  const nothing: Allowance = { callerIds: [], uses: new Map(), room: new Map(), stillWanted: () => true }
  await placeClaimed(deps, campaign, leads, leads.length, typeof allowance === 'string' ? nothing : allowance, at, placement)
}

const total = (room: Map<string, number>): number => [...room.values()].reduce((sum, free) => sum + free, 0)

interface Candidate {
  lead: ClaimedLead
  /** Reserved before he is called. */
  agentId: string | null
  phone: LeadPhone
  debtIds: number[]
  reason: string
  checks: Check[]
  forecast: Forecast
}

async function placeClaimed(
  { pool, engine, agents, clock, holidays, forecast, messages, switchName, leases, log }: PlaceCallDeps,
  campaign: Campaign,
  leads: ClaimedLead[],
  limit: number,
  allowance: Allowance,
  at: number,
  placement: Placement,
): Promise<void> {
  const isReserved = ({ id, campaignId, forAgentId }: NewAttempt) =>
    forAgentId === undefined || agents.reserveAhead(forAgentId, campaignId, id) !== undefined
  const giveBack = ({ id, forAgentId }: NewAttempt) => {
    if (forAgentId !== undefined) agents.release(forAgentId, id)
  }
  const freeAgents = agents.ready(campaign.id)
  const callable: Candidate[] = []
  const plans: NewAttempt[] = []
  const back: ReleasedLead[] = []
  const refuse = (lead: ClaimedLead, code: string, reason: string, again: number, barred = false) => {
    placement.refused.set(code, (placement.refused.get(code) ?? 0) + 1)
    const state = barred ? 'finished' : 'waiting'
    back.push({ leadId: lead.leadId, nextAttemptAt: new Date(again), reason, state, barredBy: barred ? code : null })
  }

  /** Who is barred is due at once when what stood against him is gone. */
  const refuseByRule = (lead: ClaimedLead, may: Extract<Eligibility, { ok: false }>, asked: number) =>
    refuse(lead, may.code, may.reason, may.notBefore ?? (may.finished ? asked : asked + inCallDelayMs), may.finished)

  const notWritten = (error: unknown): never => {
    plans.forEach(giveBack)
    throw error
  }

  const putAside = (lead: ClaimedLead, problem: string) => {
    log.error({ campaignId: campaign.id, leadId: lead.leadId, problem }, 'a lead was put aside: its data cannot be used')
    refuse(lead, 'poisoned', `put aside, its data cannot be used: ${problem}`, at + poisonedDelayMs)
  }
  const judge = (lead: ClaimedLead) => {
    const { settings } = campaign
    const may = eligibility(lead, settings, modeOf(lead, settings), at, holidays)
    const agentId = lead.callbackAgentId ?? (needsAgent(lead, settings) ? freeAgents.shift() : null)
    if (may.ok && agentId === undefined)
      refuse(lead, 'callback_waits', 'the contact asked for an agent, and none of the campaign is free', at + noAgentDelayMs)
    else if (may.ok) callable.push({ lead, agentId: agentId ?? null, ...may, forecast: forecast.forecast(lead, may.phone, at) })
    else refuseByRule(lead, may, at)
  }
  for (const lead of leads) {
    try {
      judge(lead)
    } catch (error) {
      putAside(lead, messageOf(error))
    }
  }
  if (callable.length > limit)
    callable.sort((a, b) => b.lead.urgency - a.lead.urgency || b.forecast.momentFit - a.forecast.momentFit)
  for (const { lead } of callable.splice(limit))
    refuse(lead, 'not_chosen', 'due; at this hour others of the same urgency are likelier to answer', at + notChosenDelayMs)
  for (const candidate of callable) {
    const plan = planCall(campaign, candidate, allowance, at)
    if ('code' in plan) refuse(candidate.lead, plan.code, plan.reason, at + noNumberDelayMs[plan.code])
    else if (isReserved(plan)) plans.push(plan)
    else refuse(candidate.lead, 'agent_not_ready', 'the agent of the callback has just got another call', at)
  }

  const unprepared = (plan: NewAttempt, problem: string) => {
    giveBack(plan)
    refuse(plan.lead, 'no_message', `no message for this contact: ${problem}`, clock.now() + noMessageDelayMs)
  }
  /** Composing messages takes time, in which a calling window can close. */
  const stillMay = (plan: NewAttempt) => {
    const may = eligibility(plan.lead, plan.settings, plan.mode, plan.placedAt, holidays)
    if (may.ok) return true
    giveBack(plan)
    refuseByRule(plan.lead, may, plan.placedAt)
    return false
  }
  const ready = (await withMessages(messages, campaign, plans, clock, unprepared).catch(notWritten)).filter(
    (plan) => plan.placedAt === at || stillMay(plan),
  )
  if (!allowance.stillWanted())
    for (const plan of ready.splice(0)) {
      giveBack(plan)
      refuse(plan.lead, 'not_wanted', 'due; the campaign was stopped in this moment', clock.now())
    }
  const fence = leases.fence(campaign.id) ?? -1
  const { written, refused, outrun } = await commitAttempts(pool, campaign.id, ready, { switchName, fence }).catch(notWritten)
  if (outrun) leases.outrun(campaign.id)
  for (const plan of ready) {
    if (written.has(plan.id)) continue
    giveBack(plan)
    if (outrun) refuse(plan.lead, 'outrun', 'another engine dials this campaign by now', at)
    else if (refused.has(plan.id)) putAside(plan.lead, 'the database refuses it')
    else refuse(plan.lead, 'in_call', 'this person or number is in another call just now', at + inCallDelayMs)
  }
  if (back.length > 0) await releaseLeads(pool, back)
  const committed = ready.filter((plan) => written.has(plan.id))
  for (const plan of committed) forecast.placed(plan)
  engine.begin(committed)
  placement.placed += committed.length
}

/** Nothing is composed or spoken while a phone rings: the plans with their messages, ready to be played. */
async function withMessages(
  messages: Pick<Messages, 'prepare'>,
  { settings }: Campaign,
  plans: NewAttempt[],
  clock: Clock,
  refuse: (plan: NewAttempt, problem: string) => void,
): Promise<NewAttempt[]> {
  const calls = plans.map(({ lead, callerId }) => ({ contactId: lead.contactId, callerId: callerId.number }))
  const prepared = plans.length > 0 ? await messages.prepare(settings, calls) : []
  const placedAt = clock.now()
  return plans.flatMap((plan, n) => {
    // Who asked for an agent is not told a message again.
    const message = settings.mode === 'message' && plan.mode !== 'message' ? undefined : prepared[n]
    if (!message) return [{ ...plan, placedAt }]
    if (!('problem' in message)) return [{ ...plan, placedAt, message }]
    refuse(plan, message.problem)
    return []
  })
}

function planCall(
  campaign: Campaign,
  { lead, agentId, phone, debtIds, reason, checks, forecast }: Candidate,
  allowance: Allowance,
  at: number,
): NewAttempt | NoCallerId {
  const callerIdChoice = chooseCallerId({
    candidates: allowance.callerIds,
    number: phone.number,
    lineType: phone.lineType,
    home: homeOfCallee(phone, lead.phones) ?? { country: lead.country, area: null },
    preference: campaign.settings.callerIdChoice,
    byHand: lead.wantedCallerId,
    seen: lead.seenCallerIds,
    uses: allowance.uses,
    hasRoom: (trunkId) => (allowance.room.get(trunkId) ?? 0) > 0,
  })
  if (!callerIdChoice.callerId) return callerIdChoice
  const { callerId } = callerIdChoice
  const { day, hour } = allowance.uses.get(callerId.id) ?? unused
  allowance.uses.set(callerId.id, { day: day + 1, hour: hour + 1 })
  allowance.room.set(callerId.trunkId, (allowance.room.get(callerId.trunkId) ?? 1) - 1)
  return {
    id: randomUUID(),
    campaignId: campaign.id,
    lead,
    phone: { id: phone.id, number: phone.number },
    trunkId: callerId.trunkId,
    callerId: { id: callerId.id, number: callerId.number },
    mode: modeOf(lead, campaign.settings),
    ...(agentId !== null && { forAgentId: agentId }),
    reason: `${reason}; ${callerIdChoice.reason}`,
    placedAt: at,
    features: forecast.features,
    ...(forecast.answerProbability !== undefined && { answerProbability: forecast.answerProbability }),
    settings: campaign.settings,
    debtIds,
    checkedBy: { pack: campaign.rules.pack, version: campaign.rules.version, checks },
  }
}
