/**
 * When a contact may be called: the campaign's weekly windows, read on the clock of the contact's own wall, without the
 * public holidays of his country. Pure; right on the days the clocks change. Openings are worked out once per place and kept
 * as long as the settings are. Used by eligibility, retry and the import.
 */
import type { Holidays } from './holidays.ts'
import { type WindowSettings, weekdays } from './rule-settings.ts'
import { blockMs, dayMs, dayOf, isoDate, type Stretch, stretchesOf, timeText, weekdayOf } from './wall-clock.ts'

/** Whose clock and calendar hold. */
export interface Place {
  timeZone: string
  country: string
}

/** [from, to) */
interface Opening {
  from: number
  to: number
}

/** Of one set of windows: place and block of time -> its openings in their order. */
type Openings = Map<string, Opening[]>

const minuteMs = 60_000
/** A window not found in this block or the next does not open for 64 days at least, longer than any run of holidays. */
const blocksLookedAt = 2

const kept = new WeakMap<WindowSettings, WeakMap<Holidays, Openings>>()

function openingsIn(block: number, { timeZone, country }: Place, settings: WindowSettings, holidays: Holidays): Opening[] {
  const byHolidays = kept.get(settings) ?? new WeakMap<Holidays, Openings>()
  const known: Openings = byHolidays.get(holidays) ?? new Map()
  kept.set(settings, byHolidays.set(holidays, known))
  const key = `${timeZone} ${country} ${block}`
  const found = known.get(key)
  if (found) return found
  const openings = stretchesOf(timeZone, block).flatMap((stretch) => openingsOf(stretch, country, settings, holidays))
  openings.sort((a, b) => a.from - b.from)
  known.set(key, openings)
  return openings
}

/** An hour that comes twice opens twice; of one that is skipped, nothing opens. */
function openingsOf({ from, to, offsetMs }: Stretch, country: string, settings: WindowSettings, holidays: Holidays): Opening[] {
  const openings: Opening[] = []
  for (let day = Math.floor((from + offsetMs) / dayMs); day * dayMs < to + offsetMs; day += 1) {
    if (holidayOn(day, country, settings, holidays) !== undefined) continue
    const midnight = day * dayMs - offsetMs
    for (const span of settings[weekdays[weekdayOf(day)] ?? 'sunday']) {
      const opening = {
        from: Math.max(from, midnight + minuteOfDay(span.from) * minuteMs),
        to: Math.min(to, midnight + minuteOfDay(span.to) * minuteMs),
      }
      if (opening.from < opening.to) openings.push(opening)
    }
  }
  return openings
}

const minuteOfDay = (clockTime: string) => Number(clockTime.slice(0, 2)) * 60 + Number(clockTime.slice(3))

const holidayOn = (day: number, country: string, settings: WindowSettings, holidays: Holidays) =>
  settings.onHolidays ? undefined : holidays(country, isoDate(day))

/** The opening that holds `at` or is the next one; undefined: the windows never open. */
function openingFrom(at: number, place: Place, settings: WindowSettings, holidays: Holidays): Opening | undefined {
  const block = Math.floor(at / blockMs)
  for (let ahead = 0; ahead < blocksLookedAt; ahead += 1) {
    const opening = openingsIn(block + ahead, place, settings, holidays).find(({ to }) => at < to)
    if (opening) return opening
  }
  return undefined
}

/** The first instant >= `at` inside a window; undefined: the windows never open. */
export function nextOpening(at: number, place: Place, settings: WindowSettings, holidays: Holidays): number | undefined {
  const opening = openingFrom(at, place, settings, holidays)
  return opening && Math.max(opening.from, at)
}

/** Why the window is closed at `at`, as a sentence; undefined: it is open. */
export function closedBecause(at: number, place: Place, settings: WindowSettings, holidays: Holidays): string | undefined {
  if (nextOpening(at, place, settings, holidays) === at) return undefined
  const holiday = holidayOn(dayOf(at, place.timeZone), place.country, settings, holidays)
  if (holiday !== undefined) return `It is a public holiday for the contact (${holiday})`
  return `It is ${timeText(at, place.timeZone)} for the contact, outside the calling window`
}
