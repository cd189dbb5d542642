/** A caller ID as data: a number we own, present and answer on. Pure; used by the room's rules, stores and services. */
import type { LineType } from '../leads/lead.ts'

/** `active` and, gently, `warming` are dialed from; the others are kept, because people call back for months. */
export const callerIdStates = ['active', 'warming', 'resting', 'retired'] as const
export type CallerIdState = (typeof callerIdStates)[number]

/** Whether people who call back reach us: `passed` a test call, or `waived` by a supervisor who vouches for it. */
export type InboundRoute = 'untested' | 'passed' | 'failed' | 'waived'

/** Attempts from a number. */
export interface Caps {
  /** In any 24 hours, and in any hour; Infinity: no limit. */
  perDay: number
  perHour: number
}

/** What the choice for one attempt needs. */
export interface CallerIdCandidate {
  id: number
  /** E.164 with '+'. */
  number: string
  country: string
  /** Area code; null: a mobile, or a plan without areas. */
  area: string | null
  lineType: LineType
  trunkId: string
  /** Under whose name it calls; null: nobody's in particular. */
  brand: string | null
  caps: Caps
}

export interface CallerId extends Omit<CallerIdCandidate, 'caps'> {
  pool: string
  /** Attempts in any 24 hours, in any hour; null: no limit. */
  dailyCap: number | null
  hourlyCap: number | null
  state: CallerIdState
  stateSince: Date
  stateReason: string
  /** When a rest given by the health check ends; null: by hand. */
  restUntil: Date | null
  /** Calls before this time say nothing of its health any more. */
  judgedSince: Date
  inboundRoute: InboundRoute
  inboundRouteAt: Date | null
  inboundRouteReason: string | null
  createdAt: Date
}
