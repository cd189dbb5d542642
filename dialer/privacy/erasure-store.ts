/**
 * Erasure in PostgreSQL, one exported function per statement: what identifies a person is overwritten or deleted, what proves
 * how he was called stays under hashes. Called by data-requests.ts; what an import finds again is in return-store.ts.
 */
import type { Db } from '../storage/database.ts'

/** The reason of leads that are finished for it; an import of the same person makes them wait again. */
export const erasedReason = 'The person was erased.'

/** The contact with this external id, locked; undefined when there is none. */
export async function lockContact(db: Db, externalId: string): Promise<{ id: number } | undefined> {
  const sql = 'select id from contacts where external_id = $1 and erased_at is null for update'
  return (await db.query<{ id: number }>(sql, [externalId])).rows[0]
}

/** Locks his leads, so that no call begins, and tells whether one is on its way. */
export async function lockLeads(db: Db, contactId: number): Promise<{ inCall: boolean }> {
  const { rows } = await db.query<{ state: string }>('select state from leads where contact_id = $1 order by id for update', [
    contactId,
  ])
  const live = await db.query(
    `select from attempts where contact_id = $1 and ended_at is null union all
     select from inbound_calls where $1 = any (contact_ids) and ended_at is null`,
    [contactId],
  )
  return { inCall: live.rows.length > 0 || rows.some(({ state }) => state === 'claimed' || state === 'in_call') }
}

/** All that is to be hashed and is not yet: his numbers, also those only attempts know, and the ids of his debts. */
export async function readIdentifiers(db: Db, contactId: number): Promise<{ numbers: string[]; debts: string[] }> {
  const { rows } = await db.query<{ numbers: string[]; debts: string[] }>(
    `select array(select number from (select number from phones where contact_id = $1 union
                                      select number from attempts where contact_id = $1 union
                                      select number from inbound_calls where contact_id = $1) his where number not like '#%') as numbers,
            array(select external_id from debts where contact_id = $1 and external_id not like '#%') as debts`,
    [contactId],
  )
  return rows[0] ?? { numbers: [], debts: [] }
}

/** The key of the first erasure holds for all; returns whether it is this one. */
export async function fixErasureKey(db: Db, fingerprint: string): Promise<boolean> {
  await db.query('insert into erasure_key (fingerprint) values ($1) on conflict do nothing', [fingerprint])
  const { rows } = await db.query('select from erasure_key where fingerprint = $1', [fingerprint])
  return rows.length === 1
}

export interface Hashes {
  contactId: number
  externalId: string
  /** Text -> hash. */
  numbers: [string, string][]
  debts: [string, string][]
}

const columnsOf = (pairs: [string, string][]) => [pairs.map(([text]) => text), pairs.map(([, hash]) => hash)]

export async function eraseContact(db: Db, contactId: number, hash: string, at: Date): Promise<void> {
  await db.query(
    `update contacts
        set external_id = $2, name = 'erased', company = null, tax_id = null, responsible_person = null, address = null, language = null,
            consent = case when consent = 'withdrawn' then consent else 'unknown' end, erased_at = $3, updated_at = $3
      where id = $1`,
    [contactId, hash, at],
  )
}

/** His wishes stay: by his external id and on each of his numbers. Reasons are free text, and go. */
export async function eraseSuppressions(
  db: Db,
  { contactId, externalId, numbers }: Hashes,
  externalIdBefore: string,
): Promise<void> {
  const [texts, hashes] = columnsOf(numbers)
  await db.query(
    `with his as (select * from unnest($2::text[], $3::text[]) as his (number, hash)),
     wished as (
       insert into suppressions (list, number, kind, creditor, until, reason, created_at)
       select s.list, his.hash, s.kind, s.creditor, s.until, 'kept when the person was erased', s.created_at
         from suppressions s join his on (s.contact_id = $1 or s.external_id = $4) and s.kind = 'do_not_call' or s.number = his.number
        where s.lifted_at is null
       on conflict do nothing)
     delete from suppressions s using his
      where s.number = his.number
        and not exists (select from phones p where p.number = his.number and p.contact_id <> $1)`,
    [contactId, texts, hashes, externalIdBefore],
  )
  await db.query(
    `update suppressions set reason = 'kept when the person was erased', lift_reason = null,
            external_id = case when external_id is not null then $2 end
      where contact_id = $1 or external_id = $3`,
    [contactId, externalId, externalIdBefore],
  )
}

/** Somebody else's phone with the same number keeps its history of calls: it learns under which hash they are kept. */
export async function erasePhones(db: Db, { contactId, numbers }: Hashes): Promise<void> {
  const [texts, hashes] = columnsOf(numbers)
  await db.query(
    `update phones p
        set number = case when p.contact_id = $1 then his.hash else p.number end,
            erased_as = case when p.contact_id = $1 then null else his.hash end
       from unnest($2::text[], $3::text[]) as his (number, hash) where p.number = his.number`,
    [contactId, texts, hashes],
  )
}

export async function eraseDebts(db: Db, { contactId, debts }: Hashes): Promise<void> {
  await db.query(
    `update debts d
        set external_id = his.hash, creditor = null, original_creditor = null, contract = null, balance_minor = 0, due_date = null,
            account_to_pay = null, reminded_on = null, state = 'withdrawn', updated_at = now()
       from unnest($2::text[], $3::text[]) as his (id, hash) where d.contact_id = $1 and d.external_id = his.id`,
    [contactId, ...columnsOf(debts)],
  )
}

export async function eraseLeads(db: Db, contactId: number, at: Date): Promise<void> {
  await db.query(
    `update leads
        set state = 'finished', finished_at = coalesce(finished_at, $2), barred_by = null, callback_at = null, callback_agent_id = null,
            reason = case when state = 'finished' then reason else $3 end
      where contact_id = $1`,
    [contactId, at, erasedReason],
  )
}

/** Returns how many attempts stay as proof. */
export async function eraseAttempts(db: Db, { contactId, numbers }: Hashes): Promise<number> {
  const { rowCount } = await db.query(
    `update attempts a set number = his.hash, result_note = null
       from unnest($2::text[], $3::text[]) as his (number, hash) where a.contact_id = $1 and a.number = his.number`,
    [contactId, ...columnsOf(numbers)],
  )
  await db.query('delete from detection_audio where attempt_id in (select id from attempts where contact_id = $1)', [contactId])
  return rowCount ?? 0
}

/** His calls to us, also those that were not found to be his. */
export async function eraseInboundCalls(db: Db, { contactId, numbers }: Hashes): Promise<void> {
  await db.query(
    `update inbound_calls i set number = his.hash, result_note = null
       from unnest($2::text[], $3::text[]) as his (number, hash)
      where i.number = his.number and (i.contact_id = $1 or i.contact_id is null)`,
    [contactId, ...columnsOf(numbers)],
  )
  await db.query('update inbound_calls set result_note = null where contact_id = $1', [contactId])
}
