/**
 * The end of a call, from whatever phase: the outcome is settled, we hang up or the switch told the end, exactly one
 * disposition is recorded. Pure. What the phases use to end a call, and the state `ending` itself.
 */
import type { AnswerFacts, CallEffect, CallEvent, CallState, CallStep, Handler, Outcome, Verdicted } from './call-state.ts'
import { countsAsAttempt, type Disposition, describe, type NetworkEnd } from './outcome.ts'

const endConfirmationMs = 5_000

export const ignore = (state: CallState, event: CallEvent): CallStep => ({
  state,
  effects: [],
  ignored: `${event.type} means nothing while ${state.name}`,
})

/** We hang up: the disposition is ours, not read from the switch. */
export function hangUp(at: number, verdicted: Verdicted, facts: AnswerFacts | undefined, before: CallEffect[] = []): CallStep {
  const state: CallState = { name: 'ending', verdicted, deadline: at + endConfirmationMs, ...(facts && { facts }) }
  return { state, effects: [...before, { do: 'hang_up' }] }
}

export function end(
  at: number,
  verdicted: Verdicted,
  network: NetworkEnd,
  facts?: AnswerFacts,
  before: CallEffect[] = [],
): CallStep {
  const outcome: Outcome = {
    ...verdicted,
    counts: countsAsAttempt(verdicted.disposition),
    endedAt: at,
    network,
    ...(facts && { facts }),
  }
  return { state: { name: 'ended', outcome }, effects: [...before, { do: 'record_ended', outcome }] }
}

export const verdicted = (disposition: Disposition, reason = describe(disposition)): Verdicted => ({ disposition, reason })
export const verdictedMachine = ({ cause }: { cause: string }, more = ''): Verdicted =>
  verdicted('machine', `an answering machine answered (${cause})${more}`)
export const talked = (how: string): Verdicted => ({ disposition: 'human_connected', reason: how, ledger: 'connected' })
export const abandoned = (how: string): Verdicted => ({ disposition: 'abandoned', reason: how, ledger: 'abandoned' })

export const whoLeft = ({ unseen }: { unseen?: true }) => (unseen ? 'the switch lost the call' : 'the callee hung up')

export const ending: Handler<'ending'> = (state, event) => {
  switch (event.type) {
    case 'answered': {
      if (state.facts) return ignore(state, event)
      // Answer and our cancel crossed: the person heard silence, so the strict reading counts it.
      const facts: AnswerFacts = { answeredAt: event.at }
      const crossed = abandoned('answered at the moment our cancel was on its way')
      return {
        state: { ...state, facts, verdicted: crossed },
        effects: [
          { do: 'pace_answered', by: 'unsure', at: event.at },
          { do: 'pace', event: 'abandoned', at: event.at },
        ],
      }
    }
    case 'deadline':
      if (event.at < state.deadline) return ignore(state, event)
      return { state: { ...state, deadline: event.at + endConfirmationMs }, effects: [{ do: 'verify' }] }
    case 'ended':
      return end(event.at, state.verdicted, event.network, state.facts)
    default:
      return ignore(state, event)
  }
}
