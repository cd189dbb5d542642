/**
 * The time and its timers, as a port: rules get `at` handed in, services get a Clock,
 * tests get a fake one (test/support/fake-clock.ts).
 *
 * The engine's time never goes back: every duration, deadline and lease rests on it. A machine's clock that is set forward is
 * followed at once; one that is set back is waited for at half speed. What the law says of hours goes by `wall`.
 */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void
}

/** Tells `reached` when the deadline has come, at once if it is past; undefined: never. Returns how to call it off. */
export function atDeadline(clock: Clock, deadline: number | undefined, reached: (at: number) => void): () => void {
  if (deadline === undefined) return () => {}
  return clock.after(Math.max(0, deadline - clock.now()), () => reached(Math.max(deadline, clock.now())))
}

export interface SteadyClock extends Clock {
  /** The machine's own time, epoch milliseconds; it may jump. */
  wall(): number
}

/** `wall` may jump, `steady` only goes on; both in milliseconds. */
export function createSteadyClock(wall: () => number, steady: () => number): SteadyClock {
  let time = wall()
  let readAt = steady()

  function now(): number {
    const passed = steady() - readAt
    readAt += passed
    const shown = wall()
    // What has passed is believed of the steady clock; of the other only that it is further on.
    time = shown >= time ? shown : Math.max(shown, time + passed / 2)
    return Math.floor(time)
  }
  return {
    now,
    wall,
    after(delayMs, task) {
      const timer = setTimeout(task, delayMs)
      return () => clearTimeout(timer)
    },
  }
}

export const systemClock = createSteadyClock(
  () => Date.now(),
  () => performance.now(),
)
