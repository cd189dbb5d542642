/**
 * The pacer: how many calls to place now, and why. This file owns the choice of mode and the line
 * ceiling; the ideas live beside it (contract, roster, ledger, progressive, ratio).
 * Pure and deterministic: its only clock is the `at` of events and decisions, in epoch milliseconds.
 */
import type { Decision, Pacer, PacerSettings } from './contract.ts'
import { type AbandonmentLedger, createLedger, restoreLedger } from './ledger.ts'
import { progressiveCalls } from './progressive.ts'
import { ratioCalls } from './ratio.ts'
import { createRoster, type Roster } from './roster.ts'

export type { Decision, Pacer, PacerSettings, PacingEvent } from './contract.ts'

/** Shape of `snapshot()`; anything else given back is taken as "nothing saved". */
interface SavedPacer {
  version: 1
  ledger: unknown
}

export function createPacer(settings: PacerSettings, saved?: unknown): Pacer {
  const state = readSaved(saved)
  const ledger = state ? restoreLedger(settings, state.ledger) : createLedger(settings)
  const roster = createRoster(settings, {
    connected: (at) => ledger.connected(at),
    abandoned: (at) => ledger.abandoned(at),
  })
  return {
    observe: (event) => roster.observe(event),
    decide(at) {
      roster.expire(at)
      const wanted = callsWanted(settings, roster, ledger, at)
      return underLineCeiling(wanted, settings, roster)
    },
    snapshot: (): SavedPacer => ({ version: 1, ledger: ledger.snapshot() }),
  }
}

function callsWanted(settings: PacerSettings, roster: Roster, ledger: AbandonmentLedger, at: number): Decision {
  switch (settings.mode) {
    case 'progressive':
      return progressiveCalls(roster)
    case 'ratio': {
      const held = ledger.heldBy(at)
      if (held) return { ...progressiveCalls(roster), reason: `abandonment limit (${held}): ${progressiveCalls(roster).reason}` }
      return ratioCalls(roster, settings.linesPerAgent ?? 1)
    }
    case 'predictive': {
      const careful = progressiveCalls(roster)
      return { calls: careful.calls, reason: `predictive is not ready, running as progressive: ${careful.reason}` }
    }
    default:
      return settings.mode satisfies never
  }
}

function underLineCeiling(wanted: Decision, settings: PacerSettings, roster: Roster): Decision {
  const room = Math.max(0, Math.floor(settings.maxLinesPerAgent * roster.agentsWorking()) - roster.liveLines())
  if (wanted.calls <= room) return wanted
  return { calls: room, reason: `line ceiling leaves ${room}: ${wanted.reason}` }
}

function readSaved(saved: unknown): SavedPacer | undefined {
  if (typeof saved !== 'object' || saved === null) return undefined
  if (!('version' in saved) || saved.version !== 1 || !('ledger' in saved)) return undefined
  return { version: 1, ledger: saved.ledger }
}
