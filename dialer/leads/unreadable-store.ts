/** Leads that the claim cannot read, found and put aside one by one. Called by campaigns/claim-readable.ts. */
import type { Db } from '../storage/database.ts'
import type { Claim } from './lead-store.ts'

/** The leads that a claim would take now, without a look at their data. */
export async function dueLeadIds(
  db: Db,
  { campaignId, limit, at }: Pick<Claim, 'campaignId' | 'limit' | 'at'>,
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select d.id from generate_series(29, 0, -1) as place(urgency)
      cross join lateral (
        select id from leads
         where campaign_id = $2 and state = 'waiting' and urgency = place.urgency and next_attempt_at <= $1
         order by next_attempt_at limit $3) d
      limit $3`,
    [at, campaignId, limit],
  )
  return rows.map(({ id }) => id)
}

export async function putLeadAside(db: Db, leadId: number, until: Date, reason: string): Promise<void> {
  await db.query(`update leads set next_attempt_at = $2, reason = $3, callback_at = null where id = $1 and state = 'waiting'`, [
    leadId,
    until,
    reason,
  ])
}
