/**
 * Is that music? Speech changes its spectrum with every sound, music holds notes: over some seconds both the change
 * from frame to frame and the wandering of the spectrum's middle are small. The limits lie below all machines of the
 * train part. Pure; asked by the detector some seconds after the first sound.
 */
import { featureNames } from './features.ts'

/** Asked that long after the first sound, and again twice. */
export const musicAfterMs = [4000, 6000, 8000]

const flux = featureNames.indexOf('fluxMean')
const wandering = featureNames.indexOf('centroidDeviationHz')

export function soundsLikeMusic(vector: Float64Array): boolean {
  return (vector[flux] ?? 1) < 0.3 && (vector[wandering] ?? 1000) < 130
}
