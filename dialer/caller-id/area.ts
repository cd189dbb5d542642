/**
 * Where a number belongs: its country and area code, from the numbering plan, and how far two areas are from each other.
 * Pure. A mobile has no area; a mobile's owner is looked for at his landline.
 *
 * Nearness is kilometres between the centres of the areas where both are in area-places.ts, so that 22 (Warsaw) is next to
 * 46 although the codes share nothing; else how many leading digits the codes share, which is near in most other plans.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { LineType } from '../leads/lead.ts'
import { areaPlaces } from './area-places.ts'

export interface Home {
  country: string
  /** null: a mobile, or a plan without areas. */
  area: string | null
}

interface Place {
  latitude: number
  longitude: number
}

const longestCode = 4

const places = new Map<string, Place>(
  Object.entries(areaPlaces).flatMap(([country, list]) =>
    list.split(', ').map((entry): [string, Place] => {
      const [code, latitude, longitude] = entry.split(' ')
      return [country + code, { latitude: Number(latitude), longitude: Number(longitude) }]
    }),
  ),
)

/** `number` is E.164; undefined when no plan knows it. */
export function homeOf(number: string): Home | undefined {
  const parsed = parsePhoneNumberFromString(number)
  if (!parsed?.country) return undefined
  const type = parsed.getType()
  const hasArea = type === 'FIXED_LINE' || type === 'FIXED_LINE_OR_MOBILE'
  return {
    country: parsed.country,
    area: hasArea ? areaCode(parsed.country, parsed.nationalNumber, parsed.formatInternational()) : null,
  }
}

function areaCode(country: string, nationalNumber: string, written: string): string | null {
  for (let digits = longestCode; digits > 0; digits--) {
    const code = nationalNumber.slice(0, digits)
    if (places.has(country + code)) return code
  }
  // As it is written: +CC AREA SUBSCRIBER. One group alone means that there is no area code.
  const [, first = '', ...rest] = written.split(' ')
  return rest.length > 0 ? first : null
}

/** Where the person is who is called on this phone. */
export function homeOfCallee(
  phone: { number: string },
  phones: readonly { number: string; lineType: LineType; position: number }[],
): Home | undefined {
  const home = homeOf(phone.number)
  if (!home || home.area !== null) return home
  const landlines = phones.filter(({ lineType }) => lineType === 'fixed').sort((a, b) => a.position - b.position)
  return landlines.map(({ number }) => homeOf(number)).find((other) => other?.country === home.country) ?? home
}

const kilometresPerDegree = 111

/** Between the centres of two areas of a country, to 10 km; undefined when one of them has no known place. */
export function kilometresBetween(country: string, one: string, other: string): number | undefined {
  const [a, b] = [places.get(country + one), places.get(country + other)]
  if (!a || !b) return undefined
  const north = a.latitude - b.latitude
  const east = (a.longitude - b.longitude) * Math.cos((((a.latitude + b.latitude) / 2) * Math.PI) / 180)
  return Math.round((Math.hypot(north, east) * kilometresPerDegree) / 10) * 10
}

export function commonDigits(one: string, other: string): number {
  let common = 0
  while (common < one.length && one[common] === other[common]) common++
  return common
}
