/**
 * What the detector itself said to each item of a part, fed packet by packet as in a call, and the measures that the
 * report takes from that. Used by bench-amd.ts.
 */
import { createDetector, type DetectorFact } from '../../dialer/amd/detector.ts'
import type { Beep } from './compose.ts'
import type { CorpusPart, Item } from './items.ts'
import { machineWithinMs } from './thresholds.ts'

export interface Outcome {
  item: Item
  verdict: 'human' | 'machine' | 'unsure' | 'none'
  atMs: number
  beeps: Beep[]
  tones: string[]
}

export function hearAll(part: CorpusPart): { outcomes: Outcome[]; cpuMsPerSecond: number } {
  const before = process.cpuUsage()
  const outcomes = part.items.map((item): Outcome => {
    const detector = createDetector()
    const facts: DetectorFact[] = []
    for (const { samples, atMs } of part.packets(item)) facts.push(...detector.feed(samples, atMs))
    facts.push(...detector.feed(new Int16Array(0), item.length / 8 + 200))
    const verdict = facts.find((fact) => fact.type === 'verdict')
    return {
      item,
      verdict: verdict?.verdict ?? 'none',
      atMs: verdict?.atMs ?? item.length / 8,
      beeps: facts.filter((fact) => fact.type === 'beep'),
      tones: [...new Set(facts.flatMap((fact) => (fact.type === 'tone' ? [fact.kind] : [])))],
    }
  })
  const { user, system } = process.cpuUsage(before)
  const seconds = part.items.reduce((sum, { length }) => sum + length / 8000, 0)
  return { outcomes, cpuMsPerSecond: (user + system) / 1000 / seconds }
}

const heardWithinMs = 8000
/** A beep heard in two pieces, or with its end lost, is the same beep. */
const besideMs = 50
const overlap = (heard: Beep, beep: Beep) => heard.onsetMs < beep.endMs + besideMs && heard.endMs > beep.onsetMs - besideMs

export const firstWordMs = ({ speech }: Item) => speech[0]?.[0] ?? 0
export const isFalseMachine = ({ verdict }: { verdict: string }) => verdict === 'machine'
export const isCaughtInTime = ({ item, verdict, atMs }: Pick<Outcome, 'item' | 'verdict' | 'atMs'>) =>
  verdict === 'machine' && atMs <= firstWordMs(item) + machineWithinMs
export const isCaughtWithBeep = ({ verdict, atMs, beeps }: Outcome) =>
  (verdict === 'machine' && atMs <= heardWithinMs) || beeps.some(({ endMs }) => endMs <= heardWithinMs)

/** Each true beep with the one that was heard near it; and the beeps that were none. */
export function matchBeeps(outcomes: readonly Outcome[]) {
  const pairs = outcomes.flatMap(({ item, beeps }) => {
    const { beep } = item
    return beep ? [{ item, heard: beeps.find((one) => overlap(one, beep)) }] : []
  })
  const errors = pairs.flatMap(({ item, heard }) => (heard ? [Math.abs(heard.onsetMs - (item.beep?.onsetMs ?? 0))] : []))
  const falseBeeps = outcomes.flatMap(({ item, beeps }) =>
    beeps.filter((one) => !item.beep || !overlap(one, item.beep)).map((beep) => ({ item, beep })),
  )
  return { pairs, errors, falseBeeps }
}

/** Hours in which somebody speaks. */
export const hoursOfSpeech = (outcomes: readonly Outcome[]) =>
  outcomes.reduce((sum, { item }) => sum + item.speech.reduce((ms, [from, to]) => ms + to - from, 0), 0) / 3_600_000
