/**
 * The guard: which mode may run now, from counts alone. It shares no estimate with the predictive model,
 * so a wrong model cannot talk it round. It steps down, each step with its reason:
 *   free    -> as set
 *   capped  -> too many of the last people were abandoned: ringing x answer share <= free agents
 *   careful -> one more abandoned call would break the limit: progressive
 *   stop    -> calls outlived their timeout and nobody tells us anything: place nothing
 * Pure.
 */
import type { AbandonmentLedger } from './ledger.ts'
import type { Roster } from './roster.ts'

export type Step = 'free' | 'capped' | 'careful' | 'stop'

/** The last people looked at. Abandoned calls of large teams come in clusters, so the bar is high: 10 of 100 at 3 %. */
const RECENT_PEOPLE = 100
const RECENT_SD = 5
/** Calls in a row that were given up as lost with no event between them. */
const LOST_CALLS_TO_STOP = 3
const LONG_CALLS = 400

export interface Guard {
  connected(): void
  abandoned(): void
  resolved(byPerson: boolean): void
  heard(): void
  lost(): void
  judge(at: number): { step: Step; reason: string }
  /** Ringing calls that `capped` allows now. */
  cappedCalls(): number
}

export function createGuard(settings: { abandonTarget: number }, roster: Roster, ledger: AbandonmentLedger): Guard {
  let recentAbandoned = 0
  let lostInARow = 0
  let calls = 20
  let answers = 4 // an answer share of 0.2 until we know better

  const remember = (abandoned: 0 | 1): void => {
    recentAbandoned = recentAbandoned * (1 - 1 / RECENT_PEOPLE) + abandoned
  }
  function tooMany(): number {
    const expected = RECENT_PEOPLE * settings.abandonTarget
    // A decaying count of this length varies like one over half as many people.
    return expected + RECENT_SD * Math.sqrt(Math.max(0.3, expected / 2)) + 1
  }

  return {
    connected: () => remember(0),
    abandoned: () => remember(1),
    resolved(byPerson) {
      calls = calls * (1 - 1 / LONG_CALLS) + 1
      answers = answers * (1 - 1 / LONG_CALLS) + (byPerson ? 1 : 0)
    },
    heard() {
      lostInARow = 0
    },
    lost() {
      lostInARow++
    },
    judge(at) {
      if (lostInARow >= LOST_CALLS_TO_STOP)
        return { step: 'stop', reason: `no events while ${lostInARow} calls outlived their timeout` }
      const pending = Math.max(0, roster.waiting() - roster.idle())
      const window = ledger.heldBy(at, pending)
      if (window) return { step: 'careful', reason: `one more abandoned call would break the limit of ${window}` }
      if (recentAbandoned > tooMany())
        return { step: 'capped', reason: `${recentAbandoned.toFixed(0)} of the last ${RECENT_PEOPLE} people abandoned` }
      return { step: 'free', reason: '' }
    },
    cappedCalls() {
      const free = roster.idle() - roster.waiting()
      const share = Math.max(0.02, answers / calls)
      return Math.max(0, Math.floor(free / share) - roster.ringing())
    },
  }
}
