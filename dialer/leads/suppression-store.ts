/**
 * Whom not to call: suppressions by person (all his phones) or by phone number (whoever owns it), in lists.
 * One exported function per statement; what they mean is decided in eligibility.ts. Lifted ones are kept.
 */
import type { Db } from '../storage/database.ts'
import type { SuppressionKind } from './lead.ts'

/** Of number, contactId and externalId one is set: a phone, a person in the database, a person by his id in lists. */
export interface NewSuppression {
  list: string
  number: string | null
  contactId: number | null
  externalId: string | null
  kind: SuppressionKind
  creditor: string | null
  until: Date | null
  reason: string
}

export interface StoredSuppression extends NewSuppression {
  id: number
  createdAt: Date
  liftedAt: Date | null
  liftReason: string | null
}

const columns = `id, list, number, contact_id as "contactId", external_id as "externalId", kind, creditor, until, reason,
  created_at as "createdAt", lifted_at as "liftedAt", lift_reason as "liftReason"`

/** What a list says of somebody already is updated; returns the ids in the order given. */
export async function addSuppressions(db: Db, suppressions: NewSuppression[]): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>({
    name: 'add-suppressions',
    text: `insert into suppressions (list, number, contact_id, external_id, kind, creditor, until, reason)
           select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
           on conflict (list, kind, coalesce(number, ''), coalesce(contact_id, 0), coalesce(external_id, ''), coalesce(creditor, ''))
             where lifted_at is null
           do update set until = excluded.until, reason = excluded.reason
           returning id`,
    values: [
      suppressions.map((one) => one.list),
      suppressions.map((one) => one.number),
      suppressions.map((one) => one.contactId),
      suppressions.map((one) => one.externalId),
      suppressions.map((one) => one.kind),
      suppressions.map((one) => one.creditor),
      suppressions.map((one) => one.until),
      suppressions.map((one) => one.reason),
    ],
  })
  return rows.map((row) => row.id)
}

export async function findSuppression(db: Db, id: number): Promise<StoredSuppression | undefined> {
  const { rows } = await db.query<StoredSuppression>(`select ${columns} from suppressions where id = $1`, [id])
  return rows[0]
}

/** undefined: it does not stand. */
export async function liftSuppression(
  db: Db,
  { id, reason, at }: { id: number; reason: string; at: Date },
): Promise<StoredSuppression | undefined> {
  const { rows } = await db.query<StoredSuppression>(
    `update suppressions set lifted_at = $3, lift_reason = $2 where id = $1 and lifted_at is null returning ${columns}`,
    [id, reason, at],
  )
  return rows[0]
}

/** The contacts in the database whom it holds for. */
export async function contactsOf(db: Db, { number, contactId, externalId }: StoredSuppression): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select contact_id as id from phones where number = $1
     union select id from contacts where id = $2 or external_id = $3`,
    [number, contactId, externalId],
  )
  return rows.map((row) => row.id)
}

export interface SuppressionQuery {
  list: string | null
  /** E.164 */
  number: string | null
  externalId: string | null
  lifted: boolean
  /** The id of the last one on the page before. */
  before: number | null
  limit: number
}

/** Newest first. */
export async function listSuppressions(db: Db, query: SuppressionQuery): Promise<StoredSuppression[]> {
  const { rows } = await db.query<StoredSuppression>(
    `select ${columns} from suppressions
      where ($1::text is null or list = $1) and ($2::text is null or number = $2)
        and ($3::text is null or external_id = $3 or contact_id = (select id from contacts where external_id = $3))
        and (lifted_at is not null) = $4 and ($5::bigint is null or id < $5) order by id desc limit $6`,
    [query.list, query.number, query.externalId, query.lifted, query.before, query.limit],
  )
  return rows
}
