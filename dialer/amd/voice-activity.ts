/**
 * Is somebody speaking in this frame? The level is compared with a noise floor that follows the line (the least level
 * of the last 1.6 s), and broadband noise needs more of it than something with a pitch. A line that is noisy from the
 * first frame on is told from speech by its voicing. Pure; one per call.
 */
import type { Frame } from './frame-analysis.ts'

/** The floor is the least of the smoothed levels of this many blocks of 100 ms. */
const blocks = 16
const framesPerBlock = 10
/** Nothing below this is speech, nothing above the second is called noise without proof. */
const faintestDb = -52
const quietestDb = -72
const unprovenFloorDb = -46
const provenFrames = 80
/** A sound that keeps its level so well for so long is the line's. */
const steadyFrames = 25
const steadyDb = 7
const settlingFrames = 4
/** The minimum of a noise lies below its mean. */
const biasDb = 2

export interface VoiceActivity {
  readonly floorDb: number
  /** How loud speech has been, smoothed; for the signal-to-noise ratio. */
  readonly speechDb: number
  /** What was taken for speech up to this frame was the noise of the line. */
  readonly wasMistaken: boolean
  hear(frame: Frame): boolean
}

export function createVoiceActivity(): VoiceActivity {
  const minima = new Float64Array(blocks).fill(Number.POSITIVE_INFINITY)
  let block = 0
  let inBlock = 0
  let heard = 0
  let smoothDb = Number.NaN
  let floorDb = quietestDb
  let speechDb = Number.NaN
  let voicing = 0
  let levels = 0
  let isProven = false
  let wasMistaken = false

  function followFloor(): void {
    heard++
    // The smoothing needs a few frames before it says anything about the line.
    if (heard > settlingFrames) minima[block] = Math.min(minima[block] ?? 0, smoothDb)
    if (++inBlock === framesPerBlock) {
      inBlock = 0
      block = (block + 1) % blocks
      minima[block] = Number.POSITIVE_INFINITY
    }
    let least = Number.POSITIVE_INFINITY
    for (let n = 0; n < blocks; n++) least = Math.min(least, minima[n] ?? least)
    if (least === Number.POSITIVE_INFINITY) return
    // Somebody may have been speaking since the first frame: a loud floor is believed when it is steady, or lasted.
    const target = Math.max(quietestDb, least + biasDb)
    if (heard <= steadyFrames) levels += smoothDb / (steadyFrames - settlingFrames)
    wasMistaken = heard === steadyFrames && target > unprovenFloorDb && levels - least < steadyDb
    isProven ||= wasMistaken || heard > provenFrames
    floorDb = isProven ? target : Math.min(target, Math.max(floorDb, unprovenFloorDb))
    if (wasMistaken) speechDb = Number.NaN
  }

  return {
    get floorDb() {
      return floorDb
    },
    get speechDb() {
      return Number.isNaN(speechDb) ? floorDb : speechDb
    },
    get wasMistaken() {
      return wasMistaken
    },
    hear(frame) {
      wasMistaken = false
      if (frame.missing) return false
      smoothDb = Number.isNaN(smoothDb) ? frame.bandDb : smoothDb + 0.3 * (frame.bandDb - smoothDb)
      followFloor()
      voicing += 0.4 * (frame.voicing - voicing)
      const margin = voicing > 0.6 ? 7 : voicing > 0.45 ? 9 : 11
      // In a loud background other voices must not count: they are far below the one that was heard.
      const threshold = Math.max(
        faintestDb,
        floorDb + margin,
        Number.isNaN(speechDb) ? faintestDb : Math.min(speechDb - 9, floorDb + 20),
      )
      const isSpeech = Math.min(frame.bandDb, smoothDb + 3) > threshold
      if (isSpeech) speechDb = Number.isNaN(speechDb) ? frame.bandDb : speechDb + 0.05 * (frame.bandDb - speechDb)
      return isSpeech
    },
  }
}
