/**
 * The engine of calls to us: holds the live ones, feeds their machine (inbound-call.ts) with what switch, agents, database and
 * timers report, and performs its effects. Never decides. Made after the call engine, so that of an agent who becomes free the
 * call engine is told first: a person whom we called and who answered stands under the law's grace and goes before a caller who
 * waits, and a caller before any new call (docs/decisions.md, 38).
 */
import { randomUUID } from 'node:crypto'
import type { CallOffers } from '../agents/call-offers.ts'
import type { Agents } from '../agents/pool.ts'
import type { CallEngine } from '../calls/engine.ts'
import { atDeadline, type Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Holidays } from '../leads/holidays.ts'
import type { Log } from '../log.ts'
import type { Pool } from '../storage/database.ts'
import { type Telephony, TelephonyError, type TelephonyEvent } from '../telephony/telephony.ts'
import { writeEndedCall } from './after-call.ts'
import { expectedWaitMs, holdMedia } from './expected-wait.ts'
import { createIdentify, type Identity } from './identify.ts'
import {
  arrived,
  deadlineOf,
  type InboundEffect,
  type InboundEvent,
  type InboundSound,
  type InboundState,
  step,
} from './inbound-call.ts'
import { createInboundLine } from './inbound-line.ts'
import { createInboundRecord } from './inbound-record.ts'
import { inboundSettingsSchema } from './inbound-settings.ts'
import { findOurNumber, insertInboundCall, type OurNumber, writeIdentity, writeProgress } from './inbound-store.ts'

type CalledIn = TelephonyEvent & { type: 'called_in' }

export interface InboundEngine {
  /** How many callers wait for an agent of this campaign. */
  waiting(campaignId: string): number
  count(): number
  /** A call that a former run left; `id` as in its row. */
  adopt(call: { id: string; channelId: string; state: InboundState }): void
  /** Ends them all: who waits hears that he should call again. */
  cancel(why: string): void
  /** No timer and no effect any more. */
  close(): void
  settled(): Promise<void>
}

export interface InboundEngineDeps {
  pool: Pool
  telephony: Telephony
  agents: Agents
  offers: Pick<CallOffers, 'put' | 'drop'>
  engine: Pick<CallEngine, 'cancel' | 'onPacing'>
  /** Another end of ours: a call that tests a route (caller-id/route-test.ts). */
  claims(event: CalledIn): boolean
  clock: Clock
  holidays: Holidays
  log: Log
  switchName: string
}

interface LiveCall {
  id: string
  channelId: string
  from: string | null
  state: InboundState
  /** Absent: the row is not written, or the call is of a former run. */
  ours?: OurNumber
  identity?: Identity
  /** Requests to the switch, one after the other. */
  asked: Promise<void>
  playing?: string
  cancelTimer: () => void
}

const defaults = inboundSettingsSchema.parse({})
/** Only their phones are spared; who has answered is a person on the line. */
const unanswered = new Set(['placing', 'ringing'])

export function createInboundEngine(deps: InboundEngineDeps): InboundEngine {
  const { pool, telephony, agents, offers, engine, clock, holidays, log } = deps
  const calls = new Map<string, LiveCall>()
  const identify = createIdentify({ pool, agents, clock, holidays })
  const record = createInboundRecord({ clock, log })
  const line = createInboundLine<LiveCall>((call) => call.identity?.lastAgentId)
  const byId = (id: string) => [...calls.values()].find((call) => call.id === id)
  let sounds = 0

  function feed(call: LiveCall, event: InboundEvent): void {
    const before = call.state
    const { state, effects, ignored } = step(before, event, call.identity?.rules ?? defaults)
    if (ignored) log.debug({ inboundId: call.id, ignored }, 'event of a call to us ignored')
    call.state = state
    if (before.name === 'waiting' && state.name !== 'waiting') line.leave(call)
    if (deadlineOf(state) !== deadlineOf(before)) setTimer(call)
    for (const effect of effects) perform(call, effect)
  }

  function setTimer(call: LiveCall): void {
    call.cancelTimer()
    call.cancelTimer = atDeadline(clock, deadlineOf(call.state), (at) => feed(call, { type: 'deadline', at }))
  }

  function add(call: Omit<LiveCall, 'asked' | 'cancelTimer'>): LiveCall {
    const live: LiveCall = { ...call, asked: Promise.resolve(), cancelTimer: () => {} }
    calls.set(call.channelId, live)
    setTimer(live)
    return live
  }

  // Who calls

  async function arrive({ channelId, trunkId, from, to, at }: CalledIn): Promise<void> {
    const call = add({ id: randomUUID(), channelId, from, state: arrived(at) })
    try {
      const ours = await findOurNumber(pool, to)
      if (!ours) return await refuse(call)
      if (!calls.has(channelId)) return
      call.ours = ours
      const row = {
        id: call.id,
        switchName: deps.switchName,
        channelId,
        trunkId,
        callerIdId: ours.id,
        number: from,
        arrivedAt: at,
      }
      record.add(() => insertInboundCall(pool, row))
      const identity = await identify.byNumber({ from, ours })
      if (!calls.has(channelId)) return
      know(call, identity)
      feed(call, { type: 'identified', at: clock.now(), caller: identity.caller })
    } catch (error) {
      log.error({ inboundId: call.id, err: messageOf(error) }, 'a caller could not be identified')
    }
  }

  /** Not a number of ours: as if it did not exist. */
  async function refuse(call: LiveCall): Promise<void> {
    call.cancelTimer()
    calls.delete(call.channelId)
    log.warn({ channelId: call.channelId }, 'a call to a number that is not ours was refused')
    await telephony.hangUp(call.channelId, 'unknown_number')
  }

  async function search(call: LiveCall, digits: string): Promise<void> {
    try {
      const found = call.ours && (await identify.byReference({ from: call.from, ours: call.ours }, digits))
      if (found && calls.has(call.channelId)) know(call, found)
      feed(call, { type: 'found', at: clock.now(), caller: found?.caller })
    } catch (error) {
      log.error({ inboundId: call.id, err: messageOf(error) }, 'a reference could not be looked up')
    }
  }

  function know(call: LiveCall, identity: Identity): void {
    call.identity = identity
    record.add(() => writeIdentity(pool, call.id, identity))
    spareOutbound()
  }

  /** Who is on the line with us is not rung; what is placed later in the same moment is caught when it rings. */
  function spareOutbound(): void {
    const onTheLine = new Set([...calls.values()].flatMap((call) => call.identity?.contactIds ?? []))
    if (onTheLine.size === 0) return
    engine.cancel(
      ({ state, contactId }) => unanswered.has(state) && onTheLine.has(contactId),
      'the contact is calling us just now',
    )
  }

  // Whom he gets

  function offer(call: LiveCall): void {
    if (!call.ours) return
    const { campaignId = null, matches = [] } = call.identity ?? {}
    const { number: ourNumber } = call.ours
    offers.put({ callId: call.id, direction: 'inbound', campaignId, number: call.from, ourNumber, matches })
  }

  function seekAgent(call: LiveCall): void {
    offer(call)
    const { campaignId = null, lastAgentId } = call.identity ?? {}
    const agent =
      (lastAgentId !== undefined ? agents.reserveAgent(lastAgentId, call.id) : undefined) ??
      (campaignId !== null ? agents.reserve(campaignId, call.id) : undefined)
    if (agent) return feed(call, { type: 'agent_reserved', at: clock.now(), agent })
    if (campaignId !== null) line.join(campaignId, call)
    feed(call, { type: 'nobody_free', at: clock.now() })
  }

  agents.onChange((change) => {
    line.observe(change)
    const next = change.phase === 'ready' ? line.first(change.agentId, change.campaignId) : undefined
    if (!next) return
    offer(next)
    const agent = agents.reserveAgent(change.agentId, next.id)
    if (agent) feed(next, { type: 'agent_reserved', at: clock.now(), agent })
  })
  agents.onLost(({ callId }) => {
    const call = byId(callId)
    if (call) feed(call, { type: 'agent_lost', at: clock.now() })
  })
  agents.onHangUpAsked(({ callId }) => {
    const call = byId(callId)
    if (call) feed(call, { type: 'agent_hung_up', at: clock.now() })
  })
  engine.onPacing(({ event }) => {
    if (event.type === 'ringing') spareOutbound()
  })

  // What the switch is asked

  function ask(call: LiveCall, request: () => Promise<void>, failed?: () => InboundEvent, done?: () => InboundEvent): void {
    call.asked = call.asked.then(async () => {
      try {
        await request()
        if (done) feed(call, done())
      } catch (error) {
        // A caller who hangs up just then is no news; the end is told by its own event.
        const isGone = error instanceof TelephonyError && error.kind === 'gone'
        const fields = { inboundId: call.id, state: call.state.name, err: messageOf(error) }
        log[isGone ? 'debug' : 'warn'](fields, 'the switch refused a request for a call to us')
        if (failed) feed(call, failed())
      }
    })
  }

  function mediaOf(call: LiveCall, sound: InboundSound): string[] {
    if (sound.say === 'reference') return [`sound:outpace/reference${sound.again ? '-again' : ''}`]
    if (sound.say !== 'hold') return [`sound:outpace/${sound.say.replace('_', '-')}`]
    const campaignId = call.identity?.campaignId ?? ''
    const { ready, reserved, talking, wrap_up } = agents.counts(campaignId)
    const place = line.place(campaignId, call)
    const waitMs = expectedWaitMs({ place, agents: ready + reserved + talking + wrap_up, handleMs: line.handleMs(campaignId) })
    return holdMedia({ ...sound, waitMs })
  }

  function play(call: LiveCall, sound: InboundSound): void {
    const playbackId = `inbound-${call.id}-${++sounds}`
    call.playing = playbackId
    const media = mediaOf(call, sound)
    ask(
      call,
      () => telephony.play(playbackId, call.channelId, media),
      () => ({ type: 'played', at: clock.now(), completed: false }),
    )
  }

  function stopPlaying(call: LiveCall): void {
    const { playing } = call
    if (playing === undefined) return
    delete call.playing
    ask(call, () => telephony.stopPlaying(playing))
  }

  async function verify(call: LiveCall): Promise<void> {
    const { channels } = await telephony.live()
    if (channels.some(({ channelId }) => channelId === call.channelId)) await telephony.hangUp(call.channelId)
    else feed(call, { type: 'ended', at: clock.now(), unseen: true })
  }

  function recordEnded(call: LiveCall, effect: Extract<InboundEffect, { do: 'record_ended' }>): void {
    const { facts, verdict, at } = effect
    const { callbackDelayMinutes } = call.identity?.rules ?? defaults
    call.cancelTimer()
    calls.delete(call.channelId)
    if (!facts.connected) offers.drop(call.id)
    record.add(() => writeEndedCall(pool, holidays, { id: call.id, facts, verdict, at, callbackDelayMinutes }))
  }

  function perform(call: LiveCall, effect: InboundEffect): void {
    const { id, channelId } = call
    switch (effect.do) {
      case 'answer':
        return ask(call, () => telephony.answer(channelId))
      case 'play':
        return play(call, effect.sound)
      case 'stop_playing':
        return stopPlaying(call)
      case 'search':
        return void search(call, effect.digits)
      case 'seek_agent':
        return seekAgent(call)
      case 'bridge':
        return ask(
          call,
          () => telephony.addToBridge(effect.agent.bridgeId, channelId),
          () => ({ type: 'bridge_failed', at: clock.now() }),
          () => ({ type: 'bridged', at: clock.now() }),
        )
      case 'release_agent':
        return agents.release(effect.agent.agentId, id, effect.why)
      case 'agent_connected':
        return agents.connected(effect.agent.agentId, id)
      case 'agent_finished':
        return agents.finished(effect.agent.agentId, id)
      case 'hang_up':
        return ask(call, () => telephony.hangUp(channelId))
      case 'verify':
        // No answer now: the deadline comes again.
        return ask(call, () => verify(call))
      case 'record_progress':
        return record.add(() => writeProgress(pool, id, effect.facts))
      case 'record_ended':
        return recordEnded(call, effect)
      default:
        effect satisfies never
    }
  }

  /** After the connection to the switch was gone: calls whose channel no longer lives have ended unseen. */
  async function compare(): Promise<void> {
    const known = [...calls.values()]
    if (known.length === 0) return
    const { channels } = await telephony.live()
    const alive = new Set(channels.map(({ channelId }) => channelId))
    for (const call of known) if (!alive.has(call.channelId)) feed(call, { type: 'ended', at: clock.now(), unseen: true })
  }

  const unsubscribe = telephony.subscribe((event) => {
    if (event.type === 'up')
      return void compare().catch((error) => log.error({ err: messageOf(error) }, 'cannot compare calls to us with the switch'))
    if (event.type === 'called_in') return void (deps.claims(event) || arrive(event))
    const call = 'channelId' in event ? calls.get(event.channelId) : undefined
    if (!call) return
    if (event.type === 'dtmf') feed(call, { type: 'digit', at: event.at, digit: event.digit })
    else if (event.type === 'ended') feed(call, { type: 'ended', at: event.at })
    else if (event.type === 'played' && event.playbackId === call.playing) {
      delete call.playing
      feed(call, { type: 'played', at: event.at, completed: event.completed })
    }
  })

  return {
    waiting: line.length,
    count: () => calls.size,
    adopt({ id, channelId, state }) {
      const call = add({ id, channelId, from: null, state })
      if (state.name === 'parting') play(call, { say: 'not_served' })
    },
    cancel(why) {
      for (const call of [...calls.values()]) feed(call, { type: 'cancel', at: clock.now(), why })
    },
    close() {
      unsubscribe()
      for (const call of calls.values()) call.cancelTimer()
      calls.clear()
    },
    settled: record.settled,
  }
}
