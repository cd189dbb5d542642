/**
 * Parting words to a person whom no agent serves: who called (abandoned), or that nothing is owed any more (settled).
 * Pure. The state `message`: its outcome stands before the first word, whatever is heard of it.
 */
import type { AnswerFacts, CallEffect, CallState, CallStep, Handler, Verdicted } from './call-state.ts'
import { abandoned, end, hangUp, ignore, talked, verdicted, verdictedMachine } from './ending.ts'

const messageLimitMs = 60_000

/** The debt is settled while the person waits: he hears so and is let go. An agent was not what he lacked. */
export function giveThanks(facts: AnswerFacts, at: number, why: string, before: CallEffect[] = []): CallStep {
  const outcome = facts.connected ? talked(why) : verdicted('settled', why)
  const state: CallState = { name: 'message', facts, verdicted: outcome, deadline: at + messageLimitMs }
  return { state, effects: [...before, { do: 'play_message', message: 'settled' }] }
}

/**
 * No agent came: the person hears who called. A person who had an agent already is not an abandoned call; a machine that
 * was to be a sample is let go like every other.
 */
export function giveMessage(facts: AnswerFacts, at: number, why: string, before: CallEffect[] = []): CallStep {
  const state = (outcome: Verdicted): CallState => ({ name: 'message', facts, verdicted: outcome, deadline: at + messageLimitMs })
  if (facts.detected?.sample && !facts.connected) return hangUp(at, verdictedMachine(facts.detected, `; ${why}`), facts, before)
  const message: CallEffect = { do: 'play_message', message: 'abandoned' }
  if (facts.connected) return { state: state(talked(why)), effects: [...before, message] }
  return { state: state(abandoned(why)), effects: [...before, { do: 'pace', event: 'abandoned', at }, message] }
}

export const message: Handler<'message'> = (state, event) => {
  switch (event.type) {
    case 'message_played': {
      const heard = event.completed ? 'the message was played' : 'the message was not played to its end'
      return hangUp(event.at, { ...state.verdicted, reason: `${state.verdicted.reason}; ${heard}` }, state.facts)
    }
    case 'deadline':
      if (event.at < state.deadline) return ignore(state, event)
      return hangUp(event.at, state.verdicted, state.facts)
    case 'ended':
      return end(
        event.at,
        { ...state.verdicted, reason: `${state.verdicted.reason}; hung up during the message` },
        event.network,
        state.facts,
      )
    default:
      return ignore(state, event)
  }
}
