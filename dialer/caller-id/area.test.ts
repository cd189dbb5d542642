/** Where numbers belong, against places that everybody knows. */
import t from 'tap'
import { commonDigits, homeOf, homeOfCallee, kilometresBetween } from './area.ts'
import { areaPlaces } from './area-places.ts'

t.test('the area code of a number; a mobile has none', async (t) => {
  const cases = [
    ['+48221234567', 'PL', '22'],
    ['+48501234567', 'PL', null],
    ['+420234000010', 'CZ', '2'],
    ['+420541234567', 'CZ', '54'],
    ['+421552000010', 'SK', '55'],
    ['+3612000010', 'HU', '1'],
    ['+3662123456', 'HU', '62'],
    ['+38642000010', 'SI', '4'],
    ['+493020000010', 'DE', '30'],
    ['+4922112345678', 'DE', '221'],
    ['+302101234567', 'GR', '21'],
    ['+442079460958', 'GB', '20'],
    ['+441142720000', 'GB', '114'],
    ['+12133734253', 'US', '213'],
    ['+33142685300', 'FR', '1'],
  ] as const
  for (const [number, country, area] of cases) t.same(homeOf(number), { country, area }, number)
  t.equal(homeOf('+999123'), undefined)
})

t.test('who is called on a mobile is at home where his landline is', async (t) => {
  const phone = (number: string, position: number, lineType: 'mobile' | 'fixed' = 'fixed') => ({ number, position, lineType })
  const mobile = phone('+48501234567', 0, 'mobile')
  t.same(homeOfCallee(mobile, [mobile, phone('+48581234567', 2), phone('+48221234567', 1)]), { country: 'PL', area: '22' })
  t.same(homeOfCallee(mobile, [mobile]), { country: 'PL', area: null })
  t.same(homeOfCallee(mobile, [phone('+493020000010', 1)]), { country: 'PL', area: null }, 'not where another country is')
  t.same(homeOfCallee(phone('+48581234567', 1), [phone('+48221234567', 0)]), { country: 'PL', area: '58' })
})

t.test('distances are those of the map', async (t) => {
  const near = (country: string, one: string, other: string, kilometres: number) => {
    const found = kilometresBetween(country, one, other) ?? Number.NaN
    t.ok(Math.abs(found - kilometres) <= Math.max(20, kilometres * 0.07), `${country} ${one} to ${other}: ${found} km`)
  }
  near('PL', '22', '12', 250)
  near('PL', '22', '46', 70)
  near('CZ', '2', '54', 185)
  near('SK', '2', '55', 310)
  near('HU', '1', '62', 160)
  near('SI', '1', '2', 105)
  near('DE', '30', '89', 505)
  near('DE', '221', '211', 35)
  near('GR', '21', '231', 300)
  near('GB', '20', '131', 535)
  near('US', '212', '312', 1145)
  near('US', '213', '415', 555)
  t.equal(kilometresBetween('PL', '22', '99'), undefined)
  t.equal(commonDigits('2821', '2831'), 2)
})

t.test('every area lies in its country', async (t) => {
  const frames: Record<string, [number, number, number, number]> = {
    ...{ CZ: [48.5, 51.1, 12, 18.9], DE: [47.2, 55.1, 5.8, 15.1], GB: [49.8, 60.9, -8.2, 1.8], GR: [34.8, 41.8, 19.3, 29.7] },
    ...{ HU: [45.7, 48.6, 16.1, 22.9], PL: [49, 54.9, 14.1, 24.2], SI: [45.4, 46.9, 13.3, 16.6], SK: [47.7, 49.7, 16.8, 22.6] },
    US: [18.9, 71.5, -179, -66.9],
  }
  t.same(Object.keys(areaPlaces).sort(), Object.keys(frames).sort())
  for (const [country, [south, north, west, east]] of Object.entries(frames)) {
    const outside = (areaPlaces[country] ?? '').split(', ').filter((entry) => {
      const [, latitude, longitude] = entry.split(' ').map(Number)
      return !(Number(latitude) >= south && Number(latitude) <= north && Number(longitude) >= west && Number(longitude) <= east)
    })
    t.same(outside, [], country)
  }
})
