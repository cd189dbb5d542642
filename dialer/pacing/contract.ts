/**
 * The pacer's contract: what it is told, what it answers, what can be set. Used by the engine, the
 * simulator and outside benchmarks through `pacer.ts`, which exports all of it; fixed in docs/pacing.md.
 * `at` is epoch milliseconds, ids are opaque strings; optional fields may be absent.
 */
export type PacingEvent =
  | { type: 'placed'; callId: string; at: number; answerProbability?: number }
  | { type: 'ringing'; callId: string; at: number }
  /** After detection; the grace starts here. */
  | { type: 'answered'; callId: string; at: number; by: 'human' | 'machine' | 'unsure' }
  | { type: 'connected'; callId: string; agentId: string; at: number }
  /** Also a callee who hangs up while waiting; `ended` follows. */
  | { type: 'abandoned'; callId: string; at: number }
  | {
      type: 'ended'
      callId: string
      at: number
      cause?: 'hang-up' | 'no-answer' | 'busy' | 'machine' | 'failed' | 'cancelled'
    }
  | {
      type: 'agent'
      agentId: string
      at: number
      state: 'ready' | 'talking' | 'wrap-up' | 'paused' | 'logged-out'
      next?: 'paused' | 'logged-out'
    }

export interface Decision {
  calls: number
  reason: string
}

export interface Pacer {
  observe(event: PacingEvent): void
  decide(at: number): Decision
  /** Plain JSON, given back to createPacer after a restart. */
  snapshot(): unknown
}

/** What may change while a campaign runs; takes effect at the next decision. */
export type PacerChanges = Partial<
  Pick<PacerSettings, 'mode' | 'abandonTarget' | 'abandonLimit' | 'maxLinesPerAgent' | 'linesPerAgent' | 'peopleTakenForMachines'>
>

/** What createPacer gives: the contract, and live tuning. */
export interface TunablePacer extends Pacer {
  retune(changes: PacerChanges): void
}

export interface PacerSettings {
  mode: 'predictive' | 'ratio' | 'progressive'
  /** Abandoned / (abandoned + connected), 0..1; 0 means never more ringing calls than free agents. */
  abandonTarget: number
  /**
   * The rate that no window may pass: there the hard stop stands. The target is steered at and may be passed for a while.
   * Absent, the law's 3 % (47 CFR 64.1200(a)(7)), or the target where that is higher; none above a target of 0.
   */
  abandonLimit?: number
  graceMs: number
  ringTimeoutMs: number
  /** All live lines, talks included, per agent logged in and not paused. */
  maxLinesPerAgent: number
  /** For `ratio`. */
  linesPerAgent?: number
  /** What the legal windows hold at the start: 24 h and 30 days by their length, a shorter one is the calendar day. */
  ledger?: { windowMs: number; answered: number; abandoned: number }[]
  timeZone?: string
  /** Share of the people who answer that detection takes for machines; they count as abandoned by estimate. */
  peopleTakenForMachines?: number
}
