/**
 * A line that says whom not to call, as JSON or CSV brings it -> a suppression, or why it is refused. Pure; each line for
 * itself, so that a bad one harms nothing beside it. Called by call-permissions.ts and api/.
 */
import { z } from 'zod'
import { readCsvObjects } from './csv-objects.ts'
import { suppressionKinds } from './lead.ts'
import { isCountry, parsePhone } from './phone.ts'
import type { NewSuppression } from './suppression-store.ts'

const oneOfTwo = (line: { phone?: unknown; contact?: unknown }) => (line.phone === undefined) !== (line.contact === undefined)

const lineShape = {
  phone: z.string().min(1).max(40).exactOptional().describe('Nobody is called on it; with its prefix, or in the country given'),
  contact: z.string().min(1).max(500).exactOptional().describe('external_id of the lists, on all phones; may be unknown yet'),
  kind: z.enum(suppressionKinds).default('do_not_call'),
  creditor: z.string().trim().min(1).max(500).exactOptional().describe('Only for debts of this creditor'),
  until: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()])
    .exactOptional()
    .describe('A day: until it is over everywhere; left out: for ever'),
  reason: z.string().trim().min(1).max(500),
}
const needsOne = { message: 'either a phone or a contact is needed', path: ['phone'] }

export const suppressionLineSchema = z.strictObject(lineShape).refine(oneOfTwo, needsOne)

/** What holds for all lines of an import that do not say otherwise. */
export const suppressionDefaultsSchema = z.strictObject({
  list: z.string().trim().min(1).max(100).default('internal').describe('Name of the list; sent again, it is updated'),
  country: z.string().refine(isCountry, 'must be a country code such as PL').exactOptional(),
  kind: lineShape.kind,
  creditor: lineShape.creditor,
  reason: lineShape.reason.exactOptional(),
})
type SuppressionDefaults = z.infer<typeof suppressionDefaultsSchema>

export interface SuppressionRefusal {
  /** Of the file, the heading included; or the place in the array, from 1. */
  line: number
  field: string
  code: string
  reason: string
}

export type ReadSuppression = (NewSuppression & { line: number }) | SuppressionRefusal

export function readSuppression(line: number, value: unknown, defaults: SuppressionDefaults): ReadSuppression {
  const { list, country, ...rest } = defaults
  const parsed = suppressionLineSchema.safeParse(value instanceof Object && !Array.isArray(value) ? { ...rest, ...value } : value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { line, field: issue?.path.join('.') ?? '', code: 'unreadable', reason: issue?.message ?? 'does not fit' }
  }
  const { phone, contact = null, kind, creditor = null, until, reason } = parsed.data
  const common = { line, list, kind, creditor, until: until === undefined ? null : endOf(until), reason }
  if (phone === undefined) return { ...common, number: null, contactId: null, externalId: contact }
  if (country === undefined && !/^(\+|00)/.test(phone.trim()))
    return { line, field: 'phone', code: 'phone_unreadable', reason: 'without a country, the phone needs its prefix (+48...)' }
  const read = parsePhone(phone, country !== undefined && isCountry(country) ? country : 'US')
  // Premium numbers are never dialed anyway.
  if ('code' in read) return { line, field: 'phone', code: read.code, reason: read.reason }
  return { ...common, number: read.number, contactId: null, externalId: null }
}

const dayMs = 86_400_000

/** Of a day: when it is over in the last time zone. */
const endOf = (until: string): Date => (until.includes('T') ? new Date(until) : new Date(Date.parse(until) + dayMs + dayMs / 2))

export function* readSuppressions(values: readonly unknown[], defaults: SuppressionDefaults): Generator<ReadSuppression> {
  for (const [index, value] of values.entries()) yield readSuppression(index + 1, value, defaults)
}

const columns = {
  fields: {
    ...{ phone: 'phone', contact: 'contact', external_id: 'contact', kind: 'kind' },
    ...{ creditor: 'creditor', until: 'until', reason: 'reason' },
  },
  needed: [['phone', 'contact', 'external_id']],
}

/** Throws `import_failed` where the heading does not fit. */
export async function* readCsvSuppressions(
  source: AsyncIterable<Buffer | string>,
  defaults: SuppressionDefaults,
): AsyncGenerator<ReadSuppression> {
  for await (const record of readCsvObjects(source, columns))
    yield 'values' in record ? readSuppression(record.line, record.values, defaults) : { ...record, field: '' }
}
