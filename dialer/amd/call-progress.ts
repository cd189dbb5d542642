/**
 * What tones mean, by frequency, length and what came before: the beep of a machine, the three tones before an
 * announcement (SIT), fax, ringback and busy. A tone of the ringback's frequency is a beep only after a greeting;
 * a tone that could be the first of three waits 80 ms for the second. Pure; fed by the detector with each ended tone
 * and once per frame.
 */
import type { Tone } from './tones.ts'

export type ProgressTone = 'fax' | 'sit' | 'ringback' | 'busy_tone'
export type ProgressFact =
  | { type: 'beep'; onsetMs: number; endMs: number; frequencyHz: number }
  | { type: 'tone'; kind: ProgressTone; atMs: number }

/** The tones before an announcement: low, middle and high, each 276 or 380 ms (or 330 ms). */
const sit = [
  { from: 890, to: 1010 },
  { from: 1340, to: 1460 },
  { from: 1740, to: 1840 },
] as const
const sitLengthMs = { from: 150, to: 450 }
const sitWaitMs = 80
const beepHz = { from: 370, to: 2210 }
const beepMs = { from: 105, to: 1080 }
const faxAnswerAfterMs = 1150

export interface CallProgress {
  /** Each frame: the tone that ended with it, the tone that sounds, and how much was spoken before. */
  hear(ended: Tone | undefined, sounding: Tone | undefined, spokenMs: number, atMs: number): readonly ProgressFact[]
}

export function createCallProgress(): CallProgress {
  const facts: ProgressFact[] = []
  /** Tones held back because they may be the beginning of a SIT. */
  let rising: Tone[] = []
  let previous: Tone | undefined
  let saidFax = false
  let saidRingback = false
  let saidBusy = false

  function beep(tone: Tone, spokenMs: number): void {
    const length = tone.endMs - tone.onsetMs
    if (length < beepMs.from || length > beepMs.to) return
    if (tone.frequencyHz < beepHz.from || tone.frequencyHz > beepHz.to) return
    if (!isSteady(tone) || (isCallProgress(tone) && spokenMs < 400)) return
    facts.push({ type: 'beep', onsetMs: tone.onsetMs, endMs: tone.endMs, frequencyHz: tone.frequencyHz })
  }

  /** Two of the three, in their order, are enough: one may have been lost on the way. */
  function release(spokenMs: number, atMs: number): void {
    if (rising.length > 1) say('sit', atMs)
    else for (const tone of rising) beep(tone, spokenMs)
    rising = []
  }

  function say(kind: ProgressTone, atMs: number): void {
    facts.push({ type: 'tone', kind, atMs })
  }

  /** 425 Hz and its kin: long and alone is ringback, the same again after an equal pause is busy. */
  function cadence(tone: Tone, atMs: number): void {
    const length = tone.endMs - tone.onsetMs
    const pause = previous ? tone.onsetMs - previous.endMs : Number.POSITIVE_INFINITY
    const same = previous && Math.abs(previous.frequencyHz - tone.frequencyHz) < 15
    if (!saidBusy && same && pause > 120 && pause < 650 && length > 120 && length < 650) {
      saidBusy = true
      say('busy_tone', atMs)
    } else if (!saidRingback && !saidBusy && length > 700 && length < 2300) {
      saidRingback = true
      say('ringback', atMs)
    }
    previous = { ...tone }
  }

  function ended(tone: Tone, spokenMs: number, atMs: number): void {
    const length = tone.endMs - tone.onsetMs
    const last = rising.at(-1)
    const step = sit.findIndex((range) => within(tone.frequencyHz, range))
    const isFirst = !last || tone.onsetMs - last.endMs >= sitWaitMs
    const isNext = last && sit.findIndex((range) => within(last.frequencyHz, range)) < step
    if (isFirst || !isNext) release(spokenMs, atMs)
    if (step >= 0 && tone.secondHz === 0 && within(length, sitLengthMs)) {
      rising.push({ ...tone })
      if (step === sit.length - 1) release(spokenMs, atMs)
      return
    }
    release(spokenMs, atMs)
    if (isCallProgress(tone) && spokenMs < 400) return cadence(tone, atMs)
    if (spokenMs < 400 && Math.abs(tone.frequencyHz - 1100) < 40 && length > 400 && length < 620) {
      if (!saidFax) say('fax', atMs)
      saidFax = true
      return
    }
    beep(tone, spokenMs)
  }

  return {
    hear(tone, sounding, spokenMs, atMs) {
      facts.length = 0
      if (tone) ended(tone, spokenMs, atMs)
      const last = rising.at(-1)
      const next = sounding && last && sounding.onsetMs - last.endMs < sitWaitMs
      if (last && !next && atMs - last.endMs > sitWaitMs + 60) release(spokenMs, atMs)
      const long = sounding && sounding.endMs - sounding.onsetMs > faxAnswerAfterMs
      if (long && !saidFax && Math.abs(sounding.frequencyHz - 2100) < 40) {
        saidFax = true
        say('fax', atMs)
      }
      return facts
    },
  }
}

function within(value: number, range: { from: number; to: number }): boolean {
  return value >= range.from && value <= range.to
}

/** 425, 440 and 400 Hz alone, 440 + 480 and 480 + 620 together: what exchanges send while a call is being set up. */
function isCallProgress(tone: Tone): boolean {
  return within(tone.frequencyHz, { from: 390, to: 500 })
}

/**
 * A vowel can look like a tone for a tenth of a second, but it grows out of other sounds and its pitch strays. Codecs
 * make high tones stray too. The numbers are from the validation part of the corpus.
 */
function isSteady({ onsetMs, endMs, frequencyHz, deviationHz, purity, riseDb }: Tone): boolean {
  const length = endMs - onsetMs
  const forgiven = 3 * Math.max(0, frequencyHz / 1000 - 0.9)
  if (length > 250) return deviationHz < (riseDb >= 5 ? 4 + forgiven : 1.5)
  if (riseDb < 5 || deviationHz >= 3 + forgiven) return false
  return length >= 160 || (purity > 0.8 && deviationHz < 2 + forgiven)
}
