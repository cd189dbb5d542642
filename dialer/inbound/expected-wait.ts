/**
 * How long somebody in the line will wait, and what he hears meanwhile. Pure. An estimate for people: places in the line times
 * the time an agent is with one call, shared by the agents on shift.
 */
export interface LineLength {
  /** His own place included. */
  place: number
  /** On shift and not paused. */
  agents: number
  /** Talk and wrap-up. */
  handleMs: number
}

const minuteMs = 60_000
/** Minutes for which there is a recording: sound:outpace/wait-N. */
const recorded = [1, 2, 3, 5, 10]

/** undefined: nobody is there to tell by. */
export const expectedWaitMs = ({ place, agents, handleMs }: LineLength): number | undefined =>
  agents === 0 ? undefined : (place * handleMs) / agents

function timeAnnouncement(waitMs: number | undefined): string[] {
  if (waitMs === undefined) return []
  const minutes = recorded.find((limit) => waitMs <= limit * minuteMs)
  return [`sound:outpace/wait-${minutes ?? 'long'}`]
}

export interface Round {
  first: boolean
  offer: boolean
  waitMs: number | undefined
}

export const holdMedia = ({ first, offer, waitMs }: Round): string[] => [
  ...(first ? ['sound:outpace/please-wait'] : []),
  ...timeAnnouncement(waitMs),
  ...(offer ? ['sound:outpace/callback-offer'] : []),
  'sound:outpace/hold-music',
]
