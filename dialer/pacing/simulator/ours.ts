/** The pacer of the product in the simulated world: the very same createPacer, fed by the world's events. Pure. */
import { createPacer, type Pacer, type PacerSettings, type PacingEvent } from '../pacer.ts'
import type { Policy } from './world.ts'
import type { WorldSettings } from './world-settings.ts'

export function pacerSettings(world: WorldSettings, changes: Partial<PacerSettings> = {}): PacerSettings {
  return {
    mode: 'predictive',
    abandonTarget: 0.03,
    graceMs: world.graceMs,
    ringTimeoutMs: world.ringTimeoutMs,
    // The published bounds know no ceiling; 1,000 lines an agent is none.
    maxLinesPerAgent: 1000,
    ...changes,
  }
}

export interface Ours extends Policy {
  pacer: Pacer
}

export function createOurs(settings: PacerSettings, everyMs = 1000, name = 'Outpace'): Ours {
  let pacer = createPacer(settings)
  let day = 0
  const idOf = (call: number): string => `${day}-${call}`
  const tell = (event: PacingEvent): void => pacer.observe(event)
  return {
    name,
    everyMs,
    get pacer() {
      return pacer
    },
    set pacer(other) {
      pacer = other
    },
    decide: (view) => pacer.decide(view.at).calls,
    dayStarts(started) {
      day = started
    },
    observer: {
      placed(call, at, probability) {
        if (Number.isNaN(probability)) tell({ type: 'placed', callId: idOf(call), at })
        else tell({ type: 'placed', callId: idOf(call), at, answerProbability: probability })
      },
      ringing: (call, at) => tell({ type: 'ringing', callId: idOf(call), at }),
      answered: (call, at, by) => tell({ type: 'answered', callId: idOf(call), at, by }),
      connected: (call, at, agent) => tell({ type: 'connected', callId: idOf(call), agentId: String(agent), at }),
      abandoned: (call, at) => tell({ type: 'abandoned', callId: idOf(call), at }),
      ended: (call, at, cause) => tell({ type: 'ended', callId: idOf(call), at, cause }),
      agent(agent, at, state, next) {
        if (next) tell({ type: 'agent', agentId: String(agent), at, state, next })
        else tell({ type: 'agent', agentId: String(agent), at, state })
      },
    },
  }
}
