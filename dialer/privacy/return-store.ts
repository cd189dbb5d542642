/**
 * Whom an import brings back after an erasure: the same external id, number or debt is found by its hash, and takes up its history
 * again, so that no limit begins anew and no wish is forgotten. One exported function per statement; called by the import.
 */
import type { Db } from '../storage/database.ts'
import { erasedReason } from './erasure-store.ts'

/** The fingerprint of the key of all hashes; undefined: nobody was erased yet. */
export async function findErasureKey(db: Db): Promise<string | undefined> {
  return (await db.query<{ fingerprint: string }>('select fingerprint from erasure_key')).rows[0]?.fingerprint
}

/** What is imported, and what is left of it. */
export interface Hashed {
  text: string
  hash: string
}

/** Contacts and what was wished for them by external id. */
export async function returnContacts(db: Db, externalIds: Hashed[]): Promise<void> {
  await db.query(
    `with back as (select * from json_to_recordset($1) as back (text text, hash text)),
     wished as (update suppressions s set external_id = back.text from back where s.external_id = back.hash)
     update contacts c set external_id = back.text, erased_at = null from back where c.external_id = back.hash`,
    [JSON.stringify(externalIds)],
  )
}

/** The contact's own. */
export async function returnDebts(db: Db, debts: (Hashed & { contact_id: number })[]): Promise<void> {
  await db.query(
    `update debts d set external_id = back.text, state = 'open'
       from json_to_recordset($1) as back (contact_id bigint, text text, hash text)
      where d.contact_id = back.contact_id and d.external_id = back.hash`,
    [JSON.stringify(debts)],
  )
}

/** The contact's own phones, with what was learnt of them (a wrong number stays one). */
export async function returnPhones(db: Db, phones: (Hashed & { contact_id: number })[]): Promise<void> {
  await db.query(
    `update phones p set number = back.text, erased_as = back.hash
       from json_to_recordset($1) as back (contact_id bigint, text text, hash text)
      where p.contact_id = back.contact_id and p.number = back.hash`,
    [JSON.stringify(phones)],
  )
}

/** After the phones are written: those whose number somebody had who was erased. */
export async function linkErasedNumbers(db: Db, phones: (Hashed & { contact_id: number })[]): Promise<void> {
  await db.query(
    `update phones p set erased_as = back.hash
       from json_to_recordset($1) as back (contact_id bigint, text text, hash text)
      where p.contact_id = back.contact_id and p.number = back.text and p.erased_as is null
        and (exists (select from phones q where q.number = back.hash) or exists (select from phones q where q.erased_as = back.hash))`,
    [JSON.stringify(phones)],
  )
}

/** In this campaign: leads that were finished because the person was erased. */
export async function returnLeads(
  db: Db,
  campaignId: string,
  leads: { contact_id: number; next_attempt_at: string }[],
): Promise<void> {
  await db.query(
    `update leads l set state = 'waiting', reason = 'imported again after the person was erased', finished_at = null,
            next_attempt_at = back.next_attempt_at
       from json_to_recordset($2) as back (contact_id bigint, next_attempt_at timestamptz)
      where l.campaign_id = $1 and l.contact_id = back.contact_id and l.state = 'finished' and l.reason = $3`,
    [campaignId, JSON.stringify(leads), erasedReason],
  )
}
