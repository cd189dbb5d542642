/**
 * One line of an import -> a contact with his phones and, where the line holds one, a debt; or why it is refused. Pure.
 * The first thing wrong is named with its column. A bad phone beside a good one is left out, and the line is in.
 */
import type { CountryCode } from 'libphonenumber-js/max'
import { DateTime } from 'luxon'
import type { ColumnMap, ImportField, ImportOptions } from './column-map.ts'
import { parseConsent } from './consent.ts'
import type { Consent, LineType } from './lead.ts'
import { isCurrency, parseAmount } from './money.ts'
import { isCountry, type ParsedPhone, parsePhone } from './phone.ts'
import { isTimeZone, zoneOfCountry } from './time-zone.ts'

export interface Refusal {
  line: number
  field: string
  code: string
  reason: string
}

export interface ImportedContact {
  external_id: string
  name: string
  company: string | null
  tax_id: string | null
  responsible_person: string | null
  address: string | null
  language: string | null
  country: string
  time_zone: string
  /** null: the line says nothing. */
  consent: Consent | null
  priority: number | null
  /** ISO 8601 with its offset; null: now. */
  taken_over_at: string | null
}

export interface ImportedPhone {
  number: string
  line_type: LineType
}

export interface ImportedDebt {
  external_id: string
  creditor: string | null
  original_creditor: string | null
  contract: string | null
  balance_minor: number
  currency: string
  due_date: string | null
  reminder_date: string | null
  account_to_pay: string | null
}

export interface ImportedLine {
  line: number
  contact: ImportedContact
  phones: ImportedPhone[]
  debt: ImportedDebt | undefined
  /** Phones left out. */
  leftOut: Refusal[]
}

/** In characters; longer fields are no data but a broken file. */
const longest = 500

/** Says why a line is refused; thrown inside this file only. */
class LineRefused extends Error {
  readonly field: string
  readonly code: string
  constructor(field: string, code: string, reason: string) {
    super(reason)
    this.field = field
    this.code = code
  }
}

export interface LineReader {
  map: ColumnMap
  options: ImportOptions
  /** The campaign's: of numbers without a prefix. */
  country: CountryCode
}

export function readLine(reader: LineReader, line: number, fields: string[]): ImportedLine | Refusal {
  try {
    return read(reader, line, fields)
  } catch (error) {
    if (error instanceof LineRefused) return { line, field: error.field, code: error.code, reason: error.message }
    throw error
  }
}

function read({ map, options, country }: LineReader, line: number, fields: string[]): ImportedLine {
  if (fields.length !== map.columns)
    throw new LineRefused('', 'column_count', `the line has ${fields.length} fields, the heading ${map.columns}`)
  const cell = (name: string, index: number | undefined): string => {
    const value = index === undefined ? '' : (fields[index] ?? '').trim()
    if (value.length > longest)
      throw new LineRefused(name, 'too_long', `the field has ${value.length} characters, at most ${longest} fit`)
    return value
  }
  const text = (field: ImportField): string => cell(field, map.fields[field])
  const optional = (field: ImportField): string | null => text(field) || null
  const required = (field: ImportField): string => {
    const value = text(field)
    if (!value) throw new LineRefused(field, 'missing', 'the field is empty')
    return value
  }

  const externalId = required('external_id')
  const given = text('country').toUpperCase()
  if (given && !isCountry(given)) throw new LineRefused('country', 'country_unknown', `"${given}" is no country code such as PL`)
  const dialedFrom = given && isCountry(given) ? given : country
  const { phones, leftOut } = readPhones(
    map.phones.map(({ index, heading }) => ({ heading, value: cell(heading, index) })),
    dialedFrom,
    line,
  )
  const first = phones[0]
  const timeZone = readZone(text('time_zone'), first, dialedFrom)
  return {
    line,
    contact: {
      external_id: externalId,
      name: text('name') || text('company') || required('name'),
      company: optional('company'),
      tax_id: optional('tax_id'),
      responsible_person: optional('responsible_person'),
      address: optional('address'),
      language: readLanguage(text('language')),
      country: given || first.country,
      time_zone: timeZone,
      consent: readConsent(text('consent')),
      priority: readPriority(text('priority')),
      taken_over_at: readMoment('taken_over_at', text('taken_over_at'), timeZone),
    },
    phones: phones.map(({ number, lineType }) => ({ number, line_type: lineType })),
    debt: readDebt(text, required, options),
    leftOut,
  }
}

function readPhones(cells: { heading: string; value: string }[], country: CountryCode, line: number) {
  const byNumber = new Map<string, ParsedPhone>()
  const leftOut: Refusal[] = []
  for (const { heading, value } of cells) {
    if (!value) continue
    const phone = parsePhone(value, country)
    if ('number' in phone) byNumber.set(phone.number, phone)
    else leftOut.push({ line, field: heading, code: phone.code, reason: phone.reason })
  }
  const [first, ...others] = byNumber.values()
  if (first) return { phones: [first, ...others] as const, leftOut: leftOut.map(andTheRestIsIn) }
  const [refused] = leftOut
  if (refused) throw new LineRefused(refused.field, refused.code, refused.reason)
  throw new LineRefused(cells[0]?.heading ?? 'phone', 'missing', 'the line has no phone')
}

const andTheRestIsIn = (refusal: Refusal): Refusal => ({
  ...refusal,
  reason: `${refusal.reason}; the line is in without this phone`,
})

function readLanguage(text: string): string | null {
  if (!text) return null
  if (!/^[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?$/.test(text))
    throw new LineRefused('language', 'language_unknown', `"${text}" is no language code such as pl`)
  return text.slice(0, text.search(/[-_]|$/)).toLowerCase()
}

function readZone(text: string, first: ParsedPhone, country: CountryCode): string {
  if (text && !isTimeZone(text))
    throw new LineRefused('time_zone', 'time_zone_unknown', `"${text}" is no time zone such as Europe/Warsaw`)
  const zone = text || first.timeZone || zoneOfCountry(country)
  if (!zone)
    throw new LineRefused('time_zone', 'time_zone_unknown', 'the time zone of this phone is not known: give it in a column')
  return zone
}

function readConsent(text: string): Consent | null {
  if (!text) return null
  const consent = parseConsent(text)
  if (consent === undefined)
    throw new LineRefused('consent', 'consent_unknown', `"${text.slice(0, 40)}" is neither given, withdrawn nor unknown`)
  return consent
}

function readPriority(text: string): number | null {
  if (!text) return null
  if (!/^\d$/.test(text)) throw new LineRefused('priority', 'priority_invalid', 'the priority must be 0 (last) to 9 (first)')
  return Number(text)
}

function readDebt(
  text: (field: ImportField) => string,
  required: (field: ImportField) => string,
  options: ImportOptions,
): ImportedDebt | undefined {
  if (!text('debt_id') && !text('balance')) return undefined
  const balance = required('balance')
  const currency = (text('currency') || (options.currency ?? required('currency'))).toUpperCase()
  if (!isCurrency(currency))
    throw new LineRefused('currency', 'currency_unknown', `"${currency}" is no currency code such as EUR`)
  const amount = parseAmount(balance, currency, options.decimal)
  if (!('minor' in amount)) throw new LineRefused('balance', amount.code, amount.reason)
  return {
    external_id: text('debt_id') || text('contract') || required('debt_id'),
    creditor: text('creditor') || null,
    original_creditor: text('original_creditor') || null,
    contract: text('contract') || null,
    balance_minor: amount.minor,
    currency,
    due_date: readDate('due_date', text('due_date')),
    reminder_date: readDate('reminder_date', text('reminder_date')),
    account_to_pay: text('account_to_pay') || null,
  }
}

/** 2026-03-31, 31.3.2026, and with slashes where day and month cannot be mistaken for each other. */
function readDate(field: ImportField, text: string): string | null {
  if (!text) return null
  const refuse = (code: string, reason: string) => new LineRefused(field, code, reason)
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text)
  const local = /^(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})$/.exec(text)
  if (!iso && !local) throw refuse('date_unreadable', `"${text}" is no date such as 2026-03-31 or 31.03.2026`)
  const year = Number(iso ? iso[1] : local?.[4])
  let month = Number(iso ? iso[2] : local?.[3])
  let day = Number(iso ? iso[3] : local?.[1])
  if (local?.[2] === '/') {
    if (day <= 12 && month <= 12 && day !== month)
      throw refuse('date_ambiguous', `"${text}" can be read in two ways; write 2026-03-31`)
    if (month > 12) [day, month] = [month, day]
  }
  const date = new Date(Date.UTC(year, month - 1, day))
  if (year < 1900 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
    throw refuse('date_unreadable', `"${text}" is no day of the calendar`)
  return date.toISOString().slice(0, 10)
}

/** A day, or a day and a time such as 2026-03-31 14:30; without an offset on the contact's clock, without a time its beginning. */
function readMoment(field: ImportField, text: string, timeZone: string): string | null {
  const [day = '', time = '00:00'] = text.split(/(?<=\d)[T ]\s*(?=\d{1,2}:)/)
  const date = readDate(field, day)
  if (date === null) return null
  const moment = DateTime.fromISO(`${date}T${time.replace(/^\d:/, '0$&')}`, { zone: timeZone })
  if (!moment.isValid) throw new LineRefused(field, 'date_unreadable', `"${text}" is no time such as 2026-03-31 14:30`)
  return moment.toISO()
}
