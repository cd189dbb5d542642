/**
 * The one world that the live run and its simulated twin share: the simulator's base cell (20 agents, answer probability .20)
 * as far as a switch without detection can play it. What the simulator draws for each person is written down line by line for
 * ../sipp-scenarios/carrier-distributions.xml, so the tails are the simulator's own. Pure.
 */
import { createWorld, type WorldSettings } from '../../dialer/pacing/simulator/world-settings.ts'

export const cell = {
  agents: 20,
  answerProbability: 0.2,
  /** The engine's wrap-up is a fixed limit. */
  wrapUpMs: 12_000,
  /** The engine's limit runs from the first ringing. */
  ringTimeoutMs: 25_000,
  graceMs: 2000,
  abandonTarget: 0.03,
  maxLinesPerAgent: 20,
  tickMs: 250,
  trunk: { maxChannels: 400, callsPerSecond: 20 },
}

/** Machines pick up after 15-22 s; without detection they would be people, so here the network gives up at that moment. */
export function sharedWorld(seed: number, hours: number): WorldSettings {
  const { agents, answerProbability, ringTimeoutMs, graceMs, wrapUpMs } = cell
  const world = createWorld({ agents, answerProbability, seed, hours })
  return {
    ...world,
    ringTimeoutMs,
    graceMs,
    wrapUpSec: () => wrapUpMs / 1000,
    patienceSec: () => graceMs / 1000,
    person(index, sec) {
      const person = world.person(index, sec)
      if (person.outcome === 'no-answer') return { ...person, ringSec: ringTimeoutMs / 1000 }
      return person.outcome === 'machine' ? { ...person, outcome: 'no-answer' } : person
    },
  }
}

/** Numbers of the Warsaw area. */
export const numberOf = (n: number) => `+4822${1_000_000 + n}`

/** The first `count` people of the world as the carrier reads them, keyed by their numbers. */
export function calleesCsv(world: WorldSettings, count: number): string {
  const ms = (sec: number) => Math.round(sec * 1000)
  const lines = Array.from({ length: count }, (_, n) => {
    const person = world.person(n, 0)
    const ending =
      person.outcome === 'person'
        ? 'answers'
        : person.outcome === 'busy'
          ? 'busy'
          : ms(person.ringSec) < cell.ringTimeoutMs
            ? 'unavailable'
            : 'rings'
    const ring = ending === 'rings' ? 0 : ms(person.ringSec)
    return [numberOf(n), ms(person.delaySec), ring, ending, ms(world.talkSec(n, 0))].join(';')
  })
  return `SEQUENTIAL\n${lines.join('\n')}\n`
}

export const leadsCsv = (count: number) =>
  ['external_id,name,phone1', ...Array.from({ length: count }, (_, n) => `p${n},Person ${n},${numberOf(n)}`)].join('\n')
