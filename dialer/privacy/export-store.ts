/**
 * Everything that is kept on one person, whole rows as they lie in the tables, so that no new column can be forgotten; a test
 * holds the list of tables against the schema. One statement per table. Called by data-requests.ts.
 */
import type { Db } from '../storage/database.ts'

const his = 'contact_id = $1'
const ofHisAttempts = 'attempt_id in (select id from attempts where contact_id = $1)'

/** Table (as `t`) -> which of its rows are about the contact $1. */
export const personalTables: Readonly<Record<string, string>> = {
  contacts: 'id = $1',
  phones: his,
  debts: his,
  leads: his,
  attempts: his,
  detections: ofHisAttempts,
  detection_audio: ofHisAttempts,
  abandonment_ledger: ofHisAttempts,
  inbound_calls: his,
  suppressions: `contact_id = $1 or external_id = (select external_id from contacts where id = $1)
                 or number in (select number from phones where contact_id = $1)`,
  audit: `subject = 'contact:' || $1::bigint or subject in (
            select kind || ':' || l.id from leads l, unnest(array['lead', 'callback']) kind where l.contact_id = $1)`,
}

/** The rows of a table as JSON objects, columns by their names. */
export async function readPersonalRows(db: Db, table: string, contactId: number): Promise<Record<string, unknown>[]> {
  const { rows } = await db.query<{ row: Record<string, unknown> }>(
    `select to_jsonb(t) as row from ${table} t where ${personalTables[table]}`,
    [contactId],
  )
  return rows.map(({ row }) => row)
}

export interface FoundContact {
  externalId: string
  name: string
  phones: string[]
}

/** By his external id, or by one of his numbers. */
export async function findContacts(
  db: Db,
  { externalId, number }: { externalId: string | null; number: string | null },
): Promise<FoundContact[]> {
  const { rows } = await db.query<FoundContact>(
    `select c.external_id as "externalId", c.name, array(select number from phones p where p.contact_id = c.id order by position) as phones
       from contacts c
      where c.erased_at is null and (c.external_id = $1 or c.id in (select contact_id from phones where number = $2))
      order by c.id limit 100`,
    [externalId, number],
  )
  return rows
}
