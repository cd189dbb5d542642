/** The fast transform is the slow one. */
import t from 'tap'
import { createRealTransform } from './transform.ts'

t.test('as the definition says', async (t) => {
  const size = 64
  const samples = Float64Array.from({ length: size }, (_, n) => Math.sin(n * 0.7) + 0.3 * Math.cos(n * n))
  const fast = createRealTransform(size)
  for (const _round of ['first', 'reused']) fast.of(samples)
  for (let k = 0; k <= size / 2; k++) {
    const part = (wave: (angle: number) => number) =>
      samples.reduce((sum, value, n) => sum + value * wave((-2 * Math.PI * k * n) / size), 0)
    t.ok(Math.abs((fast.real[k] ?? 0) - part(Math.cos)) < 1e-9, `real ${k}`)
    t.ok(Math.abs((fast.imaginary[k] ?? 0) - part(Math.sin)) < 1e-9, `imaginary ${k}`)
  }
})
