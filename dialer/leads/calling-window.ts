/**
 * When a contact may be called: the campaign's weekly windows, read on the clock of the contact's own wall, without the
 * public holidays of his country. Pure; right on the days the clocks change. Used by eligibility, retry and the import.
 */
import { DateTime, IANAZone } from 'luxon'
import type { Holidays } from './holidays.ts'
import { type WindowSettings, weekdays } from './rule-settings.ts'

/** Whose clock and calendar hold. */
export interface Place {
  timeZone: string
  country: string
}

/** Longer than any run of holidays; a window not found by then never opens. */
const horizonDays = 60

const minuteOfDay = (clockTime: string) => Number(clockTime.slice(0, 2)) * 60 + Number(clockTime.slice(3))

/** The contact's local time at the instant `at`. */
export const localTime = (at: number, timeZone: string): DateTime => DateTime.fromMillis(at, { zone: IANAZone.create(timeZone) })

const spansOn = (local: DateTime, settings: WindowSettings) => settings[weekdays[local.weekday - 1] ?? 'sunday']

/** Why the window is closed at `at`, as a sentence; undefined: it is open. */
export function closedBecause(at: number, place: Place, settings: WindowSettings, holidays: Holidays): string | undefined {
  const local = localTime(at, place.timeZone)
  const holiday = settings.onHolidays ? undefined : holidays(place.country, local.toISODate() ?? '')
  if (holiday) return `It is a public holiday for the contact (${holiday})`
  const minute = local.hour * 60 + local.minute
  const open = spansOn(local, settings).some((span) => minuteOfDay(span.from) <= minute && minute < minuteOfDay(span.to))
  return open ? undefined : `It is ${local.toFormat('cccc HH:mm')} for the contact, outside the calling window`
}

/** The first instant >= `at` inside a window; undefined: the windows never open. */
export function nextOpening(at: number, place: Place, settings: WindowSettings, holidays: Holidays): number | undefined {
  const isOpen = (instant: number) => closedBecause(instant, place, settings, holidays) === undefined
  if (isOpen(at)) return at
  const today = localTime(at, place.timeZone).startOf('day')
  for (let day = 0; day <= horizonDays; day += 1) {
    const date = today.plus({ days: day })
    const starts = spansOn(date, settings).flatMap(({ from }) =>
      // An hour that comes twice opens twice; one that is skipped opens when the clocks have moved on.
      date.set({ hour: Number(from.slice(0, 2)), minute: Number(from.slice(3)) }).getPossibleOffsets(),
    )
    const openings = starts.map((start) => start.toMillis()).filter((start) => start >= at && isOpen(start))
    if (openings.length > 0) return Math.min(...openings)
  }
  return undefined
}
