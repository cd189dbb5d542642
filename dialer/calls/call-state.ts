/**
 * The words of the call machine: its states with the data valid in each, what happens to a call, what is to be done.
 * Types only; call.ts moves between them, engine.ts performs the effects.
 */
import type { ReservedAgent } from '../agents/agent-pool.ts'
import type { MessageKind, PreparedMessage } from '../messages/message.ts'
import type { Verdict } from '../telephony/telephony.ts'
import type { Disposition, NetworkEnd } from './outcome.ts'

export interface CallRules {
  detection: 'off' | 'asterisk' | 'outpace'
  /** Our detector listens beside `detection`, and nothing follows from what it finds. */
  shadow: boolean
  graceMs: number
  ringTimeoutMs: number
  /** For a person: played in place of an agent. For a machine: left on it. Absent, or without that part: neither. */
  message?: PreparedMessage
}

export interface Detected {
  verdict: Verdict
  cause: string
  at: number
  /** Absent: none did in time. */
  detector?: 'asterisk' | 'outpace'
  /** When the callee's first words were over, where the detector knows: the grace counts from there. */
  greetingEndedAt?: number
  /** A machine by verdict that goes to an agent all the same, so that he may tell who it was. */
  sample?: true
}

/** What is known of an answered call; grows, never shrinks. */
export interface AnswerFacts {
  answeredAt: number
  /** Absent while the detector listens. */
  detected?: Detected
  /** A machine's beep after a verdict that let the call through to an agent. */
  lateBeepAt?: number
  /** The first time an agent was connected; a second agent (the first one's phone died) does not change it. */
  connected?: { agent: ReservedAgent; at: number }
  /** The campaign's message began, was heard by a person to its end, confirmed by a key; the person asked for an agent. */
  message?: { begunAt: number; heard?: true; confirmed?: true; agentAskedAt?: number }
}

export interface Outcome {
  disposition: Disposition
  reason: string
  counts: boolean
  /** What the abandonment rate counts it as; absent: nothing. */
  ledger?: 'connected' | 'abandoned'
  endedAt: number
  network: NetworkEnd
  facts?: AnswerFacts
}

/** The outcome as decided when we hang up; the switch's confirmation adds the network's words. */
export type Verdicted = Pick<Outcome, 'disposition' | 'reason' | 'ledger'>

/** What was heard of a machine's greeting so far. */
export interface GreetingHeard {
  endedAt?: number
  /** The beep's end. */
  beepAt?: number
}

export type CallState =
  /** `unconfirmed`: the switch was asked and did not answer; it may have placed the call. */
  | { name: 'placing'; placedAt: number; deadline: number; unconfirmed?: true }
  | { name: 'ringing'; placedAt: number; deadline: number }
  /** `settled`: the debt was settled meanwhile; the detector still holds the channel, so its verdict is awaited. */
  | { name: 'detecting'; facts: AnswerFacts; deadline: number; settled?: string; greeting?: GreetingHeard }
  | { name: 'waiting'; facts: AnswerFacts; bridgeFailures: number; deadline: number }
  | { name: 'connecting'; facts: AnswerFacts; bridgeFailures: number; agent: ReservedAgent; deadline: number }
  | { name: 'talking'; facts: AnswerFacts; agent: ReservedAgent }
  /** Parting words (parting.ts). */
  | { name: 'message'; facts: AnswerFacts; message: MessageKind; verdicted: Verdicted; deadline: number }
  /** The campaign's message (message.ts). `take`: the how-manieth playing; `over`: it is, and a key is waited for. */
  | { name: 'announcing'; facts: AnswerFacts; take: number; over: boolean; deadline: number }
  /** `giveUpAt`: the greeting does not end; `deadline`: that, or the moment to speak if nothing is heard until then. */
  | { name: 'awaiting_beep'; facts: AnswerFacts; takes: number; giveUpAt: number; deadline: number }
  | { name: 'leaving'; facts: AnswerFacts; take: number; begunAt: number; deadline: number }
  | { name: 'ending'; facts?: AnswerFacts; verdicted: Verdicted; deadline: number }
  | { name: 'ended'; outcome: Outcome }

export type CallEvent =
  | { type: 'refused'; at: number; why: string }
  /** No reply from the switch: it may have placed the call or not. */
  | { type: 'unconfirmed'; at: number }
  | { type: 'ringing'; at: number }
  | { type: 'answered'; at: number }
  | ({ type: 'detected' } & Detected)
  /** We cannot listen to this call. */
  | { type: 'listening_failed'; at: number; why: string }
  /** After a verdict: the machine's announcement is over (speech only; a beep may follow). */
  | { type: 'greeting_ended'; at: number }
  /** The machine's beep; `at` is its end. */
  | { type: 'beep'; at: number }
  /** Nobody is free at this moment. */
  | { type: 'no_agent_free'; at: number }
  | { type: 'agent_reserved'; at: number; agent: ReservedAgent }
  | { type: 'bridged'; at: number }
  | { type: 'bridge_failed'; at: number }
  | { type: 'agent_lost'; at: number; why: string }
  | { type: 'agent_hung_up'; at: number }
  /** Somebody speaks on the line, or it became silent; told while the switch listens (effect `listen_for_talk`). */
  | { type: 'speech'; at: number }
  | { type: 'silence'; at: number }
  | { type: 'key'; at: number; digit: string }
  /** `completed`: to its end; else it was stopped, could not be played or broke off. */
  | { type: 'message_played'; at: number; message: MessageKind; take: number; completed: boolean }
  | { type: 'deadline'; at: number }
  | { type: 'cancel'; at: number; why: string }
  /** The contact owes nothing any more. */
  | { type: 'settled'; at: number; why: string }
  /** `unseen`: nobody told; the channel was found gone after the connection to the switch, or this process, was away. */
  | { type: 'ended'; at: number; network: NetworkEnd; unseen?: true }

export type CallEffect =
  /** The switch's own detection. */
  | { do: 'detect' }
  /** Our detector. */
  | { do: 'listen' }
  | { do: 'seek_agent' }
  | { do: 'bridge'; agent: ReservedAgent }
  /** Out of the agent's bridge, should he have come into it: the next callee must not meet him there. */
  | { do: 'unbridge'; agent: ReservedAgent }
  /** The reservation was not used. */
  | { do: 'release_agent'; agent: ReservedAgent; why?: 'bridge_failed' }
  | { do: 'agent_connected'; agent: ReservedAgent }
  /** He gets a machine as a sample, or has one on the line as its beep shows. */
  | { do: 'tell_agent'; what: 'sample' | 'late_beep'; agent: ReservedAgent; at: number }
  /** The talk is over: wrap-up. */
  | { do: 'agent_finished'; agent: ReservedAgent }
  | { do: 'play_message'; message: MessageKind; take: number }
  | { do: 'stop_message'; message: MessageKind; take: number }
  | { do: 'listen_for_talk' }
  /** The person must not be called any more, from this moment on. */
  | { do: 'opt_out'; at: number }
  | { do: 'hang_up' }
  /** The end did not come: is the channel still there? */
  | { do: 'verify' }
  /** Answered, detected or connected: what is known now. */
  | { do: 'record_progress'; facts: AnswerFacts }
  | { do: 'record_ended'; outcome: Outcome }
  | { do: 'pace'; event: 'ringing' | 'connected' | 'abandoned'; at: number; agent?: ReservedAgent }
  | { do: 'pace_answered'; by: Verdict; at: number }

export interface CallStep {
  state: CallState
  effects: CallEffect[]
  ignored?: string
}

export type Of<Name extends CallState['name']> = Extract<CallState, { name: Name }>
export type Handler<Name extends CallState['name']> = (state: Of<Name>, event: CallEvent, rules: CallRules) => CallStep
