/** A caller ID as data: a number we own, present and answer on. Pure; used by the room's rule, store and service. */
import type { LineType } from '../leads/lead.ts'

/** `active` is dialed from; the others are kept, because people call back for months. */
export const callerIdStates = ['active', 'warming', 'resting', 'retired'] as const
export type CallerIdState = (typeof callerIdStates)[number]

/** What the choice for one attempt needs. */
export interface CallerIdCandidate {
  id: number
  /** E.164 with '+'. */
  number: string
  country: string
  lineType: LineType
  trunkId: string
}

export interface CallerId extends CallerIdCandidate {
  pool: string
  state: CallerIdState
  createdAt: Date
}
