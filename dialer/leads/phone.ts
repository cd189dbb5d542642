/**
 * A phone number as people write it -> E.164, with what the plan of its country tells: line type, country, time zone. Pure.
 * Numbers that cannot exist or cost extra are refused, so that none is ever dialed.
 */
import { type CountryCode, isSupportedCountry, type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { LineType } from './lead.ts'
import { zoneOfNumber } from './time-zone.ts'

export interface ParsedPhone {
  /** E.164 with the plus. */
  number: string
  lineType: LineType
  country: string
  timeZone: string | undefined
}

export interface PhoneRefusal {
  code: 'phone_unreadable' | 'phone_impossible' | 'phone_costs_extra'
  reason: string
}

const lineTypeOf: Readonly<Record<Exclude<NumberType, undefined>, LineType | 'costs_extra'>> = {
  MOBILE: 'mobile',
  FIXED_LINE: 'fixed',
  FIXED_LINE_OR_MOBILE: 'fixed_or_mobile',
  VOIP: 'voip',
  PREMIUM_RATE: 'costs_extra',
  SHARED_COST: 'costs_extra',
  TOLL_FREE: 'other',
  PERSONAL_NUMBER: 'other',
  PAGER: 'other',
  UAN: 'other',
  VOICEMAIL: 'other',
}

export const isCountry = (code: string): code is CountryCode => isSupportedCountry(code)

/** `country`: of numbers written without an international prefix. */
export function parsePhone(text: string, country: CountryCode): ParsedPhone | PhoneRefusal {
  // 00 is the international prefix of nearly all countries; the plus is understood everywhere.
  const parsed = parsePhoneNumberFromString(text.trim().replace(/^00/, '+'), country)
  if (!parsed || parsed.ext) return { code: 'phone_unreadable', reason: 'this is not a phone number' }
  if (!parsed.isValid() || !parsed.country)
    return { code: 'phone_impossible', reason: `the numbering plan of ${parsed.country ?? country} has no such number` }
  const type = parsed.getType()
  const lineType = type ? lineTypeOf[type] : 'other'
  if (lineType === 'costs_extra') return { code: 'phone_costs_extra', reason: 'calls to this number cost extra' }
  return {
    number: parsed.number,
    lineType,
    country: parsed.country,
    timeZone: zoneOfNumber(parsed.country, parsed.nationalNumber),
  }
}
