/**
 * A line of news about a debt, as JSON or CSV brings it -> an update, or why it is refused. Pure; each line for itself, so
 * that a bad one harms nothing beside it. Called by debts.ts and api/.
 */
import { z } from 'zod'
import { readCsvObjects } from '../leads/csv-objects.ts'
import { type DebtChange, debtStates } from './debt.ts'

export const debtChangeSchema = z.strictObject({
  balance: z
    .union([z.string().min(1).max(40), z.number().min(0).transform(String)])
    .optional()
    .describe('What is owed now, in the currency of the debt, such as "120.50"; 0: paid'),
  currency: z.string().length(3).optional().describe('Refused where it is not the currency of the debt'),
  state: z.enum(debtStates).optional().describe('Left out: open or paid by the balance; disputed and withdrawn stay'),
  remindedOn: z.iso.date().optional().describe('Day of the last written reminder'),
})

const someNews = ({ balance, state, remindedOn }: DebtChange) => (balance ?? state ?? remindedOn) !== undefined
const noNews = { message: 'a balance, a state or the day of a reminder is needed', path: ['balance'] }

export const oneChangeSchema = debtChangeSchema.refine(someNews, noNews)
export const debtUpdateSchema = debtChangeSchema
  .extend({ debtId: z.string().min(1).max(500).describe('The debt_id of the import') })
  .refine(someNews, noNews)

export type DebtUpdate = DebtChange & { line: number; debtId: string }

export interface Refusal {
  /** Of the file, the heading included; or the place in the array, from 1. */
  line: number
  debtId: string | null
  field: string
  code: string
  reason: string
}

export function readUpdate(line: number, value: unknown): DebtUpdate | Refusal {
  const parsed = debtUpdateSchema.safeParse(value)
  if (parsed.success) return { line, ...parsed.data }
  const [issue] = parsed.error.issues
  const debtId = typeof value === 'object' && value !== null ? Reflect.get(value, 'debtId') : undefined
  return {
    ...{ line, debtId: typeof debtId === 'string' ? debtId : null },
    ...{ field: issue?.path.join('.') ?? '', code: 'unreadable', reason: issue?.message ?? 'does not fit' },
  }
}

export function* readUpdates(values: readonly unknown[]): Generator<DebtUpdate | Refusal> {
  for (const [index, value] of values.entries()) yield readUpdate(index + 1, value)
}

const columns = {
  fields: { debt_id: 'debtId', balance: 'balance', currency: 'currency', state: 'state', reminder_date: 'remindedOn' },
  needed: [['debt_id'], ['balance', 'state', 'reminder_date']],
}

/** Throws `import_failed` where the heading does not fit; other columns are passed over. */
export async function* readCsvUpdates(source: AsyncIterable<Buffer | string>): AsyncGenerator<DebtUpdate | Refusal> {
  for await (const record of readCsvObjects(source, columns))
    yield 'values' in record ? readUpdate(record.line, record.values) : { ...record, debtId: null, field: '' }
}
