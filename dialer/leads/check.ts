/** One rule, looked at for one call: what was found, and what stands against the call. The word that all rule files share. */
export interface Check {
  /** The rule; as a hold it is the code of the answer. */
  rule: string
  /** What was found, for people: `1 of 3 a day`. */
  finding: string
  /** Absent: the rule is met, and stays so as time passes. */
  hold?: Hold
}

interface Hold {
  /** Met again from this instant on; null: not by waiting. */
  until: number | null
  /** A sentence without its full stop, so that more can follow. */
  reason: string
}

export const passed = (rule: string, finding: string): Check => ({ rule, finding })

export const held = (rule: string, until: number | null, reason: string, finding = reason): Check => ({
  ...{ rule, finding, hold: { until, reason } },
})

type HeldCheck = Check & { hold: Hold }

const endOf = ({ hold }: HeldCheck) => hold.until ?? Number.POSITIVE_INFINITY

/** What stands longest against the call. */
export function longestHeld(checks: readonly Check[]): HeldCheck | undefined {
  let longest: HeldCheck | undefined
  for (const check of checks) if (isHeld(check) && (!longest || endOf(check) > endOf(longest))) longest = check
  return longest
}

const isHeld = (check: Check): check is HeldCheck => check.hold !== undefined

/** Of several ways to call, the one that is free first; the first of equals. */
export function freeFirst<Way extends { checks: readonly Check[] }>(ways: readonly Way[]): Way | undefined {
  let best: { way: Way; end: number } | undefined
  for (const way of ways) {
    const longest = longestHeld(way.checks)
    const end = longest ? endOf(longest) : Number.NEGATIVE_INFINITY
    if (!best || end < best.end) best = { way, end }
  }
  return best?.way
}
