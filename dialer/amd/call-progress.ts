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
/** So much clear speech is a greeting. */
const greetingMs = 300

export interface CallProgress {
  /** Each frame: the tone that ended with it, the tone that sounds, and how much was clearly spoken before. */
  hear(ended: Tone | undefined, sounding: Tone | undefined, clearMs: number, atMs: number): readonly ProgressFact[]
}

export function createCallProgress(): CallProgress {
  const facts: ProgressFact[] = []
  /** Tones held back because they may be the beginning of a SIT. */
  let rising: Tone[] = []
  let previous: Tone | undefined
  let saidFax = false
  let saidRingback = false
  let saidBusy = false

  function beep(tone: Tone, clearMs: number): void {
    const length = tone.endMs - tone.onsetMs
    if (length < beepMs.from || length > beepMs.to) return
    if (tone.frequencyHz < beepHz.from || tone.frequencyHz > beepHz.to) return
    if (!isSteady(tone) || (isOfNetwork(tone) && clearMs < greetingMs)) return
    facts.push({ type: 'beep', onsetMs: tone.onsetMs, endMs: tone.endMs, frequencyHz: tone.frequencyHz })
  }

  /** Two of the three, in their order, are enough: one may have been lost on the way. */
  function release(clearMs: number, atMs: number): void {
    if (rising.length > 1) say('sit', atMs)
    else for (const tone of rising) beep(tone, clearMs)
    rising = []
  }

  function say(kind: ProgressTone, atMs: number): void {
    facts.push({ type: 'tone', kind, atMs })
  }

  function fax(atMs: number): void {
    if (!saidFax) say('fax', atMs)
    saidFax = true
  }

  /** The same tone as before it, of the same length: no machine beeps like that. */
  function isRepeated(tone: Tone): boolean {
    const length = (one: Tone) => one.endMs - one.onsetMs
    const same = previous && Math.abs(previous.frequencyHz - tone.frequencyHz) < 15
    return !!same && Math.abs(length(previous ?? tone) - length(tone)) < 60 && tone.onsetMs - (previous?.endMs ?? 0) < 5000
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

  function ended(tone: Tone, clearMs: number, atMs: number): void {
    const length = tone.endMs - tone.onsetMs
    const last = rising.at(-1)
    const step = sit.findIndex((range) => within(tone.frequencyHz, range))
    const isFirst = !last || tone.onsetMs - last.endMs >= sitWaitMs
    const isNext = last && sit.findIndex((range) => within(last.frequencyHz, range)) < step
    if (isFirst || !isNext) release(clearMs, atMs)
    if (step >= 0 && tone.secondHz === 0 && within(length, sitLengthMs)) {
      rising.push({ ...tone })
      if (step === sit.length - 1) release(clearMs, atMs)
      return
    }
    release(clearMs, atMs)
    if (isCallProgress(tone) && (clearMs < greetingMs || isRepeated(tone))) return cadence(tone, atMs)
    const isFax = isFaxCalling(tone) ? length > 300 && length < 620 : isFaxAnswering(tone) && length > 350
    if (isFax && clearMs < greetingMs) return fax(atMs)
    previous = { ...tone }
    beep(tone, clearMs)
  }

  return {
    hear(tone, sounding, clearMs, atMs) {
      facts.length = 0
      if (tone) ended(tone, clearMs, atMs)
      const last = rising.at(-1)
      const next = sounding && last && sounding.onsetMs - last.endMs < sitWaitMs
      if (last && !next && atMs - last.endMs > sitWaitMs + 60) release(clearMs, atMs)
      const long = sounding && sounding.endMs - sounding.onsetMs > faxAnswerAfterMs
      if (long && isFaxAnswering(sounding)) fax(atMs)
      return facts
    },
  }
}

function within(value: number, range: { from: number; to: number }): boolean {
  return value >= range.from && value <= range.to
}

const isFaxCalling = ({ frequencyHz }: Tone) => Math.abs(frequencyHz - 1100) < 40
const isFaxAnswering = ({ frequencyHz }: Tone) => Math.abs(frequencyHz - 2100) < 40

/** Before anybody has spoken, these come from exchanges and fax machines. */
function isOfNetwork(tone: Tone): boolean {
  const isOfSit = sit.some((range) => within(tone.frequencyHz, range)) && within(tone.endMs - tone.onsetMs, sitLengthMs)
  return isCallProgress(tone) || isFaxCalling(tone) || isFaxAnswering(tone) || isOfSit
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
