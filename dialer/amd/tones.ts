/**
 * Finds steady tones: one line, or two as in 440 + 480 Hz, that hold nearly all of the energy, stay on their frequency
 * and keep their level. Tells each tone when it ends, and while it lasts. What tones mean is said in call-progress.ts.
 * Pure; one per call, nothing allocated per frame.
 */
import type { Frame } from './frame-analysis.ts'
import { windowLagMs } from './frame-analysis.ts'

/** A line must hold this share of the band's energy to begin a tone, and this to keep it. */
const startShare = 0.8
const keepShare = 0.55
/** A steady tone wanders less than this from its mean frequency. */
const driftHz = 14
/** Frames that may miss in the middle of a tone: a lost packet of 20 ms disturbs five windows. */
const bridgedFrames = 6
const shortestFrames = 6
const faintestDb = -50
const lowestHz = 330
const highestHz = 2250

export interface Tone {
  onsetMs: number
  endMs: number
  frequencyHz: number
  /** The second line of a pair; 0 for a single tone. */
  secondHz: number
  levelDb: number
}

export interface ToneTracker {
  /** The tone that is sounding now and is long enough to be one. */
  readonly sounding: Tone | undefined
  /** The tone that ended with this frame, if one did. */
  hear(frame: Frame, atMs: number, frameMs: number): Tone | undefined
}

export function createToneTracker(): ToneTracker {
  const now = { frames: 0, bridged: 0, onsetMs: 0, lastMs: 0, sumHz: 0, sumSecondHz: 0, pairs: 0, peakDb: -90, drift: 0 }
  const sounding: Tone = { onsetMs: 0, endMs: 0, frequencyHz: 0, secondHz: 0, levelDb: -90 }

  function fits(frame: Frame): boolean {
    if (frame.missing || frame.peakDb < faintestDb || frame.peakHz < lowestHz || frame.peakHz > highestHz) return false
    if (now.frames === 0) return frame.peakShare > startShare || (frame.pairShare > 0.93 && isPair(frame))
    const mean = now.sumHz / now.frames
    const second = now.pairs > 0 ? now.sumSecondHz / now.pairs : mean
    const onFrequency = Math.min(Math.abs(frame.peakHz - mean), Math.abs(frame.peakHz - second)) < driftHz
    const pure = frame.peakShare > keepShare || frame.pairShare > startShare
    // A tone holds its level; its echo and the ends of the window do not.
    return onFrequency && pure && frame.peakDb > now.peakDb - 9
  }

  function begin(frame: Frame, atMs: number): void {
    Object.assign(now, {
      frames: 0,
      bridged: 0,
      onsetMs: atMs - windowLagMs,
      sumHz: 0,
      sumSecondHz: 0,
      pairs: 0,
      peakDb: frame.peakDb,
    })
    now.drift = 0
  }

  function add(frame: Frame, atMs: number): void {
    now.frames++
    now.bridged = 0
    now.lastMs = atMs - windowLagMs
    const low = isPair(frame) ? Math.min(frame.peakHz, frame.secondHz) : frame.peakHz
    now.sumHz += now.pairs > 0 && !isPair(frame) ? now.sumHz / (now.frames - 1) : low
    if (isPair(frame)) {
      now.pairs++
      now.sumSecondHz += Math.max(frame.peakHz, frame.secondHz)
    }
    now.peakDb = Math.max(now.peakDb, frame.peakDb)
    now.drift = Math.max(now.drift, Math.abs(low - now.sumHz / now.frames))
  }

  function describe(into: Tone): Tone {
    into.onsetMs = now.onsetMs
    into.endMs = now.lastMs
    into.frequencyHz = Math.round(now.sumHz / now.frames)
    into.secondHz = now.pairs > now.frames / 2 ? Math.round(now.sumSecondHz / now.pairs) : 0
    into.levelDb = now.peakDb
    return into
  }

  const isTone = () => now.frames >= shortestFrames

  return {
    get sounding() {
      return isTone() ? describe(sounding) : undefined
    },
    hear(frame, atMs) {
      if (fits(frame)) {
        if (now.frames === 0) begin(frame, atMs)
        add(frame, atMs)
        return undefined
      }
      if (now.frames === 0) return undefined
      // Another sound at full level ends the tone at once; quiet or a gap may be a lost packet.
      if (++now.bridged <= bridgedFrames && (frame.missing || now.bridged <= 2 || frame.peakDb < now.peakDb - 3)) return undefined
      const ended = isTone() ? describe({ ...sounding }) : undefined
      now.frames = 0
      if (fits(frame)) {
        begin(frame, atMs)
        add(frame, atMs)
      }
      return ended
    },
  }
}

/** Two lines far enough apart to be seen as two and of like level. */
function isPair(frame: Frame): boolean {
  return frame.pairShare - frame.peakShare > 0.15 && frame.secondHz > lowestHz && Math.abs(frame.secondHz - frame.peakHz) > 90
}
