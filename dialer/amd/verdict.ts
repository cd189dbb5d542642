/**
 * When is what was heard enough? The probability that a machine speaks, and the pause, against the thresholds of the
 * model's policy; nothing said for long, or no end in time, is `unsure`. Pure; the detector asks it every 50 ms, and
 * training chooses the thresholds with it.
 */
import type { Policy } from './model.ts'

export interface Verdict {
  verdict: 'human' | 'machine' | 'unsure'
  reason: string
  confidence: number
}

/** How often the model is asked. */
export const decisionEveryMs = 50

/** Undefined: listen on. A pause in which a machine may be taking breath is waited for, but not for ever. */
export function judge(machine: number, pauseMs: number, policy: Policy): Verdict | undefined {
  if (machine >= policy.machine) return { verdict: 'machine', reason: 'recorded_greeting', confidence: machine }
  if (pauseMs >= policy.shortPauseMs && machine <= policy.human)
    return { verdict: 'human', reason: 'waits_after_greeting', confidence: 1 - machine }
  const waitsLong = pauseMs >= policy.longestPauseMs
  if (waitsLong && machine > 0.5) return { verdict: 'unsure', reason: 'like_both', confidence: machine }
  if (waitsLong || (pauseMs >= policy.longPauseMs && machine <= policy.doubt))
    return { verdict: 'human', reason: 'waits_long_after_greeting', confidence: 1 - machine }
  return undefined
}
