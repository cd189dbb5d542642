/**
 * An ARI event as the port's event, or undefined where it means nothing to the engine. Pure.
 * The words in `args` are the adapter's own: `answered` is set by originate, the others by the dialplan
 * (pbx-config/templates/extensions.conf).
 */
import type { TelephonyEvent, Verdict } from '../telephony.ts'
import type { CallEvent } from './ari-schema.ts'
import { endpointOfChannel } from './pjsip-objects.ts'

/** First argument of a channel that comes into the application. */
export const answeredArgument = 'answered'

const verdicts: Record<string, Verdict> = { HUMAN: 'human', MACHINE: 'machine' }

export function toTelephonyEvent(event: CallEvent, at: number): TelephonyEvent | undefined {
  switch (event.type) {
    case 'StasisStart':
      return enteredApplication(event, at)
    case 'Dial':
      // A carrier may tell of ringing by early media (183) alone; 180 after 183 says it twice.
      if (event.dialstatus !== 'RINGING' && event.dialstatus !== 'PROGRESS') return undefined
      return { type: 'ringing', channelId: event.peer.id, at }
    case 'ChannelDtmfReceived':
      return { type: 'dtmf', channelId: event.channel.id, at, digit: event.digit }
    case 'ChannelTalkingStarted':
      return { type: 'talking', channelId: event.channel.id, at, on: true }
    case 'ChannelTalkingFinished':
      return { type: 'talking', channelId: event.channel.id, at, on: false }
    case 'PlaybackFinished': {
      const { id, target_uri, state } = event.playback
      if (!target_uri.startsWith('channel:')) return undefined
      return { type: 'played', playbackId: id, channelId: target_uri.slice('channel:'.length), at, completed: state === 'done' }
    }
    case 'ChannelDestroyed': {
      const ended = { type: 'ended', channelId: event.channel.id, at, cause: event.cause } as const
      return event.tech_cause ? { ...ended, sipCode: event.tech_cause } : ended
    }
  }
}

function enteredApplication({ channel, args }: CallEvent & { type: 'StasisStart' }, at: number): TelephonyEvent | undefined {
  const [what, first = '', second = ''] = args
  const channelId = channel.id
  switch (what) {
    case answeredArgument:
      return { type: 'answered', channelId, at }
    case 'detected':
      return { type: 'detected', channelId, at, verdict: verdicts[first] ?? 'unsure', cause: second }
    case 'dialed-in':
      return { type: 'dialed_in', channelId, at, account: first, code: second }
    case 'called-in': {
      const trunkId = endpointOfChannel(channel.name)
      if (trunkId === undefined) return undefined
      const from = isWithheld(first, second) ? undefined : international(channel.caller.number)
      const to = international(channel.dialplan.exten) ?? channel.dialplan.exten
      return { type: 'called_in', channelId, at, trunkId, from: from ?? null, to }
    }
    default:
      return undefined
  }
}

/** By the presentation that the switch made of the INVITE, or by the header of RFC 3323 itself. */
const isWithheld = (presentation: string, privacy: string): boolean =>
  presentation.startsWith('prohib') || /\b(id|user|header|session)\b/i.test(privacy)

/** A carrier writes +48..., 48... or 0048..., whatever it wants to be sent. undefined: no number ('anonymous', a name). */
function international(number: string): string | undefined {
  const digits = /^(?:\+|00)?([1-9]\d{2,14})$/.exec(number)?.[1]
  return digits === undefined ? undefined : `+${digits}`
}
