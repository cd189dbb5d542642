/**
 * Progressive dialing: one ringing call for each free agent, never more, so nobody can be abandoned
 * unless an agent leaves while a call rings. Also what every other mode falls back to.
 */
import type { Decision } from './contract.ts'
import type { Roster } from './roster.ts'

export function progressiveCalls(roster: Roster): Decision {
  const free = roster.idle() - roster.waiting()
  const calls = Math.max(0, free - roster.ringing())
  return { calls, reason: `progressive: ${roster.idle()} idle, ${roster.waiting()} waiting, ${roster.ringing()} ringing` }
}
