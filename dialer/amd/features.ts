/**
 * What the model knows at a moment of the call: timings of words and pauses, the melody (pitch and level, and how
 * they move towards the end), rhythm, and the line's noise as a measure of trust. Names and order are the weights'
 * contract: a new feature needs new training. Filled into one array that is reused. Pure; one per call.
 */
import type { Frame } from './frame-analysis.ts'
import type { SpeechTimeline } from './speech-timeline.ts'
import type { VoiceActivity } from './voice-activity.ts'

export const featureNames = [
  ...['firstWordMs', 'sinceFirstWordMs', 'greetingMs', 'spokenMs', 'pauseMs', 'utterances', 'utteranceMs'],
  ...['firstUtteranceMs', 'firstPauseMs', 'longestUtteranceMs', 'longestPauseMs', 'pausesMs', 'spokenShare'],
  ...['noiseDb', 'signalToNoiseDb', 'voicedShare', 'pitchMeanHz', 'pitchDeviation', 'pitchEndSlope', 'pitchEndRatio'],
  ...['levelDeviationDb', 'levelEndDb', 'syllablesPerSecond', 'syllables', 'fluxMean', 'centroidMeanHz', 'flatnessMean'],
  ...['centroidDeviationHz', 'lateLevelDb', 'startSlopeDb'],
] as const

export interface FeatureTracker {
  hear(frame: Frame, isSpeech: boolean): void
  /** What was heard so far was no speech. */
  forget(): void
  /** The present values, in the order of `featureNames`; the same array each time. */
  vector(speech: SpeechTimeline, activity: VoiceActivity, atMs: number): Float64Array
}

const noSums = { frames: 0, voiced: 0, pitch: 0, pitchSquare: 0, level: 0, levelSquare: 0, flux: 0, centroid: 0 }
const noMore = { centroidSquare: 0, flatness: 0, syllables: 0, firstLevel: 0 }
/** The end of an utterance is its last 300 ms. */
const endFrames = 30

export function createFeatureTracker(): FeatureTracker {
  const values = new Float64Array(featureNames.length)
  const sum = { ...noSums }
  const more = { ...noMore }
  const pitches = new Float64Array(endFrames)
  const levels = new Float64Array(endFrames)
  let smooth = -90
  let valley = -90
  let peak = -90
  let pitch = 0

  /** A syllable is a rise of the smoothed level of 4 dB out of a valley. */
  function rhythm(frame: Frame): void {
    smooth += 0.35 * (frame.bandDb - smooth)
    if (smooth > peak) peak = smooth
    if (smooth < valley) valley = smooth
    if (smooth > valley + 4 && peak === smooth && valley < peak - 4) {
      if (valley > -89) more.syllables++
      valley = Number.POSITIVE_INFINITY
    }
    if (smooth < peak - 4) {
      if (valley === Number.POSITIVE_INFINITY) valley = smooth
      peak = smooth
    }
  }

  function melody(frame: Frame): void {
    const isVoiced = frame.voicing > 0.6 && frame.pitchHz > 0
    // An octave's jump is the measurement's, not the voice's.
    if (isVoiced && (pitch === 0 || Math.abs(Math.log2(frame.pitchHz / pitch)) < 0.6 || sum.voiced % 8 === 0)) {
      pitch = frame.pitchHz
      const log = Math.log2(pitch / 100)
      sum.pitch += log
      sum.pitchSquare += log * log
      sum.voiced++
    }
    pitches[sum.frames % endFrames] = pitch
    levels[sum.frames % endFrames] = frame.bandDb
  }

  /** The mean of a part of the last `endFrames` frames of speech, counted back from the end; NaN: none. */
  function recent(of: Float64Array, from: number, to: number): number {
    let total = 0
    let count = 0
    for (let back = from; back < to && back < sum.frames; back++) {
      const value = of[(sum.frames - 1 - back) % endFrames] ?? 0
      if (value === 0) continue
      total += value
      count++
    }
    return count === 0 ? Number.NaN : total / count
  }

  return {
    forget() {
      Object.assign(sum, noSums)
      Object.assign(more, noMore)
    },
    hear(frame, isSpeech) {
      if (frame.missing) return
      rhythm(frame)
      if (!isSpeech) return
      melody(frame)
      sum.frames++
      sum.level += frame.bandDb
      sum.levelSquare += frame.bandDb ** 2
      sum.flux += frame.flux
      sum.centroid += frame.centroidHz
      more.centroidSquare += frame.centroidHz ** 2
      more.flatness += frame.flatness
      if (sum.frames <= 20) more.firstLevel += frame.bandDb / 20
    },
    vector(speech, activity, atMs) {
      const frames = Math.max(1, sum.frames)
      const voiced = Math.max(1, sum.voiced)
      const level = sum.level / frames
      const pitchMean = sum.pitch / voiced
      const greetingMs = speech.lastWordMs - (speech.firstWordMs ?? 0)
      const endPitch = recent(pitches, 0, 10)
      const beforePitch = recent(pitches, 15, 30)
      const endLevel = recent(levels, 0, 10)
      const deviation = (square: number, mean: number, count: number) => Math.sqrt(Math.max(0, square / count - mean * mean))
      let n = 0
      values[n++] = speech.firstWordMs ?? -1
      values[n++] = atMs - (speech.firstWordMs ?? atMs)
      values[n++] = greetingMs
      values[n++] = speech.spokenMs
      values[n++] = speech.pauseMs
      values[n++] = speech.utterances
      values[n++] = speech.utteranceMs
      values[n++] = speech.firstUtteranceMs
      values[n++] = speech.firstPauseMs
      values[n++] = speech.longestUtteranceMs
      values[n++] = speech.longestPauseMs
      values[n++] = speech.pausesMs
      values[n++] = greetingMs > 0 ? speech.spokenMs / greetingMs : 1
      values[n++] = activity.floorDb
      values[n++] = level - activity.floorDb
      values[n++] = sum.voiced / frames
      values[n++] = 100 * 2 ** pitchMean
      values[n++] = deviation(sum.pitchSquare, pitchMean, voiced)
      values[n++] = Number.isFinite(endPitch / beforePitch) ? Math.log2(endPitch / beforePitch) : 0
      values[n++] = Number.isFinite(endPitch) && endPitch > 0 ? Math.log2(endPitch / 100) - pitchMean : 0
      values[n++] = deviation(sum.levelSquare, level, frames)
      values[n++] = Number.isFinite(endLevel) ? endLevel - level : 0
      values[n++] = more.syllables / Math.max(0.3, speech.spokenMs / 1000)
      values[n++] = more.syllables
      values[n++] = sum.flux / frames
      values[n++] = sum.centroid / frames
      values[n++] = more.flatness / frames
      values[n++] = deviation(more.centroidSquare, sum.centroid / frames, frames)
      const lateLevel = recent(levels, 0, 30)
      values[n++] = Number.isFinite(lateLevel) ? lateLevel - level : 0
      values[n++] = sum.frames >= 20 ? level - more.firstLevel : 0
      return values
    },
  }
}
