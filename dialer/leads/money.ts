/**
 * Amounts as people write them -> integer minor units (cents) of a currency. Pure. Understands 1.234,56 and 1,234.56,
 * spaces and apostrophes between the thousands; refuses what can be read in two ways rather than guess somebody's debt.
 */

export type DecimalMark = ',' | '.'

export type Amount = { minor: number } | { code: 'amount_unreadable' | 'amount_ambiguous' | 'amount_negative'; reason: string }

const currencies = new Set(Intl.supportedValuesOf('currency'))

/** ISO 4217 where it is not 2. Not from Intl, which says how prices are shown: 0 for HUF, though debts have two. */
const unusualDigits = new Map<string, number>([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
])

export const isCurrency = (code: string): boolean => currencies.has(code)

/** Digits behind the decimal mark: 2 for EUR, 0 for JPY. */
export const currencyDigits = (currency: string): number => unusualDigits.get(currency) ?? 2

const unreadable = (reason: string): Amount => ({ code: 'amount_unreadable', reason })

/** `decimal`: the mark this file uses, when known; then nothing is ambiguous. */
export function parseAmount(text: string, currency: string, decimal?: DecimalMark): Amount {
  const written = text.trim().replaceAll(/[\s\u00a0\u2009\u202f]/g, ' ')
  if (/^[-\u2212]/.test(written)) return { code: 'amount_negative', reason: 'a debt cannot be negative' }
  if (!/^\d[\d., ']*$/.test(written)) return unreadable('this is not an amount')
  const digits = currencyDigits(currency)
  const mark = decimal ?? decimalMarkOf(written, digits)
  if (mark === 'ambiguous')
    return {
      code: 'amount_ambiguous',
      reason: `${written} can be read in two ways; write it with decimals, or name the decimal mark`,
    }
  const parts = mark === 'none' ? [written] : written.split(mark)
  const [whole = '', fraction = ''] = parts
  if (parts.length > 2 || !/^\d*$/.test(fraction)) return unreadable('this is not an amount')
  if (!/^(\d+|\d{1,3}([., '])\d{3}(\2\d{3})*)$/.test(whole)) return unreadable('the thousands are not in groups of three')
  if (fraction.length > digits) return unreadable(`${currency} has ${digits} digits behind the decimal mark`)
  const minor = Number(whole.replaceAll(/\D/g, '') + fraction.padEnd(digits, '0'))
  return Number.isSafeInteger(minor) ? { minor } : unreadable('the amount is too large')
}

function decimalMarkOf(written: string, digits: number): DecimalMark | 'none' | 'ambiguous' {
  const marks = written.replaceAll(/[^.,]/g, '')
  const last = written.lastIndexOf('.') > written.lastIndexOf(',') ? '.' : ','
  if (marks === '') return 'none'
  if (marks.includes('.') && marks.includes(',')) return last
  if (marks.length > 1) return 'none'
  const [before = '', after = ''] = written.split(last)
  const couldBeThousands = after.length === 3 && /^[1-9]\d{0,2}$/.test(before)
  if (!couldBeThousands) return last
  // A currency without decimals leaves one reading only.
  return digits === 0 ? 'none' : 'ambiguous'
}
