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

/** The tone that may be sounding: sums over its frames. */
const nothing = {
  ...{ frames: 0, bridged: 0, onsetMs: 0, lastMs: 0, sumHz: 0, squareHz: 0, sumSecondHz: 0, pairs: 0 },
  ...{ purity: 0, peakDb: -90, beforeDb: -90 },
}

export interface Tone {
  onsetMs: number
  endMs: number
  frequencyHz: number
  /** The second line of a pair; 0 for a single tone. */
  secondHz: number
  levelDb: number
  /** How far the frequency strayed from its mean (root mean square). */
  deviationHz: number
  /** Mean share of the band's energy. */
  purity: number
  /** How much louder it was than what came 50 ms before it. */
  riseDb: number
}

export interface ToneTracker {
  /** The tone that is sounding now and is long enough to be one. */
  readonly sounding: Tone | undefined
  /** The tone that ended with this frame, if one did. */
  hear(frame: Frame, atMs: number): Tone | undefined
}

export function createToneTracker(): ToneTracker {
  const now = { ...nothing }
  const sounding: Tone = { onsetMs: 0, endMs: 0, frequencyHz: 0, secondHz: 0, levelDb: -90, deviationHz: 0, purity: 0, riseDb: 0 }

  /** Levels of the last frames: what was before a tone. */
  const levels = new Float64Array(8).fill(-90)
  let turn = 0

  const meanHz = () => now.sumHz / now.frames
  const isDouble = () => now.pairs * 2 > now.frames

  function fits(frame: Frame): boolean {
    if (frame.missing || frame.peakDb < faintestDb || frame.peakHz < lowestHz || frame.peakHz > highestHz) return false
    if (now.frames === 0) return frame.peakShare > startShare || (frame.pairShare > 0.93 && isPair(frame))
    const second = isDouble() ? now.sumSecondHz / now.pairs : meanHz()
    const onFrequency = Math.min(Math.abs(frame.peakHz - meanHz()), Math.abs(frame.peakHz - second)) < driftHz
    const pure = frame.peakShare > keepShare || frame.pairShare > startShare
    // A tone holds its level; its echo and the ends of the window do not.
    return onFrequency && pure && frame.peakDb > now.peakDb - 9
  }

  function begin(frame: Frame, atMs: number): void {
    const beforeDb = levels[(turn + 1) % levels.length] ?? -90
    Object.assign(now, nothing, { onsetMs: atMs - windowLagMs, peakDb: frame.peakDb, beforeDb })
  }

  function add(frame: Frame, atMs: number): void {
    now.bridged = 0
    now.lastMs = atMs - windowLagMs
    const asPair = isPair(frame) && (now.frames < 3 || isDouble())
    // Where one tone follows another, both are in the window for a moment.
    const single = Math.abs(frame.peakHz - meanHz()) <= Math.abs(frame.secondHz - meanHz()) || now.frames === 0
    const low = asPair ? Math.min(frame.peakHz, frame.secondHz) : isDouble() ? meanHz() : single ? frame.peakHz : frame.secondHz
    now.sumHz += low
    if (asPair) {
      now.pairs++
      now.sumSecondHz += Math.max(frame.peakHz, frame.secondHz)
    }
    now.peakDb = Math.max(now.peakDb, frame.peakDb)
    now.frames++
    now.squareHz += (low - meanHz()) ** 2
    now.purity += asPair ? frame.pairShare : frame.peakShare
  }

  function describe(into: Tone): Tone {
    into.onsetMs = now.onsetMs
    into.endMs = now.lastMs
    into.frequencyHz = Math.round(meanHz())
    into.secondHz = isDouble() ? Math.round(now.sumSecondHz / now.pairs) : 0
    into.levelDb = now.peakDb
    into.deviationHz = Math.sqrt(now.squareHz / now.frames)
    into.purity = now.purity / now.frames
    into.riseDb = now.peakDb - now.beforeDb
    return into
  }

  const isTone = () => now.frames >= shortestFrames

  return {
    get sounding() {
      return isTone() ? describe(sounding) : undefined
    },
    hear(frame, atMs) {
      levels[turn] = frame.bandDb
      turn = (turn + 1) % levels.length
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
