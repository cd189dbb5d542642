/** Pages through a campaign's leads for people. Called by lead-desk.ts. */
import type { Db } from '../storage/database.ts'
import type { LeadState } from './lead.ts'

export interface LeadLine {
  id: number
  externalId: string
  state: LeadState
  priority: number
  attempts: number
  disposition: string | null
  reason: string
  nextAttemptAt: Date
  lastAttemptAt: Date | null
}

/** A page in the order of ids; `state` null: all. */
export async function listLeads(
  db: Db,
  query: { campaignId: string; state: LeadState | null; after: number; limit: number },
): Promise<LeadLine[]> {
  const { rows } = await db.query<LeadLine>(
    `select l.id, c.external_id as "externalId", l.state, l.priority, l.attempts, l.disposition, l.reason,
            l.next_attempt_at as "nextAttemptAt", l.last_attempt_at as "lastAttemptAt"
     from leads l join contacts c on c.id = l.contact_id
     where l.campaign_id = $1 and ($2::text is null or l.state = $2) and l.id > $3 order by l.id limit $4`,
    [query.campaignId, query.state, query.after, query.limit],
  )
  return rows
}
