/**
 * The line of ready agents of one campaign, the longest idle at its head. Kept in order by insertion: an agent who
 * becomes ready goes to the end at once, one whose reservation came to nothing back near the head.
 */
export interface ReadyLine {
  add(agentId: string, idleSince: number): void
  remove(agentId: string): void
  /** The longest idle; he stays in the line until removed. */
  first(): string | undefined
  all(): string[]
}

export function createReadyLine(): ReadyLine {
  const line: { agentId: string; idleSince: number }[] = []
  return {
    add(agentId, idleSince) {
      let place = line.length
      while (place > 0 && (line[place - 1]?.idleSince ?? 0) > idleSince) place--
      line.splice(place, 0, { agentId, idleSince })
    },
    remove(agentId) {
      const place = line.findIndex((waiting) => waiting.agentId === agentId)
      if (place >= 0) line.splice(place, 1)
    },
    first: () => line[0]?.agentId,
    all: () => line.map(({ agentId }) => agentId),
  }
}
