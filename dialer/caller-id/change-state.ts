/**
 * A number's way through its states: active, resting, warming and active again; retired when it is given up. Every change
 * has a reason. Pure; used by caller-ids.ts for changes by hand and by health-check.ts for those of the engine.
 */
import type { CallerId, CallerIdState } from './caller-id.ts'

export interface StateChange {
  to: CallerIdState
  reason: string
  at: Date
  /** Of a rest; null: until it is ended by hand. */
  restUntil: Date | null
}

export function changeState(callerId: CallerId, { to, reason, at, restUntil }: StateChange): CallerId {
  const comesBack = (callerId.state === 'resting' || callerId.state === 'retired') && (to === 'warming' || to === 'active')
  return {
    ...callerId,
    state: to,
    stateSince: at,
    stateReason: reason,
    restUntil: to === 'resting' ? restUntil : null,
    // What brought it to rest is not held against it a second time.
    judgedSince: comesBack ? at : callerId.judgedSince,
  }
}
