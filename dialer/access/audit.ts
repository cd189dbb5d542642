/**
 * The audit: every change over the API with its actor, action and subject. Details are settings and names of fields, never
 * a person's name, number or note. Called by the API for each route that changes something.
 */
import type { Pool } from '../storage/database.ts'
import { type AuditEntry, type AuditRecord, insertAudit, listAudit } from './audit-store.ts'

export type Audit = ReturnType<typeof createAudit>

export function createAudit({ pool }: { pool: Pool }) {
  return {
    record: (entry: AuditEntry): Promise<void> => insertAudit(pool, entry),
    list: (query: { subject: string | null; before: number | null; limit: number }): Promise<AuditRecord[]> =>
      listAudit(pool, query),
  }
}
