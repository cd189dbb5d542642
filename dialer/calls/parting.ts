/**
 * Parting words to a person whom no agent serves: who called (abandoned), that nothing is owed any more (settled), that he is
 * called back (he asked for an agent by a key), or that he is not called any more (he asked for that). Pure.
 * The state `message`: its outcome stands before the first word, whatever is heard of it.
 */
import type { MessageKind } from '../messages/message.ts'
import type { AnswerFacts, CallEffect, CallStep, Handler, Verdicted } from './call-state.ts'
import { abandoned, end, hangUp, ignore, talked, verdicted, verdictedMachine } from './ending.ts'

const messageLimitMs = 60_000

function say(message: MessageKind, facts: AnswerFacts, at: number, outcome: Verdicted, before: CallEffect[]): CallStep {
  return {
    state: { name: 'message', facts, message, verdicted: outcome, deadline: at + messageLimitMs },
    effects: [...before, { do: 'play_message', message, take: 1 }],
  }
}

/** The debt is settled while the person waits: he hears so and is let go. An agent was not what he lacked. */
export function giveThanks(facts: AnswerFacts, at: number, why: string, before: CallEffect[] = []): CallStep {
  return say('settled', facts, at, facts.connected ? talked(why) : verdicted('settled', why), before)
}

/** The person pressed the key for it: barred in this moment, whether he hears the answer or not. */
export function giveFarewell(facts: AnswerFacts, at: number, before: CallEffect[]): CallStep {
  return say('opted_out', facts, at, verdicted('opted_out'), [...before, { do: 'opt_out', at }])
}

/**
 * No agent came: the person hears who called, or that he is called back if it was he who asked for one. A person who had
 * an agent already is not an abandoned call; a machine that was to be a sample is let go like every other.
 */
export function giveMessage(facts: AnswerFacts, at: number, why: string, before: CallEffect[] = []): CallStep {
  if (facts.detected?.sample && !facts.connected) return hangUp(at, verdictedMachine(facts.detected, `; ${why}`), facts, before)
  if (facts.connected) return say('abandoned', facts, at, talked(why), before)
  if (askedForAgent(facts)) return say('callback', facts, at, askedInVain(why), before)
  return say('abandoned', facts, at, abandoned(why), [...before, { do: 'pace', event: 'abandoned', at }])
}

export const askedForAgent = ({ message }: AnswerFacts): boolean => message?.agentAskedAt !== undefined
/** Not an abandoned call: he was served a message, and a callback is planned. */
export const askedInVain = (why: string): Verdicted => verdicted('callback_asked', `asked for an agent by a key; ${why}`)

export const message: Handler<'message'> = (state, event) => {
  switch (event.type) {
    case 'message_played': {
      if (event.message !== state.message) return ignore(state, event)
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
