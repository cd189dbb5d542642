/**
 * Random numbers by name: a draw is a hash of (seed, stream, index), so every policy meets the same
 * people (common random numbers) however differently it dials. Pure.
 */

/** Uniform in (0, 1). */
export function uniform(seed: number, stream: number, index: number): number {
  let h = (seed * 0x9e3779b1 + stream * 0x85ebca6b) | 0
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = (h + Math.imul(index, 0x27d4eb2f)) | 0
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  h ^= h >>> 15
  return ((h >>> 0) + 0.5) / 4294967296
}

export function normal(seed: number, stream: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(seed, stream, index)))
  return radius * Math.cos(2 * Math.PI * uniform(seed, stream + 1000, index))
}

export const exponential = (u: number, mean: number): number => -mean * Math.log(u)

/** A lognormal given by its mean and the sd of its logarithm. */
export function lognormal(z: number, mean: number, sigma: number): number {
  return mean * Math.exp(sigma * z - (sigma * sigma) / 2)
}

/** The middles of 1,024 equal shares of Beta(a, b): a table to draw answer probabilities from. */
export function betaTable(a: number, b: number): Float64Array {
  const shares = 1024
  const steps = 20_000
  const table = new Float64Array(shares)
  const density = (x: number): number => x ** (a - 1) * (1 - x) ** (b - 1)
  // Integrates over y = x^a, so that the pole at 0 for a < 1 is harmless.
  const cumulative = new Float64Array(steps + 1)
  for (let i = 0; i < steps; i++) {
    const x = ((i + 0.5) / steps) ** (1 / a)
    cumulative[i + 1] = (cumulative[i] ?? 0) + (density(x) * x ** (1 - a)) / a
  }
  const total = cumulative[steps] ?? 1
  let i = 0
  for (let share = 0; share < shares; share++) {
    const goal = ((share + 0.5) / shares) * total
    while (i < steps - 1 && (cumulative[i + 1] ?? 0) < goal) i++
    table[share] = ((i + 0.5) / steps) ** (1 / a)
  }
  return table
}
