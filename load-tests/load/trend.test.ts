import t from 'tap'
import { seeded } from '../chance.ts'
import { trendOf } from './trend.ts'

const samples = (slope: number, noise: number) => {
  const random = seeded(5)
  return Array.from({ length: 360 }, (_, n) => ({ hours: n / 360, value: 100 + (slope * n) / 360 + noise * (random() - 0.5) }))
}

t.test('a straight line is found exactly', async (t) => {
  const { perHour, low, high } = trendOf(samples(12, 0))
  for (const found of [perHour, low, high]) t.ok(Math.abs(found - 12) < 1e-6, `${found}`)
})

t.test('noise alone is no growth; growth under noise is seen', async (t) => {
  const flat = trendOf(samples(0, 20))
  t.ok(flat.low < 0 && flat.high > 0, JSON.stringify(flat))
  const growing = trendOf(samples(15, 20))
  t.ok(growing.low > 0 && growing.high > 15, JSON.stringify(growing))
})
