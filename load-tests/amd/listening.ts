/**
 * The moments at which the detector decides, with what it knows then, for an item of the corpus: as heard by its own
 * ears, or as perfect ears would hear it (the true times of speech and tones, and nothing else). Training and the
 * ceiling of the report are made of these.
 */
import { createFeatureTracker, featureNames } from '../../dialer/amd/features.ts'
import { frameMs } from '../../dialer/amd/frame-analysis.ts'
import { createFrameClock } from '../../dialer/amd/frame-clock.ts'
import { createHearing } from '../../dialer/amd/hearing.ts'
import { createSpeechTimeline } from '../../dialer/amd/speech-timeline.ts'
import { decisionEveryMs } from '../../dialer/amd/verdict.ts'
import type { Rows } from './boosting.ts'
import type { CorpusPart, Item } from './items.ts'

const noNoise = { floorDb: 0, speechDb: 0, wasMistaken: false, hear: () => false }
/** No verdict comes later than that after the first word, or in a pause longer than that. */
const longestMs = 5200
const longestPauseMs = 1000

export interface Moment {
  atMs: number
  pauseMs: number
  vector: Float64Array
}

export interface Listened {
  item: Item
  moments: Moment[]
  /** A tone that only machines make was understood. */
  toneAtMs?: number
}

export type Ears = (part: CorpusPart, item: Item) => Listened

export const ownEars: Ears = (part, item) => {
  const hearing = createHearing()
  const moments: Moment[] = []
  let toneAtMs: number | undefined
  const clock = createFrameClock((samples) => {
    const { atMs } = clock
    const facts = hearing.hear(samples, atMs)
    if (facts.some((fact) => fact.type === 'beep' || fact.kind !== 'ringback')) toneAtMs ??= atMs
    const { firstWordMs, pauseMs } = hearing.speech
    if (firstWordMs === undefined) moments.length = 0
    if (firstWordMs !== undefined && (atMs - firstWordMs) % decisionEveryMs === 0)
      moments.push({ atMs, pauseMs, vector: hearing.vector(atMs).slice() })
  })
  for (const { samples, atMs } of part.packets(item)) {
    clock.feed(samples, atMs)
    if (toneAtMs !== undefined || isOver(moments)) break
  }
  return { item, moments, ...(toneAtMs === undefined ? {} : { toneAtMs }) }
}

/** The clock and the truth: no sound is heard, so the features of melody and noise are empty. */
export const perfectEars: Ears = (_part, item) => {
  const speech = createSpeechTimeline()
  const features = createFeatureTracker()
  const moments: Moment[] = []
  const toneAtMs = item.sitEndMs ?? item.beep?.endMs
  const untilMs = Math.min(item.length / 8, toneAtMs ?? Number.POSITIVE_INFINITY)
  for (let atMs = frameMs; atMs <= untilMs && !isOver(moments); atMs += frameMs) {
    const isSpeech = item.speech.some(([from, to]) => atMs > from && atMs <= to)
    speech.advance(isSpeech, atMs, frameMs)
    if (speech.firstWordMs === undefined || (atMs - speech.firstWordMs) % decisionEveryMs !== 0) continue
    moments.push({
      atMs,
      pauseMs: speech.pauseMs,
      vector: features.vector(speech, noNoise, atMs).slice(),
    })
  }
  return { item, moments, ...(toneAtMs !== undefined && toneAtMs <= untilMs ? { toneAtMs } : {}) }
}

function isOver(moments: Moment[]): boolean {
  const first = moments[0]
  const last = moments.at(-1)
  return first !== undefined && last !== undefined && (last.atMs - first.atMs > longestMs || last.pauseMs > longestPauseMs)
}

/** Every second moment of each item, each item with the same weight. */
export function rowsOf(listened: readonly Listened[]): Rows {
  const chosen = listened.map(({ item, moments }) => ({ item, moments: moments.filter((_, n) => n % 2 === 1) }))
  const count = chosen.reduce((sum, { moments }) => sum + moments.length, 0)
  const columns = featureNames.map(() => new Float32Array(count))
  const targets = new Uint8Array(count)
  const weights = new Float32Array(count)
  let row = 0
  for (const { item, moments } of chosen)
    for (const { vector } of moments) {
      for (const [f, column] of columns.entries()) column[row] = vector[f] ?? 0
      targets[row] = item.label === 'machine' ? 1 : 0
      weights[row++] = 20 / moments.length
    }
  return { columns, targets, weights }
}
