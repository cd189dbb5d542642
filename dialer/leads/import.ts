/**
 * A CSV file -> contacts, phones, debts and leads of a campaign, streaming: one batch of lines is read while the one before is
 * written, so memory stays flat whatever the length. A refused line is kept with its reason and stops nothing; a heading
 * without a needed column fails the import before anything is written. Called by lead-desk.ts; docs/import.md tells the rules.
 */
import type { Readable } from 'node:stream'
import { setImmediate as breathe } from 'node:timers/promises'
import type { CampaignSettings } from '../campaigns/settings.ts'
import type { Clock } from '../clock.ts'
import { followDebts } from '../debts/debt-store.ts'
import { messageOf, OutpaceError } from '../errors.ts'
import type { Pseudonyms } from '../privacy/pseudonym.ts'
import { type Returning, whoReturns } from '../privacy/returning.ts'
import { type Db, inTransaction, type Pool } from '../storage/database.ts'
import { nextOpening } from './calling-window.ts'
import { type ImportOptions, mapColumns } from './column-map.ts'
import { type BrokenLine, type CsvLine, readCsv } from './csv-lines.ts'
import { createHolidays, type Holidays } from './holidays.ts'
import {
  type ImportedContact,
  type ImportedDebt,
  type ImportedLine,
  type LineReader,
  type Refusal,
  readLine,
} from './import-line.ts'
import {
  addPhones,
  enlist,
  finishImport,
  type ImportedLead,
  type ImportProgress,
  insertImport,
  insertRefusals,
  upsertContacts,
  upsertDebts,
  writeProgress,
} from './import-store.ts'
import { wakeBarred } from './lead-store.ts'
import { isCountry } from './phone.ts'

export interface ImportRequest {
  pool: Pool
  clock: Clock
  /** By which those are known again who were erased. */
  pseudonyms: Pseudonyms
  /** The file's bytes. */
  source: Readable
  importId: string
  campaignId: string
  settings: CampaignSettings
  options: ImportOptions
  fileName?: string
  holidays?: Holidays
}

export interface ImportReport extends ImportProgress {
  importId: string
  durationMs: number
}

interface Batch {
  lines: ImportedLine[]
  refusals: Refusal[]
  refusedLines: number
}

/** Rules that wanted to know something which a list may have brought. */
const mendedByImport = '^(reminder_|due_date_|debt_|consent_missing|no_valid_phone)'

const emptyBatch = (): Batch => ({ lines: [], refusals: [], refusedLines: 0 })

/** Large enough that a statement's fixed cost does not count, small enough that a batch is a few megabytes. */
const batchLines = 4000
/** The engine's other work gets its turn this often. */
const linesPerBreath = 250

/** Throws `import_failed`; the import's row says the same. What was written by then stays. */
export async function importLeads(
  request: ImportRequest,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<ImportReport> {
  const { pool, clock, importId, campaignId, fileName = 'upload.csv' } = request
  const startedAt = clock.now()
  await insertImport(pool, { id: importId, campaignId, fileName, at: new Date(startedAt) })
  try {
    const progress = await run(request, onProgress)
    await finishImport(pool, importId, { error: null, at: new Date(clock.now()) })
    return { importId, ...progress, durationMs: clock.now() - startedAt }
  } catch (error) {
    const failure =
      error instanceof OutpaceError ? error : new OutpaceError('import_failed', { problem: messageOf(error) }, error)
    await finishImport(pool, importId, { error: failure.message, at: new Date(clock.now()) })
    throw failure
  }
}

async function run(request: ImportRequest, onProgress: (progress: ImportProgress) => void): Promise<ImportProgress> {
  const { source, options, settings } = request
  const { country } = settings
  if (!isCountry(country))
    throw new OutpaceError('import_failed', { problem: `the campaign's country ${country} has no numbering plan` })
  const progress: ImportProgress = { lines: 0, accepted: 0, refused: 0 }
  const firstCall = createFirstCalls(request)
  let reader: LineReader | undefined
  let batch = emptyBatch()
  let read = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async () => {
    await writing
    writing = writeBatch(request, batch, firstCall, progress).then(() => onProgress({ ...progress }))
    // Looked at by the next flush; until then a failure must not count as unhandled.
    writing.catch(() => {})
    batch = emptyBatch()
  }
  try {
    for await (const record of readCsv(source, options)) {
      if (!reader) {
        reader = { map: mapColumns(heading(record), options), options, country }
        continue
      }
      addTo(batch, 'fields' in record ? readLine(reader, record.line, record.fields) : { ...record, field: '' })
      read += 1
      if (read % linesPerBreath === 0) await breathe()
      if (read % batchLines === 0) await flush()
    }
    if (!reader) throw new OutpaceError('import_failed', { problem: 'the file is empty' })
    await flush()
  } finally {
    // Also when the source breaks: nothing goes on writing after the import has said how it ended.
    await writing
  }
  return progress
}

function addTo(batch: Batch, line: ImportedLine | Refusal): void {
  if ('contact' in line) {
    batch.lines.push(line)
    batch.refusals.push(...line.leftOut)
  } else {
    batch.refusals.push(line)
    batch.refusedLines += 1
  }
}

function heading(record: CsvLine | BrokenLine): string[] {
  if ('fields' in record) return record.fields
  throw new OutpaceError('import_failed', { problem: `the heading cannot be read: ${record.reason}` })
}

/** The first attempt is owed within a day, counted from when the contact may be called at all. */
const firstAttemptWithinMs = 24 * 3_600_000

/** When a new lead was taken over, is due (when the window of his place opens), and until when his first attempt goes first. */
type FirstCall = Pick<ImportedLead, 'taken_over_at' | 'next_attempt_at' | 'first_attempt_by'>

/** Each opening is looked for once per place and time. */
function createFirstCalls({
  clock,
  settings,
  holidays = createHolidays(),
}: ImportRequest): (contact: ImportedContact) => FirstCall {
  const now = clock.now()
  const known = new Map<string, FirstCall>()
  return ({ country, time_zone, taken_over_at }) => {
    const key = `${country} ${time_zone} ${taken_over_at}`
    const before = known.get(key)
    if (before) return before
    const opening = (at: number) => nextOpening(at, { country, timeZone: time_zone }, settings.windows, holidays) ?? at
    const takenOver = taken_over_at === null ? now : Date.parse(taken_over_at)
    const owedUntil = opening(takenOver) + firstAttemptWithinMs
    const call: FirstCall = {
      taken_over_at: new Date(takenOver).toISOString(),
      next_attempt_at: new Date(opening(now)).toISOString(),
      first_attempt_by: owedUntil > now ? new Date(owedUntil).toISOString() : null,
    }
    known.set(key, call)
    return call
  }
}

async function writeBatch(
  { pool, clock, pseudonyms, importId, campaignId }: ImportRequest,
  { lines, refusals, refusedLines }: Batch,
  firstCall: (contact: ImportedContact) => FirstCall,
  progress: ImportProgress,
): Promise<void> {
  // Of several lines with the same contact the last one says how he is called; their debts and phones add up.
  const contacts = new Map(lines.map(({ contact }) => [contact.external_id, contact]))
  await inTransaction(pool, async (db) => {
    const returning = await whoReturns(db, pseudonyms)
    await returning.contacts([...contacts.keys()])
    const ids = await upsertContacts(db, [...contacts.values()])
    const idOf = ({ external_id }: ImportedContact) => ids.get(external_id) ?? 0
    const phones = new Map(
      lines.flatMap((line) =>
        line.phones.map((phone) => {
          const contactId = idOf(line.contact)
          return [`${contactId} ${phone.number}`, { contact_id: contactId, ...phone }] as const
        }),
      ),
    )
    await returning.phones([...phones.values()], (all) => addPhones(db, all))
    const refused = await writeDebts(db, lines, idOf, returning)
    const leads = [...contacts.values()].map((contact) => ({
      contact_id: idOf(contact),
      priority: contact.priority,
      ...firstCall(contact),
    }))
    await enlist(db, campaignId, leads)
    await returning.leads(campaignId, leads)
    const at = new Date(clock.now())
    await followDebts(db, [...ids.values()], at)
    await wakeBarred(db, [...ids.values()], { barredBy: mendedByImport, reason: 'the list was imported again', at })
    if (refusals.length + refused.length > 0) await insertRefusals(db, importId, [...refusals, ...refused])
    progress.lines += lines.length + refusedLines
    progress.accepted += lines.length - refused.length
    progress.refused += refusedLines + refused.length
    await writeProgress(db, importId, progress)
  })
}

/** Writes each debt once, as its last line has it; returns the lines whose debt is another contact's. */
async function writeDebts(
  db: Db,
  lines: ImportedLine[],
  idOf: (contact: ImportedContact) => number,
  returning: Returning,
): Promise<Refusal[]> {
  const debts = new Map<string, ImportedDebt & { contact_id: number }>()
  for (const { contact, debt } of lines) {
    if (!debt) continue
    const owner = debts.get(debt.external_id)?.contact_id ?? idOf(contact)
    if (owner === idOf(contact)) debts.set(debt.external_id, { ...debt, contact_id: owner })
  }
  await returning.debts([...debts.values()])
  const written = await upsertDebts(db, [...debts.values()])
  return lines.flatMap(({ line, contact, debt }) => {
    const isOwn = !debt || (written.has(debt.external_id) && debts.get(debt.external_id)?.contact_id === idOf(contact))
    const reason = 'this debt belongs to another contact; the contact and his phones are in'
    return isOwn ? [] : [{ line, field: 'debt_id', code: 'debt_of_another', reason }]
  })
}
