/** Answered: person or machine? Pure. The state `detecting`, and where the verdict leads. */
import type { Verdict } from '../telephony/telephony.ts'
import type { AnswerFacts, CallEffect, CallRules, CallState, CallStep, Handler, Of } from './call-state.ts'
import { end, hangUp, ignore, verdicted, whoLeft } from './ending.ts'
import { giveThanks } from './parting.ts'
import { toAgent } from './to-agent.ts'

/** AMD decides within its total time of 5 s (amd.conf); after this the verdict is `unsure`. */
const detectionLimitMs = 7_000

export function answered(event: { at: number }, rules: CallRules): CallStep {
  const facts: AnswerFacts = { answeredAt: event.at }
  if (rules.detection === 'off')
    return toAgent(facts, event.at, rules, [
      { do: 'pace_answered', by: 'human', at: event.at },
      { do: 'record_progress', facts },
    ])
  const state: CallState = { name: 'detecting', facts, deadline: event.at + detectionLimitMs }
  return { state, effects: [{ do: 'detect' }, { do: 'record_progress', facts }] }
}

type Found = { verdict: Verdict; cause: string; at: number }

function detected({ facts, settled }: Of<'detecting'>, found: Found, rules: CallRules): CallStep {
  const known: AnswerFacts = { ...facts, detected: found }
  const told: CallEffect = { do: 'pace_answered', by: found.verdict, at: found.at }
  if (found.verdict === 'machine')
    return hangUp(found.at, verdicted('machine', `an answering machine answered (${found.cause})`), known, [told])
  if (settled !== undefined) return giveThanks(known, found.at, settled, [told])
  return toAgent(known, found.at, rules, [told])
}

export const detecting: Handler<'detecting'> = (state, event, rules) => {
  switch (event.type) {
    case 'detected':
      return detected(state, event, rules)
    case 'deadline':
      if (event.at < state.deadline) return ignore(state, event)
      return detected(state, { verdict: 'unsure', cause: 'no verdict in time', at: event.at }, rules)
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
