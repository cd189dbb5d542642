/**
 * What happened to a call while nobody listened (this process was gone, or its connection to the switch), as the events its
 * machine would have been given: from the switch's own record, and from what stands on the switch now. Pure.
 * Asked by engine.ts for each call after each gap.
 */
import type { ChannelRecord, LiveChannel } from '../telephony/telephony.ts'
import type { CallEvent, CallState } from './call.ts'

export interface Sighting {
  /** None: the channel is gone. */
  channel?: LiveChannel | undefined
  record?: ChannelRecord | undefined
}

export function missedEvents(state: CallState, { channel, record }: Sighting, at: number): CallEvent[] {
  const events: CallEvent[] = []
  if (state.name === 'placing' || state.name === 'ringing') {
    const answeredAt = record?.answeredAt ?? (channel?.state === 'up' ? at : undefined)
    if (answeredAt !== undefined) events.push({ type: 'answered', at: answeredAt })
    // When it began to ring nobody knows: the ring limit is counted from the placing.
    else if (channel?.state === 'ringing' && state.name === 'placing') events.push({ type: 'ringing', at: state.placedAt })
  }
  // We were hanging up, and it was answered all the same.
  if (state.name === 'ending' && !state.facts && record?.answeredAt !== undefined)
    events.push({ type: 'answered', at: record.answeredAt })
  if (channel === undefined) events.push(gone(record, at))
  return events
}

/** An end that may have an answer before it which nobody heard. */
export const isUnexplained = (state: CallState, event: CallEvent): boolean =>
  event.type === 'ended' && event.network.cause === 0 && (state.name === 'placing' || state.name === 'ringing')

function gone(record: ChannelRecord | undefined, at: number): CallEvent {
  // Cause 0: not the network's word. So ends who answers while no engine is there to take the call.
  if (!record?.ended?.cause) return { type: 'ended', at: record?.ended?.at ?? at, network: { cause: 0 }, unseen: true }
  return { type: 'ended', at: record.ended.at, network: { cause: record.ended.cause } }
}
