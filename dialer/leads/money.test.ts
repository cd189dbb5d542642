import fc from 'fast-check'
import t from 'tap'
import { currencyDigits, parseAmount } from './money.ts'

t.test('amounts as people write them', (t) => {
  const cases: [string, string, object][] = [
    ['1.234,56', 'EUR', { minor: 123456 }],
    ['1,234.56', 'USD', { minor: 123456 }],
    ['1 234,56', 'PLN', { minor: 123456 }],
    ['1\u00a0234\u202f567,8', 'PLN', { minor: 123456780 }],
    ["1'234.50", 'CHF', { minor: 123450 }],
    ['1234', 'EUR', { minor: 123400 }],
    ['0', 'EUR', { minor: 0 }],
    ['0,5', 'EUR', { minor: 50 }],
    ['12,50', 'HUF', { minor: 1250 }],
    ['1.234.567', 'EUR', { minor: 123456700 }],
    ['1,234', 'JPY', { minor: 1234 }],
    ['1.234', 'EUR', { code: 'amount_ambiguous' }],
    ['1.234', 'KWD', { code: 'amount_ambiguous' }],
    ['0.123', 'EUR', { code: 'amount_unreadable' }],
    ['1234.567', 'EUR', { code: 'amount_unreadable' }],
    ['12.34,56', 'EUR', { code: 'amount_unreadable' }],
    ['1,2,3', 'EUR', { code: 'amount_unreadable' }],
    ['1,234,56', 'EUR', { code: 'amount_unreadable' }],
    ['1,50', 'JPY', { code: 'amount_unreadable' }],
    ['-5', 'EUR', { code: 'amount_negative' }],
    ['12 EUR', 'EUR', { code: 'amount_unreadable' }],
    ['', 'EUR', { code: 'amount_unreadable' }],
    ['99999999999999999', 'EUR', { code: 'amount_unreadable', reason: /too large/ }],
  ]
  for (const [text, currency, expected] of cases) t.match(parseAmount(text, currency), expected, `${text} ${currency}`)
  t.match(parseAmount('1.234', 'EUR', ','), { minor: 123400 })
  t.match(parseAmount('1.23', 'EUR', ','), { code: 'amount_unreadable' })
  t.match(parseAmount('1,234', 'KWD', ','), { minor: 1234 })
  t.end()
})

t.test('what is written in a known style is read back exactly; nothing else becomes a number by chance', (t) => {
  const style = fc.constantFrom(['.', ','], [',', '.'], [' ', ','], ["'", '.'])
  fc.assert(
    fc.property(
      fc.nat({ max: 10 ** 12 }),
      style,
      fc.constantFrom('EUR', 'HUF', 'JPY', 'KWD'),
      (minor, [group = '', mark = ''], currency) => {
        const digits = currencyDigits(currency)
        const text = String(minor).padStart(digits + 1, '0')
        const whole = text.slice(0, text.length - digits).replaceAll(/\B(?=(\d{3})+$)/g, group)
        const amount = parseAmount(digits ? `${whole}${mark}${text.slice(-digits)}` : whole, currency)
        // 1,234 of a currency with three decimals is the one thing that has two readings.
        return 'minor' in amount ? amount.minor === minor : amount.code === 'amount_ambiguous' && digits === 3 && minor < 10 ** 6
      },
    ),
    { seed: 20261122, numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      const amount = parseAmount(text, 'EUR')
      return !('minor' in amount) || (/^\s*\d/.test(text) && Number.isSafeInteger(amount.minor) && amount.minor >= 0)
    }),
    { seed: 20261122, numRuns: 2000 },
  )
  t.end()
})
