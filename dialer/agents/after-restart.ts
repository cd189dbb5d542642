/**
 * After the engine was gone: what becomes of each session that it left open, from the leg as it stands on the switch. Pure.
 * Asked by room.ts.
 */

import { type Standing, standingSchema } from './agent-state.ts'
import { atWork } from './standing.ts'

export interface LeftOpen {
  enabled: boolean
  loggedInAt: number
  /** As written; what cannot be read counts as at work. */
  standing: unknown
  legIsUp: boolean
  inBridge: boolean
}

export type Resumption =
  /** He notices nothing. */
  | { do: 'resume'; standing: Standing }
  /** The leg lives, its bridge does not: it is put into a new one. */
  | { do: 'stand_up'; standing: Standing }
  /** The switch was restarted under him. */
  | { do: 'call_back'; standing: Standing; reason: string }
  | { do: 'close'; reason: string }

export function resumptionOf(session: LeftOpen, switchStartedAt: number): Resumption {
  if (!session.enabled) return { do: 'close', reason: 'the account was disabled' }
  const parsed = standingSchema.safeParse(session.standing ?? atWork)
  const standing = parsed.success ? parsed.data : atWork
  if (session.legIsUp) return { do: session.inBridge ? 'resume' : 'stand_up', standing }
  if (switchStartedAt > session.loggedInAt) return { do: 'call_back', standing, reason: 'the switch was restarted' }
  return { do: 'close', reason: 'the phone hung up while the engine was away' }
}
