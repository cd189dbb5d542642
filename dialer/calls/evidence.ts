/**
 * The evidence behind verdicts as the API shows it, and the end of its audio: recordings past their date are deleted once
 * an hour. Started and stopped by main.ts.
 */
import type { Clock } from '../clock.ts'
import { messageOf, OutpaceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Pool } from '../storage/database.ts'
import { alawWav } from './alaw-wav.ts'
import { deleteOldAudio, findAudio, listDetections, type StoredDetection } from './detection-store.ts'

export interface Evidence {
  /** Verdicts on this attempt: the one that counted first, then one given in shadow. Throws `not_found` where there is none. */
  of(attemptId: string): Promise<{ attemptId: string; detections: StoredDetection[]; audioUntil: Date | null }>
  /** The first seconds after the answer as a WAV file. Throws `not_found` where none is kept. */
  audio(attemptId: string): Promise<Buffer>
  start(): void
  stop(): void
}

const lookEveryMs = 3_600_000

export function createEvidence({ pool, clock, log }: { pool: Pool; clock: Clock; log: Log }): Evidence {
  /** Undefined once it is stopped. */
  let cancelTimer: (() => void) | undefined = () => {}

  async function keptAudio(attemptId: string) {
    const audio = await findAudio(pool, attemptId)
    return audio && audio.keepUntil.getTime() > clock.now() ? audio : undefined
  }

  async function deleteOld(): Promise<void> {
    const recordings = await deleteOldAudio(pool, new Date(clock.now()))
    if (recordings > 0) log.info({ recordings }, 'recordings past their date deleted')
  }

  function look(): void {
    deleteOld()
      .catch((error) => log.warn({ err: messageOf(error) }, 'old recordings could not be deleted'))
      .finally(() => {
        if (cancelTimer) cancelTimer = clock.after(lookEveryMs, look)
      })
  }

  return {
    async of(attemptId) {
      const detections = await listDetections(pool, attemptId)
      if (detections.length === 0) throw new OutpaceError('not_found', { what: 'verdict on the attempt', id: attemptId })
      return { attemptId, detections, audioUntil: (await keptAudio(attemptId))?.keepUntil ?? null }
    },
    async audio(attemptId) {
      const audio = await keptAudio(attemptId)
      if (!audio) throw new OutpaceError('not_found', { what: 'recording of the attempt', id: attemptId })
      return alawWav(audio.alaw)
    },
    start: look,
    stop() {
      cancelTimer?.()
      cancelTimer = undefined
    },
  }
}
