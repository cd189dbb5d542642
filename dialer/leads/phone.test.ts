import fc from 'fast-check'
import t from 'tap'
import { parsePhone } from './phone.ts'
import { zoneOfCountry } from './time-zone.ts'

t.test('numbers as people write them', (t) => {
  const cases: [string, 'PL' | 'CZ' | 'SK' | 'HU' | 'SI' | 'GR' | 'US' | 'ES' | 'AU' | 'PT' | 'CA' | 'DE', object][] = [
    ['600 100 200', 'PL', { number: '+48600100200', lineType: 'mobile', country: 'PL', timeZone: 'Europe/Warsaw' }],
    ['(12) 200-30-40', 'PL', { number: '+48122003040', lineType: 'fixed' }],
    ['0048 600 100 200', 'CZ', { number: '+48600100200', country: 'PL' }],
    ['+420 601 123 456', 'PL', { lineType: 'mobile', country: 'CZ', timeZone: 'Europe/Prague' }],
    ['0905 123 456', 'SK', { number: '+421905123456', lineType: 'mobile' }],
    ['06 20 123 4567', 'HU', { number: '+36201234567', lineType: 'mobile', timeZone: 'Europe/Budapest' }],
    ['040 123 456', 'SI', { number: '+38640123456', timeZone: 'Europe/Ljubljana' }],
    ['691 234 5678', 'GR', { number: '+306912345678', timeZone: 'Europe/Athens' }],
    ['030 123456', 'DE', { timeZone: 'Europe/Berlin' }],
    ['(312) 555-0123', 'US', { lineType: 'fixed_or_mobile', timeZone: 'America/Chicago' }],
    ['212 555 0123', 'US', { timeZone: 'America/New_York' }],
    ['808 555 0123', 'US', { timeZone: 'Pacific/Honolulu' }],
    ['604 555 0123', 'CA', { country: 'CA', timeZone: 'America/Vancouver' }],
    ['928 123 456', 'ES', { timeZone: 'Atlantic/Canary' }],
    ['292 123 456', 'PT', { timeZone: 'Atlantic/Azores' }],
    ['(08) 9123 4567', 'AU', { timeZone: 'Australia/Perth' }],
  ]
  for (const [text, country, expected] of cases) t.match(parsePhone(text, country), expected, text)
  t.match(parsePhone('none', 'PL'), { code: 'phone_unreadable' })
  t.match(parsePhone('12', 'PL'), { code: 'phone_impossible' })
  t.match(parsePhone('112', 'PL'), { code: 'phone_impossible' })
  t.match(parsePhone('600 100 200 ext. 5', 'PL'), { code: 'phone_unreadable' })
  t.match(parsePhone('701 000 000', 'PL'), { code: 'phone_costs_extra' })
  t.equal(zoneOfCountry('UA'), 'Europe/Kyiv')
  t.end()
})

t.test('whatever is written: a number that fits the database, or a reason; and reading it again changes nothing', (t) => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^\+?[0-9 ()-]{3,18}$/))
  fc.assert(
    fc.property(text, (text) => {
      const phone = parsePhone(text, 'PL')
      if (!('number' in phone)) return phone.reason.length > 0
      const again = parsePhone(phone.number, 'GR')
      return /^\+[1-9][0-9]{5,14}$/.test(phone.number) && 'number' in again && again.number === phone.number
    }),
    { seed: 20261122, numRuns: 2000 },
  )
  t.end()
})
