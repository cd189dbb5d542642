/**
 * Whatever was thrown -> problem+json (RFC 9457): what is wrong, in which field, and what to do. Pure; used by server.ts alone.
 * The registry of codes is dialer/errors.ts. What is not in it leaves as `internal` with a reference to the log, and nothing else.
 */
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type ErrorCode, errorRegistry, messageOf, OutpaceError } from '../dialer/errors.ts'
import { TelephonyError } from '../dialer/telephony/telephony.ts'

export const problemSchema = z.object({
  type: z.string().describe('urn:outpace:problem: and the code'),
  title: z.string(),
  status: z.number().int(),
  code: z.string().describe('One of the codes in docs/errors.md'),
  detail: z.string().describe('What is wrong'),
  whatToDo: z.string(),
  retryable: z.boolean().describe('The same request may succeed later without a change'),
  reference: z.string().describe("The request's id in the log"),
  errors: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
})
export type Problem = z.infer<typeof problemSchema>

type FieldError = NonNullable<Problem['errors']>[number]

export function toProblem(thrown: unknown, reference: string): Problem {
  const { error, fields } = toOutpaceError(thrown, reference)
  return {
    type: `urn:outpace:problem:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    code: error.code,
    detail: error.message,
    whatToDo: error.whatToDo,
    retryable: 'retryable' in errorRegistry[error.code],
    reference,
    ...(fields && { errors: fields }),
  }
}

const titleOf = (code: ErrorCode): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ')

function toOutpaceError(thrown: unknown, reference: string): { error: OutpaceError; fields?: FieldError[] } {
  if (thrown instanceof OutpaceError) {
    const { cause } = thrown
    return { error: thrown, ...(cause instanceof z.ZodError && { fields: cause.issues.flatMap(fieldErrors('settings')) }) }
  }
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const context = thrown.validationContext ?? 'body'
    const prefix = context === 'body' ? '' : context === 'querystring' ? 'query' : context
    const fields = thrown.validation.flatMap(({ keyword, instancePath, message, params }) =>
      fieldErrors(prefix)({ code: keyword, path: instancePath.split('/').filter(Boolean), message, keys: params.keys }),
    )
    return { error: badRequest(fields.map(({ field, problem }) => `${field}: ${problem}`).join('; ')), fields }
  }
  if (thrown instanceof TelephonyError) return { error: fromSwitch(thrown) }
  if (isDatabaseAway(thrown)) return { error: databaseAway(thrown) }
  return { error: fromServer(thrown) ?? new OutpaceError('internal', { reference }, thrown) }
}

const badRequest = (problem: string, cause?: unknown) => new OutpaceError('bad_request', { problem }, cause)

interface Issue {
  code?: string | undefined
  path: readonly PropertyKey[]
  message?: string | undefined
  keys?: unknown
}

/** An unknown field is named itself, not the object it stands in. */
const fieldErrors =
  (prefix: string) =>
  ({ code, path, message, keys }: Issue): FieldError[] => {
    const at = (...names: PropertyKey[]) =>
      [prefix, ...path, ...names]
        .filter((name) => name !== '')
        .map(String)
        .join('.')
    if (code === 'unrecognized_keys' && Array.isArray(keys)) {
      return keys.map((key) => ({ field: at(String(key)), problem: 'unknown field' }))
    }
    return [{ field: at() || 'body', problem: message ?? 'does not fit' }]
  }

function fromSwitch(error: TelephonyError): OutpaceError {
  if (error.kind === 'unreachable') {
    return new OutpaceError('switch_unavailable', { where: 'its address', problem: error.message }, error)
  }
  return badRequest(`the switch refused it: ${error.message}`, error)
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''

const awayCodes = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|EPIPE|ENOENT|57P0[1-5]|08\w{3}|53300)$/
const awayMessages = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** The database is the only server that answers to plain socket errors here: the switch has TelephonyError. */
const isDatabaseAway = (thrown: unknown): boolean => awayCodes.test(codeOf(thrown)) || awayMessages.test(messageOf(thrown))

const databaseAway = (thrown: unknown) =>
  new OutpaceError('database_unavailable', { where: 'its address', problem: codeOf(thrown) || messageOf(thrown) }, thrown)

/** What fastify itself refuses before a route is reached. */
function fromServer(thrown: unknown): OutpaceError | undefined {
  const code = codeOf(thrown)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new OutpaceError('too_large', { what: 'body', limit: '1 MiB' }, thrown)
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new OutpaceError('unsupported_media_type', { type: 'that was sent' }, thrown)
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || thrown instanceof SyntaxError) return badRequest('the body is not JSON', thrown)
  const status = thrown instanceof Error && 'statusCode' in thrown ? Number(thrown.statusCode) : 500
  return status >= 400 && status < 500 ? badRequest(messageOf(thrown), thrown) : undefined
}
