/**
 * The engine's log: pino, JSON lines, messages that are constant strings.
 * Personal data may only stand in the fields named here, at any depth, and leaves them as '[redacted]'.
 */
import { type Logger, pino } from 'pino'

export type Log = Logger

const personal = new Set([
  'number',
  'callerNumber',
  'name',
  'company',
  'taxId',
  'address',
  'responsiblePerson',
  'balance',
  'password',
  'digest',
  'key',
])
const deepest = 6

/** A copy without what is personal; lists and objects are walked, everything else stays as it is. */
function redacted(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return depth > deepest ? '[deep]' : value.map((one) => redacted(one, depth + 1))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return depth > deepest ? '[deep]' : fieldsOf(value, depth)
}

function fieldsOf(fields: object, depth = 0): Record<string, unknown> {
  const entries = Object.entries(fields)
  return Object.fromEntries(
    entries.map(([field, value]) => [field, personal.has(field) ? '[redacted]' : redacted(value, depth + 1)]),
  )
}

/** Without the fields that PostgreSQL adds: its `detail` quotes the row. */
const shortError = (error: Error & { code?: unknown }) => ({
  type: error.name,
  message: error.message,
  ...(error.code !== undefined && { code: error.code }),
  stack: error.stack,
})

export function createLog(level: string, destination: string | 1 = 1): Log {
  const output = pino.destination({ dest: destination, sync: false })
  // A full disk costs lines of the log, never calls.
  output.on('error', () => {})
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => (error instanceof Error ? shortError(error) : error) },
      formatters: { level: (label) => ({ level: label }), log: (fields) => fieldsOf(fields) },
    },
    output,
  )
}
