/**
 * The telephone line between the speaker and us: loudness, background noise, clipped onset, silence suppression, codec
 * and lost packets. Drawn without knowledge of the label. GSM is left to sox, for many items at once (corpus.ts).
 */
import { between, byShare, normal, pick, type Random } from '../chance.ts'
import { rate } from './compose.ts'

export type Noise = 'none' | 'hiss' | 'hum' | 'street' | 'babble'
export type Codec = 'alaw' | 'ulaw' | 'gsm'

export interface Line {
  noise: Noise
  /** Speech over noise. */
  signalToNoiseDb: number
  gainDb: number
  codec: Codec
  /** Pauses are sent as digital zero. */
  suppressed: boolean
  /** This much of the first word is lost; 0: none. */
  clippedMs: number
  /** 0 to 0.05. */
  loss: number
}

export function drawLine(random: Random, isNoisy: boolean): Line {
  const noise = byShare<Noise>(
    random,
    isNoisy ? { none: 0, hiss: 1, hum: 1, street: 4, babble: 4 } : { none: 2, hiss: 3, hum: 1, street: 2, babble: 2 },
  )
  return {
    noise,
    signalToNoiseDb: Math.round(noise === 'none' ? 60 : isNoisy ? between(random, 6, 14) : between(random, 12, 38)),
    gainDb: Math.round(Math.max(-18, Math.min(6, -5 + 5 * normal(random)))),
    codec: byShare<Codec>(random, { alaw: 5, ulaw: 2, gsm: 3 }),
    suppressed: random() < 0.15,
    clippedMs: random() < 0.12 ? Math.round(between(random, 40, 200)) : 0,
    loss: random() < 0.4 ? between(random, 0, 0.05) : 0,
  }
}

/** What arrives of clean samples, before the codec. */
export function sent(random: Random, clean: Int16Array, line: Line, talk: readonly Int16Array[]): Int16Array {
  const background = noiseOf(random, line.noise, clean.length, talk)
  const gain = 10 ** (line.gainDb / 20)
  const noiseGain = line.noise === 'none' ? 0 : (3000 * 10 ** (-line.signalToNoiseDb / 20)) / rootMeanSquare(background)
  const holdUntil = { sample: -1 }
  return clean.map((sample, n) => {
    if (Math.abs(sample) > 60) holdUntil.sample = n + 0.16 * rate
    if (line.suppressed && n > holdUntil.sample) return 0
    return Math.max(-32_768, Math.min(32_767, gain * (sample + noiseGain * (background[n] ?? 0))))
  })
}

/** Which packets of 20 ms are lost, in small bursts. */
export function lostPackets(random: Random, samples: number, loss: number): number[] {
  const lost: number[] = []
  for (let packet = 0; packet < samples / 160; packet++) {
    if (random() >= loss / 1.5) continue
    lost.push(packet)
    if (random() < 0.5) lost.push(++packet)
  }
  return lost
}

function noiseOf(random: Random, noise: Noise, length: number, talk: readonly Int16Array[]): Float64Array {
  const samples = new Float64Array(length)
  if (noise === 'none') return samples
  if (noise === 'babble') {
    for (let speaker = 0; speaker < 6; speaker++) {
      let at = -Math.floor(random() * rate)
      while (at < length) {
        const clip = pick(random, talk)
        for (let n = 0; n < clip.length; n++)
          if (at + n >= 0 && at + n < length) samples[at + n] = (samples[at + n] ?? 0) + (clip[n] ?? 0)
        at += clip.length + Math.floor(random() * 0.2 * rate)
      }
    }
    return samples
  }
  const hz = 50
  let low = 0
  let swell = 1
  let target = 1
  for (let n = 0; n < length; n++) {
    const white = 2 * random() - 1
    if (noise === 'hiss') samples[n] = white
    else if (noise === 'hum') {
      const phase = (2 * Math.PI * hz * n) / rate
      samples[n] =
        Math.sin(phase) + 0.6 * Math.sin(3 * phase) + 0.4 * Math.sin(5 * phase) + 0.25 * Math.sin(9 * phase) + 0.15 * white
    } else {
      // A street: deep, and it swells and ebbs.
      low = 0.93 * low + white
      if (n % 4000 === 0) target = 0.4 + random() * 1.2
      swell += 0.0004 * (target - swell)
      samples[n] = swell * (low + 0.3 * white)
    }
  }
  return samples
}

function rootMeanSquare(samples: Float64Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length)) || 1
}
