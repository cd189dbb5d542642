/**
 * Who has answered? A streaming detector: telephone audio and its time in, facts out (verdict, end of the greeting,
 * beep, tones). It cuts the audio into frames of 10 ms by the clock (a gap is silence that was not sent), and lets
 * frame-analysis, voice-activity, speech-timeline, tones and call-progress each say their part; the verdict is the
 * timing rule's or the trained model's. Pure: no I/O, no clock. One per call; fed by the media of the call.
 */
import { type CallProgress, createCallProgress } from './call-progress.ts'
import { createFrameAnalysis, frameMs, hop } from './frame-analysis.ts'
import { createSpeechTimeline } from './speech-timeline.ts'
import { timingVerdict, type Verdict } from './timing-rule.ts'
import { createToneTracker } from './tones.ts'
import { createVoiceActivity } from './voice-activity.ts'

export type ToneKind = 'fax' | 'sit' | 'ringback' | 'busy_tone' | 'music' | 'silence'

export type DetectorFact =
  | {
      type: 'verdict'
      atMs: number
      verdict: 'human' | 'machine' | 'unsure'
      reason: string
      confidence: number
      features: Record<string, number>
      /** When the greeting ended, once it has. */
      greetingEndMs?: number
    }
  | { type: 'greeting_ended'; atMs: number }
  | { type: 'beep'; onsetMs: number; endMs: number; frequencyHz: number }
  | { type: 'tone'; kind: ToneKind; atMs: number }

export interface Detector {
  /**
   * Samples of 8 kHz, any number of them; `atMs` is when the first of them was spoken, in ms since the answer (count
   * by the RTP timestamp, not by arrival). Without samples: time has passed. Facts in the order in which they became
   * known.
   */
  feed(samples: Int16Array, atMs: number): DetectorFact[]
}

export interface DetectorOptions {
  /** Nothing was said until then: unsure. */
  silenceMs?: number
  /** No verdict until then: unsure. */
  longestMs?: number
}

/** Less than this is jitter of the clock, not missing audio. */
const jitterMs = 15
/** So long a quiet ends a greeting when a beep may still come. */
const greetingPauseMs = 1500

export function createDetector(options: DetectorOptions = {}): Detector {
  const { silenceMs = 3000, longestMs = 8000 } = options
  const analysis = createFrameAnalysis()
  const activity = createVoiceActivity()
  const tracker = createToneTracker()
  const progress: CallProgress = createCallProgress()
  const speech = createSpeechTimeline()
  const frame = new Int16Array(hop)
  let filled = 0
  let heardMs = 0
  let decided = false
  let toldEndMs = -1
  let toldSilence = false
  let facts: DetectorFact[] = []

  function decide({ verdict, reason, confidence }: Verdict): void {
    if (decided) return
    decided = true
    const ended = speech.firstWordMs !== undefined && !speech.isSpeaking ? { greetingEndMs: speech.lastWordMs } : {}
    facts.push({ type: 'verdict', atMs: heardMs, verdict, reason, confidence, features: features(), ...ended })
    if (verdict === 'human') tellGreetingEnd()
  }

  function tellGreetingEnd(): void {
    if (speech.firstWordMs === undefined || toldEndMs === speech.lastWordMs) return
    toldEndMs = speech.lastWordMs
    facts.push({ type: 'greeting_ended', atMs: speech.lastWordMs })
  }

  function features(): Record<string, number> {
    return {
      firstWordMs: speech.firstWordMs ?? -1,
      lastWordMs: speech.lastWordMs,
      spokenMs: speech.spokenMs,
      utterances: speech.utterances,
      longestPauseMs: speech.longestPauseMs,
      pauseMs: speech.pauseMs,
      noiseDb: Math.round(activity.floorDb),
      speechDb: Math.round(activity.speechDb),
    }
  }

  function tones(atMs: number): boolean {
    const ended = tracker.hear(analysis.frame, atMs, frameMs)
    const sounding = tracker.sounding
    for (const fact of progress.hear(ended, sounding, speech.spokenMs, atMs)) {
      facts.push(fact)
      if (fact.type === 'beep') decide({ verdict: 'machine', reason: 'beep', confidence: 0.98 })
      else if (fact.kind !== 'ringback') decide({ verdict: 'machine', reason: fact.kind, confidence: 0.98 })
    }
    return sounding !== undefined
  }

  function hear(samples: Int16Array | null): void {
    analysis.hear(samples)
    heardMs += frameMs
    const isTone = tones(heardMs)
    speech.advance(activity.hear(analysis.frame) && !isTone, heardMs, frameMs)
    if (!toldSilence && speech.firstWordMs === undefined && !isTone && heardMs >= silenceMs) {
      toldSilence = true
      facts.push({ type: 'tone', kind: 'silence', atMs: heardMs })
      decide({ verdict: 'unsure', reason: 'silence', confidence: 0.5 })
    }
    const verdict = decided ? undefined : timingVerdict(speech)
    if (verdict) decide(verdict)
    else if (heardMs >= longestMs) decide({ verdict: 'unsure', reason: 'no_end_in_time', confidence: 0.5 })
    if (speech.pauseMs >= greetingPauseMs && decided) tellGreetingEnd()
  }

  /** Time without audio, up to this moment. */
  function pass(untilMs: number): void {
    if (filled > 0 && untilMs >= heardMs + frameMs) {
      frame.fill(0, filled)
      filled = 0
      hear(frame)
    }
    while (heardMs + frameMs <= untilMs) hear(null)
  }

  return {
    feed(samples, atMs) {
      facts = []
      if (samples.length === 0 || atMs > heardMs + filled / 8 + jitterMs) pass(atMs)
      for (let n = 0; n < samples.length; n++) {
        frame[filled++] = samples[n] ?? 0
        if (filled < hop) continue
        filled = 0
        hear(frame)
      }
      return facts
    },
  }
}
