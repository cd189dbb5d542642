/**
 * The call engine: holds the live calls of this process, feeds their machine (call.ts) with what the switch, the agents
 * and the timers report, and performs its effects. Never decides; call.ts does. Nothing here waits for the database:
 * what happened goes to the journal, what comes next happens at once.
 */
import type { AgentPool } from '../agents/agent-pool.ts'
import type { Detector } from '../amd/detector.ts'
import { atDeadline, type Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Holidays } from '../leads/holidays.ts'
import type { LeadPlan } from '../leads/lead.ts'
import { planNext, putAside } from '../leads/retry.ts'
import type { Log } from '../log.ts'
import type { PacingEvent } from '../pacing/pacer.ts'
import { createSignal, type Signal } from '../signal.ts'
import type { Telephony, TelephonyEvent } from '../telephony/telephony.ts'
import type { Outcome } from './call.ts'
import { type CallEffect, type CallEvent, type CallRules, type CallState, deadlineOf, placed, step } from './call.ts'
import { type CallPlan, rulesOf } from './call-plan.ts'
import { type DetectionRecord, detectionRecords } from './detection-record.ts'
import type { Journal } from './journal.ts'
import { createListening } from './listening.ts'
import { isUnexplained, missedEvents, type Sighting } from './missed.ts'
import { pacingCause } from './outcome.ts'
import { callEventOf } from './switch-events.ts'
import { createSwitchRequests } from './switch-requests.ts'
import { createWaitingLine } from './waiting-line.ts'

/** What others may see of a live call. */
export interface CallView {
  id: string
  campaignId: string
  leadId: number
  contactId: number
  trunkId: string
  state: CallState['name']
}

export interface CallEngine {
  /** Asks the switch for these calls. Their attempt rows are committed. */
  begin(plans: CallPlan[]): void
  /** Calls that a former run left, with what recovery.ts knows of each. */
  adopt(calls: FoundCall[]): void
  /** The agent of this talk is gone: the person gets another one, or the message. */
  agentLost(callId: string, why: string): void
  has(callId: string): boolean
  live(): Iterable<CallView>
  /** What a new pacer must be told of the calls in flight, with the original times. */
  replay(campaignId: string): PacingEvent[]
  count(where: { campaignId?: string; trunkId?: string }): number
  /** Takes calls back: a phone that rings is let go, a person who waits hears the message, a talk is ended. */
  cancel(where: (call: CallView) => boolean, why: string): void
  /** These contacts owe nothing any more: who is rung is let go, who waits hears so, a talk goes on. */
  settle(contactIds: ReadonlySet<number>, why: string): void
  /** No timer and no effect any more. What still lives is taken over by the next start. */
  close(): void
  onPacing: Signal<{ campaignId: string; event: PacingEvent }>['on']
  onEnded: Signal<{ plan: CallPlan; outcome: Outcome }>['on']
  /** What an agent must know of the machine on his line. */
  onAgentNews: Signal<AgentNews>['on']
  /** Each verdict on a call that is over, also those that nothing followed from. */
  onVerdict: Signal<DetectionRecord>['on']
  /** Answer (or verdict) to bridged, for the metric that callees feel. */
  onBridged: Signal<{ plan: CallPlan; waitedMs: number }>['on']
}

export interface AgentNews {
  plan: CallPlan
  agentId: string
  what: 'sample' | 'late_beep'
  at: number
}

/** Callee and agent are in one bridge. */
export type CallTalk = Pick<Extract<CallState, { name: 'talking' }>, 'facts' | 'agent'>

export interface FoundCall {
  plan: CallPlan
  /** What the former run had written down, in order; a talk is taken over as it is. */
  past: CallEvent[]
  talk?: CallTalk
  seen: Sighting
}

interface LiveCall {
  plan: CallPlan
  rules: CallRules
  state: CallState
  /** What the pacer is to know of it, and how many of these he was told. */
  paced: PacingEvent[]
  told: number
  cancelTimer: () => void
}

export interface CallEngineDeps {
  telephony: Telephony
  agents: AgentPool
  journal: Journal
  clock: Clock
  holidays: Holidays
  log: Log
  createDetector: () => Detector
  /** 0 <= x < 1: which machines go to an agent as a sample. */
  random: () => number
}

/** States from which a call may still come to an agent. */
const forAgent: ReadonlySet<CallState['name']> = new Set(['placing', 'ringing', 'detecting', 'waiting', 'connecting', 'talking'])

export function createCallEngine(deps: CallEngineDeps): CallEngine {
  const { telephony, agents, journal, clock, holidays, log, createDetector, random } = deps
  const calls = new Map<string, LiveCall>()
  const waiting = createWaitingLine<LiveCall>()
  const requests = createSwitchRequests<LiveCall>({ telephony, clock, log, feed })
  const listening = createListening({ telephony, createDetector, clock, log })
  const pacing = createSignal<{ campaignId: string; event: PacingEvent }>()
  const ended = createSignal<{ plan: CallPlan; outcome: Outcome }>()
  const agentNews = createSignal<AgentNews>()
  const verdicts = createSignal<DetectionRecord>()
  const bridged = createSignal<{ plan: CallPlan; waitedMs: number }>()

  /** A line whose agent is reserved ahead is not the pacer's to plan with: it hears of it when it is answered or over. */
  const pace = (call: LiveCall, event: PacingEvent) => {
    const { campaignId, forAgentId } = call.plan
    call.paced.push(event)
    if (forAgentId !== undefined && (event.type === 'placed' || event.type === 'ringing')) return
    const untold = call.paced.slice(call.told)
    call.told = call.paced.length
    for (const event of untold) pacing.emit({ campaignId, event })
  }

  function feed(call: LiveCall, event: CallEvent): void {
    const before = call.state
    const { state, effects, ignored } = step(before, event, call.rules)
    if (ignored) log.debug({ attemptId: call.plan.id, ignored }, 'call event ignored')
    call.state = state
    if (before.name === 'waiting' && state.name !== 'waiting') waiting.leave(call.plan.campaignId, call)
    if (deadlineOf(state) !== deadlineOf(before)) setTimer(call)
    if (!forAgent.has(state.name)) giveBackAgent(call)
    for (const effect of effects) perform(call, effect)
  }

  function setTimer(call: LiveCall): void {
    call.cancelTimer()
    call.cancelTimer = atDeadline(clock, deadlineOf(call.state), (at) => feed(call, { type: 'deadline', at }))
  }

  function seekAgent(call: LiveCall): void {
    // Answered while nobody listened, too long ago: no agent is sent into the parting words.
    if ((deadlineOf(call.state) ?? 0) <= clock.now()) return waiting.join(call.plan.campaignId, call)
    const { id, campaignId, forAgentId } = call.plan
    const isFirst = call.state.name === 'waiting' && call.state.bridgeFailures === 0
    const agreed = forAgentId !== undefined && isFirst ? agents.reserveAhead(forAgentId, campaignId, id) : undefined
    const agent = agreed ?? agents.reserve(campaignId, id)
    if (agent) feed(call, { type: 'agent_reserved', at: clock.now(), agent })
    else {
      waiting.join(call.plan.campaignId, call)
      feed(call, { type: 'no_agent_free', at: clock.now() })
    }
  }

  function listen(call: LiveCall): void {
    if (!('facts' in call.state) || !call.state.facts) return
    const { detection, evidenceAudio } = call.plan.settings
    const listened = { id: call.plan.id, answeredAt: call.state.facts.answeredAt, keepAudioMs: evidenceAudio.seconds * 1000 }
    listening.start(detection === 'outpace' ? { ...listened, report: (event) => hear(call, event) } : listened)
  }

  /** Some machines go to an agent all the same: without them nobody would know how often a person is taken for one. */
  function hear(call: LiveCall, event: CallEvent): void {
    const share = call.plan.settings.machineSampleShare
    // A send-out has its message for machines; there is no agent to ask.
    const forAgents = !call.rules.message?.media.person
    const isSample = forAgents && event.type === 'detected' && event.verdict === 'machine' && random() < share
    feed(call, isSample ? { ...event, sample: true } : event)
  }

  /** The call comes to no agent any more; one who talks with its callee is in no reservation. */
  function giveBackAgent({ plan: { id, forAgentId } }: LiveCall): void {
    if (forAgentId !== undefined) agents.release(forAgentId, id)
  }

  /** No lead's data may keep the end of its call from being written. */
  function nextFor({ id, lead, phone, settings }: CallPlan, { disposition, counts, endedAt }: Outcome): LeadPlan {
    try {
      return planNext(lead, { disposition, counts, phoneId: phone.id, at: endedAt }, settings, holidays)
    } catch (error) {
      log.error({ attemptId: id, err: messageOf(error) }, 'no next attempt could be planned; the lead is put aside')
      return putAside(lead, messageOf(error), endedAt)
    }
  }

  function recordEnded(call: LiveCall, outcome: Outcome): void {
    const { plan } = call
    call.cancelTimer()
    calls.delete(plan.id)
    const next = nextFor(plan, outcome)
    journal.add({
      kind: 'ended',
      id: plan.id,
      leadId: plan.lead.leadId,
      contactId: plan.lead.contactId,
      campaignId: plan.campaignId,
      phoneId: plan.phone.id,
      outcome,
      plan: next,
      restHoursIfAbandoned: plan.settings.waits.afterAbandonedHours,
    })
    for (const record of detectionRecords(plan, outcome.facts, listening.stop(plan.id))) {
      journal.add({ kind: 'detection', record })
      verdicts.emit(record)
    }
    pace(call, { type: 'ended', callId: plan.id, at: outcome.endedAt, cause: pacingCause[outcome.disposition] })
    ended.emit({ plan, outcome })
  }

  function agentConnected(call: LiveCall, agentId: string): void {
    agents.connected(agentId, call.plan.id)
    if (call.state.name !== 'talking' || call.state.facts.connected?.at === undefined) return
    const { connected, detected, message, answeredAt } = call.state.facts
    bridged.emit({ plan: call.plan, waitedMs: connected.at - (message?.agentAskedAt ?? detected?.at ?? answeredAt) })
  }

  function perform(call: LiveCall, effect: CallEffect): void {
    const { id } = call.plan
    switch (effect.do) {
      case 'detect':
        return requests.detect(call)
      case 'listen':
        return listen(call)
      case 'tell_agent':
        return agentNews.emit({ plan: call.plan, agentId: effect.agent.agentId, what: effect.what, at: effect.at })
      case 'seek_agent':
        return seekAgent(call)
      case 'bridge':
        return requests.bridge(call, effect.agent.bridgeId)
      case 'unbridge':
        return requests.unbridge(call, effect.agent.bridgeId)
      case 'release_agent':
        return agents.release(effect.agent.agentId, id, effect.why)
      case 'agent_connected':
        return agentConnected(call, effect.agent.agentId)
      case 'agent_finished':
        return agents.finished(effect.agent.agentId, id)
      case 'play_message':
        return requests.playMessage(call, effect.message, effect.take)
      case 'stop_message':
        return requests.stopMessage(call, effect.message, effect.take)
      case 'listen_for_talk':
        return requests.listenForTalk(call)
      case 'opt_out':
        return journal.add({ kind: 'opt_out', id, contactId: call.plan.lead.contactId, number: call.plan.phone.number })
      case 'hang_up':
        return requests.hangUp(call)
      case 'verify':
        return requests.verify(call)
      case 'record_progress':
        return journal.add({ kind: 'progress', id, facts: effect.facts })
      case 'record_ended':
        return recordEnded(call, effect.outcome)
      case 'pace_answered':
        return pace(call, { type: 'answered', callId: id, at: effect.at, by: effect.by })
      case 'pace':
        if (effect.event !== 'connected') return pace(call, { type: effect.event, callId: id, at: effect.at })
        if (effect.agent) pace(call, { type: 'connected', callId: id, agentId: effect.agent.agentId, at: effect.at })
        return
      default:
        effect satisfies never
    }
  }

  function add(plan: CallPlan, state: CallState): LiveCall {
    const call: LiveCall = { plan, rules: rulesOf(plan), state, paced: [], told: 0, cancelTimer: () => {} }
    calls.set(plan.id, call)
    setTimer(call)
    return call
  }

  function takeOverTalk(call: LiveCall, { facts, agent }: CallTalk): void {
    const { id } = call.plan
    pace(call, { type: 'answered', callId: id, at: facts.answeredAt, by: facts.detected?.verdict ?? 'human' })
    if (facts.connected) pace(call, { type: 'connected', callId: id, agentId: agent.agentId, at: facts.connected.at })
    journal.add({ kind: 'progress', id, facts })
  }

  const view = ({ plan, state }: LiveCall): CallView => ({
    id: plan.id,
    campaignId: plan.campaignId,
    leadId: plan.lead.leadId,
    contactId: plan.lead.contactId,
    trunkId: plan.trunkId,
    state: state.name,
  })

  /**
   * After the connection to the switch was gone, or this process: each call is told what it missed. Every request made
   * before has its answer by now.
   */
  async function catchUp(known: LiveCall[]): Promise<void> {
    if (known.length === 0) return
    const { channels } = await telephony.live()
    const channelOf = new Map(channels.map((channel) => [channel.channelId, channel]))
    const record = await telephony.record(Math.min(...known.map(({ plan }) => plan.placedAt)))
    for (const call of known) {
      const { id } = call.plan
      for (const event of missedEvents(call.state, { channel: channelOf.get(id), record: record.get(id) }, clock.now()))
        feed(call, event)
      // It was to end, and the word was lost: nobody listens to silence until the next look.
      if (call.state.name === 'ending' && channelOf.has(id)) requests.hangUp(call)
    }
  }

  const notCaughtUp = (error: unknown): void => log.error({ err: messageOf(error) }, 'cannot compare live calls with the switch')
  const compareWithSwitch = (): void => void catchUp([...calls.values()]).catch(notCaughtUp)

  function heard(told: TelephonyEvent): void {
    if (told.type === 'up') return compareWithSwitch()
    const news = callEventOf(told)
    const call = news && calls.get(news.callId)
    // Perhaps it was answered when no engine was there to take it.
    if (!call) return
    const lookFirst = isUnexplained(call.state, news.event) ? catchUp([call]).catch(notCaughtUp) : undefined
    if (lookFirst) void lookFirst.then(() => hear(call, news.event))
    else hear(call, news.event)
  }

  function agentLost(callId: string, why: string): void {
    const call = calls.get(callId)
    if (call) feed(call, { type: 'agent_lost', at: clock.now(), why })
  }

  const unsubscribe = telephony.subscribe(heard)
  agents.onChange((change) => {
    const next = change.phase === 'ready' ? waiting.first(change.campaignId) : undefined
    if (next) seekAgent(next)
  })
  agents.onLost(({ callId, reason }) => agentLost(callId, reason))
  agents.onHangUpAsked(({ callId }) => {
    const call = calls.get(callId)
    if (call) feed(call, { type: 'agent_hung_up', at: clock.now() })
  })

  return {
    begin(plans) {
      for (const plan of plans) {
        const call = add(plan, placed(plan.placedAt, rulesOf(plan)))
        const { answerProbability } = plan
        const told = answerProbability === undefined ? {} : { answerProbability }
        pace(call, { type: 'placed', callId: plan.id, at: plan.placedAt, ...told })
        requests.originate(call)
      }
    },
    adopt(found) {
      for (const { plan, past, talk, seen } of found) {
        const call = add(plan, talk ? { name: 'talking', ...talk } : placed(plan.placedAt, rulesOf(plan)))
        pace(call, { type: 'placed', callId: plan.id, at: plan.placedAt })
        if (talk) takeOverTalk(call, talk)
        for (const event of past) feed(call, event)
        for (const event of missedEvents(call.state, seen, clock.now())) feed(call, event)
      }
      compareWithSwitch()
    },
    agentLost,
    has: (callId) => calls.has(callId),
    *live() {
      for (const call of calls.values()) yield view(call)
    },
    replay: (campaignId) =>
      [...calls.values()].filter((call) => call.plan.campaignId === campaignId).flatMap((call) => call.paced.slice(0, call.told)),
    count({ campaignId, trunkId }) {
      let count = 0
      for (const { plan } of calls.values())
        if ((campaignId === undefined || plan.campaignId === campaignId) && (trunkId === undefined || plan.trunkId === trunkId))
          count++
      return count
    },
    cancel(where, why) {
      for (const call of [...calls.values()]) if (where(view(call))) feed(call, { type: 'cancel', at: clock.now(), why })
    },
    settle(contactIds, why) {
      for (const call of [...calls.values()])
        if (contactIds.has(call.plan.lead.contactId)) feed(call, { type: 'settled', at: clock.now(), why })
    },
    close() {
      unsubscribe()
      listening.close()
      for (const call of calls.values()) call.cancelTimer()
      calls.clear()
    },
    onPacing: pacing.on,
    onEnded: ended.on,
    onAgentNews: agentNews.on,
    onVerdict: verdicts.on,
    onBridged: bridged.on,
  }
}
