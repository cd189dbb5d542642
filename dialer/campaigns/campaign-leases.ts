/**
 * Who dials a campaign: one engine at a time, by a lease that all engines agree on, and by the campaign's fence in the
 * database. Whoever takes the lease raises the fence and places with its number; an engine that slept through the end of
 * its lease comes back with a number that is too low, and its attempts are not written (calls/call-store.ts).
 * While the coordination is away nobody can say who holds what, and nothing is placed. Owned by runner.ts.
 */
import type { Clock } from '../clock.ts'
import type { Coordination, Lease } from '../cluster/coordination.ts'
import type { Pool } from '../storage/database.ts'
import { raiseFence } from './campaign-store.ts'

export interface CampaignLeases {
  /** Takes or renews; called often, asks seldom. */
  keep(campaignId: string): Promise<void>
  /** The number to place with; undefined: this engine may not dial the campaign now. */
  fence(campaignId: string): number | undefined
  /** The database refused our number: somebody was here between. */
  outrun(campaignId: string): void
  releaseAll(): Promise<void>
}

const leaseMs = 5000
const renewMs = 1500

interface Held {
  lease: Lease
  renewedAt: number
  /** Undefined while it is not certain that the lease is ours. */
  fence: number | undefined
}

export function createCampaignLeases({
  pool,
  coordination,
  clock,
}: {
  pool: Pool
  coordination: Coordination
  clock: Clock
}): CampaignLeases {
  const leases = new Map<string, Held>()

  /** The fence first, then the look whether the lease is still ours: never the other way round. */
  async function stand(campaignId: string, held: Held): Promise<void> {
    const fence = held.fence ?? (await raiseFence(pool, campaignId))
    held.fence = (await held.lease.renew()) ? fence : undefined
    if (held.fence !== undefined) held.renewedAt = clock.now()
    // Away, it cannot say whose it is: asked again at the next tick. Else it is somebody else's.
    else if (coordination.healthy()) leases.delete(campaignId)
  }

  return {
    async keep(campaignId) {
      const held = leases.get(campaignId)
      if (held?.fence !== undefined && clock.now() - held.renewedAt < renewMs) return
      if (held) await stand(campaignId, held)
      if (leases.has(campaignId)) return
      const lease = await coordination.lease(`campaign:${campaignId}`, leaseMs)
      if (!lease) return
      const taken: Held = { lease, renewedAt: clock.now(), fence: undefined }
      leases.set(campaignId, taken)
      await stand(campaignId, taken)
    },
    fence: (campaignId) => leases.get(campaignId)?.fence,
    outrun(campaignId) {
      const held = leases.get(campaignId)
      if (held) held.fence = undefined
    },
    async releaseAll() {
      const released = [...leases.values()].map(({ lease }) => lease.release())
      leases.clear()
      await Promise.all(released)
    },
  }
}
