/** Answered: person or machine? Pure. The state `detecting`, and where the verdict leads. */
import { announce } from './announcing.ts'
import type { AnswerFacts, CallEffect, CallRules, CallState, CallStep, Detected, Handler, Of } from './call-state.ts'
import { end, hangUp, ignore, verdicted, verdictedMachine, whoLeft } from './ending.ts'
import { toMachine } from './leaving.ts'
import { giveThanks } from './parting.ts'
import { toAgent } from './to-agent.ts'

/** AMD decides within its total time of 5 s (amd.conf), our detector within 8; after these the verdict is `unsure`. */
const limitsMs = { asterisk: 7_000, outpace: 8_500 }
/** Later than this the switch's detection would have missed the first word. */
const fallbackLimitMs = 500
/** However late the verdict comes, this much is left to put an agent through. */
const leastGraceMs = 300

export function answered(event: { at: number }, rules: CallRules): CallStep {
  const facts: AnswerFacts = { answeredAt: event.at }
  const recorded: CallEffect = { do: 'record_progress', facts }
  const shadow: CallEffect[] = rules.shadow && rules.detection !== 'outpace' ? [{ do: 'listen' }] : []
  if (rules.detection === 'off')
    return toPerson(facts, event.at, event.at + rules.graceMs, rules, [
      { do: 'pace_answered', by: 'human', at: event.at },
      recorded,
      ...shadow,
    ])
  const state: CallState = { name: 'detecting', facts, deadline: event.at + limitsMs[rules.detection] }
  return { state, effects: [{ do: rules.detection === 'outpace' ? 'listen' : 'detect' }, recorded, ...shadow] }
}

/** A person (or unsure) gets an agent, or the message of a campaign that has one for persons. */
function toPerson(facts: AnswerFacts, at: number, graceEnds: number, rules: CallRules, before: CallEffect[]): CallStep {
  return rules.message?.media.person ? announce(facts, at, before) : toAgent(facts, graceEnds, before)
}

function detected({ facts, settled, greeting }: Of<'detecting'>, found: Detected, rules: CallRules): CallStep {
  const known: AnswerFacts = { ...facts, detected: found }
  const told: CallEffect = { do: 'pace_answered', by: found.verdict, at: found.at }
  const goesOn = found.verdict !== 'machine' || (found.sample && settled === undefined)
  if (!goesOn && rules.message?.media.machine && settled === undefined) return toMachine(known, found.at, greeting, rules, [told])
  if (!goesOn) return hangUp(found.at, verdictedMachine(found), known, [told])
  if (settled !== undefined) return giveThanks(known, found.at, settled, [told])
  const graceEnds = Math.max((found.greetingEndedAt ?? found.at) + rules.graceMs, found.at + leastGraceMs)
  return toPerson(known, found.at, graceEnds, rules, [told])
}

export const detecting: Handler<'detecting'> = (state, event, rules) => {
  switch (event.type) {
    case 'detected': {
      const { type, ...found } = event
      return detected(state, found, rules)
    }
    case 'listening_failed':
      if (event.at - state.facts.answeredAt <= fallbackLimitMs) return { state, effects: [{ do: 'detect' }] }
      return detected(state, { verdict: 'unsure', cause: event.why, at: event.at }, rules)
    case 'deadline':
      if (event.at < state.deadline) return ignore(state, event)
      return detected(state, { verdict: 'unsure', cause: 'no verdict in time', at: event.at }, rules)
    case 'greeting_ended':
      return { state: { ...state, greeting: { ...state.greeting, endedAt: event.at } }, effects: [] }
    case 'beep':
      return { state: { ...state, greeting: { ...state.greeting, beepAt: event.at } }, effects: [] }
    case 'cancel':
      return hangUp(event.at, verdicted('cancelled', event.why), state.facts)
    case 'settled':
      return { state: { ...state, settled: event.why }, effects: [] }
    case 'ended':
      return end(event.at, verdicted('caller_hangup', `${whoLeft(event)} while detection listened`), event.network, state.facts)
    default:
      return ignore(state, event)
  }
}
