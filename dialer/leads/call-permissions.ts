/**
 * Who may not be called, and who agreed to be: suppressions are added one by one or as whole lists, looked up and lifted;
 * consent is noted. Leads that a rule had finished wait again when what stood against them is gone. Called by the API;
 * eligibility.ts says what it means for a call, and asks at every attempt.
 */
import type { Clock } from '../clock.ts'
import { OutpaceError } from '../errors.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import { findContact, setConsent } from './contact-store.ts'
import type { Consent } from './lead.ts'
import { wakeBarred } from './lead-store.ts'
import type { ReadSuppression, SuppressionRefusal } from './suppression-line.ts'
import {
  addSuppressions,
  contactsOf,
  findSuppression,
  liftSuppression,
  listSuppressions,
  type NewSuppression,
  type StoredSuppression,
  type SuppressionQuery,
} from './suppression-store.ts'

interface ListReport {
  lines: number
  /** New or updated. */
  taken: number
  refused: number
  /** The first of those refused, in their order. */
  refusals: SuppressionRefusal[]
}

export interface CallPermissions {
  /** Throws `bad_request` where the line does not fit. */
  suppress(line: ReadSuppression): Promise<StoredSuppression>
  suppressAll(lines: AsyncIterable<ReadSuppression> | Iterable<ReadSuppression>): Promise<ListReport>
  list(query: SuppressionQuery): Promise<StoredSuppression[]>
  /** Throws `not_found` where none stands with this id. */
  lift(id: number, reason: string): Promise<StoredSuppression>
  setConsent(externalId: string, consent: Consent): Promise<{ externalId: string; consent: Consent }>
}

const batchLines = 2000
/** More are only counted. */
const refusalsKept = 10_000

const keyOf = ({ list, kind, number, contactId, externalId, creditor }: NewSuppression) =>
  JSON.stringify([list, kind, number, contactId, externalId, creditor])

export function createCallPermissions({ pool, clock }: { pool: Pool; clock: Clock }): CallPermissions {
  return {
    async suppress(line) {
      if ('code' in line) throw new OutpaceError('bad_request', { problem: `${line.field}: ${line.reason}` })
      const [id = 0] = await addSuppressions(pool, [line])
      return (await findSuppression(pool, id)) ?? missing(id)
    },

    async suppressAll(lines) {
      const report: ListReport = { lines: 0, taken: 0, refused: 0, refusals: [] }
      let batch = new Map<string, NewSuppression>()
      const write = async () => {
        if (batch.size > 0) await addSuppressions(pool, [...batch.values()])
        batch = new Map()
      }
      for await (const line of lines) {
        report.lines += 1
        if ('code' in line) {
          report.refused += 1
          if (report.refusals.length < refusalsKept) report.refusals.push(line)
          continue
        }
        report.taken += 1
        // Of two lines that say the same of the same person the later one counts.
        batch.set(keyOf(line), line)
        if (batch.size >= batchLines) await write()
      }
      await write()
      return report
    },

    list: (query) => listSuppressions(pool, query),

    lift: (id, reason) =>
      inTransaction(pool, async (db) => {
        const at = new Date(clock.now())
        const lifted = (await liftSuppression(db, { id, reason, at })) ?? missing(id)
        await wakeBarred(db, await contactsOf(db, lifted), {
          ...{ barredBy: '^suppressed_', reason: 'a suppression of the contact was lifted', at },
        })
        return lifted
      }),

    setConsent: (externalId, consent) =>
      inTransaction(pool, async (db) => {
        const contact = await findContact(db, externalId)
        if (!contact) throw new OutpaceError('not_found', { what: 'contact', id: externalId })
        await setConsent(db, contact.id, consent)
        const at = new Date(clock.now())
        const reason = `consent of the contact: ${consent}`
        if (consent !== 'withdrawn') await wakeBarred(db, [contact.id], { barredBy: '^consent_', reason, at })
        return { externalId, consent }
      }),
  }
}

function missing(id: number): never {
  throw new OutpaceError('not_found', { what: 'standing suppression', id })
}
