/**
 * What was heard of one call and what the detector made of it: the evidence behind a verdict, in milliseconds since the
 * answer. Pure; filled by listening.ts while the call lives, written at its end (detection-store.ts).
 */
import type { DetectorFact } from '../amd/detector.ts'
import { linearToAlaw } from '../amd/g711.ts'
import type { HeardAudio } from '../telephony/telephony.ts'

type Fact<Type extends DetectorFact['type']> = Omit<Extract<DetectorFact, { type: Type }>, 'type'>

export interface Heard {
  verdict?: Fact<'verdict'>
  greetingEndedMs?: number
  beep?: Fact<'beep'>
  tones: Fact<'tone'>[]
  media: MediaFigures
  /** The first seconds, where the campaign keeps them; what did not arrive is silence. */
  audio?: Uint8Array
}

/** How the audio came. */
export interface MediaFigures {
  /** The first packet; null: none came. */
  firstMs: number | null
  packets: number
  lost: number
  /** The longest that a packet lay between its last sample and us. */
  latestMs: number
}

export interface Hearing {
  took(audio: HeardAudio, now: number): void
  note(fact: DetectorFact): void
  summary(): Heard
}

const samplesPerMs = 8
const alawSilence = 0xd5

export function createHearing({ answeredAt, keepAudioMs }: { answeredAt: number; keepAudioMs: number }): Hearing {
  const heard: Heard = { tones: [], media: { firstMs: null, packets: 0, lost: 0, latestMs: 0 } }
  const audio = new Uint8Array(keepAudioMs * samplesPerMs).fill(alawSilence)
  let kept = 0

  function keep({ at, samples }: HeardAudio): void {
    const start = Math.round((at - answeredAt) * samplesPerMs)
    if (start < 0 || start >= audio.length) return
    audio.set(linearToAlaw(samples.subarray(0, audio.length - start)), start)
    kept = Math.max(kept, Math.min(audio.length, start + samples.length))
  }

  return {
    took(piece, now) {
      const { media } = heard
      media.firstMs ??= now - answeredAt
      media.packets += 1
      media.lost += piece.lost
      media.latestMs = Math.max(media.latestMs, now - piece.at - piece.samples.length / samplesPerMs)
      keep(piece)
    },
    note({ type, ...fact }) {
      if ('verdict' in fact) heard.verdict ??= fact
      else if ('kind' in fact) heard.tones.push(fact)
      else if ('onsetMs' in fact) heard.beep ??= fact
      else if (type === 'greeting_ended') heard.greetingEndedMs ??= fact.atMs
    },
    summary: () => (kept > 0 ? { ...heard, audio: audio.slice(0, kept) } : heard),
  }
}
