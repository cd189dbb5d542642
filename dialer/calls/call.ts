/**
 * One outbound call from placing to end, as a machine. Pure; calls/engine.ts performs the effects.
 *
 *   placing    the switch was asked; the ring limit runs.           ringing  the callee's phone rings.
 *   detecting  answered; person or machine?                         waiting  a person, and no agent yet; the grace runs.
 *   connecting an agent is reserved and the bridge being made; the same grace runs on.
 *   talking    callee and agent are in one bridge.                  message  no agent in time, or settled: parting words play.
 *   announcing the campaign's message plays to a person.            awaiting_beep, leaving   it waits for, and is left on, a machine.
 *   ending     we asked for the hang-up and wait for the switch to confirm.   ended  over: exactly one disposition.
 * Files by phase: unanswered.ts, detecting.ts, to-agent.ts, announcing.ts, leaving.ts, parting.ts, ending.ts; this one joins them into the table.
 *
 * Each state carries at most one `deadline`; the engine sends `deadline` when it is reached, so no timer outlives its state.
 * Late, doubled and impossible events come back as `ignored` with a reason.
 */
import { announcing } from './announcing.ts'
import type { CallEvent, CallRules, CallState, CallStep, Handler } from './call-state.ts'
import { detecting } from './detecting.ts'
import { ending, ignore } from './ending.ts'
import { awaitingBeep, leaving } from './leaving.ts'
import { message } from './parting.ts'
import { connecting, talking, waiting } from './to-agent.ts'
import { unanswered } from './unanswered.ts'

export type * from './call-state.ts'
export { placed } from './unanswered.ts'

const handlers: { [Name in CallState['name']]: Handler<Name> } = {
  placing: unanswered,
  ringing: unanswered,
  detecting,
  waiting,
  connecting,
  talking,
  announcing,
  awaiting_beep: awaitingBeep,
  leaving,
  message,
  ending,
  ended: ignore,
}

export function step(state: CallState, event: CallEvent, rules: CallRules): CallStep {
  // The table is total by type; TypeScript cannot tie the key to the argument, so the tie is made here once.
  const handle = handlers[state.name] as (state: CallState, event: CallEvent, rules: CallRules) => CallStep
  return handle(state, event, rules)
}

export const deadlineOf = (state: CallState): number | undefined => ('deadline' in state ? state.deadline : undefined)
