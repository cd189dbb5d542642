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
  /** `brand` null: all of the pool's numbers. */
  of(poolName: string, brand: string | null): Promise<Supply>
}

const maxAgeMs = 2000

export function createCallerIdSupply({ pool, clock }: { pool: Pool; clock: Clock }): CallerIdSupply {
  const pools = new Map<string, Supply & { readAt: number }>()

  async function read(poolName: string): Promise<Supply> {
    const at = clock.now()
    const known = pools.get(poolName)
    if (known && at - known.readAt < maxAgeMs) return known
    const [rows, uses] = await Promise.all([
      listCandidates(pool, poolName),
      countUses(pool, { pool: poolName, at: new Date(at) }),
    ])
    const supply = { readAt: at, callerIds: rows.map((row) => ({ ...row, caps: capsOf(row, at) })), uses }
    pools.set(poolName, supply)
    return supply
  }

  return {
    async of(poolName, wanted) {
      const { callerIds, uses } = await read(poolName)
      return { callerIds: callerIds.filter(({ brand }) => wanted === null || brand === wanted), uses }
    },
  }
}
