/**
 * A person on his way to an agent: waiting, connecting, talking. Pure. One grace runs through waiting and connecting;
 * who is not connected in it gets the parting words (parting.ts).
 */
import type { ReservedAgent } from '../agents/agent-pool.ts'
import type { AnswerFacts, CallEffect, CallState, CallStep, Handler } from './call-state.ts'
import { abandoned, end, hangUp, ignore, talked, verdicted, verdictedMachine, whoLeft } from './ending.ts'
import { toMachine } from './leaving.ts'
import { askedForAgent, askedInVain, giveMessage, giveThanks } from './parting.ts'

const maxBridgeFailures = 3

/** A person (or unsure) is on the line: an agent is sought until the grace ends. */
export function toAgent(facts: AnswerFacts, graceEnds: number, before: CallEffect[]): CallStep {
  const state: CallState = { name: 'waiting', facts, bridgeFailures: 0, deadline: graceEnds }
  return { state, effects: [...before, { do: 'seek_agent' }] }
}

const tell = (what: 'sample' | 'late_beep', agent: ReservedAgent, at: number): CallEffect => ({
  do: 'tell_agent',
  what,
  agent,
  at,
})

export const waiting: Handler<'waiting'> = (state, event, rules) => {
  const { facts } = state
  switch (event.type) {
    case 'agent_reserved':
      return {
        state: { ...state, name: 'connecting', agent: event.agent },
        effects: [
          { do: 'bridge', agent: event.agent },
          ...(facts.detected?.sample ? [tell('sample', event.agent, event.at)] : []),
        ],
      }
    case 'deadline':
      if (event.at < state.deadline) return ignore(state, event)
      return giveMessage(facts, event.at, 'no agent was free within the grace')
    case 'no_agent_free':
      // A sample takes an agent who has nothing to do, never one whom a person could have had.
      if (!facts.detected?.sample) return ignore(state, event)
      if (rules.message?.media.machine) return toMachine(facts, event.at, undefined, rules, [])
      return giveMessage(facts, event.at, 'no agent was free for the sample')
    case 'beep':
      return { state: { ...state, facts: { ...facts, lateBeepAt: event.at } }, effects: [] }
    case 'cancel':
      return giveMessage(facts, event.at, event.why)
    case 'settled':
      return giveThanks(facts, event.at, event.why)
    case 'ended': {
      if (!facts.connected && askedForAgent(facts))
        return end(event.at, askedInVain(`${whoLeft(event)} while none was free`), event.network, facts)
      const waited = ((event.at - (facts.detected?.at ?? facts.answeredAt)) / 1000).toFixed(1)
      if (facts.connected) return end(event.at, talked(`${whoLeft(event)} while waiting for another agent`), event.network, facts)
      if (facts.detected?.sample) return end(event.at, verdictedMachine(facts.detected), event.network, facts)
      const why = `${whoLeft(event)} after ${waited} s while no agent was free`
      return end(event.at, abandoned(why), event.network, facts, [{ do: 'pace', event: 'abandoned', at: event.at }])
    }
    default:
      return ignore(state, event)
  }
}

export const connecting: Handler<'connecting'> = (state, event) => {
  const { agent, facts } = state
  const release: CallEffect = { do: 'release_agent', agent }
  const takeBack: CallEffect[] = [{ do: 'unbridge', agent }, release]
  switch (event.type) {
    case 'bridged': {
      const known: AnswerFacts = { ...facts, connected: facts.connected ?? { agent, at: event.at } }
      return {
        state: { name: 'talking', facts: known, agent },
        effects: [
          { do: 'agent_connected', agent },
          { do: 'pace', event: 'connected', at: event.at, agent },
          { do: 'record_progress', facts: known },
          ...(known.lateBeepAt === undefined ? [] : [tell('late_beep', agent, known.lateBeepAt)]),
        ],
      }
    }
    case 'beep':
      return { state: { ...state, facts: { ...facts, lateBeepAt: event.at } }, effects: [] }
    case 'bridge_failed': {
      const failed: CallEffect = { ...release, why: 'bridge_failed' }
      const bridgeFailures = state.bridgeFailures + 1
      if (bridgeFailures >= maxBridgeFailures)
        return giveMessage(facts, event.at, 'the agent could not be connected', [{ do: 'unbridge', agent }, failed])
      return {
        state: { name: 'waiting', facts, bridgeFailures, deadline: state.deadline },
        effects: [{ do: 'unbridge', agent }, failed, { do: 'seek_agent' }],
      }
    }
    case 'agent_lost':
      return {
        state: { name: 'waiting', facts, bridgeFailures: state.bridgeFailures, deadline: state.deadline },
        effects: [{ do: 'seek_agent' }],
      }
    case 'deadline':
      if (event.at < state.deadline) return ignore(state, event)
      return giveMessage(facts, event.at, 'the agent was not connected within the grace', takeBack)
    case 'cancel':
      return giveMessage(facts, event.at, event.why, takeBack)
    case 'settled':
      return giveThanks(facts, event.at, event.why, takeBack)
    case 'ended': {
      const how = facts.connected
        ? talked(`${whoLeft(event)} while waiting for another agent`)
        : verdicted('caller_hangup', `${whoLeft(event)} while the agent was being connected`)
      return end(event.at, how, event.network, facts, [release])
    }
    default:
      return ignore(state, event)
  }
}

export const talking: Handler<'talking'> = (state, event, rules) => {
  const { agent, facts } = state
  switch (event.type) {
    case 'agent_lost':
      return toAgent(facts, event.at + rules.graceMs, [])
    case 'beep':
      return { state: { ...state, facts: { ...facts, lateBeepAt: event.at } }, effects: [tell('late_beep', agent, event.at)] }
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
}
