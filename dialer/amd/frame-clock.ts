/**
 * Cuts audio of any chunk length into frames of 10 ms by the clock of the call. A gap between chunks is time without
 * audio (silence suppression, lost packets) and comes out as frames that are null. Pure; used by the detector and by
 * whoever shows it recorded calls.
 */
import { frameMs, hop } from './frame-analysis.ts'

/** Less than this is jitter of the clock, not missing audio. */
const jitterMs = 15

export interface FrameClock {
  /** The end of the last whole frame, in ms since the answer. */
  readonly atMs: number
  /** Calls `hear` for each frame that is complete. Without samples: time has passed up to `atMs`. */
  feed(samples: Int16Array, atMs: number): void
}

export function createFrameClock(hear: (samples: Int16Array | null) => void): FrameClock {
  const frame = new Int16Array(hop)
  let filled = 0
  let heardMs = 0

  function emit(samples: Int16Array | null): void {
    heardMs += frameMs
    hear(samples)
  }

  function pass(untilMs: number): void {
    if (filled > 0 && untilMs >= heardMs + frameMs) {
      frame.fill(0, filled)
      filled = 0
      emit(frame)
    }
    while (heardMs + frameMs <= untilMs) emit(null)
  }

  return {
    get atMs() {
      return heardMs
    },
    feed(samples, atMs) {
      if (samples.length === 0 || atMs > heardMs + (filled * frameMs) / hop + jitterMs) pass(atMs)
      for (let n = 0; n < samples.length; n++) {
        frame[filled++] = samples[n] ?? 0
        if (filled < hop) continue
        filled = 0
        emit(frame)
      }
    },
  }
}
