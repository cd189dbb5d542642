/** Answered people without an agent, by campaign, in the order of their answers. Owned by engine.ts. */
export interface WaitingLine<Call> {
  join(campaignId: string, call: Call): void
  leave(campaignId: string, call: Call): void
  first(campaignId: string): Call | undefined
}

export function createWaitingLine<Call>(): WaitingLine<Call> {
  const lines = new Map<string, Set<Call>>()
  return {
    join(campaignId, call) {
      const line = lines.get(campaignId) ?? new Set()
      lines.set(campaignId, line.add(call))
    },
    leave(campaignId, call) {
      lines.get(campaignId)?.delete(call)
    },
    first: (campaignId) => lines.get(campaignId)?.values().next().value,
  }
}
