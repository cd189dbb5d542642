/**
 * Who is it? Pure. His number says so, or he types a reference when he withholds it; who cannot be found goes on without a
 * name. Then: put through, or told that we are closed.
 */
import { answer, end, gone, ignore, isEarly, part, stopped } from './inbound-ending.ts'
import type { Caller, Handler, InboundFacts, InboundRules, InboundStep, Verdict } from './inbound-state.ts'
import { seek } from './to-agent.ts'

/** His phone rings meanwhile; a database that says nothing for so long is away. */
export const identifyLimitMs = 10_000
/** From one digit to the next, and from the end of the question to the first. */
const digitPauseMs = 6000
const questionLimitMs = 20_000
const maxTries = 2
const shortestReference = 4
const longestReference = 20

function ask(known: InboundFacts, at: number, tries: number): InboundStep {
  const { facts, effects } = answer(known, at)
  return {
    state: { name: 'asking', facts, tries, digits: '', deadline: at + questionLimitMs },
    effects: [...effects, { do: 'play', sound: { say: 'reference', again: tries > 0 } }],
  }
}

const closed: Verdict = { outcome: 'closed', reason: 'outside our hours, or nobody is on shift' }

function route(facts: InboundFacts, caller: Caller, at: number, rules: InboundRules): InboundStep {
  const known = { ...facts, caller }
  return caller.open ? seek(known, at, rules) : part(known, closed, at, 'closed')
}

export const identifying: Handler<'identifying'> = (state, event, rules) => {
  const { facts } = state
  switch (event.type) {
    case 'identified': {
      const { caller } = event
      if (caller.open && caller.withheld) return ask({ ...facts, caller }, event.at, 0)
      return route(facts, caller, event.at, rules)
    }
    case 'deadline':
      if (isEarly(state, event)) return ignore(state, event)
      return part(facts, { outcome: 'failed', reason: 'the database did not say whose number it is' }, event.at, 'not_served')
    case 'cancel':
      return part(facts, stopped(facts, event.why), event.at, 'not_served')
    case 'ended':
      return end(facts, gone(facts, event, 'before we answered'), event.at)
    default:
      return ignore(state, event)
  }
}

export const asking: Handler<'asking'> = (state, event, rules) => {
  const { facts, tries, digits } = state
  const onwards = (): InboundStep => {
    const step = facts.caller ? route(facts, facts.caller, event.at, rules) : seek(facts, event.at, rules)
    return { ...step, effects: [{ do: 'stop_playing' }, ...step.effects] }
  }
  const search = (): InboundStep => ({
    state: { name: 'searching', facts, tries: tries + 1, deadline: event.at + identifyLimitMs },
    effects: [{ do: 'stop_playing' }, { do: 'search', digits }],
  })
  switch (event.type) {
    case 'digit': {
      if (event.digit === '#') return digits.length >= shortestReference ? search() : onwards()
      if (event.digit === '*') return { ...ask(facts, event.at, tries), ignored: 'he begins anew' }
      if (!/^\d$/.test(event.digit) || digits.length >= longestReference) return ignore(state, event)
      const more = { ...state, digits: digits + event.digit, deadline: event.at + digitPauseMs }
      return { state: more, effects: digits === '' ? [{ do: 'stop_playing' }] : [] }
    }
    case 'played':
      if (digits !== '') return ignore(state, event)
      return { state: { ...state, deadline: event.at + digitPauseMs }, effects: [] }
    case 'deadline':
      if (isEarly(state, event)) return ignore(state, event)
      return digits.length >= shortestReference ? search() : onwards()
    case 'cancel':
      return part(facts, stopped(facts, event.why), event.at, 'not_served')
    case 'ended':
      return end(facts, gone(facts, event, 'when asked for a reference'), event.at)
    default:
      return ignore(state, event)
  }
}

export const searching: Handler<'searching'> = (state, event, rules) => {
  const { facts, tries } = state
  const unknown = (): InboundStep => {
    if (tries < maxTries) return ask(facts, event.at, tries)
    return facts.caller ? route(facts, facts.caller, event.at, rules) : seek(facts, event.at, rules)
  }
  switch (event.type) {
    case 'found':
      return event.caller ? route(facts, event.caller, event.at, rules) : unknown()
    case 'deadline':
      return isEarly(state, event) ? ignore(state, event) : unknown()
    case 'cancel':
      return part(facts, stopped(facts, event.why), event.at, 'not_served')
    case 'ended':
      return end(facts, gone(facts, event, 'while his reference was looked up'), event.at)
    default:
      return ignore(state, event)
  }
}
