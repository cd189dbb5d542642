/**
 * The pacer: how many calls to place now, and why. This file owns the choice of mode and the line
 * ceiling; the ideas live beside it (contract, roster, ledger, guard, progressive, ratio, predictive).
 * Pure and deterministic: its only clock is the `at` of events and decisions, in epoch milliseconds.
 */
import type { Decision, PacerSettings, TunablePacer } from './contract.ts'
import { createGuard } from './guard.ts'
import { createLedger, isSavedLedger, restoreLedger, type SavedLedger } from './ledger.ts'
import { createPredictive, isSavedPredictive, type SavedPredictive } from './predictive.ts'
import { progressiveCalls } from './progressive.ts'
import { ratioCalls } from './ratio.ts'
import { createRoster } from './roster.ts'

export type { Decision, Pacer, PacerChanges, PacerSettings, PacingEvent, TunablePacer } from './contract.ts'

const STANDING_MS = 1000

/** Shape of `snapshot()`; anything else given back is taken as "nothing saved". */
interface SavedPacer {
  version: 1
  ledger: SavedLedger
  predictive: SavedPredictive
}

export function createPacer(given: PacerSettings, saved?: unknown): TunablePacer {
  // The parts read this one object, so that a change of settings reaches all of them.
  const settings = { ...given }
  const state = isSaved(saved) ? saved : undefined
  const ledger = state ? restoreLedger(settings, state.ledger) : createLedger(settings)
  const predictive = createPredictive(settings, state?.predictive)
  const roster = createRoster(settings, {
    connected(at) {
      ledger.connected(at)
      guard.connected()
      settled(at)
    },
    abandoned(at) {
      ledger.abandoned(at)
      guard.abandoned()
      settled(at)
    },
    placed: predictive.listener.placed,
    resolved(at, call, how) {
      // Of the people heard, a known share never was: those taken for machines are abandoned by estimate.
      const taken = Math.min(0.5, Math.max(0, settings.peopleTakenForMachines ?? 0))
      if (taken > 0 && (how === 'human' || how === 'unsure')) {
        ledger.abandonedByEstimate(at, taken / (1 - taken))
        settled(at)
      }
      guard.resolved(how === 'human' || how === 'unsure')
      predictive.listener.resolved?.(at, call, how)
    },
    agentLeaves: predictive.listener.agentLeaves,
    lost: () => guard.lost(),
  })
  const guard = createGuard(settings, roster, ledger)

  const outlook = (at: number) => ({ ...ledger.outlook(at), granted: ledger.allowedPerDay(at) })

  function settled(at: number): void {
    predictive.settled(outlook(at))
  }

  function decide(at: number): Decision {
    roster.expire(at)
    const { step, reason } = guard.judge(at)
    if (step === 'stop') return { calls: 0, reason: `stopped: ${reason}` }
    if (step === 'careful' && settings.mode !== 'progressive') return because(reason, progressiveCalls(roster))
    const wanted = asSet(at)
    if (step !== 'capped' || settings.mode === 'progressive') return wanted
    const cap = guard.cappedCalls()
    return wanted.calls <= cap ? wanted : because(`capped, ${reason}`, { ...wanted, calls: cap })
  }

  function asSet(at: number): Decision {
    switch (settings.mode) {
      case 'progressive':
        return progressiveCalls(roster)
      case 'ratio':
        return ratioCalls(roster, settings.linesPerAgent ?? 1)
      case 'predictive':
        return predictive.decide(roster, at, lineRoom(), outlook(at))
      default:
        return settings.mode satisfies never
    }
  }

  function lineRoom(): number {
    return Math.max(0, Math.floor(settings.maxLinesPerAgent * roster.agentsWorking()) - roster.liveLines())
  }

  /** A decision to place nothing stands until something happens, or for this long. */
  let standing: Decision | undefined
  let decidedAt = 0

  return {
    observe(event) {
      standing = undefined
      guard.heard()
      roster.observe(event)
    },
    decide(at) {
      if (standing && at - decidedAt < STANDING_MS && at >= decidedAt) return standing
      const wanted = decide(at)
      const room = lineRoom()
      const decision = wanted.calls <= room ? wanted : because(`line ceiling leaves ${room}`, { ...wanted, calls: room })
      standing = decision.calls === 0 ? decision : undefined
      decidedAt = at
      return decision
    },
    retune(changes) {
      Object.assign(settings, changes)
      standing = undefined
    },
    snapshot: (): SavedPacer => ({ version: 1, ledger: ledger.snapshot(), predictive: predictive.snapshot() }),
  }
}

const because = (limit: string, decision: Decision): Decision => ({
  calls: decision.calls,
  reason: `${limit}: ${decision.reason}`,
})

function isSaved(saved: unknown): saved is SavedPacer {
  if (typeof saved !== 'object' || saved === null) return false
  if (!('version' in saved && 'ledger' in saved && 'predictive' in saved)) return false
  return saved.version === 1 && isSavedLedger(saved.ledger) && isSavedPredictive(saved.predictive)
}
