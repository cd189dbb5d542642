/** Placed and not yet answered. Pure. The states `placing` and `ringing`: the ring limit, and what the network says instead of an answer. */
import type { CallEvent, CallRules, CallState, CallStep, Of } from './call-state.ts'
import { answered } from './detecting.ts'
import { end, hangUp, ignore, verdicted, whoLeft } from './ending.ts'
import { describeEnd, dispositionUnanswered } from './outcome.ts'

/** Until the first 180 the network looks for the phone (post-dial delay 1.5-4 s); the ring limit restarts when it rings. */
const setupAllowanceMs = 10_000

export const placed = (at: number, rules: CallRules): CallState => ({
  name: 'placing',
  placedAt: at,
  deadline: at + setupAllowanceMs + rules.ringTimeoutMs,
})

export function unanswered(state: Of<'placing'> | Of<'ringing'>, event: CallEvent, rules: CallRules): CallStep {
  switch (event.type) {
    case 'ringing':
      if (state.name === 'ringing') return ignore(state, event)
      return {
        state: { name: 'ringing', placedAt: state.placedAt, deadline: event.at + rules.ringTimeoutMs },
        effects: [{ do: 'pace', event: 'ringing', at: event.at }],
      }
    case 'answered':
      return answered(event, rules)
    case 'refused':
      if (state.name === 'ringing') return ignore(state, event)
      return end(event.at, verdicted('failed', `the switch refused the call: ${event.why}`), { cause: 0 })
    case 'unconfirmed':
      if (state.name === 'ringing') return ignore(state, event)
      // Perhaps a phone will ring all the same, and its owner is not to hear nothing: what the switch tells next decides.
      return {
        state: { ...state, unconfirmed: true, deadline: Math.min(state.deadline, event.at + setupAllowanceMs) },
        effects: [],
      }
    case 'deadline': {
      if (event.at < state.deadline) return ignore(state, event)
      if (state.name === 'placing' && state.unconfirmed)
        return hangUp(event.at, verdicted('lost', 'the switch did not confirm the call'), undefined)
      const waited = Math.round((event.at - state.placedAt) / 1000)
      return hangUp(event.at, verdicted('no_answer', `nobody answered within ${waited} s`), undefined)
    }
    case 'cancel':
      return hangUp(event.at, verdicted('cancelled', event.why), undefined)
    case 'settled':
      return hangUp(event.at, verdicted('settled', event.why), undefined)
    case 'ended': {
      if (event.unseen) return end(event.at, verdicted('lost', `${whoLeft(event)} before anyone answered`), event.network)
      const disposition = dispositionUnanswered(event.network)
      return end(event.at, verdicted(disposition, describeEnd(disposition, event.network)), event.network)
    }
    default:
      return ignore(state, event)
  }
}
