/**
 * The algorithm of Asterisk's app_amd on recorded packets, to compare with: words and silences by the mean level of
 * each packet of 20 ms. Written from its documented behaviour, not from its source; app-amd-live.ts checks it against
 * the real one. Packets that do not arrive are not counted, until 100 ms pass without any.
 */

export interface AmdSettings {
  initialSilenceMs: number
  greetingMs: number
  afterGreetingSilenceMs: number
  totalMs: number
  shortestWordMs: number
  betweenWordsMs: number
  words: number
  silenceThreshold: number
  longestWordMs: number
}

/** pbx-config/templates/amd.conf, which are Asterisk's own. */
export const amdDefaults: AmdSettings = {
  ...{ initialSilenceMs: 2500, greetingMs: 1500, afterGreetingSilenceMs: 800, totalMs: 5000, shortestWordMs: 100 },
  ...{ betweenWordsMs: 50, words: 2, silenceThreshold: 256, longestWordMs: 5000 },
}

export interface AmdVerdict {
  status: 'HUMAN' | 'MACHINE' | 'NOTSURE' | 'HANGUP'
  cause: string
  atMs: number
}

/** A packet as the algorithm sees it. */
export interface PacketLevel {
  atMs: number
  lengthMs: number
  /** Mean of the samples without their signs. */
  level: number
}

export function levelsOf(packets: readonly { samples: Int16Array; atMs: number }[]): PacketLevel[] {
  return packets.map(({ samples, atMs }) => {
    let sum = 0
    for (const sample of samples) sum += Math.abs(sample)
    return { atMs, lengthMs: samples.length / 8, level: sum / samples.length }
  })
}

const waitMs = 100
/** Nothing comes after the last packet, for ever. */
const afterTheEnd: PacketLevel = { atMs: 1e6, lengthMs: 20, level: 0 }

export function appAmd(packets: readonly PacketLevel[], settings = amdDefaults): AmdVerdict {
  const heard = { voiceMs: 0, wordMs: 0, silenceMs: 0, totalMs: 0, words: 0 }
  let isInWord = true
  let isBeforeGreeting = true
  let expectedMs = 0

  function voice(lengthMs: number): string | undefined {
    heard.wordMs += lengthMs
    heard.voiceMs += lengthMs
    heard.silenceMs = 0
    if (heard.wordMs >= settings.shortestWordMs && !isInWord) {
      heard.words++
      isInWord = true
    }
    if (heard.wordMs >= settings.longestWordMs) return 'MAXWORDLENGTH'
    if (heard.words > settings.words) return 'MAXWORDS'
    if (!isBeforeGreeting && heard.voiceMs >= settings.greetingMs) return 'LONGGREETING'
    if (heard.wordMs >= settings.shortestWordMs) isBeforeGreeting = false
    return undefined
  }

  function quiet(lengthMs: number): string | undefined {
    heard.silenceMs += lengthMs
    if (heard.silenceMs >= settings.betweenWordsMs) {
      isInWord = false
      heard.wordMs = 0
    }
    if (isBeforeGreeting && heard.silenceMs >= settings.initialSilenceMs) return 'INITIALSILENCE'
    if (!isBeforeGreeting && heard.silenceMs >= settings.afterGreetingSilenceMs) return 'HUMAN'
    return undefined
  }

  for (const { atMs, lengthMs, level } of [...packets, afterTheEnd]) {
    for (; atMs - expectedMs >= waitMs; expectedMs += waitMs) {
      heard.totalMs += waitMs
      const cause = heard.totalMs >= settings.totalMs ? 'TOOLONG' : quiet(waitMs)
      if (cause) return told(cause, expectedMs + waitMs)
    }
    expectedMs = atMs + lengthMs
    heard.totalMs += lengthMs
    if (heard.totalMs >= settings.totalMs) return told('TOOLONG', expectedMs)
    const cause = level < settings.silenceThreshold ? quiet(lengthMs) : voice(lengthMs)
    if (cause) return told(cause, expectedMs)
  }
  return { status: 'HANGUP', cause: '', atMs: expectedMs }
}

function told(cause: string, atMs: number): AmdVerdict {
  const status = cause === 'HUMAN' ? 'HUMAN' : cause === 'TOOLONG' ? 'NOTSURE' : 'MACHINE'
  return { status, cause, atMs }
}
