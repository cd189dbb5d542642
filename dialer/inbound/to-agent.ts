/**
 * A caller on his way to an agent: in the line with music and the offer to be called back, being connected, talking. Pure.
 * One longest wait runs from the first search for an agent to the talk.
 */
import { answer, end, gone, hangUp, ignore, isEarly, part, stopped } from './inbound-ending.ts'
import type { Handler, InboundEffect, InboundFacts, InboundRules, InboundState, InboundStep, Verdict } from './inbound-state.ts'

const callbackKey = '1'
const bridgeLimitMs = 5000
const maxBridgeFailures = 3
/** A sound that cannot be played is tried again after this time. */
const soundRetryMs = 5000

export function seek(facts: InboundFacts, at: number, rules: InboundRules, bridgeFailures = 0, giveUpAt?: number): InboundStep {
  const until = giveUpAt ?? at + rules.maxWaitMs
  return {
    state: { name: 'waiting', facts, since: at, giveUpAt: until, offered: false, bridgeFailures, deadline: until },
    effects: [{ do: 'seek_agent' }],
  }
}

/** The next round of what is heard in the line. */
function hold(state: Extract<InboundState, { name: 'waiting' }>, at: number, rules: InboundRules): InboundStep {
  const first = state.facts.answeredAt === undefined
  const { facts, effects } = answer(state.facts, at)
  const { callbackOfferAfterMs } = rules
  const offer = facts.caller?.known === true && callbackOfferAfterMs !== null && at - state.since >= callbackOfferAfterMs
  return {
    state: { ...state, facts, offered: state.offered || offer, deadline: state.giveUpAt },
    effects: [...effects, { do: 'play', sound: { say: 'hold', first, offer } }],
  }
}

export const waiting: Handler<'waiting'> = (state, event, rules) => {
  const { facts } = state
  const playing: InboundEffect[] = facts.answeredAt === undefined ? [] : [{ do: 'stop_playing' }]
  switch (event.type) {
    case 'agent_reserved': {
      const { giveUpAt, bridgeFailures } = state
      const { agent } = event
      const answered = answer(facts, event.at)
      return {
        state: {
          ...{ name: 'connecting', facts: answered.facts, agent, giveUpAt, bridgeFailures },
          deadline: event.at + bridgeLimitMs,
        },
        effects: [...playing, ...answered.effects, { do: 'bridge', agent }],
      }
    }
    case 'nobody_free':
      return hold(state, event.at, rules)
    case 'played':
      if (event.completed) return hold(state, event.at, rules)
      return { state: { ...state, deadline: Math.min(state.giveUpAt, event.at + soundRetryMs) }, effects: [] }
    case 'digit':
      if (event.digit !== callbackKey || !state.offered) return ignore(state, event)
      return part(
        facts,
        { outcome: 'callback_planned', reason: 'the caller asked to be called back' },
        event.at,
        'callback_planned',
        playing,
      )
    case 'deadline': {
      if (isEarly(state, event)) return ignore(state, event)
      if (event.at < state.giveUpAt) return hold(state, event.at, rules)
      const verdict = facts.connected
        ? stopped(facts, 'no other agent became free')
        : stopped(facts, 'no agent became free in the longest wait')
      return part(facts, verdict, event.at, 'not_served', playing)
    }
    case 'cancel':
      return part(facts, stopped(facts, event.why), event.at, 'not_served', playing)
    case 'ended':
      return end(facts, gone(facts, event, `after ${Math.round((event.at - state.since) / 1000)} s in the line`), event.at)
    default:
      return ignore(state, event)
  }
}

export const connecting: Handler<'connecting'> = (state, event, rules) => {
  const { facts, agent } = state
  const failed = (): InboundStep => {
    const release: InboundEffect = { do: 'release_agent', agent, why: 'bridge_failed' }
    const bridgeFailures = state.bridgeFailures + 1
    if (bridgeFailures >= maxBridgeFailures) {
      const verdict: Verdict = facts.connected
        ? stopped(facts, 'no other agent could be connected')
        : { outcome: 'failed', reason: 'the agent could not be connected' }
      return part(facts, verdict, event.at, 'not_served', [release])
    }
    const again = seek(facts, event.at, rules, bridgeFailures, state.giveUpAt)
    return { ...again, effects: [release, ...again.effects] }
  }
  switch (event.type) {
    case 'bridged': {
      const known: InboundFacts = { ...facts, connected: facts.connected ?? { agent, at: event.at } }
      return {
        state: { name: 'talking', facts: known, agent },
        effects: [
          { do: 'agent_connected', agent },
          { do: 'record_progress', facts: known },
        ],
      }
    }
    case 'bridge_failed':
      return failed()
    case 'deadline':
      return isEarly(state, event) ? ignore(state, event) : failed()
    case 'agent_lost':
      return seek(facts, event.at, rules, state.bridgeFailures, state.giveUpAt)
    case 'cancel':
      return part(facts, stopped(facts, event.why), event.at, 'not_served', [{ do: 'release_agent', agent }])
    case 'ended':
      return end(facts, gone(facts, event, 'while the agent was being connected'), event.at, [{ do: 'release_agent', agent }])
    default:
      return ignore(state, event)
  }
}

export const talking: Handler<'talking'> = (state, event, rules) => {
  const { facts, agent } = state
  const finished: InboundEffect = { do: 'agent_finished', agent }
  switch (event.type) {
    case 'agent_lost':
      return seek(facts, event.at, rules)
    case 'agent_hung_up':
      return hangUp(facts, { outcome: 'talked', reason: 'the agent ended the talk' }, event.at, [finished])
    case 'cancel':
      return hangUp(facts, { outcome: 'talked', reason: event.why }, event.at, [finished])
    case 'ended': {
      const reason = event.unseen ? 'the switch lost the call during the talk' : 'the caller ended the talk'
      return end(facts, { outcome: 'talked', reason }, event.at, [finished])
    }
    default:
      return ignore(state, event)
  }
}
