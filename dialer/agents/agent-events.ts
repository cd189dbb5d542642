/**
 * What an agent's desk must show, as it happens: a stream of events per agent, each with an id, and the latest ones kept for a
 * desk that lost its connection for a moment. Publishes nothing by itself: call-offers.ts tells of calls and phases, others of
 * what they know. Subscribed to by the API (GET /v1/agents/{id}/events). Holds personal data, in memory only.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { DeskEvent } from './desk-event.ts'

export interface ToldEvent {
  id: string
  event: DeskEvent
}

export interface AgentEvents {
  publish(agentId: string, event: DeskEvent): void
  /** From now on; returns its removal. */
  subscribe(agentId: string, listener: (told: ToldEvent) => void): () => void
  /** What came after the event with this id; undefined where that is no longer known. */
  since(agentId: string, lastId: string): ToldEvent[] | undefined
  /** Somebody looks at this agent's desk, or did a moment ago. */
  isWatched(agentId: string): boolean
}

const kept = 30

export function createAgentEvents({ clock, log }: { clock: Clock; log: Log }): AgentEvents {
  const listeners = new Map<string, Set<(told: ToldEvent) => void>>()
  const latest = new Map<string, ToldEvent[]>()
  /** Ids of another run of the engine mean nothing to this one. */
  const run = clock.now().toString(36)
  let count = 0

  return {
    publish(agentId, event) {
      const told = { id: `${run}-${++count}`, event }
      const known = latest.get(agentId)
      if (known) latest.set(agentId, [...known, told].slice(-kept))
      for (const listener of listeners.get(agentId) ?? []) {
        try {
          listener(told)
        } catch (error) {
          log.warn({ agentId, err: messageOf(error) }, "an agent's desk could not be told")
        }
      }
    },
    subscribe(agentId, listener) {
      const all = listeners.get(agentId) ?? new Set()
      listeners.set(agentId, all.add(listener))
      if (!latest.has(agentId)) latest.set(agentId, [])
      return () => void all.delete(listener)
    },
    since(agentId, lastId) {
      const known = latest.get(agentId) ?? []
      const place = known.findIndex(({ id }) => id === lastId)
      return place < 0 ? undefined : known.slice(place + 1)
    },
    isWatched: (agentId) => latest.has(agentId),
  }
}
