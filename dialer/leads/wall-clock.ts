/**
 * The clock on a contact's wall. A wall time is written as the milliseconds that this time would be in UTC, so days and weekdays
 * are plain arithmetic; the days on which clocks change are handled here and nowhere else. Pure; what a zone does is read
 * once from Intl (through luxon) and kept. Used by whatever a rule says in local time.
 */
import { IANAZone } from 'luxon'

export const dayMs = 86_400_000
const hourMs = 3_600_000
/** Zones are read in blocks of this length. */
export const blockMs = 64 * dayMs

/** Time during which a zone's clock is not changed: [from, to). */
export interface Stretch {
  from: number
  to: number
  /** Wall time minus time. */
  offsetMs: number
}

const known = new Map<string, Map<number, Stretch[]>>()

/** The stretches of block number `block`, which begins at `block * blockMs`. */
export function stretchesOf(timeZone: string, block: number): Stretch[] {
  const blocks = known.get(timeZone) ?? new Map<number, Stretch[]>()
  const stretches = blocks.get(block) ?? readStretches(timeZone, block * blockMs)
  known.set(timeZone, blocks.set(block, stretches))
  return stretches
}

function readStretches(timeZone: string, from: number): Stretch[] {
  const zone = IANAZone.create(timeZone)
  const offsetAt = (at: number) => zone.offset(at) * 60_000
  const stretches: Stretch[] = []
  let current: Stretch = { from, to: from, offsetMs: offsetAt(from) }
  for (let at = from + dayMs; at <= from + blockMs; at += dayMs) {
    const offsetMs = offsetAt(at)
    if (offsetMs !== current.offsetMs) {
      const change = firstWith((instant) => offsetAt(instant) !== current.offsetMs, at - dayMs, at)
      stretches.push({ ...current, to: change })
      current = { from: change, to: change, offsetMs }
    }
  }
  return [...stretches, { ...current, to: from + blockMs }]
}

/** The first instant in (before, after] that is so; it is not so at `before`, and is at `after`. */
function firstWith(isSo: (at: number) => boolean, before: number, after: number): number {
  let [low, high] = [before, after]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isSo(middle)) high = middle
    else low = middle
  }
  return high
}

export function wallTime(at: number, timeZone: string): number {
  const stretch = stretchesOf(timeZone, Math.floor(at / blockMs)).find(({ to }) => at < to)
  return at + (stretch?.offsetMs ?? 0)
}

/** More than the clocks of the world differ, and than any change of them. */
const aroundMs = 27 * hourMs

/**
 * The instant from which on the wall never shows less than this again: the second time it shows it, where the clocks go
 * back; the moment of the change, where they skip it.
 */
function whenWallShows(wall: number, timeZone: string): number {
  let last = Number.NEGATIVE_INFINITY
  for (let block = Math.floor((wall - aroundMs) / blockMs); block * blockMs < wall + aroundMs; block += 1) {
    for (const { from, to, offsetMs } of stretchesOf(timeZone, block)) {
      const shown = wall - offsetMs
      if (from < shown) last = Math.max(last, Math.min(to, shown))
    }
  }
  return last
}

/** Number of the calendar day, since 1 January 1970. */
export const dayOf = (at: number, timeZone: string): number => Math.floor(wallTime(at, timeZone) / dayMs)

export const startOfDay = (day: number, timeZone: string): number => whenWallShows(day * dayMs, timeZone)

/** The same time of the day, so many days later. */
export const daysLater = (at: number, days: number, timeZone: string): number =>
  whenWallShows(wallTime(at, timeZone) + days * dayMs, timeZone)

/** 0: Monday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7

export const isoDate = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)
export const dayOfIso = (date: string): number => Date.parse(`${date}T00:00:00Z`) / dayMs

const weekdayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

const clockText = (wall: number) => new Date(wall).toISOString().slice(11, 16)

/** `Monday 21:00` */
export function timeText(at: number, timeZone: string): string {
  const wall = wallTime(at, timeZone)
  return `${weekdayNames[weekdayOf(Math.floor(wall / dayMs))]} ${clockText(wall)}`
}

/** `Tue 13 Jan 2026 08:00` */
export function dateText(at: number, timeZone: string): string {
  const wall = wallTime(at, timeZone)
  const date = new Date(wall)
  const weekday = weekdayNames[weekdayOf(Math.floor(wall / dayMs))]?.slice(0, 3)
  return `${weekday} ${date.getUTCDate()} ${monthNames[date.getUTCMonth()]} ${date.getUTCFullYear()} ${clockText(wall)}`
}
