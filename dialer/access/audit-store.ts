/** The audit in PostgreSQL: who changed what, kept for ever and never changed. Called by audit.ts. */
import type { Db } from '../storage/database.ts'

export interface AuditEntry {
  /** `key:ID (NAME)`. */
  actor: string
  /** `campaign.start` */
  action: string
  /** `campaign:ID` */
  subject: string
  details: Record<string, unknown>
}

export interface AuditRecord extends AuditEntry {
  id: number
  at: Date
}

export async function insertAudit(db: Db, entry: AuditEntry): Promise<void> {
  await db.query('insert into audit (actor, action, subject, details) values ($1, $2, $3, $4)', [
    entry.actor,
    entry.action,
    entry.subject,
    JSON.stringify(entry.details),
  ])
}

/** Newest first; `subject` null: all, `before`: the id of the last one seen. */
export async function listAudit(
  db: Db,
  query: { subject: string | null; before: number | null; limit: number },
): Promise<AuditRecord[]> {
  const { rows } = await db.query<AuditRecord>(
    `select id, at, actor, action, subject, details from audit
     where ($1::text is null or subject = $1) and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [query.subject, query.before, query.limit],
  )
  return rows
}
