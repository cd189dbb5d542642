/**
 * The engine's log: pino, JSON lines, messages that are constant strings.
 * Personal data may only stand in the fields named here, and leaves them as '[redacted]'.
 */
import { type Logger, pino } from 'pino'

export type Log = Logger

const personal = [
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
]

export function createLog(level: string, destination: string | 1 = 1): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: personal.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: destination, sync: false }),
  )
}
