/** A share with its 95 % interval (Wilson), and the same by slices of the items. */

import { wilson } from '../../dialer/campaigns/false-positives.ts'

export interface Share {
  of: number
  count: number
  share: number
  from: number
  to: number
}

export function shareOf(count: number, of: number): Share {
  const { low, high } = wilson(count, of)
  return { of, count, share: of === 0 ? 0 : round(count / of), from: round(low), to: round(high) }
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
