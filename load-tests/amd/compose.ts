/**
 * What somebody (or something) says after picking up, as a plan of clips and pauses: people, machines, announcements,
 * and what is neither (music, fax, busy, SIT). The shares and times below are the corpus' assumptions about the world;
 * every voice is used for people and machines alike. Called by corpus.ts; the telephone line is line.ts.
 */
import { between, byShare, normal, pick, type Random } from '../chance.ts'
import type { Clip, SpeechBank } from './speech-bank.ts'

export const rate = 8000

export type Label = 'human' | 'machine' | 'other'
/** The share of each kind within its label. */
export const kinds = {
  human: { short: 50, repeated: 22, two_phrases: 14, business: 9, silent: 5 },
  machine: { carrier: 36, personal_long: 38, personal_short: 10, ivr: 10, announcement: 6 },
  other: { music: 1, fax: 1, busy: 1, sit: 1, ringback: 1 },
} as const
export type Kind = keyof (typeof kinds)['human'] | keyof (typeof kinds)['machine'] | keyof (typeof kinds)['other']

export interface Beep {
  onsetMs: number
  endMs: number
  frequencyHz: number
}

export interface Scene {
  kind: Kind
  samples: Int16Array
  /** The end of what is said before somebody waits for an answer; undefined: nothing is said. */
  greetingEndMs: number | undefined
  beep: Beep | undefined
  /** Tones before that are no speech. */
  speechFromMs?: number
}

/** The clips one voice can use. */
export interface Voice {
  hellos: Clip[]
  others: Clip[]
}

/** One scene, spoken by this voice. */
export function compose(random: Random, label: Label, voice: Voice, bank: SpeechBank, tunes: Clip[]): Scene {
  if (label === 'human') return person(random, byShare(random, kinds.human), voice, bank)
  if (label === 'machine') return machine(random, byShare(random, kinds.machine), voice, bank)
  return other(random, byShare(random, kinds.other), tunes, bank)
}

const quiet = (seconds: number) => new Int16Array(Math.round(Math.max(0, seconds) * rate))
/** Most pick up the handset and speak within a second; both people and machines have their slow ones. */
const lead = (random: Random, median: number) => Math.min(3, median * Math.exp(0.6 * normal(random)))

function person(random: Random, kind: keyof typeof kinds.human, voice: Voice, bank: SpeechBank): Scene {
  if (kind === 'silent') return { kind, samples: quiet(8), greetingEndMs: undefined, beep: undefined }
  const parts: Int16Array[] = [quiet(lead(random, 0.45))]
  if (kind === 'business') parts.push(...sentences(random, voice, bank, 1.5 + 3.5 * Math.min(random(), random()), 0.18))
  else parts.push(hello(random, voice, bank))
  if (kind === 'two_phrases')
    parts.push(quiet(between(random, 0.15, 0.55)), ...sentences(random, voice, bank, between(random, 0.6, 1.8), 0.18))
  const greetingEndMs = lengthOf(parts) / 8
  // Then he listens. Some ask again.
  if (kind === 'repeated' || random() < 0.15) parts.push(quiet(between(random, 1, 2)), hello(random, voice, bank))
  parts.push(quiet(between(random, 2, 3.5)))
  return { kind, samples: joined(parts), greetingEndMs, beep: undefined }
}

function machine(random: Random, kind: keyof typeof kinds.machine, voice: Voice, bank: SpeechBank): Scene {
  const parts: Int16Array[] = [quiet(lead(random, kind === 'carrier' || kind === 'announcement' ? 0.9 : 0.6))]
  const hasSit = kind === 'announcement' && random() < 0.5
  if (hasSit) parts.push(...sitTones(random))
  const sit = hasSit ? { speechFromMs: lengthOf(parts) / 8 } : {}
  if (hasSit) parts.push(quiet(between(random, 0.1, 0.4)))
  if (kind !== 'announcement' && random() < 0.3) parts.push(hello(random, voice, bank), quiet(between(random, 0.12, 0.5)))
  const length = { carrier: [5, 12], personal_long: [4, 18], personal_short: [1.5, 4], ivr: [6, 12], announcement: [4, 9] }[kind]
  const pause = kind === 'ivr' ? 0.45 : kind === 'personal_long' ? 0.32 : 0.26
  parts.push(...sentences(random, voice, bank, between(random, length[0] ?? 0, length[1] ?? 0), pause))
  const greetingEndMs = lengthOf(parts) / 8
  if (kind === 'ivr' || kind === 'announcement') {
    parts.push(quiet(2))
    return { kind, samples: joined(parts), greetingEndMs, beep: undefined, ...sit }
  }
  parts.push(quiet(between(random, 0.2, 1.6)))
  const frequencyHz = Math.round(random() < 0.5 ? pick(random, [425, 440, 800, 1000, 1400]) : between(random, 390, 2150))
  const seconds = between(random, 0.12, 0.95)
  const onsetMs = lengthOf(parts) / 8
  parts.push(tone(seconds, between(random, 1200, 7000), frequencyHz), quiet(2))
  return { kind, samples: joined(parts), greetingEndMs, beep: { onsetMs, endMs: onsetMs + 1000 * seconds, frequencyHz } }
}

function other(random: Random, kind: keyof typeof kinds.other, tunes: Clip[], bank: SpeechBank): Scene {
  const scene = (...parts: Int16Array[]): Scene => ({ kind, samples: joined(parts), greetingEndMs: undefined, beep: undefined })
  const gap = quiet(between(random, 0.1, 1.2))
  const loud = between(random, 1500, 6000)
  if (kind === 'music') {
    const tune = bank.samplesOf(pick(random, tunes))
    const from = Math.floor(random() * (tune.length - 10 * rate))
    return scene(gap, tune.slice(from, from + 10 * rate))
  }
  if (kind === 'fax')
    return random() < 0.5
      ? scene(gap, tone(0.5, loud, 1100), quiet(3), tone(0.5, loud, 1100), quiet(2))
      : scene(gap, tone(between(random, 2.6, 4), loud, 2100), quiet(1))
  if (kind === 'busy') {
    const [low, high, seconds] = pick(random, [
      [425, 0, 0.5],
      [425, 0, 0.3],
      [480, 620, 0.5],
    ] as const)
    return scene(gap, ...Array.from({ length: 6 }, () => joined([tone(seconds, loud, low, high), quiet(seconds)])))
  }
  if (kind === 'sit') return scene(gap, ...sitTones(random), quiet(2))
  const [low, high, on, off] = pick(random, [
    [425, 0, 1, 4],
    [425, 0, 1.25, 3.75],
    [425, 0, 1.5, 3],
    [440, 0, 1.5, 3.5],
    [440, 480, 2, 4],
  ] as const)
  return scene(gap, tone(on, loud, low, high), quiet(off), tone(on, loud, low, high), quiet(off))
}

/** A hello: the robot's own, or any short clip of a recorded voice. */
function hello(random: Random, voice: Voice, bank: SpeechBank): Int16Array {
  const short = voice.hellos.length > 0 ? voice.hellos : voice.others.filter(({ length }) => length < 1.3 * rate)
  const clip = pick(random, short.length > 0 ? short : voice.others)
  return faded(bank.samplesOf(clip).slice(0, Math.round(1.4 * rate)))
}

/**
 * Clips with pauses between them, together this long; the last one is cut and faded out. Between sentences the pause has
 * the given median; a clip shorter than a second is a word, and words follow each other closely.
 */
function sentences(random: Random, voice: Voice, bank: SpeechBank, seconds: number, medianPause: number): Int16Array[] {
  const parts: Int16Array[] = []
  let left = Math.round(seconds * rate)
  while (left > 0.25 * rate) {
    const samples = bank.samplesOf(pick(random, voice.others))
    const isWord = samples.length < rate && random() < 0.75
    const pause = isWord ? between(random, 0.03, 0.12) : Math.min(1.1, medianPause * Math.exp(0.4 * normal(random)))
    if (parts.length > 0) parts.push(quiet(pause))
    const part = samples.length <= left + 0.4 * rate ? samples : faded(samples.slice(0, left))
    parts.push(part)
    left -= part.length + pause * rate
  }
  return parts
}

function sitTones(random: Random): Int16Array[] {
  const high = random() < 0.5
  const loud = between(random, 1500, 6000)
  return (high ? [985, 1429, 1777] : [950, 1400, 1800]).flatMap((hz) => [tone(0.33, loud, hz), quiet(random() < 0.5 ? 0 : 0.02)])
}

function tone(seconds: number, amplitude: number, hz: number, secondHz = 0): Int16Array {
  return faded(
    quiet(seconds).map((_, n) => {
      const wave = (frequency: number) => (frequency > 0 ? Math.sin((2 * Math.PI * frequency * n) / rate) : 0)
      return (amplitude * (wave(hz) + wave(secondHz))) / (secondHz > 0 ? 2 : 1)
    }),
    16,
  )
}

/** No click at the end. */
function faded(samples: Int16Array, over = 160): Int16Array {
  const faded = samples.slice()
  const length = Math.min(over, faded.length)
  for (let n = 0; n < length; n++) faded[faded.length - 1 - n] = ((faded[faded.length - 1 - n] ?? 0) * n) / length
  return faded
}

const lengthOf = (parts: Int16Array[]) => parts.reduce((sum, part) => sum + part.length, 0)

function joined(parts: Int16Array[]): Int16Array {
  const whole = new Int16Array(lengthOf(parts))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
