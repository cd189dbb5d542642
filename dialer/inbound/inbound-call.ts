/**
 * One call to a number of ours, from arrival to end, as a machine. Pure; inbound-engine.ts performs the effects.
 *
 *   identifying the caller's phone rings while the database says who he may be.
 *   asking      his number is withheld: he is asked for a reference.        searching  the reference is looked up.
 *   waiting     an agent is sought; while none is free: how long it may take, music, and the offer to be called back.
 *   connecting  an agent is reserved and the bridge being made.             talking    caller and agent are in one bridge.
 *   parting     the last words are played.      ending  we asked for the hang-up.      ended  over: exactly one outcome.
 *
 * Files by phase: identifying.ts, to-agent.ts, inbound-ending.ts; this one joins them into the table.
 * He is answered as late as he loses nothing by it: with the agent, or to hear something. Each state carries at most one
 * `deadline`. Late, doubled and impossible events come back as `ignored` with a reason.
 */
import { asking, identifying, identifyLimitMs, searching } from './identifying.ts'
import { ending, ignore, parting } from './inbound-ending.ts'
import type { Handler, InboundEvent, InboundRules, InboundState, InboundStep } from './inbound-state.ts'
import { connecting, talking, waiting } from './to-agent.ts'

export type * from './inbound-state.ts'

export const arrived = (at: number): InboundState => ({
  name: 'identifying',
  facts: { arrivedAt: at },
  deadline: at + identifyLimitMs,
})

const handlers: { [Name in InboundState['name']]: Handler<Name> } = {
  ...{ identifying, asking, searching, waiting, connecting, talking, parting, ending },
  ended: ignore,
}

export function step(state: InboundState, event: InboundEvent, rules: InboundRules): InboundStep {
  // The table is total by type; TypeScript cannot tie the key to the argument, so the tie is made here once.
  const handle = handlers[state.name] as (state: InboundState, event: InboundEvent, rules: InboundRules) => InboundStep
  return handle(state, event, rules)
}

export const deadlineOf = (state: InboundState): number | undefined => ('deadline' in state ? state.deadline : undefined)
