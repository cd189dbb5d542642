/**
 * Does the corpus give the answer away? A classifier that hears only the noise before the first word, and one that
 * knows only the source (how this voice sounds over all its items, loudness, codec, noise, loss, language), are trained
 * like the real one and must stay near chance on voices they have not heard. Part of `make corpus`.
 */
import { createFrameAnalysis, hop } from '../../dialer/amd/frame-analysis.ts'
import { machineProbability } from '../../dialer/amd/model.ts'
import { areaUnderCurve, boost, type Rows } from './boosting.ts'
import { type CorpusPart, type Item, openPart } from './items.ts'

/** Listening longer says no more. */
const longestMs = 3000
/** One in so many items of a voice says how it sounds. */
const itemsPerLook = 4
/** An area under the curve this far from 0.5 is a shortcut. */
const tolerance = 0.05

type Look = (item: Item) => number[] | undefined
const looks: Record<string, (part: CorpusPart) => Look> = {
  // The same stretch before every first word: how long somebody waits before he speaks is no matter of noise.
  'noise only': (part) => (item) => {
    const begin = item.speech[0]?.[0] ?? 500
    return begin < 240 ? undefined : colour(part, item, [[begin - 150, begin - 50]])
  },
  'source only': (part) => {
    const voices = coloursOfVoices(part)
    return ({ voice, language, recorded, line }) => {
      const { codec, gainDb, suppressed, noise, signalToNoiseDb, clippedMs, loss } = line
      const numbers = [gainDb, signalToNoiseDb, clippedMs, loss, +suppressed, +recorded]
      return [...(voices.get(`${voice} ${language}`) ?? []), ...numbers, number(codec), number(noise), number(language)]
    }
  },
}

/** Voice and language -> its mean colour, people and machines together. */
function coloursOfVoices(part: CorpusPart): Map<string, number[]> {
  const heard = new Map<string, number[][]>()
  for (const item of part.items) {
    const sound = item.id % itemsPerLook === 0 ? colour(part, item, item.speech) : undefined
    const key = `${item.voice} ${item.language}`
    if (sound) heard.set(key, [...(heard.get(key) ?? []), sound])
  }
  const mean = (sounds: number[][], n: number) => sounds.reduce((sum, sound) => sum + (sound[n] ?? 0), 0) / sounds.length
  return new Map([...heard].map(([key, sounds]) => [key, [0, 1, 2].map((n) => mean(sounds, n))]))
}

export async function checkShortcuts(): Promise<boolean> {
  const [train, judged] = [await openPart('train'), await openPart('validation')]
  let fine = true
  for (const [name, look] of Object.entries(looks)) {
    const { rows } = rowsOf(train, look(train))
    const model = boost(rows, { trees: 60, depth: 3, rate: 0.1, leastWeight: 40, sample: 0.8, seed: 1 })
    const test = rowsOf(judged, look(judged))
    const scores = test.vectors.map((vector) => machineProbability(Float64Array.from(vector), model))
    const area = areaUnderCurve(scores, [...test.rows.targets])
    const ok = Math.abs(area - 0.5) <= tolerance
    fine &&= ok
    process.stdout.write(
      `  ${ok ? 'ok    ' : 'NOT OK'} ${name}: area under the curve ${area.toFixed(3)} (0.5 is chance, limit ±${tolerance})\n`,
    )
  }
  return fine
}

function rowsOf(part: CorpusPart, look: Look) {
  const vectors: number[][] = []
  const targets: number[] = []
  for (const item of part.items) {
    const vector = item.label === 'other' ? undefined : look(item)
    if (!vector) continue
    vectors.push(vector)
    targets.push(item.label === 'machine' ? 1 : 0)
  }
  const columns = (vectors[0] ?? []).map((_, f) => Float32Array.from(vectors, (vector) => vector[f] ?? 0))
  const rows: Rows = { columns, targets: Uint8Array.from(targets), weights: new Float32Array(targets.length).fill(1) }
  return { rows, vectors }
}

/** Mean level, middle and flatness of the spectrum in these stretches; undefined: no packet of them arrived. */
function colour(part: CorpusPart, item: Item, stretches: readonly [number, number][]): number[] | undefined {
  const analysis = createFrameAnalysis()
  const sum = [0, 0, 0]
  let frames = 0
  const untilMs = Math.min(stretches.at(-1)?.[1] ?? 0, longestMs)
  for (const { samples, atMs } of part.packets(item)) {
    if (atMs >= untilMs) break
    const isIn = stretches.some(([from, to]) => atMs >= from && atMs < to)
    for (let at = 0; at < samples.length; at += hop) {
      const frame = analysis.hear(samples.subarray(at, at + hop))
      if (!isIn) continue
      frames++
      for (const [n, value] of [frame.bandDb, frame.centroidHz, frame.flatness].entries()) sum[n] = (sum[n] ?? 0) + value
    }
  }
  return frames === 0 ? undefined : sum.map((value) => value / frames)
}

/** A name as a number, the same everywhere. */
const number = (name: string) => [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 0) % 997
