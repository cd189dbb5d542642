/**
 * The time and its timers, as a port: rules get `at` handed in, services get a Clock,
 * tests get a fake one (test/support/fake-clock.ts).
 */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}
