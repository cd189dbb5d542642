/**
 * What a voice message is, as data: parts in each language, for a person and for a machine, and the keys a person may
 * press. Parsed at the edge as a part of the campaign's settings. Composed by compose.ts, played by calls/.
 */
import { z } from 'zod'
import { sendOutRetrySchema } from '../campaigns/retry-settings.ts'

/** What a text may name in braces; filled in by compose.ts from the contact and his open debts. */
export const messageFields = [
  'name',
  'brand',
  'creditor',
  'amount',
  'currency',
  'due_date',
  'account',
  'contract',
  'callback_number',
] as const
export type MessageField = (typeof messageFields)[number]

/** `{amount}` in a text. */
export const fieldPattern = /\{([^{}]*)\}/g

const isField = (name: string): name is MessageField => messageFields.some((field) => field === name)

const fieldsAreKnown = (text: string) =>
  !/[{}]/.test(text.replaceAll(fieldPattern, (_, name: string) => (isField(name) ? '' : '{')))

export const recordingNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be small letters, digits and hyphens, as given at the upload')

export const partSchema = z.union([
  /** A recording that was uploaded. */
  z.strictObject({ play: recordingNameSchema }),
  /** Spoken by the language's text-to-speech command. */
  z.strictObject({
    say: z
      .string()
      .trim()
      .min(1)
      .max(1000)
      .refine(fieldsAreKnown, { message: `may name in braces: ${messageFields.join(', ')}` }),
  }),
])
export type MessagePart = z.infer<typeof partSchema>

/** ISO 639-1, the first part of a contact's language. */
export const languageSchema = z.string().regex(/^[a-z]{2}$/, 'must be a language code such as pl')

/** Parts by language. */
export const textsSchema = z
  .record(languageSchema, z.array(partSchema).min(1).max(20))
  .refine((texts) => Object.keys(texts).length > 0, { message: 'needs at least one language' })
export type MessageTexts = z.infer<typeof textsSchema>

/** Says no more than 12 CFR 1006.2(j) permits; templates.ts. */
export const limitedContent = 'limited_content'

const key = z.string().regex(/^[0-9*#]$/, 'must be one key: 0-9, * or #')

/** What a key does while the message plays and shortly after; a key that is not named does nothing. */
export const messageKeysSchema = z
  .strictObject({
    agent: key.exactOptional(),
    repeat: key.exactOptional(),
    confirm: key.exactOptional(),
    optOut: key.exactOptional(),
  })
  .refine((keys) => new Set(Object.values(keys)).size === Object.values(keys).length, {
    message: 'must give each key one meaning',
  })
export type MessageKeys = z.infer<typeof messageKeysSchema>
export type KeyMeaning = keyof MessageKeys

export const messageSchema = z.strictObject({
  /** Heard by a person. Mode `message` needs it. */
  person: textsSchema.exactOptional(),
  /** Left on a machine, where others may hear it. */
  machine: z.union([z.literal(limitedContent), textsSchema]).default(limitedContent),
  /** For contacts whose language, and whose country's, has no text. */
  fallbackLanguage: languageSchema.exactOptional(),
  keys: messageKeysSchema.prefault({ agent: '1', repeat: '2', optOut: '9' }),
  /** After the message's end a key is waited for so long. */
  keyWaitMs: z.number().int().min(0).max(15_000).default(4000),
  /** Mode `message`: in place of the campaign's `retry`. */
  retry: sendOutRetrySchema.prefault({}),
})
export type MessageSettings = z.infer<typeof messageSchema>

/** The messages of the engine, by whom they are for and why. */
export type MessageKind = 'abandoned' | 'settled' | 'person' | 'machine' | 'opted_out' | 'callback'

/** A campaign's message for one contact, made before his call is placed: media in the switch's notation. */
export interface PreparedMessage {
  media: Partial<Record<MessageKind, string[]>>
  keys: MessageKeys
  keyWaitMs: number
}

/** Whose name and voice it is: the agency's, or its client's. */
export const brandSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Played where a text says {brand}, instead of the name spoken by the machine. */
  recording: recordingNameSchema.exactOptional(),
  /** Given out as {callback_number}; left out: the number the call comes from. */
  callbackNumber: z
    .string()
    .regex(/^\+[1-9]\d{5,14}$/, 'must be a number such as +48221234567')
    .exactOptional(),
})
export type Brand = z.infer<typeof brandSchema>

/** A send-out leaves its message, an agent campaign only where it was told to. */
export const machineGets = ({
  mode,
  onMachine,
}: {
  mode: string
  onMachine?: 'hang_up' | 'leave_message'
}): 'hang_up' | 'leave_message' => onMachine ?? (mode === 'message' ? 'leave_message' : 'hang_up')

/** Whether any call of the campaign has a message of its own to play. */
export const playsMessages = (settings: Parameters<typeof machineGets>[0]): boolean =>
  settings.mode === 'message' || machineGets(settings) === 'leave_message'
