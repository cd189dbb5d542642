import fc from 'fast-check'
import t from 'tap'
import { closedBecause, nextOpening } from './calling-window.ts'
import { createHolidays, type Holidays } from './holidays.ts'
import { windowSettingsSchema } from './rule-settings.ts'

const noHolidays: Holidays = () => undefined
const standard = windowSettingsSchema.parse({})
const poland = { timeZone: 'Europe/Warsaw', country: 'PL' }
const at = (iso: string) => Date.parse(iso)

t.test('the default windows in Warsaw', (t) => {
  const opening = (iso: string, holidays = noHolidays) => {
    const found = nextOpening(at(iso), poland, standard, holidays)
    return found === undefined ? undefined : new Date(found).toISOString()
  }
  t.equal(opening('2026-01-05T10:00:00Z'), '2026-01-05T10:00:00.000Z', 'open: now')
  t.equal(opening('2026-01-05T06:59:59Z'), '2026-01-05T07:00:00.000Z', 'early: the same morning')
  t.equal(opening('2026-01-05T19:00:00Z'), '2026-01-06T07:00:00.000Z', '20:00 is closed')
  t.equal(opening('2026-01-09T22:00:00Z'), '2026-01-10T08:00:00.000Z', 'Saturday opens at 9')
  t.equal(opening('2026-01-10T17:00:00Z'), '2026-01-12T07:00:00.000Z', 'Saturday 18:00: on Monday')
  t.equal(opening('2026-01-05T20:00:00Z', createHolidays()), '2026-01-07T07:00:00.000Z', 'Epiphany is skipped')
  t.equal(opening('2026-03-28T18:00:00Z'), '2026-03-30T06:00:00.000Z', 'over the change to summer time')
  t.equal(opening('2026-10-24T18:00:00Z'), '2026-10-26T07:00:00.000Z', 'and back')
  t.match(closedBecause(at('2026-01-06T10:00:00Z'), poland, standard, createHolidays()), /public holiday.*Epiphany/)
  t.match(closedBecause(at('2026-01-05T05:00:00Z'), poland, standard, noHolidays), /It is Monday 06:00 for the contact/)
  t.end()
})

t.test('windows around the hour that is skipped and the hour that comes twice', (t) => {
  const night = windowSettingsSchema.parse({ sunday: [{ from: '02:30', to: '02:50' }], monday: [{ from: '08:00', to: '09:00' }] })
  const opening = (iso: string) => nextOpening(at(iso), poland, night, noHolidays)
  // 29 March 2026: 02:00 -> 03:00, so 02:30 does not come.
  t.equal(opening('2026-03-28T23:30:00Z'), at('2026-03-30T06:00:00Z'))
  // 25 October 2026: 02:30 comes at 00:30Z and at 01:30Z.
  t.equal(opening('2026-10-24T23:30:00Z'), at('2026-10-25T00:30:00Z'))
  t.equal(opening('2026-10-25T00:50:00Z'), at('2026-10-25T01:30:00Z'))
  t.end()
})

t.test('windows that never open', (t) => {
  const closed = windowSettingsSchema.parse({
    monday: [],
    tuesday: [],
    wednesday: [],
    thursday: [],
    friday: [],
    saturday: [],
    sunday: [],
  })
  t.equal(nextOpening(at('2026-01-05T10:00:00Z'), poland, closed, noHolidays), undefined)
  t.end()
})

t.test('properties', (t) => {
  const quarter = fc.integer({ min: 0, max: 95 }).map((n) => n * 15)
  const clock = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  const spans = fc.array(
    fc
      .tuple(quarter, quarter)
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => ({ from: clock(Math.min(a, b)), to: clock(Math.max(a, b)) })),
    { maxLength: 2 },
  )
  const settings = fc.record({
    monday: spans,
    tuesday: spans,
    wednesday: spans,
    thursday: spans,
    friday: spans,
    saturday: spans,
    sunday: spans,
    onHolidays: fc.boolean(),
  })
  const zone = fc.constantFrom(
    'Europe/Warsaw',
    'Europe/Athens',
    'America/New_York',
    'America/St_Johns',
    'Asia/Beirut',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'UTC',
  )
  // Around the changes of the clocks, where mistakes live, and anywhere.
  const instant = fc.oneof(
    fc.integer({ min: at('2026-03-06T00:00:00Z'), max: at('2026-04-06T00:00:00Z') }),
    fc.integer({ min: at('2026-10-02T00:00:00Z'), max: at('2026-11-03T00:00:00Z') }),
    fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z') }),
  )
  const holidays = createHolidays()
  /** The wall clock read by other means than the code under test. */
  const wall = (instant: number, timeZone: string) => {
    const parts = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'long',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    }).formatToParts(instant)
    const part = (type: string) => parts.find((each) => each.type === type)?.value ?? ''
    return {
      weekday: part('weekday').toLowerCase(),
      date: `${part('year')}-${part('month')}-${part('day')}`,
      time: `${part('hour')}:${part('minute')}`,
    }
  }
  fc.assert(
    fc.property(instant, zone, settings, (from, timeZone, windows) => {
      const opening = nextOpening(from, { timeZone, country: 'PL' }, windows, holidays)
      const isOpen = (instant: number) => {
        const { weekday, date, time } = wall(instant, timeZone)
        const day = Object.entries(windows).find(([name]) => name === weekday)?.[1]
        const inside = Array.isArray(day) && day.some((span) => span.from <= time && time < span.to)
        return inside && (windows.onHolidays || !holidays('PL', date))
      }
      if (opening === undefined) {
        for (let n = 0; n < 8 * 96; n += 1) if (isOpen(from + n * 900_000)) return false
        return true
      }
      if (opening < from || !isOpen(opening)) return false
      if (nextOpening(opening, { timeZone, country: 'PL' }, windows, holidays) !== opening) return false
      // Nothing earlier is open, quarter by quarter on the wall clock; a window whose start the clocks skip may open late by that hour.
      const first = Math.ceil(from / 900_000) * 900_000
      for (let n = first; n < opening - 3_600_000; n += 900_000) if (isOpen(n) && n !== from) return false
      return true
    }),
    { seed: 20261122, numRuns: 400 },
  )
  t.end()
})
