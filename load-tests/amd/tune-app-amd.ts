/**
 * The best that app_amd's settings can do: of many settings, the one that catches most machines on the validation part
 * while it takes no more people for machines than asked. Used by bench-amd.ts to compare at the same rate of errors.
 */

import { seeded } from '../seeded.ts'
import { type AmdSettings, type AmdVerdict, amdDefaults, appAmd, levelsOf, type PacketLevel } from './app-amd.ts'
import { pick, type Random } from './chance.ts'
import type { CorpusPart, Item } from './items.ts'
import { firstWordMs } from './outcomes.ts'
import { type Share, shareWhere } from './share.ts'
import { machineWithinMs } from './thresholds.ts'

const tries = 400

function drawSettings(random: Random): AmdSettings {
  return {
    initialSilenceMs: pick(random, [2500, 3500, 5000]),
    greetingMs: pick(random, [1500, 2000, 2500, 3000, 3500, 4000, 4500]),
    afterGreetingSilenceMs: pick(random, [400, 500, 600, 800]),
    totalMs: pick(random, [5000, 6000, 7000, 8000]),
    shortestWordMs: pick(random, [60, 100, 160]),
    betweenWordsMs: pick(random, [50, 100, 200]),
    words: pick(random, [2, 3, 4, 6, 8, 12, 20, 50]),
    silenceThreshold: pick(random, [128, 256, 384, 512, 768, 1024]),
    longestWordMs: 5000,
  }
}

export interface Played {
  item: Item
  levels: PacketLevel[]
}

export const playedOf = (part: CorpusPart): Played[] =>
  part.items.filter(({ label }) => label !== 'other').map((item) => ({ item, levels: levelsOf(part.packets(item)) }))

export interface AmdResult {
  falseMachines: Share
  caught: Share
  verdicts: { item: Item; verdict: AmdVerdict }[]
}

export function judgeWith(played: readonly Played[], settings: AmdSettings): AmdResult {
  const verdicts = played.map(({ item, levels }) => ({ item, verdict: appAmd(levels, settings) }))
  const isMachine = ({ verdict }: { verdict: AmdVerdict }) => verdict.status === 'MACHINE'
  return {
    falseMachines: shareWhere(
      verdicts.filter(({ item }) => item.label === 'human'),
      isMachine,
    ),
    caught: shareWhere(
      verdicts.filter(({ item }) => item.label === 'machine'),
      (one) => isMachine(one) && one.verdict.atMs <= firstWordMs(one.item) + machineWithinMs,
    ),
    verdicts,
  }
}

export function tuneAppAmd(played: readonly Played[], falseMachines: number): AmdSettings {
  const random = seeded(11)
  let best = { settings: { ...amdDefaults, greetingMs: 5000, words: 50, initialSilenceMs: 5000 }, caught: -1 }
  for (let n = 0; n < tries; n++) {
    const settings = drawSettings(random)
    const result = judgeWith(played, settings)
    if (result.falseMachines.share <= falseMachines && result.caught.share > best.caught)
      best = { settings, caught: result.caught.share }
  }
  return best.settings
}
