/**
 * Public holidays by country, from the package date-holidays. Nation-wide ones only: a contact's region is not known.
 * Handed to the rules as a plain function, so that tests can bring a calendar of their own.
 */
import DateHolidays from 'date-holidays'

/** Name of the public holiday on `isoDate` (YYYY-MM-DD, local) in `country` (ISO 3166), if there is one. */
export type Holidays = (country: string, isoDate: string) => string | undefined

const dayMs = 86_400_000

export function createHolidays(): Holidays {
  const years = new Map<string, Map<string, string>>()
  return (country, isoDate) => {
    const key = `${country}-${isoDate.slice(0, 4)}`
    let year = years.get(key)
    if (!year) {
      year = readYear(country, Number(isoDate.slice(0, 4)))
      years.set(key, year)
    }
    return year.get(isoDate)
  }
}

function readYear(country: string, year: number): Map<string, string> {
  const names = new Map<string, string>()
  const calendar = new DateHolidays(country, { languages: ['en'], types: ['public'] })
  for (const { date, start, end, name } of calendar.getHolidays(year) ?? []) {
    const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / dayMs))
    const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`)
    for (let day = 0; day < days; day += 1) names.set(new Date(first + day * dayMs).toISOString().slice(0, 10), name)
  }
  return names
}
