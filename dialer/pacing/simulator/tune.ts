/**
 * The best a peer can do in one cell, found in hindsight on the very days that count: a peer's settings
 * are searched on some of the days, the few best are run on all, and the busiest one that kept to the
 * limit over all days wins. Pure.
 */
import { LIMIT, type Measured, measurePeer } from './measure.ts'
import { type PeerSettings, VICIDIAL_DEFAULT } from './peers.ts'
import type { WorldOptions } from './world-settings.ts'

/** Days searched: about 15,000 people whatever the team, so that a rate of 3 % is known to 0.14 points. */
export function searchDays(world: WorldOptions, days: number): number {
  return Math.min(days, Math.max(1, Math.ceil((100 / world.agents) * (8 / (world.hours ?? 8)) * 0.75)))
}

export function tunePeer(kind: 'vicidial' | 'ratio' | 'pi', world: WorldOptions, days: number): Measured {
  const fewDays = searchDays(world, days)
  const tried = new Map<string, Measured>()
  const run = (settings: PeerSettings): Measured => {
    const key = JSON.stringify(settings)
    const known = tried.get(key)
    if (known) return known
    const found = measurePeer(settings, world, fewDays)
    tried.set(key, found)
    return found
  }
  for (const family of families(kind)) searchLevel(family, run)
  const ranked = [...tried.values()].sort((a, b) => worth(b) - worth(a)).slice(0, 3)
  let best = measurePeer({ kind: 'progressive', level: 1 }, world, days)
  let calmest: Measured | undefined
  for (const candidate of ranked) {
    if (!candidate.settings) continue
    const full = measurePeer(candidate.settings, world, days)
    if (full.abandonment <= LIMIT && full.occupancy > best.occupancy) best = full
    if (!calmest || full.abandonment < calmest.abandonment) calmest = full
  }
  if (best.policy !== 'progressive' || !calmest?.settings) return best
  // All were a little over the limit on the full days: take the calmest down until it keeps to it.
  for (let level = calmest.settings.level; level > 1; level *= 0.96) {
    const full = measurePeer({ ...calmest.settings, level }, world, days)
    if (full.abandonment <= LIMIT) return full
  }
  return best
}

/** A policy over the limit is worth less the further it is over. */
function worth(measured: Measured): number {
  const over = measured.abandonment - LIMIT
  return over <= 0 ? measured.occupancy : measured.occupancy - 20 * over - 0.02
}

function families(kind: 'vicidial' | 'ratio' | 'pi'): PeerSettings[] {
  const tallies = ['all', 'free'] as const
  if (kind === 'ratio') return tallies.map((tally) => ({ kind, level: 1, tally }))
  if (kind === 'pi')
    return tallies.flatMap((tally) =>
      [0.5, 1.5].flatMap((lean) => [0.026, 0.03].map((limit) => ({ kind, level: 2, lean, limit, tally }))),
    )
  const methods = ['hard', 'average', 'tapered'] as const
  // One idle agent fewer is what suits lines for all agents, none what suits lines for free ones (tried: -2..1).
  const lean = { all: -1, free: 0 }
  return tallies.flatMap((tally) =>
    methods.map((method) => ({ ...VICIDIAL_DEFAULT, method, lean: lean[tally], start: 2, tally })),
  )
}

/** Finds the level at the limit by bisection in its logarithm, then looks round the best; a PI needs only a start. */
function searchLevel(family: PeerSettings, run: (settings: PeerSettings) => Measured): void {
  if (family.kind === 'pi') {
    for (const level of family.tally === 'free' ? [2, 6] : [1.5]) run({ ...family, level })
    return
  }
  const at = (level: number): Measured =>
    run(family.kind === 'vicidial' ? { ...family, level, start: Math.max(1, level * 0.8) } : { ...family, level })
  let low = Math.log(1)
  let high = Math.log(40)
  let best = at(1)
  for (let i = 0; i < 7; i++) {
    const found = at(Math.exp((low + high) / 2))
    if (found.abandonment > LIMIT) high = (low + high) / 2
    else low = (low + high) / 2
    if (worth(found) > worth(best)) best = found
  }
  // With a hard limit the rate does not rise evenly with the level: the neighbours may do better.
  const level = best.settings?.level ?? 1
  for (const factor of [0.8, 0.9, 1.1, 1.25, 1.5]) at(level * factor)
}
