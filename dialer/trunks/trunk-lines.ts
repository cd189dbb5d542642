/**
 * How many calls each trunk has room for at this moment: its channels, its calls per second (shared by all processes
 * through the coordination), slowed after congestion (throttle.ts). Asked by the runner before each placement, told of each end.
 */
import type { Disposition } from '../calls/outcome.ts'
import type { Clock } from '../clock.ts'
import type { Coordination } from '../cluster/coordination.ts'
import type { Log } from '../log.ts'
import { afterCall, allowedRate, openThrottle, type Throttle } from './throttle.ts'

export interface TrunkLimits {
  id: string
  maxChannels: number
  callsPerSecond: number
}

export interface TrunkLines {
  /** Calls that may be placed now by trunk, `wanted` at most in all; what is granted is used up. The trunks take turns in being asked first. */
  take(trunks: TrunkLimits[], wanted: number, liveCalls: (trunkId: string) => number): Promise<Map<string, number>>
  ended(trunkId: string, disposition: Disposition): void
}

/** Tokens saved up while nothing was dialed: two ticks' worth, so that a late tick loses none and a tick after a pause is no burst. */
const burstSeconds = 0.5

export function createTrunkLines({
  coordination,
  clock,
  log,
}: {
  coordination: Coordination
  clock: Clock
  log: Log
}): TrunkLines {
  const throttles = new Map<string, Throttle>()
  let turn = 0
  const throttleOf = (trunkId: string) => throttles.get(trunkId) ?? openThrottle

  return {
    async take(trunks, wanted, liveCalls) {
      const room = new Map<string, number>()
      let left = wanted
      const first = turn++ % Math.max(1, trunks.length)
      for (const trunk of [...trunks.slice(first), ...trunks.slice(0, first)]) {
        const channels = trunk.maxChannels - liveCalls(trunk.id)
        const rate = allowedRate(throttleOf(trunk.id), trunk.callsPerSecond, clock.now())
        const asked = Math.min(left, channels)
        if (asked <= 0 || rate <= 0) continue
        const granted = await coordination.takeTokens(`trunk:${trunk.id}`, rate, Math.max(1, rate * burstSeconds), asked)
        room.set(trunk.id, granted)
        left -= granted
      }
      return room
    },
    ended(trunkId, disposition) {
      throttles.set(trunkId, afterCall(throttleOf(trunkId), disposition, clock.now()))
      if (disposition === 'trunk_rejected')
        log.error({ trunkId }, 'the carrier rejects our calls: check the credentials of the trunk')
      if (disposition === 'codec_error') log.error({ trunkId }, 'the carrier offers no common codec: check the trunk')
    },
  }
}
