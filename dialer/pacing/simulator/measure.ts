/** One policy in one world over some days, as the figures a table needs. Pure. */
import { createOurs, pacerSettings } from './ours.ts'
import { createPeer, type PeerSettings } from './peers.ts'
import type { DayResult, Policy } from './world.ts'
import { runDays } from './world.ts'
import { createWorld, type WorldOptions } from './world-settings.ts'

export interface Measured {
  policy: string
  occupancy: number
  abandonment: number
  /** Days on which no more than the limit was abandoned. */
  daysWithin: number
  days: number
  placedPerDay: number
  settings?: PeerSettings
}

export const LIMIT = 0.03

export function summarise(policy: string, results: readonly DayResult[], limit = LIMIT): Measured {
  let [busy, working, connected, abandoned, placed, within] = [0, 0, 0, 0, 0, 0]
  for (const day of results) {
    busy += day.busySec
    working += day.workingSec
    connected += day.connected
    abandoned += day.abandoned
    placed += day.placed
    if (day.abandoned <= limit * (day.abandoned + day.connected)) within++
  }
  const people = Math.max(1, connected + abandoned)
  return {
    policy,
    occupancy: working > 0 ? busy / working : 0,
    abandonment: abandoned / people,
    daysWithin: within,
    days: results.length,
    placedPerDay: placed / Math.max(1, results.length),
  }
}

export function measure(policy: Policy, world: WorldOptions, days: number, limit = LIMIT): Measured {
  return summarise(policy.name, runDays(createWorld(world), policy, days), limit)
}

export function measurePeer(settings: PeerSettings, world: WorldOptions, days: number): Measured {
  return { ...measure(createPeer(settings, world.hours), world, days), settings }
}

/** Small teams decide every quarter of a second; the counts of large ones change slowly against their size. */
export const everyMsFor = (agents: number): number => (agents <= 20 ? 250 : agents <= 50 ? 500 : 1000)

export function measureOurs(world: WorldOptions, days: number, abandonTarget = LIMIT, peopleTakenForMachines = 0): Measured {
  const settings = pacerSettings(createWorld(world), { abandonTarget, peopleTakenForMachines })
  return measure(createOurs(settings, everyMsFor(world.agents)), world, days, abandonTarget)
}
