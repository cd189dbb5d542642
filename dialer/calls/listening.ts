/**
 * Our detector on live calls: asks the switch for what a callee says, feeds the detector of that call packet by packet,
 * and reports what it finds as events of the call. In a silence without packets it tells the detector that time passes.
 * A call that cannot be heard is reported so, or as `unsure`; it is never lost here. Owned by engine.ts.
 */
import type { Detector, DetectorFact } from '../amd/detector.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { HeardAudio, Telephony } from '../telephony/telephony.ts'
import type { CallEvent } from './call.ts'
import { createHearing, type Heard } from './hearing.ts'

export interface ListenedCall {
  id: string
  answeredAt: number
  /** In milliseconds; 0: none. */
  keepAudioMs: number
  /** What the call is told; absent in shadow mode. */
  report?: (event: CallEvent) => void
}

export interface Listening {
  start(call: ListenedCall): void
  /** The call is over; what was heard of it. */
  stop(callId: string): Heard | undefined
  close(): void
}

export interface ListeningDeps {
  telephony: Pick<Telephony, 'listen' | 'stopListening'>
  createDetector: () => Detector
  clock: Clock
  log: Log
}

/** Without a single packet for this long we give up waiting: a person would hear silence for no reason. */
const noAudioMs = 2000
/** After a verdict for a person a beep may still come: the greeting was short, or had a pause. */
const lateBeepMs = 15_000
/** How often a call without packets is told that time passes. */
const tickMs = 100

interface Ear {
  hear(audio: HeardAudio): void
  /** Called now and then: nothing may have come for a while. */
  timePasses(): void
  summary(): Heard
}

const noSamples = new Int16Array(0)

export function createListening({ telephony, createDetector, clock, log }: ListeningDeps): Listening {
  const ears = new Map<string, Ear>()
  /** Those whose channels are still up on the switch. */
  const open = new Set<string>()
  let cancelTick: (() => void) | undefined

  function openEar(call: ListenedCall): Ear {
    const { id, answeredAt } = call
    const detector = createDetector()
    const hearing = createHearing(call)
    let lastHeardAt: number | undefined
    let decided = false
    let until = Number.POSITIVE_INFINITY

    function tell(fact: DetectorFact): void {
      if (fact.type === 'verdict') {
        if (decided) return
        decided = true
        if (fact.verdict !== 'machine') until = clock.now() + lateBeepMs
      }
      hearing.note(fact)
      const event = callEventOf(fact, answeredAt, clock.now())
      if (event) call.report?.(event)
    }
    const giveUp = (reason: string) =>
      tell({ type: 'verdict', atMs: clock.now() - answeredAt, verdict: 'unsure', reason, confidence: 0, features: {} })

    function detect(samples: Int16Array, at: number): void {
      try {
        for (const fact of detector.feed(samples, at - answeredAt)) tell(fact)
      } catch (error) {
        log.error({ attemptId: id, err: error }, 'the detector failed')
        close(id)
        giveUp('the detector failed')
      }
      if (clock.now() >= until) close(id)
    }
    return {
      hear(audio) {
        lastHeardAt = clock.now()
        hearing.took(audio, lastHeardAt)
        detect(audio.samples, audio.at)
      },
      timePasses() {
        const now = clock.now()
        if (lastHeardAt === undefined && now - answeredAt >= noAudioMs) giveUp('no audio arrived')
        if (lastHeardAt !== undefined && now - lastHeardAt >= tickMs) detect(noSamples, now)
      },
      summary: hearing.summary,
    }
  }

  function tick(): void {
    for (const id of open) ears.get(id)?.timePasses()
    cancelTick = open.size > 0 ? clock.after(tickMs, tick) : undefined
  }

  function close(id: string): void {
    if (!open.delete(id)) return
    telephony
      .stopListening(id)
      .catch((error) => log.warn({ attemptId: id, err: messageOf(error) }, 'the ear of a call was not taken down'))
  }

  return {
    start(call) {
      const { id } = call
      const ear = openEar(call)
      ears.set(id, ear)
      open.add(id)
      cancelTick ??= clock.after(tickMs, tick)
      telephony
        .listen(id, (audio) => open.has(id) && ear.hear(audio))
        .catch((error) => {
          if (!open.delete(id)) return
          log.warn({ attemptId: id, err: messageOf(error) }, 'a call cannot be listened to')
          call.report?.({ type: 'listening_failed', at: clock.now(), why: `we could not listen: ${messageOf(error)}` })
        })
    },
    stop(callId) {
      close(callId)
      const heard = ears.get(callId)?.summary()
      ears.delete(callId)
      return heard
    },
    close() {
      cancelTick?.()
      for (const id of open) close(id)
      ears.clear()
    },
  }
}

function callEventOf(fact: DetectorFact, answeredAt: number, now: number): CallEvent | undefined {
  switch (fact.type) {
    case 'verdict': {
      const { verdict, reason, greetingEndMs } = fact
      const greeting = greetingEndMs === undefined ? {} : { greetingEndedAt: answeredAt + greetingEndMs }
      return { type: 'detected', at: now, verdict, cause: reason, detector: 'outpace', ...greeting }
    }
    case 'greeting_ended':
      return { type: 'greeting_ended', at: answeredAt + fact.atMs }
    case 'beep':
      return { type: 'beep', at: answeredAt + fact.endMs }
    case 'tone':
      return undefined
  }
}
