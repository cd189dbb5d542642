/**
 * The abandonment ledger of one campaign: how many people were abandoned, how many were connected, in
 * the last 24 hours, the calendar day and the last 30 days at once, and whether one more abandoned call
 * would break the limit in any of them. Rate = abandoned / (abandoned + connected).
 * It uses no model: the hard stop of every mode rests on these counts alone.
 *
 * First calls of a day: with few answers one abandoned call is a rate of 100 %. A window with fewer than
 * 100 answers (or as many as allow two abandoned, where that is more) is judged as if it held that many:
 * at 3 % the first 100 people of a day may hold 3 abandoned, at 1 % the first 200 may hold 2. The windows
 * of 24 h and 30 days get the same allowance at the start of a campaign.
 */
import { nextMidnight } from './calendar-day.ts'

const ALLOWANCE_ANSWERS = 100
const ALLOWANCE_ABANDONED = 2
const BUCKET_MS = 15 * 60_000
const DAY_MS = 86_400_000
const BUCKETS_24H = DAY_MS / BUCKET_MS
const BUCKETS_30D = 30 * BUCKETS_24H

export type WindowName = '24 h' | 'today' | '30 days'
export interface WindowCount {
  window: WindowName
  answered: number
  abandoned: number
}

export interface LedgerSettings {
  abandonTarget: number
  /** `windowMs` of 24 h or 30 days seeds that window; a shorter one seeds the calendar day. */
  ledger?: { windowMs: number; answered: number; abandoned: number }[]
  timeZone?: string
}

export interface AbandonmentLedger {
  connected(at: number): void
  abandoned(at: number): void
  /** Abandoned by estimate: a fraction of a person that detection may have taken for a machine. */
  abandonedByEstimate(at: number, people: number): void
  windows(at: number): readonly WindowCount[]
  /** Abandoned calls still allowed in the tightest window, allowance included; negative when overdrawn. */
  budget(at: number): number
  /** The window that one more abandoned call would break, if any, when `pending` more are about to be. */
  heldBy(at: number, pending?: number): WindowName | undefined
  /** Abandoned calls that the target allows for the people of the last 24 hours. */
  allowedPerDay(at: number): number
  snapshot(): SavedLedger
}

export interface SavedLedger {
  bucket: number
  midnight: number
  today: { answered: number; abandoned: number }
  /** [bucket, answered, abandoned], only those that hold something. */
  buckets: [number, number, number][]
}

export function createLedger(settings: LedgerSettings): AbandonmentLedger {
  return ledgerOf(settings, undefined)
}

/** A ledger as it was at `snapshot()`; settings may have changed meanwhile. Unreadable state counts as none. */
export function restoreLedger(settings: LedgerSettings, saved: unknown): AbandonmentLedger {
  return ledgerOf(settings, isSavedLedger(saved) ? saved : undefined)
}

function ledgerOf(settings: LedgerSettings, saved: SavedLedger | undefined): AbandonmentLedger {
  const limit = settings.abandonTarget
  const allowance = limit > 0 ? Math.max(ALLOWANCE_ANSWERS, ALLOWANCE_ABANDONED / limit) : 0
  const timeZone = settings.timeZone ?? 'UTC'
  const answeredIn = new Float64Array(BUCKETS_30D)
  const abandonedIn = new Float64Array(BUCKETS_30D)
  const day = { window: '24 h' as const, answered: 0, abandoned: 0 }
  const today = { window: 'today' as const, answered: 0, abandoned: 0 }
  const month = { window: '30 days' as const, answered: 0, abandoned: 0 }
  const windows: WindowCount[] = [day, today, month]
  let bucket = -1 // index of the newest bucket since the epoch; -1 before the first event
  let midnight = 0

  function start(at: number): void {
    bucket = Math.floor(at / BUCKET_MS)
    midnight = nextMidnight(at, timeZone)
    if (saved) restore(saved)
    else for (const seed of settings.ledger ?? []) plant(seed)
  }

  function restore(state: SavedLedger): void {
    for (const [index, answered, abandoned] of state.buckets) put(index, answered, abandoned)
    if (state.midnight === midnight) {
      today.answered = state.today.answered
      today.abandoned = state.today.abandoned
    }
  }

  /** Spreads a total evenly over its window, so that it ages out as it may have come. */
  function plant(seed: { windowMs: number; answered: number; abandoned: number }): void {
    if (seed.windowMs < DAY_MS) {
      today.answered += seed.answered
      today.abandoned += seed.abandoned
      return
    }
    const isDay = seed.windowMs === DAY_MS
    const from = isDay ? 0 : BUCKETS_24H
    const to = isDay ? BUCKETS_24H : Math.min(BUCKETS_30D, Math.floor(seed.windowMs / BUCKET_MS))
    const inDay = isDay ? { answered: 0, abandoned: 0 } : daySeed()
    const answered = Math.max(0, seed.answered - inDay.answered) / (to - from)
    const abandoned = Math.max(0, seed.abandoned - inDay.abandoned) / (to - from)
    for (let back = from; back < to; back++) put(bucket - back, answered, abandoned)
  }

  function daySeed(): { answered: number; abandoned: number } {
    return settings.ledger?.find((seed) => seed.windowMs === DAY_MS) ?? { answered: 0, abandoned: 0 }
  }

  function put(index: number, answered: number, abandoned: number): void {
    const back = bucket - index
    if (back < 0 || back >= BUCKETS_30D) return
    const slot = index % BUCKETS_30D
    answeredIn[slot] = (answeredIn[slot] ?? 0) + answered
    abandonedIn[slot] = (abandonedIn[slot] ?? 0) + abandoned
    month.answered += answered
    month.abandoned += abandoned
    if (back < BUCKETS_24H) {
      day.answered += answered
      day.abandoned += abandoned
    }
  }

  function moveTo(at: number): void {
    if (bucket < 0) start(at)
    if (at >= midnight) {
      midnight = nextMidnight(at, timeZone)
      today.answered = 0
      today.abandoned = 0
    }
    const target = Math.floor(at / BUCKET_MS)
    if (target - bucket > BUCKETS_30D) bucket = target - BUCKETS_30D
    while (bucket < target) {
      bucket++
      leave(day, (bucket - BUCKETS_24H) % BUCKETS_30D)
      const slot = bucket % BUCKETS_30D
      leave(month, slot)
      answeredIn[slot] = 0
      abandonedIn[slot] = 0
    }
  }

  function leave(window: WindowCount, slot: number): void {
    window.answered = Math.max(0, window.answered - (answeredIn[slot] ?? 0))
    window.abandoned = Math.max(0, window.abandoned - (abandonedIn[slot] ?? 0))
  }

  function count(at: number, answered: number, abandoned: number): void {
    moveTo(at)
    put(bucket, answered, abandoned)
    today.answered += answered
    today.abandoned += abandoned
  }

  const left = (window: WindowCount): number => limit * Math.max(window.answered, allowance) - window.abandoned

  return {
    connected: (at) => count(at, 1, 0),
    abandoned: (at) => count(at, 1, 1),
    abandonedByEstimate: (at, people) => count(at, people, people),
    windows(at) {
      moveTo(at)
      return windows
    },
    budget(at) {
      moveTo(at)
      return Math.min(left(day), left(today), left(month))
    },
    allowedPerDay(at) {
      moveTo(at)
      return limit * day.answered
    },
    heldBy(at, pending = 0) {
      moveTo(at)
      // One more abandoned is also one more answered; 1e-9 forgives the rounding of sums of fractions.
      for (const window of windows) if (left(window) + (1 + pending) * oneMoreAnswer(window) < 1 + pending - 1e-9) return window.window
      return undefined
    },
    snapshot() {
      const buckets: [number, number, number][] = []
      for (let back = Math.min(BUCKETS_30D, bucket + 1) - 1; back >= 0; back--) {
        const slot = (bucket - back) % BUCKETS_30D
        const answered = answeredIn[slot] ?? 0
        const abandoned = abandonedIn[slot] ?? 0
        if (answered > 0 || abandoned > 0) buckets.push([bucket - back, answered, abandoned])
      }
      return { bucket, midnight, today: { answered: today.answered, abandoned: today.abandoned }, buckets }
    },
  }

  function oneMoreAnswer(window: WindowCount): number {
    return window.answered >= allowance ? limit : 0
  }
}

function isSavedLedger(saved: unknown): saved is SavedLedger {
  if (typeof saved !== 'object' || saved === null) return false
  if (!('bucket' in saved && 'midnight' in saved && 'today' in saved && 'buckets' in saved)) return false
  const { bucket, midnight, today, buckets } = saved
  if (typeof bucket !== 'number' || typeof midnight !== 'number' || !Array.isArray(buckets)) return false
  return typeof today === 'object' && today !== null && 'answered' in today && 'abandoned' in today
}
