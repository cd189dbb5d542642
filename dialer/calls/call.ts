/**
 * One outbound call from placing to end, as a machine. Pure; calls/engine.ts performs the effects.
 *
 *   placing    the switch was asked; the ring limit runs.           ringing  the callee's phone rings.
 *   detecting  answered; person or machine?                         waiting  a person, and no agent yet; the grace runs.
 *   connecting an agent is reserved and the bridge being made; the same grace runs on.
 *   talking    callee and agent are in one bridge.                  message  no agent in time, or settled: a recorded message plays.
 *   ending     we asked for the hang-up and wait for the switch to confirm.   ended  over: exactly one disposition.
 *
 * Each state carries at most one `deadline`; the engine sends `deadline` when it is reached, so no timer outlives its state.
 * Late, doubled and impossible events come back as `ignored` with a reason.
 */
import type { Verdict } from '../telephony/telephony.ts'
import type { AnswerFacts, CallEffect, CallEvent, CallRules, CallState, CallStep, Outcome, Verdicted } from './call-state.ts'
import { countsAsAttempt, type Disposition, describe, describeEnd, dispositionUnanswered, type NetworkEnd } from './outcome.ts'

export type * from './call-state.ts'

/** Until the first 180 the network looks for the phone (post-dial delay 1.5-4 s); the ring limit restarts when it rings. */
const setupAllowanceMs = 10_000
/** AMD decides within its total time of 5 s (amd.conf); after this the verdict is `unsure`. */
const detectionLimitMs = 7_000
const messageLimitMs = 60_000
const endConfirmationMs = 5_000
const maxBridgeFailures = 3

export const placed = (at: number, rules: CallRules): CallState => ({
  name: 'placing',
  placedAt: at,
  deadline: at + setupAllowanceMs + rules.ringTimeoutMs,
})

const ignore = (state: CallState, event: CallEvent): CallStep => ({
  state,
  effects: [],
  ignored: `${event.type} means nothing while ${state.name}`,
})

/** We hang up: the disposition is ours, not read from the switch. */
function hangUp(at: number, verdicted: Verdicted, facts: AnswerFacts | undefined, before: CallEffect[] = []): CallStep {
  const state: CallState = { name: 'ending', verdicted, deadline: at + endConfirmationMs, ...(facts && { facts }) }
  return { state, effects: [...before, { do: 'hang_up' }] }
}

function end(at: number, verdicted: Verdicted, network: NetworkEnd, facts?: AnswerFacts, before: CallEffect[] = []): CallStep {
  const outcome: Outcome = {
    ...verdicted,
    counts: countsAsAttempt(verdicted.disposition),
    endedAt: at,
    network,
    ...(facts && { facts }),
  }
  return { state: { name: 'ended', outcome }, effects: [...before, { do: 'record_ended', outcome }] }
}

const verdicted = (disposition: Disposition, reason = describe(disposition)): Verdicted => ({ disposition, reason })
const talked = (how: string): Verdicted => ({ disposition: 'human_connected', reason: how, ledger: 'connected' })
const abandoned = (how: string): Verdicted => ({ disposition: 'abandoned', reason: how, ledger: 'abandoned' })

const whoLeft = ({ unseen }: { unseen?: true }) => (unseen ? 'the switch lost the call' : 'the callee hung up')

/** A person (or unsure) is on the line: the grace starts, an agent is sought. */
function toAgent(facts: AnswerFacts, at: number, rules: CallRules, before: CallEffect[]): CallStep {
  const state: CallState = { name: 'waiting', facts, bridgeFailures: 0, deadline: at + rules.graceMs }
  return { state, effects: [...before, { do: 'seek_agent' }] }
}

function answered(event: { at: number }, rules: CallRules): CallStep {
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

/** The debt is settled while the person waits: he hears so and is let go. An agent was not what he lacked. */
function giveThanks(facts: AnswerFacts, at: number, why: string, before: CallEffect[] = []): CallStep {
  const outcome = facts.connected ? talked(why) : verdicted('settled', why)
  const state: CallState = { name: 'message', facts, verdicted: outcome, deadline: at + messageLimitMs }
  return { state, effects: [...before, { do: 'play_message', message: 'settled' }] }
}

/** No agent came: the person hears who called. A person who had an agent already is not an abandoned call. */
function giveMessage(facts: AnswerFacts, at: number, why: string, before: CallEffect[] = []): CallStep {
  const state = (outcome: Verdicted): CallState => ({ name: 'message', facts, verdicted: outcome, deadline: at + messageLimitMs })
  const message: CallEffect = { do: 'play_message', message: 'abandoned' }
  if (facts.connected) return { state: state(talked(why)), effects: [...before, message] }
  return { state: state(abandoned(why)), effects: [...before, { do: 'pace', event: 'abandoned', at }, message] }
}

type Of<Name extends CallState['name']> = Extract<CallState, { name: Name }>
type Handlers = { [Name in CallState['name']]: (state: Of<Name>, event: CallEvent, rules: CallRules) => CallStep }

function unanswered(state: Of<'placing'> | Of<'ringing'>, event: CallEvent, rules: CallRules): CallStep {
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
      return hangUp(event.at, verdicted('lost', 'the switch did not confirm the call'), undefined)
    case 'deadline': {
      if (event.at < state.deadline) return ignore(state, event)
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

const handlers: Handlers = {
  placing: unanswered,
  ringing: unanswered,

  detecting(state, event, rules) {
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
  },

  waiting(state, event) {
    const { facts } = state
    switch (event.type) {
      case 'agent_reserved':
        return { state: { ...state, name: 'connecting', agent: event.agent }, effects: [{ do: 'bridge', agent: event.agent }] }
      case 'deadline':
        if (event.at < state.deadline) return ignore(state, event)
        return giveMessage(facts, event.at, 'no agent was free within the grace')
      case 'cancel':
        return giveMessage(facts, event.at, event.why)
      case 'settled':
        return giveThanks(facts, event.at, event.why)
      case 'ended': {
        const waited = ((event.at - (facts.detected?.at ?? facts.answeredAt)) / 1000).toFixed(1)
        if (facts.connected)
          return end(event.at, talked(`${whoLeft(event)} while waiting for another agent`), event.network, facts)
        const why = `${whoLeft(event)} after ${waited} s while no agent was free`
        return end(event.at, abandoned(why), event.network, facts, [{ do: 'pace', event: 'abandoned', at: event.at }])
      }
      default:
        return ignore(state, event)
    }
  },

  connecting(state, event) {
    const { agent, facts } = state
    const release: CallEffect = { do: 'release_agent', agent }
    switch (event.type) {
      case 'bridged': {
        const known: AnswerFacts = { ...facts, connected: facts.connected ?? { agent, at: event.at } }
        return {
          state: { name: 'talking', facts: known, agent },
          effects: [
            { do: 'agent_connected', agent },
            { do: 'pace', event: 'connected', at: event.at, agent },
            { do: 'record_progress', facts: known },
          ],
        }
      }
      case 'bridge_failed': {
        const failed: CallEffect = { ...release, why: 'bridge_failed' }
        const bridgeFailures = state.bridgeFailures + 1
        if (bridgeFailures >= maxBridgeFailures) return giveMessage(facts, event.at, 'the agent could not be connected', [failed])
        return {
          state: { name: 'waiting', facts, bridgeFailures, deadline: state.deadline },
          effects: [failed, { do: 'seek_agent' }],
        }
      }
      case 'agent_lost':
        return {
          state: { name: 'waiting', facts, bridgeFailures: state.bridgeFailures, deadline: state.deadline },
          effects: [{ do: 'seek_agent' }],
        }
      case 'deadline':
        if (event.at < state.deadline) return ignore(state, event)
        return giveMessage(facts, event.at, 'the agent was not connected within the grace', [release])
      case 'cancel':
        return giveMessage(facts, event.at, event.why, [release])
      case 'settled':
        return giveThanks(facts, event.at, event.why, [release])
      case 'ended': {
        const how = facts.connected
          ? talked(`${whoLeft(event)} while waiting for another agent`)
          : verdicted('caller_hangup', `${whoLeft(event)} while the agent was being connected`)
        return end(event.at, how, event.network, facts, [release])
      }
      default:
        return ignore(state, event)
    }
  },

  talking(state, event, rules) {
    const { agent, facts } = state
    switch (event.type) {
      case 'agent_lost':
        return toAgent(facts, event.at, rules, [])
      case 'agent_hung_up':
        return hangUp(event.at, talked('the agent ended the talk'), facts, [{ do: 'agent_finished', agent }])
      case 'cancel':
        return hangUp(event.at, talked(event.why), facts, [{ do: 'agent_finished', agent }])
      case 'ended':
        return end(
          event.at,
          talked(event.unseen ? `${whoLeft(event)} during the talk` : 'the callee ended the talk'),
          event.network,
          facts,
          [{ do: 'agent_finished', agent }],
        )
      default:
        return ignore(state, event)
    }
  },

  message(state, event) {
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
  },

  ending(state, event) {
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
  },

  ended: ignore,
}

export function step(state: CallState, event: CallEvent, rules: CallRules): CallStep {
  // The table is total by type; TypeScript cannot tie the key to the argument, so the tie is made here once.
  const handle = handlers[state.name] as (state: CallState, event: CallEvent, rules: CallRules) => CallStep
  return handle(state, event, rules)
}

export const deadlineOf = (state: CallState): number | undefined => ('deadline' in state ? state.deadline : undefined)
