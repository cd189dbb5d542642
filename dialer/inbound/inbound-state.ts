/**
 * The words of the machine of a call to us: its states with the data valid in each, what happens, what is to be done.
 * Types only; inbound-call.ts moves between them, inbound-engine.ts performs the effects.
 */
import type { ReservedAgent } from '../agents/agent-pool.ts'

export type InboundOutcome = 'talked' | 'left' | 'callback_planned' | 'closed' | 'not_served' | 'failed' | 'lost'

/** What was found out about the caller. */
export interface Caller {
  /** He withholds his number. */
  withheld: boolean
  /** At least one contact fits. */
  known: boolean
  /** We have office hours, and somebody is on shift. */
  open: boolean
}

export interface InboundRules {
  maxWaitMs: number
  callbackOfferAfterMs: number | null
}

export interface InboundFacts {
  arrivedAt: number
  answeredAt?: number
  caller?: Caller
  /** The first agent; a second one (the first one's phone died) does not change it. */
  connected?: { agent: ReservedAgent; at: number }
}

export interface Verdict {
  outcome: InboundOutcome
  reason: string
}

export type InboundState =
  /** His phone still rings; the database is asked who he is. */
  | { name: 'identifying'; facts: InboundFacts; deadline: number }
  /** His number is withheld: he types a reference. */
  | { name: 'asking'; facts: InboundFacts; tries: number; digits: string; deadline: number }
  | { name: 'searching'; facts: InboundFacts; tries: number; deadline: number }
  /** No agent is free. `offered`: he may press the key now. */
  | {
      name: 'waiting'
      facts: InboundFacts
      since: number
      giveUpAt: number
      offered: boolean
      bridgeFailures: number
      deadline: number
    }
  | { name: 'connecting'; facts: InboundFacts; agent: ReservedAgent; giveUpAt: number; bridgeFailures: number; deadline: number }
  | { name: 'talking'; facts: InboundFacts; agent: ReservedAgent }
  /** The last words are played. */
  | { name: 'parting'; facts: InboundFacts; verdict: Verdict; deadline: number }
  | { name: 'ending'; facts: InboundFacts; verdict: Verdict; deadline: number }
  | { name: 'ended'; facts: InboundFacts; verdict: Verdict; endedAt: number }

export type InboundEvent = { at: number } & (
  | { type: 'identified'; caller: Caller }
  /** The answer to `search`; undefined: nobody has this reference. */
  | { type: 'found'; caller: Caller | undefined }
  | { type: 'digit'; digit: string }
  | { type: 'agent_reserved'; agent: ReservedAgent }
  | { type: 'nobody_free' }
  | { type: 'bridged' }
  | { type: 'bridge_failed' }
  | { type: 'agent_lost' }
  | { type: 'agent_hung_up' }
  /** `completed`: to its end; else it could not be played or broke off. */
  | { type: 'played'; completed: boolean }
  | { type: 'deadline' }
  | { type: 'cancel'; why: string }
  /** `unseen`: nobody told; the channel was found gone. */
  | { type: 'ended'; unseen?: true }
)

export type InboundSound =
  | { say: 'reference'; again: boolean }
  /** Please wait, the time it may take, an offer, music. */
  | { say: 'hold'; first: boolean; offer: boolean }
  | { say: 'callback_planned' | 'closed' | 'not_served' }

export type InboundEffect =
  | { do: 'answer' }
  | { do: 'play'; sound: InboundSound }
  | { do: 'stop_playing' }
  | { do: 'search'; digits: string }
  | { do: 'seek_agent' }
  | { do: 'bridge'; agent: ReservedAgent }
  | { do: 'release_agent'; agent: ReservedAgent; why?: 'bridge_failed' }
  | { do: 'agent_connected'; agent: ReservedAgent }
  | { do: 'agent_finished'; agent: ReservedAgent }
  | { do: 'hang_up' }
  /** The end did not come: is the channel still there? */
  | { do: 'verify' }
  | { do: 'record_progress'; facts: InboundFacts }
  | { do: 'record_ended'; facts: InboundFacts; verdict: Verdict; at: number }

export interface InboundStep {
  state: InboundState
  effects: InboundEffect[]
  ignored?: string
}

type Named<Name extends InboundState['name']> = Extract<InboundState, { name: Name }>
export type Handler<Name extends InboundState['name']> = (
  state: Named<Name>,
  event: InboundEvent,
  rules: InboundRules,
) => InboundStep
