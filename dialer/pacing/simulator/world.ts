/**
 * A call centre on a simulated clock: leads that ring and answer, agents who talk and wrap up, callers
 * who wait no longer than the grace. Runs whole days under one policy and measures them. The randomness
 * is by name (random.ts), so policies meet the same people. Knows nothing of how a policy decides. Pure.
 */
import { EventQueue } from './event-queue.ts'
import type { Person, WorldSettings } from './world-settings.ts'

/** What a policy sees when it decides; the object is reused. */
export interface View {
  at: number
  idle: number
  waiting: number
  ringing: number
  /** Talking or in wrap-up. */
  busy: number
  talking: number
  /** Logged in and not paused. */
  working: number
  placedToday: number
  connectedToday: number
  /** People that detection takes for machines are counted in by estimate. */
  abandonedToday: number
}

/** Told of everything as it happens; times in epoch ms. */
export interface Observer {
  placed(call: number, at: number, probability: number): void
  ringing(call: number, at: number): void
  answered(call: number, at: number, by: 'human' | 'machine'): void
  connected(call: number, at: number, agent: number): void
  abandoned(call: number, at: number): void
  ended(call: number, at: number, cause: 'hang-up' | 'no-answer' | 'failed' | 'machine' | 'busy'): void
  agent(agent: number, at: number, state: AgentState, next?: 'paused' | 'logged-out'): void
}
export type AgentState = 'ready' | 'talking' | 'wrap-up' | 'paused' | 'logged-out'

export interface Policy {
  name: string
  everyMs: number
  /** How many calls to place now. */
  decide(view: View): number
  observer?: Observer
  dayStarts?(day: number): void
}

export interface DayResult {
  busySec: number
  workingSec: number
  placed: number
  connected: number
  abandoned: number
}

const enum_ = { ring: 1, resolve: 2, graceOver: 3, talkOver: 4, wrapUpOver: 5, agentDue: 6, detected: 7 } as const

export const FIRST_DAY = Date.UTC(2026, 0, 5, 9)
export const DAY_MS = 86_400_000

export function runDays(
  settings: WorldSettings,
  policy: Policy,
  days: number,
  onDecision?: (view: View, calls: number) => void,
): DayResult[] {
  const results: DayResult[] = []
  let callIndex = 0
  let talkIndex = 0
  for (let day = 0; day < days; day++) results.push(runDay(day))
  return results

  function runDay(day: number): DayResult {
    const start = FIRST_DAY + day * DAY_MS
    const end = start + settings.hours * 3_600_000
    const queue = new EventQueue()
    const observer = policy.observer
    const view: View = {
      at: start,
      idle: 0,
      waiting: 0,
      ringing: 0,
      busy: 0,
      talking: 0,
      working: 0,
      placedToday: 0,
      connectedToday: 0,
      abandonedToday: 0,
    }
    const people: (Person | undefined)[] = []
    const waitingCalls: number[] = []
    const idleAgents: number[] = [] // longest idle first
    const agentState: AgentState[] = Array.from({ length: settings.agents }, () => 'logged-out')
    const agentGoes: (AgentState | undefined)[] = Array.from({ length: settings.agents }, () => undefined)
    const agentCall = new Int32Array(settings.agents)
    const takenPerHeard = settings.takenForMachines / (1 - settings.takenForMachines)
    const plan = settings.agentPlan(day)
    let busySec = 0
    let workingSec = 0
    let clock = start

    for (let i = 0; i < plan.length; i++) queue.push(start + (plan[i]?.atSec ?? 0) * 1000, enum_.agentDue, i, 0)
    policy.dayStarts?.(day)
    let nextDecision = start
    for (;;) {
      const at = Math.min(queue.earliest(), nextDecision)
      if (at === Number.POSITIVE_INFINITY) break
      advance(at)
      if (queue.earliest() <= nextDecision) {
        queue.pop()
        handle(queue.taken.at, queue.taken.kind, queue.taken.id, queue.taken.serial)
        continue
      }
      const calls = policy.decide(view)
      onDecision?.(view, calls)
      for (let i = 0; i < calls; i++) place(at)
      nextDecision = at + policy.everyMs < end ? at + policy.everyMs : Number.POSITIVE_INFINITY
    }
    for (let agent = 0; agent < settings.agents; agent++)
      if (agentState[agent] !== 'logged-out') observer?.agent(agent, clock, 'logged-out')
    return { busySec, workingSec, placed: view.placedToday, connected: view.connectedToday, abandoned: view.abandonedToday }

    function advance(at: number): void {
      const sec = (Math.min(at, end) - Math.min(clock, end)) / 1000
      busySec += sec * view.busy
      workingSec += sec * view.working
      clock = at
      view.at = at
    }

    function place(at: number): void {
      const index = callIndex++
      const person = settings.person(index, (at - start) / 1000)
      const call = people.length
      people.push(person)
      view.ringing++
      view.placedToday++
      observer?.placed(call, at, person.told)
      const delay = person.delaySec * 1000
      if (observer && person.outcome !== 'failed') queue.push(at + delay, enum_.ring, call, 0)
      queue.push(at + delay + person.ringSec * 1000, enum_.resolve, call, 0)
    }

    function handle(at: number, kind: number, id: number, serial: number): void {
      switch (kind) {
        case enum_.ring:
          return observer?.ringing(id, at)
        case enum_.resolve:
          return resolve(id, at)
        case enum_.detected:
          return detected(id, at)
        case enum_.graceOver:
          return graceOver(id, at)
        case enum_.talkOver:
          return talkOver(id, at, serial)
        case enum_.wrapUpOver:
          return freed(id, at)
        case enum_.agentDue:
          return agentDue(id, at)
      }
    }

    function resolve(call: number, at: number): void {
      const person = people[call]
      if (!person) return
      if (person.outcome === 'person' && settings.detectionSec > 0)
        queue.push(at + settings.detectionSec * 1000, enum_.detected, call, 0)
      else if (person.outcome === 'person') detected(call, at)
      else {
        view.ringing--
        people[call] = undefined
        if (person.outcome === 'machine') observer?.answered(call, at, 'machine')
        observer?.ended(call, at, person.outcome)
      }
    }

    function detected(call: number, at: number): void {
      const person = people[call]
      if (!person) return
      view.ringing--
      if (person.takenForMachine) {
        people[call] = undefined
        observer?.answered(call, at, 'machine')
        return observer?.ended(call, at, 'machine')
      }
      // By the regulator's formula those taken for machines count by estimate: so many for each one heard.
      view.abandonedToday += takenPerHeard
      observer?.answered(call, at, 'human')
      const agent = idleAgents.shift()
      if (agent !== undefined) {
        view.idle--
        return connect(call, agent, at)
      }
      waitingCalls.push(call)
      view.waiting++
      queue.push(at + settings.patienceSec(call + day * 1_000_000) * 1000, enum_.graceOver, call, 0)
    }

    function graceOver(call: number, at: number): void {
      const place = waitingCalls.indexOf(call)
      if (place < 0) return
      waitingCalls.splice(place, 1)
      view.waiting--
      view.abandonedToday++
      people[call] = undefined
      observer?.abandoned(call, at)
      observer?.ended(call, at, 'hang-up')
    }

    function connect(call: number, agent: number, at: number): void {
      view.busy++
      view.talking++
      view.connectedToday++
      agentState[agent] = 'talking'
      agentCall[agent] = call
      const index = talkIndex++
      observer?.connected(call, at, agent)
      observer?.agent(agent, at, 'talking', goes(agent))
      queue.push(at + settings.talkSec(index, (at - start) / 1000) * 1000, enum_.talkOver, agent, index)
    }

    function talkOver(agent: number, at: number, index: number): void {
      view.talking--
      const call = agentCall[agent] ?? -1
      people[call] = undefined
      observer?.ended(call, at, 'hang-up')
      const wrapUp = settings.wrapUpSec(index)
      if (wrapUp <= 0) return freed(agent, at)
      agentState[agent] = 'wrap-up'
      observer?.agent(agent, at, 'wrap-up', goes(agent))
      queue.push(at + wrapUp * 1000, enum_.wrapUpOver, agent, index)
    }

    function freed(agent: number, at: number): void {
      view.busy--
      const gone = agentGoes[agent]
      if (gone === 'paused' || gone === 'logged-out') {
        view.working--
        agentGoes[agent] = undefined
        agentState[agent] = gone
        return observer?.agent(agent, at, gone)
      }
      ready(agent, at)
    }

    function ready(agent: number, at: number): void {
      agentState[agent] = 'ready'
      observer?.agent(agent, at, 'ready')
      const call = waitingCalls.shift()
      if (call !== undefined) {
        view.waiting--
        return connect(call, agent, at)
      }
      idleAgents.push(agent)
      view.idle++
    }

    function goes(agent: number): 'paused' | 'logged-out' | undefined {
      const state = agentGoes[agent]
      return settings.leavesAreAnnounced && (state === 'paused' || state === 'logged-out') ? state : undefined
    }

    function agentDue(index: number, at: number): void {
      const due = plan[index]
      if (!due) return
      const state = agentState[due.agent]
      if (due.to === 'ready') {
        agentGoes[due.agent] = undefined
        if (state !== 'paused' && state !== 'logged-out') return
        view.working++
        return ready(due.agent, at)
      }
      if (state === 'ready') {
        idleAgents.splice(idleAgents.indexOf(due.agent), 1)
        view.idle--
        view.working--
        agentState[due.agent] = due.to
        return observer?.agent(due.agent, at, due.to)
      }
      if (state === 'talking' || state === 'wrap-up') {
        agentGoes[due.agent] = due.to
        const next = goes(due.agent)
        if (next) observer?.agent(due.agent, at, state, next)
      }
    }
  }
}
