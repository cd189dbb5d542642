/**
 * A Clock whose time stands still until the test moves it. Due timers run in order of their time, each seeing its own time;
 * timers set meanwhile run too when they fall due.
 */
import type { Clock } from '../../dialer/clock.ts'

export interface FakeClock extends Clock {
  /** Moves the time on, running what falls due. */
  advance(ms: number): void
  /** Timers that wait. */
  pending(): number
}

export function createFakeClock(startAt = Date.UTC(2026, 0, 5, 10)): FakeClock {
  let now = startAt
  let count = 0
  const timers = new Map<number, { at: number; task: () => void }>()
  const nextDue = (until: number) => {
    let first: [number, { at: number; task: () => void }] | undefined
    for (const timer of timers) if (timer[1].at <= until && (first === undefined || timer[1].at < first[1].at)) first = timer
    return first
  }
  return {
    now: () => now,
    after(delayMs, task) {
      count += 1
      const id = count
      timers.set(id, { at: now + Math.max(0, delayMs), task })
      return () => timers.delete(id)
    },
    advance(ms) {
      const until = now + ms
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer[0])
        now = timer[1].at
        timer[1].task()
      }
      now = until
    },
    pending: () => timers.size,
  }
}
