/** A contact by the id that lists give him, and his consent. One exported function per statement; called by call-permissions.ts. */
import type { Db } from '../storage/database.ts'
import type { Consent } from './lead.ts'

export async function findContact(db: Db, externalId: string): Promise<{ id: number } | undefined> {
  const { rows } = await db.query<{ id: number }>('select id from contacts where external_id = $1', [externalId])
  return rows[0]
}

export async function setConsent(db: Db, contactId: number, consent: Consent): Promise<void> {
  await db.query('update contacts set consent = $2, updated_at = now() where id = $1', [contactId, consent])
}
