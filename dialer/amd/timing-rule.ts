/**
 * The verdict by the clock alone: a short greeting and a pause is a person, speech that goes on is a machine. The
 * detector falls back to it when it has no trained model, and the reports show it beside the model. Pure.
 */
import type { SpeechTimeline } from './speech-timeline.ts'

export interface Verdict {
  verdict: 'human' | 'machine' | 'unsure'
  reason: string
  confidence: number
}

const longGreetingMs = 3200
const pauseAfterShortMs = 450
const pauseAfterLongMs = 700
const shortGreetingMs = 1500

export function timingVerdict(speech: SpeechTimeline): Verdict | undefined {
  if (speech.firstWordMs === undefined) return undefined
  const greetingMs = speech.lastWordMs - speech.firstWordMs
  if (greetingMs > longGreetingMs) return { verdict: 'machine', reason: 'long_greeting', confidence: 0.8 }
  const pause = greetingMs < shortGreetingMs ? pauseAfterShortMs : pauseAfterLongMs
  if (speech.pauseMs >= pause) return { verdict: 'human', reason: 'short_greeting', confidence: 0.8 }
  return undefined
}
