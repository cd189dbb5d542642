/**
 * The import's side of erasure: who was erased and is imported again is found by the hashes of what identifies him, and takes up
 * his history, so that no limit begins anew and no wish is forgotten. Costs one look per batch while nobody was erased.
 */
import { OutpaceError } from '../errors.ts'
import type { Db } from '../storage/database.ts'
import type { Hidden, Pseudonyms } from './pseudonym.ts'
import * as store from './return-store.ts'

interface OfContact {
  contact_id: number
}

export interface Returning {
  /** Before the contacts are written. */
  contacts(externalIds: string[]): Promise<void>
  /** Writes the phones in between: a number of his own comes back first, one of somebody else's is linked afterwards. */
  phones<Phone extends OfContact & { number: string }>(phones: Phone[], write: (phones: Phone[]) => Promise<void>): Promise<void>
  /** Before the debts are written. */
  debts(debts: (OfContact & { external_id: string })[]): Promise<void>
  /** After the contacts are enlisted. */
  leads(campaignId: string, leads: (OfContact & { next_attempt_at: string })[]): Promise<void>
}

const nobody: Returning = {
  contacts: async () => {},
  phones: (phones, write) => write(phones),
  debts: async () => {},
  leads: async () => {},
}

/** Throws `erasure_key_differs` where somebody was erased under another key: he would not be recognised. */
export async function whoReturns(db: Db, pseudonyms: Pseudonyms): Promise<Returning> {
  const fingerprint = await store.findErasureKey(db)
  if (fingerprint === undefined) return nobody
  if (fingerprint !== pseudonyms.fingerprint) throw new OutpaceError('erasure_key_differs')
  const hashed = (what: Hidden, text: string) => ({ text, hash: pseudonyms.of(what, text) })
  return {
    contacts: (externalIds) =>
      store.returnContacts(
        db,
        externalIds.map((id) => hashed('external_id', id)),
      ),
    async phones(phones, write) {
      const known = phones.map(({ contact_id, number }) => ({ contact_id, ...hashed('number', number) }))
      await store.returnPhones(db, known)
      await write(phones)
      await store.linkErasedNumbers(db, known)
    },
    debts: (debts) =>
      store.returnDebts(
        db,
        debts.map(({ contact_id, external_id }) => ({ contact_id, ...hashed('debt', external_id) })),
      ),
    leads: (campaignId, leads) => store.returnLeads(db, campaignId, leads),
  }
}
