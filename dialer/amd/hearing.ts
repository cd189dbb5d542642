/**
 * All that is heard of a call, frame by frame: speech and pauses, tones and what they mean, the features of the
 * moment. It judges nothing about people and machines; the detector does, and training listens with the same ears.
 * Pure; one per call.
 */
import { createCallProgress, type ProgressFact } from './call-progress.ts'
import { createFeatureTracker } from './features.ts'
import { createFrameAnalysis, frameMs } from './frame-analysis.ts'
import { createSpeechTimeline, type SpeechTimeline } from './speech-timeline.ts'
import { createToneTracker } from './tones.ts'
import { createVoiceActivity } from './voice-activity.ts'

/** So far above the noise somebody speaks into the telephone, not behind it. */
const clearDb = 14

export interface Hearing {
  readonly speech: SpeechTimeline
  /** A tone sounds now. */
  readonly isTone: boolean
  /** One frame of audio, or null where none came; `atMs` is its end. What the tones meant. */
  hear(samples: Int16Array | null, atMs: number): readonly ProgressFact[]
  /** The features now; the same array each time. */
  vector(atMs: number): Float64Array
}

export function createHearing(): Hearing {
  const analysis = createFrameAnalysis()
  const activity = createVoiceActivity()
  const tracker = createToneTracker()
  const progress = createCallProgress()
  const speech = createSpeechTimeline()
  const features = createFeatureTracker()
  let isTone = false
  let clearMs = 0

  return {
    speech,
    get isTone() {
      return isTone
    },
    hear(samples, atMs) {
      const frame = analysis.hear(samples)
      const ended = tracker.hear(frame, atMs)
      const sounding = tracker.sounding
      isTone = sounding !== undefined
      const facts = progress.hear(ended, sounding, clearMs, atMs)
      const isSpeech = activity.hear(frame) && !isTone
      if (activity.wasMistaken) {
        speech.forget()
        features.forget()
      }
      if (isSpeech && frame.bandDb > activity.floorDb + clearDb) clearMs += frameMs
      speech.advance(isSpeech, atMs, frameMs)
      features.hear(frame, isSpeech)
      return facts
    },
    vector: (atMs) => features.vector(speech, activity, atMs),
  }
}
