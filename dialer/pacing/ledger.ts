/**
 * The abandonment ledger of one campaign: how many people were abandoned, how many were connected, in
 * the last 24 hours, the calendar day and the last 30 days at once, and whether one more abandoned call
 * would break the limit in any of them. Rate = abandoned / (abandoned + connected). Two rates are kept: the target, at which
 * steering aims, and the limit, behind which the hard stop stands.
 * It uses no model: the hard stop of every mode rests on these counts alone.
 *
 * First calls of a day: with few answers one abandoned call is a rate of 100 %. So a window starts with an
 * allowance of the abandoned calls that the target grants to 100 people or to a sixteenth of a usual day
 * (half an hour), whichever is more, and at least two; the allowance
 * melts evenly until three quarters of a usual day's answers are in; after that the rate stands alone.
 */
import { nextMidnight } from './calendar-day.ts'

const ALLOWANCE_ANSWERS = 100
const ALLOWANCE_SHARE = 1 / 16
const ALLOWANCE_ABANDONED = 2
const ALLOWANCE_LASTS = 0.75
/** People answered on a usual day, until the first day has passed: a team of three. */
const FIRST_USUAL_DAY = 400
const BUCKET_MS = 15 * 60_000
const DAY_MS = 86_400_000
const BUCKETS_24H = DAY_MS / BUCKET_MS
const BUCKETS_30D = 30 * BUCKETS_24H
/** About an hour of an eight-hour day. */
const AHEAD_SHARE = 0.15
/** The fall is weighed at less than one, because steering still has time to meet it. */
const AHEAD_WEIGHT = 0.7

export type WindowName = '24 h' | 'today' | '30 days'
export interface WindowCount {
  window: WindowName
  answered: number
  abandoned: number
}

export interface LedgerSettings {
  abandonTarget: number
  abandonLimit?: number
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
  /** Abandoned calls that the limit still allows in the tightest window, allowance included; negative when overdrawn. */
  budget(at: number): number
  /**
   * What steering should look at. `target`: abandoned calls that the target leaves of the last 24 hours; looking at the
   * tightest window here spends a third of it only. `limit`: as `budget`, but the 24 h window at its lowest while the next
   * seventh of a day's people leave it.
   */
  outlook(at: number): { target: number; limit: number }
  /** The window that one more abandoned call would break, if any, when `pending` more are about to be. */
  heldBy(at: number, pending?: number): WindowName | undefined
  /** Abandoned calls that the target allows for the people of the last 24 hours. */
  allowedPerDay(at: number): number
  snapshot(): SavedLedger
}

/** The law's 3 % where no limit was set. */
const LAWFUL_RATE = 0.03

/** The rate behind which the hard stop stands. */
const limitOf = ({ abandonTarget, abandonLimit = LAWFUL_RATE }: LedgerSettings): number =>
  abandonTarget === 0 ? 0 : Math.max(abandonTarget, abandonLimit)

export interface SavedLedger {
  bucket: number
  midnight: number
  usualDay: number
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
  const timeZone = settings.timeZone ?? 'UTC'
  const answeredIn = new Float64Array(BUCKETS_30D)
  const abandonedIn = new Float64Array(BUCKETS_30D)
  const day = { window: '24 h' as const, answered: 0, abandoned: 0 }
  const today = { window: 'today' as const, answered: 0, abandoned: 0 }
  const month = { window: '30 days' as const, answered: 0, abandoned: 0 }
  const windows: WindowCount[] = [day, today, month]
  let bucket = -1 // index of the newest bucket since the epoch; -1 before the first event
  let midnight = 0
  let lookedAt = -1
  let leaving = 0
  let usualDay = FIRST_USUAL_DAY

  function start(at: number): void {
    bucket = Math.floor(at / BUCKET_MS)
    midnight = nextMidnight(at, timeZone)
    const seeds = [...(settings.ledger ?? [])].sort((a, b) => a.windowMs - b.windowMs)
    if (saved) {
      restore(saved)
      for (const seed of seeds) catchUp(seed)
    } else for (const seed of seeds) plant(seed)
  }

  function restore(state: SavedLedger): void {
    for (const [index, answered, abandoned] of state.buckets) put(index, answered, abandoned)
    if (state.usualDay > 0) usualDay = state.usualDay
    if (state.midnight === midnight) {
      today.answered = state.today.answered
      today.abandoned = state.today.abandoned
    }
  }

  /** What the books hold more than the snapshot happened after it was taken: it counts as now. */
  function catchUp(seed: { windowMs: number; answered: number; abandoned: number }): void {
    const window = seed.windowMs < DAY_MS ? today : seed.windowMs === DAY_MS ? day : month
    const answered = Math.max(0, seed.answered - window.answered)
    const abandoned = Math.max(0, seed.abandoned - window.abandoned)
    if (window !== today) return put(bucket, answered, abandoned)
    today.answered += answered
    today.abandoned += abandoned
  }

  /** Spreads a total evenly over its window, so that it ages out as it may have come. */
  function plant(seed: { windowMs: number; answered: number; abandoned: number }): void {
    if (seed.windowMs === DAY_MS && seed.answered > 0) usualDay = seed.answered
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
      if (today.answered > 0) usualDay += (today.answered - usualDay) * (usualDay === FIRST_USUAL_DAY ? 1 : 0.2)
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

  /**
   * How far the 24 h budget will fall when its oldest people leave it, because they held fewer abandoned than
   * the limit grants. Counted in people, not hours: this evening must see tomorrow morning's loss.
   */
  function lookAhead(): void {
    lookedAt = bucket
    leaving = 0
    const limit = limitOf(settings)
    let change = 0
    let people = 0
    for (let ahead = 1; ahead < BUCKETS_24H && people < AHEAD_SHARE * usualDay; ahead++) {
      const slot = (bucket + ahead - BUCKETS_24H + BUCKETS_30D) % BUCKETS_30D
      people += answeredIn[slot] ?? 0
      change += (abandonedIn[slot] ?? 0) - limit * (answeredIn[slot] ?? 0)
      leaving = Math.min(leaving, change)
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

  /** Abandoned calls that the rate leaves in a window that holds this much. */
  function left(rate: number, answered: number, abandoned: number): number {
    const unmelted = Math.max(0, 1 - answered / (ALLOWANCE_LASTS * usualDay))
    const firstCalls = Math.max(rate * Math.max(ALLOWANCE_ANSWERS, ALLOWANCE_SHARE * usualDay), ALLOWANCE_ABANDONED)
    return rate * answered - abandoned + (rate > 0 ? firstCalls * unmelted : 0)
  }
  const leftIn = (rate: number, window: WindowCount): number => left(rate, window.answered, window.abandoned)
  /** Of the limit, when the 24 h window will have fallen by so much. */
  function tightest(fall: number): number {
    const limit = limitOf(settings)
    return Math.min(leftIn(limit, day) + AHEAD_WEIGHT * fall, leftIn(limit, today), leftIn(limit, month))
  }

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
      return tightest(0)
    },
    outlook(at) {
      moveTo(at)
      if (lookedAt !== bucket) lookAhead()
      return { target: leftIn(settings.abandonTarget, day), limit: tightest(leaving) }
    },
    allowedPerDay(at) {
      moveTo(at)
      return settings.abandonTarget * day.answered
    },
    heldBy(at, pending = 0) {
      moveTo(at)
      // One more abandoned is also one more answered; 1e-9 forgives the rounding of sums of fractions.
      const more = 1 + pending
      const limit = limitOf(settings)
      for (const { window, answered, abandoned } of windows)
        if (left(limit, answered + more, abandoned + more) < -1e-9) return window
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
      return { bucket, midnight, usualDay, today: { answered: today.answered, abandoned: today.abandoned }, buckets }
    },
  }
}

export function isSavedLedger(saved: unknown): saved is SavedLedger {
  if (typeof saved !== 'object' || saved === null) return false
  if (!('bucket' in saved && 'midnight' in saved && 'usualDay' in saved && 'today' in saved && 'buckets' in saved)) return false
  const { bucket, midnight, usualDay, today, buckets } = saved
  if (![bucket, midnight, usualDay].every(Number.isFinite) || !Array.isArray(buckets)) return false
  if (typeof today !== 'object' || today === null || !('answered' in today && 'abandoned' in today)) return false
  const isBucket = (one: unknown): boolean => Array.isArray(one) && one.length === 3 && one.every(Number.isFinite)
  return [today.answered, today.abandoned].every(Number.isFinite) && buckets.every(isBucket)
}
