/**
 * The campaign's message to a person, in place of an agent. Pure. The state `announcing`: it plays, and for a while after
 * its end a key is waited for. The keys: an agent, once more, confirmed, do not call again.
 * A beep says that the person was a machine: the machine's message begins after it.
 */
import type { KeyMeaning } from '../messages/message.ts'
import type { AnswerFacts, CallEffect, CallRules, CallStep, Handler, Of, Verdicted } from './call-state.ts'
import { end, hangUp, ignore, verdicted, whoLeft } from './ending.ts'
import { leaveNow } from './leaving.ts'
import { giveFarewell, giveThanks } from './parting.ts'
import { toAgent } from './to-agent.ts'

/** Longer than any message; a switch that never says "played" holds nobody. */
const messageLimitMs = 300_000

export function announce(facts: AnswerFacts, at: number, before: CallEffect[], take = 1): CallStep {
  const known: AnswerFacts = { ...facts, message: { ...facts.message, begunAt: facts.message?.begunAt ?? at } }
  return {
    state: { name: 'announcing', facts: known, take, over: false, deadline: at + messageLimitMs },
    effects: [...before, { do: 'play_message', message: 'person', take }, { do: 'record_progress', facts: known }],
  }
}

/** What a person heard, as an outcome. */
function heardBy({ message }: AnswerFacts, how: string): Verdicted {
  if (message?.confirmed) return verdicted('message_confirmed', `a person confirmed the message by a key; ${how}`)
  if (message?.heard) return verdicted('message_heard', `a person heard the message to its end; ${how}`)
  return verdicted('message_heard_in_part', `a person heard a part of the message; ${how}`)
}

const knowing = (facts: AnswerFacts, at: number, more: Partial<NonNullable<AnswerFacts['message']>>): AnswerFacts => ({
  ...facts,
  message: { begunAt: at, ...facts.message, ...more },
})

const stopOf = ({ over, take }: Of<'announcing'>): CallEffect[] => (over ? [] : [{ do: 'stop_message', message: 'person', take }])

function pressed(state: Of<'announcing'>, meaning: KeyMeaning, at: number, rules: CallRules): CallStep {
  const stop = stopOf(state)
  switch (meaning) {
    case 'agent':
      return toAgent(knowing(state.facts, at, { agentAskedAt: at }), at + rules.graceMs, stop)
    case 'repeat':
      return announce(state.facts, at, stop, state.take + 1)
    case 'optOut':
      return giveFarewell(state.facts, at, stop)
    case 'confirm': {
      const facts = knowing(state.facts, at, { confirmed: true })
      if (state.over) return hangUp(at, heardBy(facts, 'then we hung up'), facts)
      return { state: { ...state, facts }, effects: [] }
    }
  }
}

/** Who was taken for a person has beeped. */
function wasMachine(state: Of<'announcing'>, at: number, rules: CallRules): CallStep {
  const stop = stopOf(state)
  if (rules.message?.media.machine) return leaveNow(state.facts, at, 0, stop)
  return hangUp(at, verdicted('machine', 'a beep was heard after the verdict: an answering machine'), state.facts, stop)
}

const meaningOf = (digit: string, { message }: CallRules): KeyMeaning | undefined => {
  const meanings: KeyMeaning[] = ['agent', 'repeat', 'confirm', 'optOut']
  return meanings.find((meaning) => message?.keys[meaning] === digit)
}

export const announcing: Handler<'announcing'> = (state, event, rules) => {
  const { facts, take, over } = state
  switch (event.type) {
    case 'message_played': {
      if (over || event.message !== 'person' || event.take !== take) return ignore(state, event)
      if (!event.completed) return hangUp(event.at, heardBy(facts, 'it broke off before its end'), facts)
      const heard = knowing(facts, event.at, { heard: true })
      const waitMs = Object.keys(rules.message?.keys ?? {}).length > 0 ? (rules.message?.keyWaitMs ?? 0) : 0
      return { state: { ...state, facts: heard, over: true, deadline: event.at + waitMs }, effects: [] }
    }
    case 'key': {
      const meaning = meaningOf(event.digit, rules)
      return meaning === undefined ? ignore(state, event) : pressed(state, meaning, event.at, rules)
    }
    case 'beep':
      return facts.message?.confirmed ? ignore(state, event) : wasMachine(state, event.at, rules)
    case 'deadline':
      if (event.at < state.deadline) return ignore(state, event)
      return hangUp(event.at, heardBy(facts, over ? 'then we hung up' : 'the switch did not tell its end'), facts)
    case 'cancel':
      return hangUp(event.at, heardBy(facts, event.why), facts)
    case 'settled':
      return giveThanks(facts, event.at, event.why, stopOf(state))
    case 'ended':
      return end(event.at, heardBy(facts, whoLeft(event)), event.network, facts)
    default:
      return ignore(state, event)
  }
}
