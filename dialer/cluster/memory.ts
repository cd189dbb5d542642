/** Coordination inside one process: the default, and always healthy. Time comes from the Clock. */
import type { Clock } from '../clock.ts'
import type { Coordination } from './coordination.ts'

export function createMemoryCoordination(clock: Clock): Coordination {
  const leases = new Map<string, { token: number; until: number }>()
  const buckets = new Map<string, { tokens: number; at: number }>()
  let lastToken = 0

  /** The lease if this token still holds it. */
  function held(name: string, token: number) {
    const lease = leases.get(name)
    return lease && lease.token === token && lease.until > clock.now() ? lease : undefined
  }

  return {
    start: async () => {},
    close: async () => {},
    healthy: () => true,
    async lease(name, ttlMs) {
      const current = leases.get(name)
      if (current && current.until > clock.now()) return undefined
      lastToken++
      const token = lastToken
      leases.set(name, { token, until: clock.now() + ttlMs })
      return {
        token,
        async renew() {
          const lease = held(name, token)
          if (lease) lease.until = clock.now() + ttlMs
          return lease !== undefined
        },
        async release() {
          if (held(name, token)) leases.delete(name)
        },
      }
    },
    async takeTokens(bucket, ratePerSecond, burst, wanted) {
      const now = clock.now()
      const before = buckets.get(bucket) ?? { tokens: burst, at: now }
      const elapsedMs = Math.max(0, now - before.at)
      const tokens = Math.min(burst, before.tokens + (elapsedMs * ratePerSecond) / 1000)
      const granted = Math.max(0, Math.min(Math.floor(wanted), Math.floor(tokens)))
      buckets.set(bucket, { tokens: tokens - granted, at: now })
      return granted
    },
  }
}
