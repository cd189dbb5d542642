/**
 * The trained model: a sum of shallow trees over the features, turned into the probability that a machine speaks, and
 * the thresholds that were chosen with it on the validation part. The weights are weights.json, written by
 * `make train-amd`. Pure arithmetic, no allocation.
 */

import { featureNames } from './features.ts'
import weights from './weights.json' with { type: 'json' }

/** A tree as parallel lists; a leaf has feature -1 and its value in `value`. */
export interface Tree {
  feature: number[]
  /** The split: less goes left; or the leaf's value. */
  value: number[]
  left: number[]
  right: number[]
}

export interface Model {
  features: readonly string[]
  bias: number
  trees: Tree[]
  policy: Policy
}

/** When a probability becomes a verdict. */
export interface Policy {
  /** At least this: a machine. */
  machine: number
  /** A pause of `shortPauseMs` and at most this: a person. */
  human: number
  shortPauseMs: number
  /** A pause of `longPauseMs` and at most this: a person too. */
  doubt: number
  longPauseMs: number
  /** Nobody is kept waiting longer. */
  longestPauseMs: number
}

export const model: Model = weights

/** The probability that this is a machine, 0 to 1. */
export function machineProbability(vector: Float64Array, { bias, trees }: Pick<Model, 'bias' | 'trees'> = model): number {
  let sum = bias
  for (const tree of trees) {
    let node = 0
    for (let feature = tree.feature[0] ?? -1; feature >= 0; feature = tree.feature[node] ?? -1)
      node = ((vector[feature] ?? 0) < (tree.value[node] ?? 0) ? tree.left[node] : tree.right[node]) ?? 0
    sum += tree.value[node] ?? 0
  }
  return 1 / (1 + Math.exp(-sum))
}

/** Weights that were trained on other features must not be used. */
export function fits(candidate: Model): boolean {
  return candidate.features.length === featureNames.length && candidate.features.every((name, n) => name === featureNames[n])
}
