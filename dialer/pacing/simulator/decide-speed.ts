/** How long a decision takes: a team at work, its pacer asked again after each event. Needs a clock from outside. */
import { createOurs, pacerSettings } from './ours.ts'
import { runDays } from './world.ts'
import { createWorld } from './world-settings.ts'

/** Mean milliseconds of a decision at this size, over half an hour of the simulated day. */
export function decideMs(agents: number, clock: () => number): number {
  const world = createWorld({ agents, seed: 4000, answerProbability: 0.15, hours: 0.5 })
  const ours = createOurs(pacerSettings(world), 1000)
  let spent = 0
  let decisions = 0
  const { decide } = ours
  ours.decide = (view) => {
    const from = clock()
    const calls = decide(view)
    spent += clock() - from
    decisions++
    return calls
  }
  runDays(world, ours, 1)
  return spent / decisions
}
