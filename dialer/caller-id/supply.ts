/**
 * What can be dialed from at this moment, by pool: numbers and how worn they are, read again every two seconds and kept up by
 * what is placed in between. One for the process, so that campaigns that share a pool share its caps; what other engines place
 * from it is seen two seconds later. Called by campaign-run.ts.
 */
import type { Clock } from '../clock.ts'
import type { Pool } from '../storage/database.ts'
import type { CallerIdCandidate } from './caller-id.ts'
import { countUses, listCandidates } from './caller-id-store.ts'
import { capsOf, type Uses } from './caps.ts'

export interface Supply {
  callerIds: CallerIdCandidate[]
  /** Whoever places an attempt counts it here. */
  uses: Map<number, Uses>
}

export interface CallerIdSupply {
  of(poolName: string): Promise<Supply>
}

const maxAgeMs = 2000

export function createCallerIdSupply({ pool, clock }: { pool: Pool; clock: Clock }): CallerIdSupply {
  const supplies = new Map<string, { readAt: number; supply: Supply }>()
  return {
    async of(poolName) {
      const at = clock.now()
      const known = supplies.get(poolName)
      if (known && at - known.readAt < maxAgeMs) return known.supply
      const [rows, uses] = await Promise.all([
        listCandidates(pool, poolName),
        countUses(pool, { pool: poolName, at: new Date(at) }),
      ])
      const supply = { callerIds: rows.map((row) => ({ ...row, caps: capsOf(row, at) })), uses }
      supplies.set(poolName, { readAt: at, supply })
      return supply
    },
  }
}
