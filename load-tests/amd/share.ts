/** A share with its 95 % interval (Wilson), and the same by slices of the items. */

export interface Share {
  of: number
  count: number
  share: number
  from: number
  to: number
}

const z = 1.96

export function shareOf(count: number, of: number): Share {
  if (of === 0) return { of, count, share: 0, from: 0, to: 1 }
  const share = count / of
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of)
  const half = (z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))) / (1 + z ** 2 / of)
  return { of, count, share: round(share), from: round(Math.max(0, middle - half)), to: round(Math.min(1, middle + half)) }
}

export function shareWhere<T>(items: readonly T[], holds: (item: T) => boolean): Share {
  return shareOf(items.filter(holds).length, items.length)
}

export function bySlice<T>(items: readonly T[], key: (item: T) => string, holds: (item: T) => boolean): Record<string, Share> {
  const slices = new Map<string, T[]>()
  for (const item of items) slices.set(key(item), [...(slices.get(key(item)) ?? []), item])
  return Object.fromEntries(
    [...slices].sort(([a], [b]) => a.localeCompare(b)).map(([name, some]) => [name, shareWhere(some, holds)]),
  )
}

const round = (value: number) => Math.round(value * 1e4) / 1e4

export const percent = ({ share, from, to, of }: Share) =>
  `${(100 * share).toFixed(2)} % (${(100 * from).toFixed(2)}-${(100 * to).toFixed(2)}, n ${of})`
