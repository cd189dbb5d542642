/**
 * The live run's twin: the same world, pacer, settings and tick in the simulator, from the same cold start, with the trunk's
 * calls per second as trunks/trunk-lines.ts grants them. Nothing is told of single leads: here they are all alike. Pure.
 */
import { createOurs, pacerSettings } from '../../dialer/pacing/simulator/ours.ts'
import { FIRST_DAY, type Observer, type Policy, runDays } from '../../dialer/pacing/simulator/world.ts'
import { cell, sharedWorld } from './callees.ts'
import { type Happened, type Measured, measure, type Window } from './measured.ts'

export function simulate(seed: number, window: Window): Measured {
  return measure(happenedIn(seed, window.to), window, cell.agents)
}

function happenedIn(seed: number, lastMs: number): Happened {
  const world = sharedWorld(seed, lastMs / 3_600_000)
  const { abandonTarget, maxLinesPerAgent, tickMs } = cell
  const ours = createOurs(pacerSettings(world, { abandonTarget, maxLinesPerAgent }), tickMs)
  const happened: Happened = { placed: [], connected: [], abandoned: [], busy: [], waits: [] }
  const take = trunkTokens(FIRST_DAY)
  const policy: Policy = {
    name: ours.name,
    everyMs: tickMs,
    decide: (view) => take(ours.decide(view), view.at),
    ...(ours.dayStarts && { dayStarts: ours.dayStarts }),
    ...(ours.observer && { observer: writingDown(happened, ours.observer) }),
  }
  runDays(world, policy, 1)
  return happened
}

/** Tokens as cluster/memory.ts keeps them: a quarter of a second's worth at most, whole ones granted. */
function trunkTokens(start: number): (wanted: number, at: number) => number {
  const { callsPerSecond } = cell.trunk
  const burst = Math.max(1, callsPerSecond / 4)
  let tokens = burst
  let filledAt = start
  return (wanted, at) => {
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * callsPerSecond)
    filledAt = at
    const granted = Math.min(wanted, Math.floor(tokens))
    tokens -= granted
    return granted
  }
}

function writingDown(happened: Happened, told: Observer): Observer {
  const busySince = new Map<number, number>()
  const answeredAt = new Map<number, number>()
  return {
    ...told,
    placed(call, at, probability) {
      happened.placed.push(at - FIRST_DAY)
      told.placed(call, at, probability)
    },
    answered(call, at, by) {
      answeredAt.set(call, at)
      told.answered(call, at, by)
    },
    connected(call, at, agent) {
      happened.waits.push(at - (answeredAt.get(call) ?? at))
      happened.connected.push(at - FIRST_DAY)
      busySince.set(agent, at - FIRST_DAY)
      told.connected(call, at, agent)
    },
    abandoned(call, at) {
      happened.abandoned.push(at - FIRST_DAY)
      told.abandoned(call, at)
    },
    agent(agent, at, state, next) {
      const from = busySince.get(agent)
      if (from !== undefined && state !== 'talking' && state !== 'wrap-up') {
        happened.busy.push({ from, to: at - FIRST_DAY })
        busySince.delete(agent)
      }
      told.agent(agent, at, state, next)
    },
  }
}
