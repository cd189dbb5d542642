/**
 * How a call to us is answered and how it ends, from whatever state: last words, our hang-up, the end that the switch tells.
 * Pure. What the states of inbound-call.ts share, and the states `parting` and `ending` themselves.
 */
import type {
  Handler,
  InboundEffect,
  InboundEvent,
  InboundFacts,
  InboundSound,
  InboundState,
  InboundStep,
  Verdict,
} from './inbound-state.ts'

const partingLimitMs = 30_000
const endConfirmationMs = 5000

export const ignore = (state: InboundState, event: InboundEvent): InboundStep => ({
  state,
  effects: [],
  ignored: `${event.type} means nothing while ${state.name}`,
})

export const isEarly = (state: { deadline: number }, event: InboundEvent) => event.at < state.deadline

/** Answers, unless that was done. */
export function answer(facts: InboundFacts, at: number): { facts: InboundFacts; effects: InboundEffect[] } {
  if (facts.answeredAt !== undefined) return { facts, effects: [] }
  const answered = { ...facts, answeredAt: at }
  return { facts: answered, effects: [{ do: 'answer' }, { do: 'record_progress', facts: answered }] }
}

export function end(facts: InboundFacts, verdict: Verdict, at: number, before: InboundEffect[] = []): InboundStep {
  const state: InboundState = { name: 'ended', facts, verdict, endedAt: at }
  return { state, effects: [...before, { do: 'record_ended', facts, verdict, at }] }
}

export function hangUp(facts: InboundFacts, verdict: Verdict, at: number, before: InboundEffect[] = []): InboundStep {
  return {
    state: { name: 'ending', facts, verdict, deadline: at + endConfirmationMs },
    effects: [...before, { do: 'hang_up' }],
  }
}

/** Last words, then the hang-up. */
export function part(
  known: InboundFacts,
  verdict: Verdict,
  at: number,
  say: Extract<InboundSound, { say: 'callback_planned' | 'closed' | 'not_served' }>['say'],
  before: InboundEffect[] = [],
): InboundStep {
  const { facts, effects } = answer(known, at)
  return {
    state: { name: 'parting', facts, verdict, deadline: at + partingLimitMs },
    effects: [...before, ...effects, { do: 'play', sound: { say } }],
  }
}

/** What he experienced when the line is gone; who has talked has talked. */
export function gone({ connected }: InboundFacts, event: { unseen?: true }, where: string): Verdict {
  const who = event.unseen ? 'the switch lost the call' : 'the caller hung up'
  if (connected) return { outcome: 'talked', reason: `${who} ${where}` }
  return { outcome: event.unseen ? 'lost' : 'left', reason: `${who} ${where}` }
}

export const stopped = ({ connected }: InboundFacts, why: string): Verdict => ({
  outcome: connected ? 'talked' : 'not_served',
  reason: why,
})

export const parting: Handler<'parting'> = (state, event) => {
  const { facts, verdict } = state
  switch (event.type) {
    case 'played':
      return hangUp(facts, verdict, event.at)
    case 'deadline':
      return isEarly(state, event) ? ignore(state, event) : hangUp(facts, verdict, event.at)
    case 'ended':
      return end(facts, verdict, event.at)
    default:
      return ignore(state, event)
  }
}

export const ending: Handler<'ending'> = (state, event) => {
  switch (event.type) {
    case 'deadline':
      if (isEarly(state, event)) return ignore(state, event)
      return { state: { ...state, deadline: event.at + endConfirmationMs }, effects: [{ do: 'verify' }] }
    case 'ended':
      return end(state.facts, state.verdict, event.at)
    default:
      return ignore(state, event)
  }
}
