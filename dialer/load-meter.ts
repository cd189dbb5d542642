/**
 * Measures what admission control (campaigns/admission.ts) decides by: how late this process is, how long the switch takes,
 * what waits for the database, what audio is lost. Made by main.ts; nothing is decided here.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { Load } from './campaigns/admission.ts'
import type { Clock } from './clock.ts'
import type { Telephony } from './telephony/telephony.ts'

export interface LoadMeter {
  now(): Load
  /** A request to the switch was answered, or given up. */
  roundTrip(ms: number): void
  close(): void
}

export interface LoadMeterDeps {
  telephony: Pick<Telephony, 'audioReceived'>
  clock: Clock
  journalPending(): number
  /** Channels of callees who talk with an agent. */
  talking(): string[]
}

const lookMs = 1000
const roundTripsKept = 500
/** Talks whose audio is looked at each second; in turn, all of them. */
const talksSampled = 4

export function createLoadMeter({ telephony, clock, journalPending, talking }: LoadMeterDeps): LoadMeter {
  const delay: IntervalHistogram = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  let loopDelayMs = 0
  let switchRoundTripMs = 0
  let rtpLoss = 0
  let roundTrips: number[] = []
  let cancel = clock.after(lookMs, look)
  let nextTalk = 0

  function look() {
    cancel = clock.after(lookMs, look)
    // The sampling itself waits 10 ms.
    loopDelayMs = Math.max(0, delay.percentile(95) / 1e6 - 10)
    delay.reset()
    roundTrips.sort((a, b) => a - b)
    switchRoundTripMs = roundTrips[Math.floor(roundTrips.length * 0.9)] ?? 0
    roundTrips = []
    void listen().catch(() => {})
  }

  /** Loss since the last look is not told, only the sum: a talk that was bad once is soon over. */
  async function listen(): Promise<void> {
    const talks = talking()
    if (talks.length === 0) {
      rtpLoss = 0
      return
    }
    const sampled = Array.from(
      { length: Math.min(talksSampled, talks.length) },
      (_, n) => talks[(nextTalk + n) % talks.length] ?? '',
    )
    nextTalk = (nextTalk + talksSampled) % talks.length
    const heard = (await Promise.all(sampled.map((id) => telephony.audioReceived(id)))).flatMap((one) => one ?? [])
    const packets = heard.reduce((sum, one) => sum + one.packets + one.lost, 0)
    const lost = heard.reduce((sum, one) => sum + one.lost, 0)
    rtpLoss = packets === 0 ? 0 : lost / packets
  }

  return {
    now: () => ({ loopDelayMs, switchRoundTripMs, journalPending: journalPending(), rtpLoss }),
    roundTrip(ms) {
      if (roundTrips.length < roundTripsKept) roundTrips.push(ms)
    },
    close() {
      cancel()
      delay.disable()
    },
  }
}
