/**
 * Tells each agent's desk of his calls and phases: the offer with the whole record before the bridge is up, connected, ended.
 * The record of a call we place is read while the phone rings, and only if somebody looks at a desk; that of a call to us is
 * put here by inbound/. The audio never waits for a screen: a record that comes late follows as soon as it is there.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { PacingEvent } from '../pacing/pacer.ts'
import type { Pool } from '../storage/database.ts'
import type { AgentEvents } from './agent-events.ts'
import { type AgentState, nextOf } from './agent-state.ts'
import { type CallOffer, callNews, type DeskEvent, type OnCall } from './desk-event.ts'
import type { Agents } from './pool.ts'
import { readCalledScreen } from './screen-store.ts'

export interface CallOffers {
  /** What is known of a call before an agent is sought for it. */
  put(offer: CallOffer): void
  /** The call is over, and no agent had it. */
  drop(callId: string): void
  /** From the call engine: a phone rings or was answered, a call is over. */
  observe(told: { event: PacingEvent }): void
  /** What a desk must be shown that opens now. */
  present(agentId: string): Promise<DeskEvent[]>
  /** These contacts owe nothing any more: whoever talks with one of them is told. */
  settled(contactIds: number[]): void
}

export interface CallOffersDeps {
  pool: Pool
  agents: Agents
  events: AgentEvents
  clock: Clock
  log: Log
}

/** An agent is reserved for a callback a moment before its attempt is written, and with it the record can be read. */
const writtenWithinMs = 500

const onCall = (state: AgentState): OnCall => ({ phase: state.phase, callId: 'callId' in state ? state.callId : null })

export function createCallOffers({ pool, agents, events, clock, log }: CallOffersDeps): CallOffers {
  const offers = new Map<string, { ready?: CallOffer; coming: Promise<CallOffer | undefined> }>()
  /** As told last, of each agent on shift. */
  const told = new Map<string, OnCall>()

  async function read(callId: string): Promise<CallOffer | undefined> {
    try {
      const called = await readCalledScreen(pool, callId)
      if (!called) return undefined
      const { campaignId, number, ourNumber, screen } = called
      const why = 'the contact whom we call'
      return { callId, direction: 'outbound', campaignId, number, ourNumber, matches: [{ ...screen, why }] }
    } catch (error) {
      log.warn({ callId, err: messageOf(error) }, 'the record for the agent could not be read')
      return undefined
    }
  }

  function recordOf(callId: string) {
    const known = offers.get(callId)
    if (known) return known
    const coming = read(callId)
    const entry: { ready?: CallOffer; coming: Promise<CallOffer | undefined> } = { coming }
    offers.set(callId, entry)
    void coming.then((offer) => {
      if (offer) entry.ready = offer
      else offers.delete(callId)
    })
    return entry
  }

  function offer(agentId: string, callId: string) {
    if (!events.isWatched(agentId)) return
    const publish = (ready: CallOffer) => events.publish(agentId, { type: 'call_offered', at: clock.now(), ...ready })
    const { ready, coming } = recordOf(callId)
    if (ready) publish(ready)
    else
      void coming.then((late) => {
        if (late && told.get(agentId)?.callId === callId) publish(late)
      })
  }

  /** Who is reserved ahead for a callback sees whom while the phone rings. */
  const offerSoon = (agentId: string, callId: string) =>
    clock.after(writtenWithinMs, () => {
      if (told.get(agentId)?.callId === callId) offer(agentId, callId)
    })

  agents.onChange(({ agentId, ahead }) => {
    const state = agents.state(agentId)
    const before = told.get(agentId) ?? { phase: 'logged_out', callId: null }
    const after = onCall(state)
    if (state.phase === 'logged_out') told.delete(agentId)
    else told.set(agentId, after)
    const at = clock.now()
    for (const { news, callId } of callNews(before, after)) {
      if (news === 'offered' && ahead) offerSoon(agentId, callId)
      else if (news === 'offered') offer(agentId, callId)
      else events.publish(agentId, { type: news === 'withdrawn' ? 'call_withdrawn' : news, at, callId })
    }
    events.publish(agentId, { type: 'phase', at, ...after, next: nextOf(state).next ?? null })
    // Wrap-up included: until then a desk that opens anew is shown it.
    if (before.callId !== null && before.callId !== after.callId) offers.delete(before.callId)
  })

  const isAnyoneWatched = () => [...told.keys()].some(events.isWatched)

  return {
    put(ready) {
      offers.set(ready.callId, { ready, coming: Promise.resolve(ready) })
    },
    drop: (callId) => void offers.delete(callId),
    observe({ event }) {
      if (event.type === 'ended') offers.delete(event.callId)
      else if ((event.type === 'ringing' || event.type === 'answered') && isAnyoneWatched()) recordOf(event.callId)
    },
    async present(agentId) {
      const state = agents.state(agentId)
      const now = onCall(state)
      const phase: DeskEvent = { type: 'phase', at: clock.now(), ...now, next: nextOf(state).next ?? null }
      if (now.callId === null) return [phase]
      const known = await (offers.get(now.callId)?.coming ?? read(now.callId))
      return known ? [phase, { type: 'call_offered', at: clock.now(), ...known }] : [phase]
    },
    settled(contactIds) {
      for (const [agentId, { phase, callId }] of told) {
        if (phase !== 'talking' || callId === null) continue
        const matches = offers.get(callId)?.ready?.matches ?? []
        const contactId = matches.find(({ contact }) => contactIds.includes(contact.id))?.contact.id
        if (contactId !== undefined) events.publish(agentId, { type: 'debt_settled', at: clock.now(), callId, contactId })
      }
    },
  }
}
