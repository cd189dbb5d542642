/**
 * The campaign's message left on a machine, never over its greeting. Pure.
 *
 *   awaiting_beep  the machine greets. The message begins at the end of the beep; without one, a short while after the
 *                  greeting's end, or after a silence where nothing else can be told (Asterisk's own detection).
 *   leaving        the message plays. A beep or more speech says that the greeting went on: from the start, after it.
 */
import type { AnswerFacts, CallEffect, CallRules, CallStep, GreetingHeard, Handler, Of } from './call-state.ts'
import { end, hangUp, ignore, verdicted } from './ending.ts'

/** Between the last word and the beep: 95 % of machines beep within it. */
const beepWaitMs = 2500
/** With nothing but silence to go by: the greeting may not have begun, or pauses. */
const quietMs = 3000
const greetingLimitMs = 60_000
const messageLimitMs = 300_000
/** A machine that speaks or beeps on and on gets the message as it is. */
const maxTakes = 4

/** The verdict is machine, and there is a message for one. */
export function toMachine(
  facts: AnswerFacts,
  at: number,
  greeting: GreetingHeard | undefined,
  rules: CallRules,
  before: CallEffect[],
): CallStep {
  if (greeting?.beepAt !== undefined) return leaveNow(facts, at, 0, before)
  const giveUpAt = at + greetingLimitMs
  // Not by the setting: Asterisk's detection may have stepped in for ours, and then nobody hears the beep.
  const listens = (facts.detected?.detector ?? rules.detection) === 'asterisk'
  const speakAt = listens
    ? at + quietMs
    : greeting?.endedAt === undefined
      ? giveUpAt
      : Math.max(at, greeting.endedAt + beepWaitMs)
  return {
    state: { name: 'awaiting_beep', facts, takes: 0, giveUpAt, deadline: Math.min(speakAt, giveUpAt) },
    effects: listens ? [...before, { do: 'listen_for_talk' }] : before,
  }
}

/** Plays it now. `takes`: how often it was begun before. */
export function leaveNow(facts: AnswerFacts, at: number, takes: number, before: CallEffect[] = []): CallStep {
  const known: AnswerFacts = { ...facts, message: { ...facts.message, begunAt: facts.message?.begunAt ?? at } }
  const take = takes + 1
  return {
    state: { name: 'leaving', facts: known, take, begunAt: at, deadline: at + messageLimitMs },
    effects: [...before, { do: 'play_message', message: 'machine', take }, { do: 'record_progress', facts: known }],
  }
}

const machine = (how: string) => verdicted('machine', `an answering machine answered; ${how}`)

export const awaitingBeep: Handler<'awaiting_beep'> = (state, event) => {
  const { facts, giveUpAt } = state
  switch (event.type) {
    case 'beep':
    case 'silence':
      return leaveNow(facts, event.at, state.takes)
    case 'greeting_ended':
      return { state: { ...state, deadline: Math.min(event.at + beepWaitMs, giveUpAt) }, effects: [] }
    case 'speech':
      return { state: { ...state, deadline: giveUpAt }, effects: [] }
    case 'deadline':
      if (event.at < state.deadline) return ignore(state, event)
      if (event.at < giveUpAt) return leaveNow(facts, event.at, state.takes)
      return hangUp(event.at, machine(`its greeting did not end within ${greetingLimitMs / 1000} s`), facts)
    case 'cancel':
      return hangUp(event.at, machine(event.why), facts)
    case 'settled':
      return hangUp(event.at, verdicted('settled', event.why), facts)
    case 'ended':
      return end(event.at, machine('it hung up before the message'), event.network, facts)
    default:
      return ignore(state, event)
  }
}

/** The greeting went on after all. */
function startOver(state: Of<'leaving'>, at: number, speakAt: number | undefined): CallStep {
  const { facts, take } = state
  const stop: CallEffect = { do: 'stop_message', message: 'machine', take }
  if (speakAt === at) return leaveNow(facts, at, take, [stop])
  const giveUpAt = at + greetingLimitMs
  return { state: { name: 'awaiting_beep', facts, takes: take, giveUpAt, deadline: speakAt ?? giveUpAt }, effects: [stop] }
}

export const leaving: Handler<'leaving'> = (state, event) => {
  const { facts, take } = state
  switch (event.type) {
    case 'beep':
    case 'speech':
    case 'greeting_ended': {
      // Told late, of what was over before we spoke.
      if (event.at <= state.begunAt || take >= maxTakes) return ignore(state, event)
      const speakAt = { beep: event.at, speech: undefined, greeting_ended: event.at + beepWaitMs }[event.type]
      return startOver(state, event.at, speakAt)
    }
    case 'message_played': {
      if (event.message !== 'machine' || event.take !== take) return ignore(state, event)
      if (!event.completed) return hangUp(event.at, machine('the message was not played to its end'), facts)
      const how = take > 1 ? `, from its start for the ${ordinal(take)} time` : ''
      return hangUp(event.at, verdicted('message_left', `the message was left on a machine${how}`), facts)
    }
    case 'deadline':
      if (event.at < state.deadline) return ignore(state, event)
      return hangUp(event.at, machine('the switch did not tell the end of the message'), facts)
    case 'cancel':
      return hangUp(event.at, machine(event.why), facts)
    case 'settled':
      return hangUp(event.at, verdicted('settled', event.why), facts)
    case 'ended':
      return end(event.at, machine('it hung up during the message'), event.network, facts)
    default:
      return ignore(state, event)
  }
}

const ordinal = (take: number) => ['first', 'second', 'third', 'fourth'][take - 1] ?? `${take}th`
