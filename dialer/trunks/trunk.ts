/**
 * A trunk as data: what may be set, what is shown (never its password), and the safety catch: whether its host is this
 * machine. Pure. Every text that ends in the switch's configuration is held to a narrow alphabet here.
 */
import { z } from 'zod'

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const loopbackV4 = new RegExp(`^127(\\.${octet}){3}$`)

/**
 * True only for what is this machine beyond doubt: `localhost`, 127.0.0.0/8 in full, ::1. Names are not resolved, and short
 * or octal notations are not understood: what is unclear is not loopback.
 */
export function isLoopback(host: string): boolean {
  const plain = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (plain === 'localhost' || plain === '::1') return true
  return loopbackV4.test(plain)
}

export const mayDial = (host: string, liveDialing: boolean): boolean => liveDialing || isLoopback(host)

const hostName = /^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?$/
const ipv6 = /^\[?[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}\]?$/
/** No line break, quote, semicolon or backslash: it stands in the configuration of the switch. */
const plainText = z
  .string()
  .regex(/^[\x21\x23-\x3a\x3c-\x5b\x5d-\x7e]{1,128}$/, 'must be plain ASCII without spaces, quotes, ; or \\')

/** What may stand before the @ of an address, unescaped. */
const fromUser = z.string().regex(/^[A-Za-z0-9+._~-]{1,64}$/, 'must be of letters, digits, +, ., _, ~ and -')

/** `p_asserted_identity` and `remote_party_id`: the number stands there, and From names the account. */
export const presentations = ['from', 'p_asserted_identity', 'both', 'remote_party_id'] as const

export const codecs = ['alaw', 'ulaw', 'g722', 'opus', 'gsm'] as const

const host = z.string().refine((text) => hostName.test(text) || ipv6.test(text), 'must be a host name or an IP address')

export const trunkSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,38}$/, 'must be of a-z, 0-9 and -, such as carrier-1'),
  host,
  port: z.number().int().min(1).max(65_535).default(5060),
  username: plainText.nullable().default(null),
  password: plainText.nullable().default(null),
  /** Calls at once, and new calls a second, that the carrier allows. */
  maxChannels: z.number().int().min(1).max(100_000),
  callsPerSecond: z.number().positive().max(1000),
  codecs: z.array(z.enum(codecs)).min(1).max(codecs.length).default(['alaw', 'ulaw']),
  /** How the carrier wants numbers: +48... or 48... */
  numberFormat: z.enum(['plus', 'digits']).default('plus'),
  /** Where on the INVITE the carrier looks for the caller ID. */
  presentation: z.enum(presentations).default('both'),
  /** User of From where the number stands elsewhere; null: the username. */
  fromUser: fromUser.nullable().default(null),
  /** Domain of From; null: our own address. */
  fromDomain: host.nullable().default(null),
  /** Sends the attempt's id as X-Outpace-Attempt on the INVITE. */
  sendAttemptId: z.boolean().default(false),
  enabled: z.boolean().default(true),
})
export type Trunk = z.infer<typeof trunkSchema>

/** Only what is sent is changed: a field left out stays as it is, so the defaults of the whole do not hold here. */
export const trunkPatchSchema = z.strictObject({
  host: trunkSchema.shape.host.exactOptional(),
  port: trunkSchema.shape.port.unwrap().exactOptional(),
  username: plainText.nullable().exactOptional(),
  password: plainText.nullable().exactOptional(),
  maxChannels: trunkSchema.shape.maxChannels.exactOptional(),
  callsPerSecond: trunkSchema.shape.callsPerSecond.exactOptional(),
  codecs: trunkSchema.shape.codecs.unwrap().exactOptional(),
  numberFormat: trunkSchema.shape.numberFormat.unwrap().exactOptional(),
  presentation: trunkSchema.shape.presentation.unwrap().exactOptional(),
  fromUser: fromUser.nullable().exactOptional(),
  fromDomain: host.nullable().exactOptional(),
  sendAttemptId: trunkSchema.shape.sendAttemptId.unwrap().exactOptional(),
  enabled: trunkSchema.shape.enabled.unwrap().exactOptional(),
})
export type TrunkPatch = z.infer<typeof trunkPatchSchema>

/** As shown to people and programs. */
export type TrunkView = Omit<Trunk, 'password'> & { hasPassword: boolean }

export function viewOf({ password, ...trunk }: Trunk): TrunkView {
  return { ...trunk, hasPassword: password !== null }
}

/** The number stands outside From, so From must name somebody else. */
export function lacksFromUser({ presentation, fromUser, username }: Trunk): boolean {
  const outside = presentation === 'p_asserted_identity' || presentation === 'remote_party_id'
  return outside && fromUser === null && username === null
}
