/**
 * Facts as they are said aloud: amounts, dates, account and phone numbers, in a language. Pure.
 * Numbers stay figures where every speaking machine reads them rightly; words stand where gender, case or order would go wrong.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { currencyDigits } from '../leads/money.ts'
import { and, days, type Money, money, monthsInDates, type Noun } from './spoken-words.ts'

/** 123456 PLN -> "1234 złote i 56 groszy". A minor part of zero is not said, a major part of zero only if nothing else is. */
export function spokenAmount(minor: number, currency: string, language: string): string {
  const digits = currencyDigits(currency)
  const unit = 10 ** digits
  const major = Math.floor(minor / unit)
  const rest = minor % unit
  const words = money[language]?.[currency]
  if (!words) return namedByIntl(minor / unit, currency, language, rest === 0 ? 0 : digits)
  const parts = [
    ...(major > 0 || rest === 0 ? [counted(major, words.major, language)] : []),
    ...(rest > 0 ? [counted(rest, words.minor, language)] : []),
  ]
  return parts.join(` ${and[language] ?? ''} `)
}

/** "złotych", "Euro": the currency in the form that follows a large number. */
export function spokenCurrency(currency: string, language: string): string {
  const words: Money | undefined = money[language]?.[currency]
  return (
    words?.major.forms.many ??
    words?.major.forms.other ??
    new Intl.DisplayNames([language], { type: 'currency' }).of(currency) ??
    currency
  )
}

function counted(count: number, noun: Noun, language: string): string {
  const number = count === 1 ? noun.one : count === 2 ? noun.two : undefined
  return `${number ?? count} ${noun.forms[new Intl.PluralRules(language).select(count)] ?? noun.forms.other}`
}

const namedByIntl = (amount: number, currency: string, language: string, digits: number) =>
  new Intl.NumberFormat(language, {
    ...{ style: 'currency', currency, currencyDisplay: 'name', useGrouping: false },
    ...{ minimumFractionDigits: digits, maximumFractionDigits: digits },
  }).format(amount)

/** 2026-11-05 -> "piątego listopada 2026", "fünften November 2026", "2026 november ötödike". */
export function spokenDate(isoDate: string, language: string): string {
  const date = new Date(`${isoDate}T00:00:00Z`)
  const parts = new Intl.DateTimeFormat(language, {
    ...{ day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' },
  }).formatToParts(date)
  const day = days[language]?.[date.getUTCDate() - 1]
  if (day === undefined) return parts.map(({ value }) => value).join('')
  const part = (type: 'year' | 'month') => parts.find((one) => one.type === type)?.value ?? ''
  const year = part('year')
  const month = monthsInDates[language]?.[date.getUTCMonth()] ?? part('month')
  return language === 'hu' ? `${year} ${month} ${day}` : `${day} ${month} ${year}`
}

/** One by one, in groups with a pause after each: "P L, 6 1 1 0, 1 2 3 4". */
export function spokenDigits(text: string, group = 4): string {
  const characters = [...text.replaceAll(/[^\p{L}\p{N}]/gu, '')]
  const groups: string[] = []
  for (let at = 0; at < characters.length; at += group) groups.push(characters.slice(at, at + group).join(' '))
  return groups.join(', ')
}

/** As it is dialed at home for a number of the contact's country, else with its prefix; group by group. */
export function spokenNumber(number: string, country: string): string {
  const parsed = parsePhoneNumberFromString(number)
  const written = parsed?.country === country ? parsed.formatNational() : (parsed?.formatInternational() ?? number)
  const groups = written.split(/\D+/).filter(Boolean)
  return `${written.startsWith('+') ? 'plus ' : ''}${groups.map((group) => [...group].join(' ')).join(', ')}`
}
