/**
 * The cells of the benchmark: teams, answer rates and troubles, with their seeds and days. Seeds 1-6 and
 * 8-20 days were used while the pacer was built; every cell here uses other seeds. Teams of 50 work
 * 4-hour days and teams of 200 2-hour days, which hold as many people as 25 8-hour days of a team of 5.
 */
import type { AgentDue, WorldOptions } from './world-settings.ts'

export interface Cell {
  name: string
  group: 'plain' | 'told' | 'one-percent' | 'twin' | 'stress'
  world: WorldOptions
  days: number
  fault?: 'lost-events' | 'noon-restart'
}

export const TEAMS = [5, 20, 50, 200] as const
export const ANSWER_RATES = [0.08, 0.2, 0.45] as const
/** Leads differ as Beta with this a + b: at a mean of .2 nine in ten lie between .01 and .54. */
export const TOLD_CONCENTRATION = 4

const hoursOf = (agents: number): number => (agents >= 200 ? 2 : agents >= 50 ? 4 : 8)
const daysOf = (agents: number): number => (agents === 5 ? 100 : 30)

function grid(group: Cell['group'], teams: readonly number[], seed: number, more: Partial<WorldOptions> = {}): Cell[] {
  return teams.flatMap((agents) =>
    ANSWER_RATES.map((answerProbability) => ({
      name: `${agents} agents, ${answerProbability}`,
      group,
      world: { agents, seed: seed + agents, answerProbability, hours: hoursOf(agents), ...more },
      days: daysOf(agents),
    })),
  )
}

export function allCells(): Cell[] {
  return [
    ...grid('plain', TEAMS, 1000),
    ...grid('told', TEAMS, 1000, { toldConcentration: TOLD_CONCENTRATION }),
    ...grid('one-percent', [5, 20, 50], 1000),
    ...grid('twin', [5, 20], 2000, { markov: true }),
    ...stressCells(),
  ]
}

const HOUR = 3600

function stressCells(): Cell[] {
  const cell = (name: string, world: Partial<WorldOptions>, fault?: Cell['fault']): Cell => ({
    name,
    group: 'stress',
    world: { agents: 20, seed: 3000, answerProbability: 0.2, hours: 8, ...world },
    days: 30,
    ...(fault && { fault }),
  })
  return [
    cell('answer rate .10 -> .30 at once', { answerProbability: (sec) => (sec < 4 * HOUR ? 0.1 : 0.3) }),
    cell('bimodal talk', { talk: { shortShare: 0.75, shortSec: 15, longSec: 400, sigma: 0.4 } }),
    cell('half the team breaks at once', { agentPlan: () => breaks(20) }),
    cell('shift end for half the team', { agentPlan: () => shiftEnd(20), leavesAreAnnounced: true }),
    cell('detection, 2 % false positives', { detection: { sec: 1.2, takenForMachines: 0.02 } }),
    cell('congestion for 20 minutes', { failing: (sec) => (sec > 2 * HOUR && sec < 2 * HOUR + 1200 ? 0.7 : 0.005) }),
    cell('hourly curve .08-.30', { answerProbability: (sec) => 0.19 - 0.11 * Math.cos((sec / (8 * HOUR)) * 2 * Math.PI) }),
    cell('ramp from 3 to 30 agents', { agents: 30, agentPlan: () => ramp(3, 30) }),
    cell('1 % lost, 2 % late events', {}, 'lost-events'),
    cell('engine restart at noon', {}, 'noon-restart'),
  ]
}

/** Ten minutes off for every other agent, each two hours, unannounced; all come back at once. */
function breaks(agents: number): AgentDue[] {
  const plan: AgentDue[] = Array.from({ length: agents }, (_, agent) => ({ agent, atSec: 0, to: 'ready' }))
  for (let hour = 1; hour < 8; hour += 2)
    for (let agent = 0; agent < agents; agent += 2) {
      plan.push({ agent, atSec: hour * HOUR, to: 'paused' }, { agent, atSec: hour * HOUR + 600, to: 'ready' })
    }
  return plan
}

/** Half the team leaves after five hours, known from the roster; the others stay. */
function shiftEnd(agents: number): AgentDue[] {
  const plan: AgentDue[] = Array.from({ length: agents }, (_, agent) => ({ agent, atSec: 0, to: 'ready' }))
  for (let agent = 0; agent < agents; agent += 2) plan.push({ agent, atSec: 5 * HOUR, to: 'logged-out' })
  return plan
}

/** From `few` at the start to `most` within the first three hours. */
function ramp(few: number, most: number): AgentDue[] {
  return Array.from({ length: most }, (_, agent) => ({
    agent,
    atSec: agent < few ? 0 : ((agent - few + 1) / (most - few)) * 3 * HOUR,
    to: 'ready',
  }))
}
