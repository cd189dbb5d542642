/**
 * Who has answered? A streaming detector: telephone audio and its time in, facts out (verdict, end of the greeting,
 * beep, tones). frame-clock.ts cuts the audio, hearing.ts says what is heard, model.ts how much it sounds like a
 * machine and verdict.ts when that is enough. It listens on after the verdict, for the greeting's end and the beep.
 * Pure: no I/O, no clock. One per call; fed by the media of the call.
 */
import type { ProgressTone } from './call-progress.ts'
import { featureNames } from './features.ts'
import { createFrameClock } from './frame-clock.ts'
import { createHearing } from './hearing.ts'
import { type Model, machineProbability, model as trained } from './model.ts'
import { musicAfterMs, soundsLikeMusic } from './music.ts'
import { decisionEveryMs, judge, type Verdict } from './verdict.ts'

export type ToneKind = ProgressTone | 'music' | 'silence'

export type DetectorFact =
  | {
      type: 'verdict'
      atMs: number
      verdict: Verdict['verdict']
      reason: string
      confidence: number
      features: Record<string, number>
      /** When the greeting ended, if it has. */
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
  model?: Model
  /** Nothing was said until then: unsure. */
  silenceMs?: number
  /** No verdict until then: unsure. */
  longestMs?: number
}

/** So long a quiet ends a greeting when a beep may still come. */
const greetingPauseMs = 1500

export function createDetector(options: DetectorOptions = {}): Detector {
  const { model = trained, silenceMs = 3000, longestMs = 8000 } = options
  const hearing = createHearing()
  const { speech } = hearing
  const clock = createFrameClock(hear)
  let decided = false
  let toldEndMs = -1
  let toldSilence = false
  let toldMusic = false
  let facts: DetectorFact[] = []

  function hear(samples: Int16Array | null): void {
    const atMs = clock.atMs
    for (const fact of hearing.hear(samples, atMs)) {
      facts.push(fact)
      const reason = fact.type === 'beep' ? 'beep' : fact.kind
      if (reason !== 'ringback') decide({ verdict: 'machine', reason, confidence: 0.98 })
    }
    if (speech.firstWordMs === undefined && atMs >= silenceMs && !hearing.isTone) silence(atMs)
    // Counted from the first word: how long after the answer it came must not change the verdict.
    if (!decided && speech.firstWordMs !== undefined && (atMs - speech.firstWordMs) % decisionEveryMs === 0) {
      const verdict = judge(machineProbability(hearing.vector(atMs), model), speech.pauseMs, model.policy)
      if (verdict) decide(verdict)
    }
    if (speech.firstWordMs !== undefined && musicAfterMs.includes(atMs - speech.firstWordMs)) music(atMs)
    if (atMs >= longestMs) decide({ verdict: 'unsure', reason: 'no_end_in_time', confidence: 0.5 })
    if (decided && speech.pauseMs >= greetingPauseMs) tellGreetingEnd()
  }

  function silence(atMs: number): void {
    if (toldSilence) return
    toldSilence = true
    facts.push({ type: 'tone', kind: 'silence', atMs })
    decide({ verdict: 'unsure', reason: 'silence', confidence: 0.5 })
  }

  function music(atMs: number): void {
    if (toldMusic || !soundsLikeMusic(hearing.vector(atMs))) return
    toldMusic = true
    facts.push({ type: 'tone', kind: 'music', atMs })
    decide({ verdict: 'unsure', reason: 'music', confidence: 0.5 })
  }

  function decide(verdict: Verdict): void {
    if (decided) return
    decided = true
    const vector = hearing.vector(clock.atMs)
    const features = Object.fromEntries(featureNames.map((name, n) => [name, Math.round(100 * (vector[n] ?? 0)) / 100]))
    const ended = speech.firstWordMs !== undefined && !speech.isSpeaking ? { greetingEndMs: speech.lastWordMs } : {}
    facts.push({ type: 'verdict', atMs: clock.atMs, ...verdict, features, ...ended })
    if (verdict.verdict === 'human') tellGreetingEnd()
  }

  function tellGreetingEnd(): void {
    if (speech.firstWordMs === undefined || toldEndMs === speech.lastWordMs) return
    toldEndMs = speech.lastWordMs
    facts.push({ type: 'greeting_ended', atMs: speech.lastWordMs })
  }

  return {
    feed(samples, atMs) {
      facts = []
      clock.feed(samples, atMs)
      return facts
    },
  }
}
