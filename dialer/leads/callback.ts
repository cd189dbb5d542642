/**
 * Callbacks: the time a contact named, read on his own clock, and what becomes of a callback whose agent was not there in
 * time. Pure. Called when a result is recorded, by callbacks.ts, and by campaigns/callback-watch.ts.
 */
import { DateTime } from 'luxon'
import { z } from 'zod'
import type { CampaignSettings } from '../campaigns/settings.ts'
import { OutpaceError } from '../errors.ts'
import { nextOpening, type Place } from './calling-window.ts'
import type { Holidays } from './holidays.ts'
import { dateText } from './wall-clock.ts'

/** With an offset it is an instant; without one it is meant on the contact's clock. */
export const callbackTimeSchema = z.iso.datetime({
  local: true,
  offset: true,
  error: 'must be a time such as 2026-03-31T14:30, or with an offset 2026-03-31T14:30:00+02:00',
})

/** Further ahead a time is a slip of the pen. */
const horizonMs = 366 * 86_400_000

/** An hour that the clocks skip is taken as much later, one that comes twice as its first. */
export function callbackInstant(text: string, timeZone: string, now: number): number {
  const moment = DateTime.fromISO(text, { zone: timeZone })
  const saysOffset = /(Z|[+-]\d\d:?\d\d)$/.test(text)
  const instant = saysOffset ? moment.toMillis() : Math.min(...moment.getPossibleOffsets().map((one) => one.toMillis()))
  if (instant <= now + horizonMs) return instant
  throw new OutpaceError('bad_request', { problem: 'callbackAt: lies more than a year ahead' })
}

export interface MissedCallback extends Place {
  callbackAt: number
  agentName: string
  /** Without this one. */
  misses: number
}

export type AfterMiss =
  | { to: 'anyone'; reason: string }
  /** A supervisor decides. */
  | { to: 'held'; reason: string }
  | { to: 'later'; callbackAt: number; nextAttemptAt: number; reason: string }

/** What becomes of a callback that its agent did not make within the grace. */
export function afterMiss(
  { callbackAt, agentName, misses, ...place }: MissedCallback,
  { callbacks, windows }: CampaignSettings,
  at: number,
  holidays: Holidays,
): AfterMiss {
  const agreed = dateText(callbackAt, place.timeZone)
  const missed = `${agentName} was not free within ${callbacks.graceMinutes} minutes of the callback agreed for ${agreed} (${place.timeZone})`
  if (callbacks.missed === 'anyone') return { to: 'anyone', reason: `${missed}: anyone calls` }
  if (callbacks.missed === 'supervisor') return { to: 'held', reason: `${missed}: a supervisor decides` }
  if (misses + 1 >= callbacks.maxMisses)
    return { to: 'held', reason: `${missed}, missed ${misses + 1} ${misses === 0 ? 'time' : 'times'}: a supervisor decides` }
  const opening = nextOpening(at + callbacks.laterMinutes * 60_000, place, windows, holidays)
  if (opening === undefined)
    return { to: 'held', reason: `${missed}, and the campaign has no calling window: a supervisor decides` }
  const again = dateText(opening, place.timeZone)
  return { to: 'later', callbackAt: opening, nextAttemptAt: opening, reason: `${missed}: again ${again}` }
}
