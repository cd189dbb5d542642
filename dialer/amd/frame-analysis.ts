/**
 * What one frame of audio is made of: every 10 ms a 32 ms window is looked at, and its level, voicing, pitch, shape of
 * spectrum and strongest tones are written into one `Frame` that is reused for ever. Nothing is allocated per frame;
 * two transforms of 256 points take about 6 µs. No memory beyond the window and no judgement: voice-activity.ts and
 * tones.ts judge.
 */
import { createRealTransform } from './transform.ts'

export const sampleRate = 8000
export const frameMs = 10
export const hop = 80
const size = 256
const binHz = sampleRate / size
/** The window's middle lies this far before the frame's end. */
export const windowLagMs = 16

/** The telephone band, in bins: 150 to 3,500 Hz. */
const lowBin = 5
const highBin = 112
/** Pitch is looked for between 80 and 400 Hz. */
const shortestPeriod = 20
const longestPeriod = 100
/** A sine through a Hann window is in two bins on each side of its peak. */
const skirt = 2
const silenceDb = -90

export interface Frame {
  /**
   * No audio arrived for this frame: silence suppression, a lost packet, or the digital silence with which a switch
   * fills in for them. As a quiet line it would pull the noise floor down (decision 51).
   */
  missing: boolean
  /** Level of the newest 10 ms, dB below full scale. */
  levelDb: number
  /** Level of the window within the telephone band. */
  bandDb: number
  /** 0 (one line) to 1 (white noise). */
  flatness: number
  /** 0 to 1: how much of the window repeats with the pitch period. */
  voicing: number
  pitchHz: number
  /** Where the middle of the energy is. */
  centroidHz: number
  /** Strongest line, its share of the band's energy and its level; then what it and the second line hold together. */
  peakHz: number
  peakShare: number
  peakDb: number
  secondHz: number
  pairShare: number
  /** How much the spectrum differs from that of 30 ms before, 0 to 1. */
  flux: number
}

export interface FrameAnalysis {
  readonly frame: Frame
  /** Exactly one hop of samples; null where none arrived. */
  hear(samples: Int16Array | null): Frame
}

export function createFrameAnalysis(): FrameAnalysis {
  const frame: Frame = {
    ...{ missing: true, levelDb: silenceDb, bandDb: silenceDb, flatness: 1, voicing: 0, pitchHz: 0, centroidHz: 0 },
    ...{ peakHz: 0, peakShare: 0, peakDb: silenceDb, secondHz: 0, pairShare: 0, flux: 0 },
  }
  const recent = new Float64Array(size)
  const windowed = new Float64Array(size)
  const transform = createRealTransform(size)
  const { real, imaginary } = transform
  const power = new Float64Array(size / 2 + 1)
  /** The spectra of the last three frames, for the flux. */
  const past = Array.from({ length: 3 }, () => new Float64Array(size / 2 + 1))
  const pastEnergy = new Float64Array(3)
  let turn = 0
  let lastInput = 0
  let lastOutput = 0

  /** Takes the new samples in, without the direct current that cheap telephones add. */
  function shift(samples: Int16Array): void {
    recent.copyWithin(0, hop)
    let energy = 0
    for (let n = 0; n < hop; n++) {
      const input = samples[n] ?? 0
      lastOutput = input - lastInput + 0.96 * lastOutput
      lastInput = input
      recent[size - hop + n] = lastOutput
      energy += lastOutput * lastOutput
    }
    frame.levelDb = decibel(energy / hop)
  }

  function look(): void {
    for (let n = 0; n < size; n++) windowed[n] = at(recent, n) * at(hann, n)
    transform.of(windowed)
    let total = 0
    let logs = 0
    let weighted = 0
    for (let bin = 0; bin <= size / 2; bin++) {
      const value = at(real, bin) ** 2 + at(imaginary, bin) ** 2
      power[bin] = value
      if (bin < lowBin || bin > highBin) continue
      total += value
      weighted += value * bin
      logs += Math.log(value + 1)
    }
    const bins = highBin - lowBin + 1
    frame.bandDb = decibel(total / windowEnergy)
    frame.flatness = Math.min(1, Math.exp(logs / bins) / (total / bins + 1))
    frame.centroidHz = total > 0 ? (weighted / total) * binHz : 0
    lines(total)
    flux(total)
    pitch()
  }

  function lines(total: number): void {
    const first = strongest(-10)
    const firstEnergy = around(first, -10)
    const second = strongest(first)
    frame.peakHz = interpolated(first)
    frame.peakShare = total > 0 ? firstEnergy / total : 0
    frame.peakDb = decibel(firstEnergy / windowEnergy)
    frame.secondHz = interpolated(second)
    frame.pairShare = total > 0 ? Math.min(1, (firstEnergy + around(second, first)) / total) : 0
  }

  /** The strongest bin that is not in the skirt of another. */
  function strongest(except: number): number {
    let best = lowBin
    for (let bin = lowBin; bin <= highBin; bin++)
      if (
        Math.abs(bin - except) > skirt &&
        (best === except || at(power, bin) > at(power, best) || Math.abs(best - except) <= skirt)
      )
        best = bin
    return best
  }

  function around(peak: number, except: number): number {
    let sum = 0
    for (let bin = Math.max(lowBin, peak - skirt); bin <= Math.min(highBin, peak + skirt); bin++)
      if (Math.abs(bin - except) > skirt) sum += at(power, bin)
    return sum
  }

  /** A parabola through the logarithms of a peak and its neighbours finds the line to about 2 Hz. */
  function interpolated(bin: number): number {
    const left = Math.log(at(power, bin - 1) + 1)
    const middle = Math.log(at(power, bin) + 1)
    const right = Math.log(at(power, bin + 1) + 1)
    const bend = left - 2 * middle + right
    const offset = bend < 0 ? Math.max(-0.5, Math.min(0.5, (left - right) / (2 * bend))) : 0
    return (bin + offset) * binHz
  }

  function flux(total: number): void {
    const before = past[turn] ?? power
    const energy = at(pastEnergy, turn)
    let difference = 0
    if (total > 0 && energy > 0)
      for (let bin = lowBin; bin <= highBin; bin++) difference += Math.abs(at(power, bin) / total - at(before, bin) / energy)
    frame.flux = difference / 2
    before.set(power)
    pastEnergy[turn] = total
    turn = (turn + 1) % past.length
  }

  /** The autocorrelation is the transform of the power; its highest peak among the periods of a voice. */
  function pitch(): void {
    for (let bin = 0; bin < size; bin++) {
      const folded = bin <= size / 2 ? bin : size - bin
      windowed[bin] = folded < 3 || folded > highBin ? 0 : at(power, folded)
    }
    transform.of(windowed)
    const whole = at(real, 0)
    let best = 0
    let period = 0
    for (let lag = shortestPeriod; lag <= longestPeriod; lag++) {
      const here = at(real, lag) / at(windowCorrelation, lag)
      if (here > best && at(real, lag) >= at(real, lag - 1) && at(real, lag) >= at(real, lag + 1)) {
        // A period twice as long is as good for a perfect tone: take the longer only if it is clearly better.
        if (period > 0 && here < best * 1.08) continue
        best = here
        period = lag
      }
    }
    frame.voicing = whole > 0 ? Math.max(0, Math.min(1, best / whole)) : 0
    frame.pitchHz = period > 0 ? sampleRate / period : 0
  }

  return {
    frame,
    hear(samples) {
      frame.missing = samples === null || isDigitalSilence(samples)
      shift(samples ?? nothing)
      if (frame.missing) {
        Object.assign(frame, quiet)
        turn = (turn + 1) % past.length
        pastEnergy[turn] = 0
      } else look()
      return frame
    },
  }
}

const nothing = new Int16Array(hop)
const quiet = {
  ...{ bandDb: silenceDb, flatness: 1, voicing: 0, pitchHz: 0, centroidHz: 0, peakHz: 0, peakShare: 0 },
  ...{ peakDb: silenceDb, secondHz: 0, pairShare: 0, flux: 0 },
}
const hann = Float64Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / size))
/** A sine of full scale comes out at 0 dB + 3.01, as it does in `levelDb`: both are mean squares. */
const windowEnergy = (hann.reduce((sum, value) => sum + value * value, 0) * size) / 2
const windowCorrelation = hann.map((_, lag) => {
  let sum = 0
  for (let n = 0; n + lag < size; n++) sum += (hann[n] ?? 0) * (hann[n + lag] ?? 0)
  return sum / hann.reduce((whole, value) => whole + value * value, 0)
})

/** The zero of A-law is 8, of µ-law 0. */
function isDigitalSilence(samples: Int16Array): boolean {
  for (let n = 0; n < samples.length; n++) if (Math.abs(samples[n] ?? 0) > 8) return false
  return true
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0
}

function decibel(meanSquare: number): number {
  return meanSquare <= 0 ? silenceDb : Math.max(silenceDb, 10 * Math.log10(meanSquare / 32_768 ** 2))
}
