/**
 * Ratio dialing: a fixed number of lines per agent at work, talks included, topped up at each decision.
 * Agents who are known to leave after this talk carry no lines. While nobody is left to take an answer
 * (nobody ready, talking or in wrap-up who stays) nothing is placed.
 */
import type { Decision } from './contract.ts'
import type { Roster } from './roster.ts'

export function ratioCalls(roster: Roster, linesPerAgent: number): Decision {
  const agents = roster.agentsStaying()
  const target = Math.floor(linesPerAgent * agents)
  const calls = Math.max(0, target - roster.liveLines())
  return { calls, reason: `ratio: ${linesPerAgent} lines x ${agents} agents, ${roster.liveLines()} live` }
}
