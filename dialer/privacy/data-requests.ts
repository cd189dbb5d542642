/**
 * What a person may ask for: to see all that is kept on him, and to be erased. Erasing takes out the person and leaves the proof of how
 * often and when he was called, under hashes (docs/privacy.md). Refused while he is in a call. Called by the API.
 */
import type { Clock } from '../clock.ts'
import { OutpaceError } from '../errors.ts'
import { findContact } from '../leads/contact-store.ts'
import { inSnapshot, inTransaction, type Pool } from '../storage/database.ts'
import * as store from './erasure-store.ts'
import { type FoundContact, findContacts, personalTables, readPersonalRows } from './export-store.ts'
import type { Pseudonyms } from './pseudonym.ts'

export interface PersonalData {
  /** The contact's. */
  id: number
  exportedAt: Date
  /** Table -> its rows about him. */
  tables: Record<string, Record<string, unknown>[]>
}

export interface Erasure {
  id: number
  erasedAt: Date
  /** Attempts that stay as proof, without the person. */
  attemptsKept: number
}

export interface DataRequests {
  find(by: { externalId: string | null; number: string | null }): Promise<FoundContact[]>
  export(externalId: string): Promise<PersonalData>
  erase(externalId: string): Promise<Erasure>
}

export interface DataRequestsDeps {
  pool: Pool
  clock: Clock
  pseudonyms: Pseudonyms
}

export function createDataRequests({ pool, clock, pseudonyms }: DataRequestsDeps): DataRequests {
  return {
    find: (by) => findContacts(pool, by),

    export: (externalId) =>
      inSnapshot(pool, async (db) => {
        const contact = (await findContact(db, externalId)) ?? unknown(externalId)
        const tables: PersonalData['tables'] = {}
        for (const table of Object.keys(personalTables)) tables[table] = await readPersonalRows(db, table, contact.id)
        return { id: contact.id, exportedAt: new Date(clock.now()), tables }
      }),

    erase: (externalId) =>
      inTransaction(pool, async (db) => {
        const { id } = (await store.lockContact(db, externalId)) ?? unknown(externalId)
        if ((await store.lockLeads(db, id)).inCall) throw inCall()
        if (!(await store.fixErasureKey(db, pseudonyms.fingerprint))) throw new OutpaceError('erasure_key_differs')
        const { numbers, debts } = await store.readIdentifiers(db, id)
        const hashes: store.Hashes = {
          contactId: id,
          externalId: pseudonyms.of('external_id', externalId),
          numbers: numbers.map((number) => [number, pseudonyms.of('number', number)]),
          debts: debts.map((debt) => [debt, pseudonyms.of('debt', debt)]),
        }
        const at = new Date(clock.now())
        await store.eraseSuppressions(db, hashes, externalId)
        await store.eraseContact(db, id, hashes.externalId, at)
        await store.erasePhones(db, hashes)
        await store.eraseDebts(db, hashes)
        await store.eraseLeads(db, id, at)
        await store.eraseInboundCalls(db, hashes)
        return { id, erasedAt: at, attemptsKept: await store.eraseAttempts(db, hashes) }
      }),
  }
}

const inCall = () =>
  new OutpaceError('wrong_state', {
    what: 'contact',
    state: 'in a call',
    action: 'erasing',
    possible: 'it, when the call is over',
  })

function unknown(externalId: string): never {
  throw new OutpaceError('not_found', { what: 'contact', id: externalId })
}
