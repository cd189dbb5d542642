/**
 * Claims due leads. The claim reads all their data in one statement, so one lead that PostgreSQL cannot read would keep everybody
 * from being called: it is looked for, and put aside with the reason. Called by place-call.ts.
 */
import { messageOf } from '../errors.ts'
import type { ClaimedLead } from '../leads/lead.ts'
import { type Claim, claimDueLeads, readLead } from '../leads/lead-store.ts'
import { dueLeadIds, putLeadAside } from '../leads/unreadable-store.ts'
import type { Log } from '../log.ts'
import { isRefusedContent, type Pool } from '../storage/database.ts'

const asideMs = 24 * 3_600_000

export async function claimReadable({ pool, log }: { pool: Pool; log: Log }, claim: Claim): Promise<ClaimedLead[]> {
  try {
    return await claimDueLeads(pool, claim)
  } catch (error) {
    if (!isRefusedContent(error)) throw error
  }
  for (const leadId of await dueLeadIds(pool, claim)) {
    try {
      await readLead(pool, leadId, claim.at)
    } catch (error) {
      if (!isRefusedContent(error)) throw error
      const problem = messageOf(error)
      log.error({ campaignId: claim.campaignId, leadId, problem }, 'a lead was put aside: its data cannot be read')
      const reason = `put aside, its data cannot be read: ${problem}`
      await putLeadAside(pool, leadId, new Date(claim.at.getTime() + asideMs), reason)
    }
  }
  return claimDueLeads(pool, claim)
}
