/**
 * Who waits for an agent, by campaign and in the order of arrival, and how long it may take. The time an agent is with one call
 * is a running mean over talk and wrap-up of this run. Owned by inbound-engine.ts.
 */
import type { AgentChange } from '../agents/agent-pool.ts'

export interface InboundLine<Call> {
  join(campaignId: string, call: Call): void
  leave(call: Call): void
  /** For this agent: who talked with him last, else the first of his campaign. */
  first(agentId: string, campaignId: string): Call | undefined
  /** 1: he is next. */
  place(campaignId: string, call: Call): number
  length(campaignId: string): number
  observe(change: AgentChange): void
  handleMs(campaignId: string): number
}

/** Before the first call was handled. */
const usualHandleMs = 180_000
const weightOfNew = 0.1

export function createInboundLine<Call>(lastAgentOf: (call: Call) => string | undefined): InboundLine<Call> {
  const lines = new Map<string, Set<Call>>()
  const busySince = new Map<string, number>()
  const means = new Map<string, number>()
  const lineOf = (campaignId: string) => lines.get(campaignId) ?? new Set()

  return {
    join(campaignId, call) {
      lines.set(campaignId, lineOf(campaignId).add(call))
    },
    leave(call) {
      for (const line of lines.values()) line.delete(call)
    },
    first(agentId, campaignId) {
      for (const line of lines.values()) for (const call of line) if (lastAgentOf(call) === agentId) return call
      return lineOf(campaignId).values().next().value
    },
    place: (campaignId, call) => [...lineOf(campaignId)].indexOf(call) + 1,
    length: (campaignId) => lineOf(campaignId).size,
    observe({ agentId, campaignId, phase, at }) {
      if (phase === 'talking') {
        if (!busySince.has(agentId)) busySince.set(agentId, at)
      } else if (phase !== 'wrap_up') {
        const since = busySince.get(agentId)
        busySince.delete(agentId)
        if (since === undefined) return
        const mean = means.get(campaignId) ?? usualHandleMs
        means.set(campaignId, mean + weightOfNew * (at - since - mean))
      }
    },
    handleMs: (campaignId) => means.get(campaignId) ?? usualHandleMs,
  }
}
