/**
 * Telephone audio as numbers: 8 kHz samples in -1..1, G.711 A-law, tones, noise, and what the tests measure
 * (level of a tone, where a sound starts, how long something was heard). Pure: no files, no clock, no chance.
 * Used by audio.ts, which makes the files the far end plays, and by the tests, which judge what a phone heard.
 */
import { alawToLinear } from '../dialer/amd/g711.ts'

export type Samples = Float64Array
export const sampleRate = 8000

export function silence(seconds: number): Samples {
  return new Float64Array(Math.round(seconds * sampleRate))
}

export function tone(hz: number, seconds: number, amplitude = 0.3): Samples {
  return silence(seconds).map((_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / sampleRate))
}

/** White noise from a seeded generator (the same file on every machine). */
export function noise(seconds: number, amplitude: number, seed = 1): Samples {
  let state = seed
  return silence(seconds).map(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return amplitude * (state / 2 ** 31 - 1)
  })
}

export function concat(...parts: Samples[]): Samples {
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** As long as the first; the second is repeated under it. */
export function mix(first: Samples, second: Samples): Samples {
  return first.map((sample, n) => sample + (second[n % second.length] ?? 0))
}

/** Exactly this long: cut, or filled up with silence. */
export function fit(samples: Samples, seconds: number): Samples {
  const length = Math.round(seconds * sampleRate)
  return samples.length >= length ? samples.slice(0, length) : concat(samples, new Float64Array(length - samples.length))
}

/** Band-limited resampling to 8 kHz (windowed sinc, 16 lobes a side). */
export function resample(samples: Samples, fromRate: number): Samples {
  if (fromRate === sampleRate) return samples
  const ratio = fromRate / sampleRate
  const lobes = 16
  return new Float64Array(Math.floor(samples.length / ratio)).map((_, n) => {
    const centre = n * ratio
    let sum = 0
    for (let k = Math.ceil(centre - lobes * ratio); k <= centre + lobes * ratio; k++) {
      const x = (k - centre) / ratio
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
      sum += (samples[k] ?? 0) * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / lobes))
    }
    return sum / ratio
  })
}

/** G.711 A-law (ITU-T G.711, even bits inverted), one byte a sample. */
export function encodeAlaw(samples: Samples): Buffer {
  return Buffer.from(Uint8Array.from(samples, encodeSample))
}

function encodeSample(sample: number): number {
  const clipped = Math.max(-1, Math.min(1, sample))
  const sign = clipped >= 0 ? 0x80 : 0
  const magnitude = Math.min(4095, Math.floor(Math.abs(clipped) * 4096))
  const exponent = magnitude < 64 ? (magnitude < 32 ? 0 : 1) : Math.floor(Math.log2(magnitude)) - 4
  const mantissa = exponent < 2 ? (magnitude >> 1) & 0x0f : (magnitude >> exponent) & 0x0f
  return (sign | (exponent << 4) | mantissa) ^ 0x55
}

export function decodeAlaw(bytes: Uint8Array): Samples {
  return Float64Array.from(alawToLinear(bytes), (sample) => sample / 32_768)
}

/** Amplitude (0..1) of one frequency over all the samples given, by Goertzel. */
export function toneLevel(samples: Samples, hz: number): number {
  if (samples.length === 0) return 0
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRate)
  let previous = 0
  let beforeThat = 0
  for (const sample of samples) {
    const current = sample + coefficient * previous - beforeThat
    beforeThat = previous
    previous = current
  }
  const power = previous ** 2 + beforeThat ** 2 - coefficient * previous * beforeThat
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length
}

const frame = sampleRate / 50

/** Root mean square of each 20 ms. */
export function loudness(samples: Samples): number[] {
  return Array.from({ length: Math.floor(samples.length / frame) }, (_, n) => {
    const part = samples.subarray(n * frame, (n + 1) * frame)
    return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / frame)
  })
}

/** Seconds until the first 20 ms louder than the threshold; undefined: silence throughout. */
export function onset(samples: Samples, threshold = 0.02): number | undefined {
  const first = loudness(samples).findIndex((level) => level > threshold)
  return first < 0 ? undefined : first / 50
}

/** Seconds that were louder than the threshold. */
export function loudSeconds(samples: Samples, threshold = 0.02): number {
  return loudness(samples).filter((level) => level > threshold).length / 50
}

/** Seconds during which this tone was there (in windows of 100 ms). */
export function toneSeconds(samples: Samples, hz: number, threshold = 0.05): number {
  const window = sampleRate / 10
  let windows = 0
  for (let at = 0; at + window <= samples.length; at += window) {
    if (toneLevel(samples.subarray(at, at + window), hz) > threshold) windows++
  }
  return windows / 10
}
