/**
 * Whom not to call: suppressions by contact (all his phones) or by phone number (whoever owns it).
 * One exported function per statement; what they mean is decided in eligibility.ts.
 */
import type { Db } from '../storage/database.ts'
import type { SuppressionKind } from './lead.ts'

export interface StoredSuppression {
  id: number
  number: string | null
  contactId: number | null
  kind: SuppressionKind
  until: Date | null
  reason: string
  createdAt: Date
}

export type NewSuppression = { kind: SuppressionKind; until: Date | null; reason: string } & (
  | { number: string; contactId?: never }
  | { contactId: number; number?: never }
)

const columns = 'id, number, contact_id as "contactId", kind, until, reason, created_at as "createdAt"'

export async function addSuppression(db: Db, suppression: NewSuppression): Promise<number> {
  const { number = null, contactId = null, kind, until, reason } = suppression
  const { rows } = await db.query<{ id: number }>(
    'insert into suppressions (number, contact_id, kind, until, reason) values ($1, $2, $3, $4, $5) returning id',
    [number, contactId, kind, until, reason],
  )
  return rows[0]?.id ?? 0
}

/** Returns whether there was one. */
export async function liftSuppression(db: Db, id: number): Promise<boolean> {
  const { rowCount } = await db.query('delete from suppressions where id = $1', [id])
  return rowCount === 1
}

/** Newest first; pages by the last id seen. */
export async function listSuppressions(
  db: Db,
  { before, limit }: { before?: number; limit: number },
): Promise<StoredSuppression[]> {
  const { rows } = await db.query<StoredSuppression>(
    `select ${columns} from suppressions where $1::bigint is null or id < $1 order by id desc limit $2`,
    [before ?? null, limit],
  )
  return rows
}
