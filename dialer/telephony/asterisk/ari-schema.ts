/**
 * What of ARI the adapter reads: the few events it uses and the replies it looks into. Everything else is left unread.
 * The event types named here are also the filter the switch is given, so that it does not even send the others.
 */
import { z } from 'zod'

const channel = z.object({ id: z.string() })

export const callEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('StasisStart'),
    args: z.array(z.string()),
    channel: channel.extend({
      name: z.string(),
      caller: z.object({ number: z.string() }),
      dialplan: z.object({ exten: z.string() }),
    }),
  }),
  z.object({ type: z.literal('Dial'), dialstatus: z.string(), peer: channel }),
  z.object({ type: z.literal('ChannelDtmfReceived'), digit: z.string(), channel }),
  z.object({ type: z.literal('ChannelTalkingStarted'), channel }),
  z.object({ type: z.literal('ChannelTalkingFinished'), channel }),
  z.object({
    type: z.literal('PlaybackFinished'),
    playback: z.object({ id: z.string(), target_uri: z.string(), state: z.string() }),
  }),
  z.object({ type: z.literal('ChannelDestroyed'), cause: z.int(), tech_cause: z.int().optional(), channel }),
])
export type CallEvent = z.infer<typeof callEventSchema>

export const contactEventSchema = z.object({
  type: z.literal('ContactStatusChange'),
  contact_info: z.object({ aor: z.string(), uri: z.string(), contact_status: z.string() }),
})

export const callEventTypes: readonly string[] = callEventSchema.options.map((option) => option.shape.type.value)

/** Reply to a request sent over the WebSocket; `message_body` is JSON text. */
export const restResponseSchema = z.object({
  request_id: z.string(),
  status_code: z.int(),
  reason_phrase: z.string(),
  message_body: z.string().optional(),
})

/** `startup_time` is ISO 8601 with a zone such as +0000. */
export const infoSchema = z.object({
  system: z.object({ version: z.string() }),
  status: z.object({ startup_time: z.string() }),
})
export const rtpSchema = z.object({ rxcount: z.number(), rxploss: z.number() })
export const applicationSchema = z.object({ channel_ids: z.array(z.string()), bridge_ids: z.array(z.string()) })
export const channelsSchema = z.array(z.object({ id: z.string(), name: z.string(), state: z.string() }))
export const bridgesSchema = z.array(z.object({ id: z.string(), channels: z.array(z.string()) }))
/** The port that the switch sends a media channel's audio from. */
export const externalMediaSchema = z.object({ channelvars: z.object({ UNICASTRTP_LOCAL_PORT: z.coerce.number().int() }) })
export const endpointSchema = z.object({ state: z.string().optional() })

/**
 * The type of a message from its first characters; parsing it is only worth while for the types in use. It stands first,
 * but for the end of a speech, whose length stands before it.
 */
export function messageType(text: string): string | undefined {
  return /^\s*\{\s*(?:"duration"\s*:\s*\d+\s*,\s*)?"type"\s*:\s*"(\w+)"/.exec(text.slice(0, 80))?.[1]
}

/** First release of each branch that takes REST requests over the event WebSocket. */
const firstWithRequests: Record<number, number> = { 20: 14, 21: 9, 22: 4 }

/** True when this Asterisk ("22.10.1+dfsg…") answers requests sent over the WebSocket. */
export function takesRequestsOverSocket(version: string): boolean {
  const [major, minor] = (/^(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  if (major === undefined || minor === undefined) return false
  return major > 22 || minor >= (firstWithRequests[major] ?? Number.POSITIVE_INFINITY)
}
