/**
 * What the switch reports of a callee's channel, as an event of its call; and the names of playbacks, by which a message
 * that ends is known again. Pure. Used by engine.ts and switch-requests.ts.
 */
import type { MessageKind } from '../messages/message.ts'
import type { TelephonyEvent } from '../telephony/telephony.ts'
import type { CallEvent } from './call.ts'

/** undefined: nothing that a call's machine knows. */
export function callEventOf(event: TelephonyEvent): { callId: string; event: CallEvent } | undefined {
  switch (event.type) {
    case 'ringing':
    case 'answered':
      return { callId: event.channelId, event }
    case 'detected':
      return { callId: event.channelId, event: { ...event, detector: 'asterisk' } }
    case 'dtmf':
      return { callId: event.channelId, event: { type: 'key', at: event.at, digit: event.digit } }
    case 'talking':
      return { callId: event.channelId, event: { type: event.on ? 'speech' : 'silence', at: event.at } }
    case 'played': {
      const played = messageOf(event.playbackId, event.channelId)
      const { at, completed } = event
      return played && { callId: event.channelId, event: { type: 'message_played', at, ...played, completed } }
    }
    case 'ended': {
      const network = { cause: event.cause, ...(event.sipCode !== undefined && { sipCode: event.sipCode }) }
      return { callId: event.channelId, event: { type: 'ended', at: event.at, network } }
    }
    default:
      return undefined
  }
}

const messageKinds: readonly MessageKind[] = ['abandoned', 'settled', 'person', 'machine', 'opted_out', 'callback']

/** `take` tells a message that is played again from what was stopped. */
export const playbackOf = (callId: string, message: MessageKind, take: number): string => `${message}.${take}.${callId}`

function messageOf(playbackId: string, callId: string): { message: MessageKind; take: number } | undefined {
  const [kind, take] = playbackId.split('.')
  const message = messageKinds.find((one) => one === kind)
  return message && playbackId === playbackOf(callId, message, Number(take)) ? { message, take: Number(take) } : undefined
}
