/**
 * News about debts, one by one or by the hundred thousand: read in batches, each one transaction in which the debts are
 * written and the leads of their contacts follow; then the calls. A refused line is reported and harms nothing beside it.
 * Called by the API; debt.ts decides, debt-store.ts writes, settled-calls.ts ends calls.
 */
import type { Clock } from '../clock.ts'
import { OutpaceError } from '../errors.ts'
import { wakeBarred } from '../leads/lead-store.ts'
import type { DecimalMark } from '../leads/money.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import { changeDebt, type DebtChange } from './debt.ts'
import { type DebtRow, followDebts, lockDebts, writeDebts } from './debt-store.ts'
import type { DebtUpdate, Refusal } from './debt-update.ts'
import type { SettledCalls } from './settled-calls.ts'

export interface UpdateReport {
  lines: number
  changed: number
  /** The debt was as the line says. */
  unchanged: number
  refused: number
  /** Contacts whose last open debt was closed, and who are not called any more. */
  settled: number
  /** Contacts with a debt that is open again. */
  reopened: number
  /** The first of those refused, in their order. */
  refusals: Refusal[]
}

export interface Debts {
  /** Throws `not_found`, or `bad_request` with what does not fit. */
  change(externalId: string, change: DebtChange): Promise<DebtRow>
  update(
    updates: AsyncIterable<DebtUpdate | Refusal> | Iterable<DebtUpdate | Refusal>,
    decimal?: DecimalMark,
  ): Promise<UpdateReport>
}

export interface DebtsDeps {
  pool: Pool
  clock: Clock
  calls: Pick<SettledCalls, 'settle'>
}

const batchLines = 2000
/** More are only counted. */
const refusalsKept = 10_000

export function createDebts({ pool, clock, calls }: DebtsDeps): Debts {
  /** Writes one batch and adds it to the report; returns the debts it named. */
  async function write(updates: DebtUpdate[], report: UpdateReport, decimal: DecimalMark | undefined): Promise<DebtRow[]> {
    const at = new Date(clock.now())
    const { batch, followed } = await inTransaction(pool, async (db) => {
      const batch = apply(await lockDebts(db, [...new Set(updates.map(({ debtId }) => debtId))]), updates, decimal)
      if (batch.written.length > 0) await writeDebts(db, batch.written, at)
      const followed = batch.turned.length > 0 ? await followDebts(db, batch.turned, at) : []
      if (batch.reminded.length > 0) {
        await wakeBarred(db, batch.reminded, { barredBy: '^reminder_', reason: 'a written reminder was recorded', at })
      }
      return { batch, followed }
    })
    const settled = followed.filter(({ open }) => !open).map(({ contactId }) => contactId)
    if (settled.length > 0) calls.settle(settled)
    report.changed += batch.changed
    report.unchanged += updates.length - batch.changed - batch.refusals.length
    report.settled += settled.length
    report.reopened += followed.filter(({ contactId, open }) => open && batch.opened.has(contactId)).length
    for (const refusal of batch.refusals) refuse(report, refusal)
    return batch.debts
  }

  return {
    async change(externalId, change) {
      const report = emptyReport()
      const [debt] = await write([{ line: 1, debtId: externalId, ...change }], report, undefined)
      if (!debt) throw new OutpaceError('not_found', { what: 'debt', id: externalId })
      const [refusal] = report.refusals
      if (refusal) throw new OutpaceError('bad_request', { problem: `${refusal.field}: ${refusal.reason}` })
      return debt
    },

    async update(updates, decimal) {
      const report = emptyReport()
      let batch: DebtUpdate[] = []
      for await (const update of updates) {
        report.lines += 1
        if ('code' in update) refuse(report, update)
        else batch.push(update)
        if (batch.length < batchLines) continue
        await write(batch, report, decimal)
        batch = []
      }
      if (batch.length > 0) await write(batch, report, decimal)
      report.refusals.sort((a, b) => a.line - b.line)
      return report
    },
  }
}

const emptyReport = (): UpdateReport => ({
  ...{ lines: 0, changed: 0, unchanged: 0, refused: 0, settled: 0, reopened: 0, refusals: [] },
})

function refuse(report: UpdateReport, refusal: Refusal): void {
  report.refused += 1
  if (report.refusals.length < refusalsKept) report.refusals.push(refusal)
}

interface AppliedBatch {
  /** As they are now. */
  debts: DebtRow[]
  written: DebtRow[]
  changed: number
  refusals: Refusal[]
  /** Contacts of debts that were opened or closed; `opened` only the former. */
  turned: number[]
  opened: Set<number>
  /** Contacts with another reminder than before. */
  reminded: number[]
}

const debtFields = ['state', 'balanceMinor', 'remindedOn'] as const

/** Several lines of one debt are taken one after the other. */
function apply(rows: DebtRow[], updates: DebtUpdate[], decimal: DecimalMark | undefined): AppliedBatch {
  const before = new Map(rows.map((row) => [row.externalId, row]))
  const now = new Map(before)
  const refusals: Refusal[] = []
  let changed = 0
  for (const { line, debtId, ...change } of updates) {
    const debt = now.get(debtId)
    const next = debt && changeDebt(debt, change, decimal)
    if (!debt || !next) {
      refusals.push({ line, debtId, field: 'debtId', code: 'debt_unknown', reason: 'there is no debt with this id' })
    } else if ('code' in next) refusals.push({ line, debtId, ...next })
    else if (debtFields.some((field) => next[field] !== debt[field])) {
      changed += 1
      now.set(debtId, { ...debt, ...next })
    }
  }
  const debts = [...now.values()]
  const written = debts.filter((debt) => debt !== before.get(debt.externalId))
  const turned = written.filter((debt) => (debt.state === 'open') !== (before.get(debt.externalId)?.state === 'open'))
  const reminded = written.filter((debt) => debt.remindedOn !== before.get(debt.externalId)?.remindedOn)
  const contactsOf = (some: DebtRow[]) => new Set(some.map((debt) => debt.contactId))
  return {
    ...{ debts, written, changed, refusals },
    turned: [...contactsOf(turned)],
    reminded: [...contactsOf(reminded)],
    opened: contactsOf(turned.filter((debt) => debt.state === 'open')),
  }
}
