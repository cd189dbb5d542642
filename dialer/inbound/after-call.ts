/**
 * What a call to us leaves behind: its end, and what follows for the lead it belongs to. A talk lets the lead rest until the
 * agent's result plans it; who asked to be called back is called back. Never counts as an attempt.
 */
import { findCampaign } from '../campaigns/campaign-store.ts'
import { applyResult } from '../leads/apply-result.ts'
import type { Holidays } from '../leads/holidays.ts'
import { readLead, writeResultPlan } from '../leads/lead-store.ts'
import { planAfterTheirCall } from '../leads/retry.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import type { InboundFacts, Verdict } from './inbound-state.ts'
import { findPhoneId, lockInboundCall, lockLead, writeEnd } from './inbound-store.ts'

const minuteMs = 60_000

export interface EndedInbound {
  id: string
  facts: InboundFacts
  verdict: Verdict
  at: number
  callbackDelayMinutes: number
}

export async function writeEndedCall(pool: Pool, holidays: Holidays, call: EndedInbound): Promise<void> {
  const { id, facts, verdict, at } = call
  await inTransaction(pool, async (db) => {
    if (!(await writeEnd(db, id, { facts, ...verdict, at }))) return
    const row = await lockInboundCall(db, id)
    // A result that was recorded meanwhile knows more.
    if (!row || row.leadId === null || row.resultCode !== null) return
    const lead = await lockLead(db, row.leadId)
    const campaign = lead && (await findCampaign(db, lead.campaignId))
    if (!lead || !campaign) return
    const phoneId = await findPhoneId(db, lead.contactId, row.number)
    if (verdict.outcome === 'callback_planned') {
      const callbackAt = at + call.callbackDelayMinutes * minuteMs
      const said = { code: 'callback', phoneId, at, callbackAt } as const
      await applyResult(db, { leadId: row.leadId, number: row.number }, said, campaign.settings, holidays)
      return
    }
    // Of several who fit, the agent says who it was; until then the rest after a talk holds them all (leads/caps.ts).
    const isPlannable = row.contactIds.length === 1 && (lead.state === 'waiting' || lead.state === 'claimed')
    if (verdict.outcome !== 'talked' || !isPlannable) return
    const details = await readLead(db, row.leadId, new Date(at))
    if (!details) return
    const plan = planAfterTheirCall(details, { phoneId, at }, campaign.settings, holidays)
    await writeResultPlan(db, row.leadId, plan, new Date(at))
  })
}
