/**
 * The best that app_amd's settings can do: of 1,620 settings, the one that catches most machines on the validation part
 * while it takes no more people for machines than asked. Used by bench-amd.ts to compare at the same rate of errors.
 */

import { type AmdSettings, type AmdVerdict, amdDefaults, appAmd, levelsOf, type PacketLevel } from './app-amd.ts'
import type { CorpusPart, Item } from './items.ts'
import { firstWordMs } from './outcomes.ts'
import { type Share, shareWhere } from './share.ts'
import { machineWithinMs } from './thresholds.ts'

/** Every combination of what matters; its silence before the greeting and its number of words only take more people. */
function* settingsToTry(): Generator<AmdSettings> {
  for (const words of [4, 8, 50])
    for (const silenceThreshold of [128, 256, 384, 512, 768, 1024])
      for (const afterGreetingSilenceMs of [500, 800, 1200])
        for (const betweenWordsMs of [50, 150])
          for (let greetingMs = 2000; greetingMs <= 4800; greetingMs += 200)
            yield {
              ...{ ...amdDefaults, initialSilenceMs: 8000, totalMs: 8000, longestWordMs: 8000 },
              ...{ words, silenceThreshold, afterGreetingSilenceMs, betweenWordsMs, greetingMs },
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
  let best = { settings: amdDefaults, caught: -1 }
  for (const settings of settingsToTry()) {
    const result = judgeWith(played, settings)
    if (result.falseMachines.share <= falseMachines && result.caught.share > best.caught)
      best = { settings, caught: result.caught.share }
  }
  return best.settings
}
