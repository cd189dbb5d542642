/**
 * Every error that leaves the engine: a code, a clear sentence, what to do, the HTTP status it becomes.
 * Thrown as `new OutpaceError('code', { fields })`; `{field}` in the texts is filled from the fields.
 * docs/errors.md is proven equal to this table by a test.
 */
interface ErrorEntry {
  status: number
  sentence: string
  whatToDo: string
  /** True when the same request may succeed later without a change. */
  retryable?: true
}

export const errorRegistry = {
  bad_request: {
    status: 400,
    sentence: 'The request does not fit: {problem}.',
    whatToDo: 'Correct the named field and send the request again.',
  },
  looser_than_pack: {
    status: 400,
    sentence: 'The campaign would be looser than its rule pack {pack} without a reason: {rules}.',
    whatToDo: 'Keep to the pack, or say why in settings.looserBecause: the reason is audited and shown with the campaign.',
  },
  unauthorized: {
    status: 401,
    sentence: 'No valid API key was sent.',
    whatToDo: 'Send a key in the header "Authorization: Bearer KEY"; the first key was printed at the first start.',
  },
  forbidden: {
    status: 403,
    sentence: 'A key with the role {role} may not do this.',
    whatToDo: 'Use a key with the role {needed}.',
  },
  not_found: {
    status: 404,
    sentence: 'There is no {what} {id}.',
    whatToDo: 'Check the id; the list of what exists is one level up in the address.',
  },
  already_exists: {
    status: 409,
    sentence: 'There is already a {what} {id}.',
    whatToDo: 'Choose another name or change the existing one.',
  },
  still_in_use: {
    status: 409,
    sentence: 'The {what} {id} is still used by {user}.',
    whatToDo: 'Take it out of use there first.',
  },
  erasure_key_differs: {
    status: 409,
    sentence: 'Persons were erased from this database under another erasure key, and could not be recognised.',
    whatToDo:
      'Give every engine the key of the first erasure: OUTPACE_ERASURE_KEY, or the file erasure-key of its data directory.',
  },
  wrong_state: {
    status: 409,
    sentence: 'The {what} is {state}; {action} is not possible now.',
    whatToDo: 'Possible from here: {possible}.',
  },
  campaign_not_ready: {
    status: 409,
    sentence: 'The campaign cannot start: {missing}.',
    whatToDo: 'Add what is missing and start it again.',
  },
  live_dialing_off: {
    status: 409,
    sentence: 'The trunk {trunk} points to {host}, which is not this machine, and live dialing is switched off.',
    whatToDo: 'Set OUTPACE_LIVE_DIALING=on to call real people, or point the trunk to 127.0.0.1.',
  },
  phone_unreachable: {
    status: 409,
    sentence: "The agent's phone {account} could not be reached: {reason}.",
    whatToDo: 'Check that the phone is registered, then log in again, or dial the log-in code from the phone.',
  },
  import_failed: {
    status: 422,
    sentence: 'The file could not be read: {problem}.',
    whatToDo: 'Correct the file or the column map and upload it again; lines imported so far are kept.',
  },
  too_large: {
    status: 413,
    sentence: 'The {what} is larger than {limit}.',
    whatToDo: 'Split it into smaller parts.',
  },
  unsupported_media_type: {
    status: 415,
    sentence: 'A body of the type {type} is not understood here.',
    whatToDo: 'Send JSON as application/json; a list of leads goes to its own address as text/csv.',
  },
  too_many_requests: {
    status: 429,
    sentence: 'Too many requests from this address.',
    whatToDo: 'Wait {wait} and try again.',
    retryable: true,
  },
  starting: {
    status: 503,
    sentence: 'The engine is starting, or stands by for another one that is in charge.',
    whatToDo: 'Ask /ready what it waits for, and try again when it answers 200.',
    retryable: true,
  },
  database_unavailable: {
    status: 503,
    sentence: 'PostgreSQL at {where} does not answer: {problem}.',
    whatToDo: 'Start it or correct DATABASE_URL; the engine keeps trying.',
    retryable: true,
  },
  switch_unavailable: {
    status: 503,
    sentence: 'Asterisk at {where} does not answer: {problem}.',
    whatToDo: 'Start it or correct ARI_URL; the engine keeps trying.',
    retryable: true,
  },
  redis_unavailable: {
    status: 503,
    sentence: 'Redis at {where} does not answer: {problem}.',
    whatToDo: 'Start it or correct REDIS_URL; no calls are placed until it is back.',
    retryable: true,
  },
  invalid_configuration: {
    status: 500,
    sentence: 'The configuration is wrong: {problem}.',
    whatToDo: 'Correct the environment variable and start again.',
  },
  schema_changed: {
    status: 500,
    sentence: 'The database was set up by another version of this program: the migration {file} {how}.',
    whatToDo: 'Use the program version that fits the database, or an empty database.',
  },
  internal: {
    status: 500,
    sentence: 'Something went wrong inside the engine (reference {reference}).',
    whatToDo: 'Look for the reference in the log and report it.',
  },
} satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorRegistry

const fill = (text: string, fields: Record<string, string | number>) =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(fields[name] ?? whole))

export class OutpaceError extends Error {
  readonly code: ErrorCode
  readonly fields: Record<string, string | number>
  constructor(code: ErrorCode, fields: Record<string, string | number> = {}, cause?: unknown) {
    super(fill(errorRegistry[code].sentence, fields), { cause })
    this.name = 'OutpaceError'
    this.code = code
    this.fields = fields
  }
  get status(): number {
    return errorRegistry[this.code].status
  }
  get whatToDo(): string {
    return fill(errorRegistry[this.code].whatToDo, this.fields)
  }
}

/** A short sentence for whatever was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message || thrown.name : String(thrown))
