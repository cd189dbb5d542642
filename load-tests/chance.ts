/** What tests and load draw from seeded numbers: the same in every run. */

export type Random = () => number

/** Mulberry32: 0 <= x < 1, the same row for the same seed. */
export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const between = (random: Random, from: number, to: number): number => from + (to - from) * random()

/** Bell-shaped, mean 0, deviation 1. */
export const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

export function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[Math.floor(random() * list.length)]
  if (one === undefined) throw new Error('an empty list')
  return one
}

/** One of the keys, as often as its share says. */
export function byShare<K extends string>(random: Random, shares: Record<K, number>): K {
  const entries = Object.entries<number>(shares) as [K, number][]
  let at = random() * entries.reduce((sum, [, share]) => sum + share, 0)
  for (const [key, share] of entries) {
    at -= share
    if (at < 0) return key
  }
  return pick(random, entries)[0]
}
