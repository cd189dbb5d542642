/**
 * Gradient boosting of shallow trees for a yes or no, by histograms: the trainer of dialer/amd/weights.json and of the
 * corpus' own checks. Written for some 100,000 rows of some 30 features; the same input and seed give the same trees.
 */
import type { Tree } from '../../dialer/amd/model.ts'
import { type Random, seeded } from '../chance.ts'

export interface Rows {
  /** One array per feature. */
  columns: Float32Array[]
  /** 1: yes. */
  targets: Uint8Array
  weights: Float32Array
}

export interface BoostingOptions {
  trees: number
  depth: number
  rate: number
  /** A leaf holds at least this much weight. */
  leastWeight: number
  /** Of the rows, for each tree. */
  sample: number
  seed: number
}

const bins = 64

export function boost(rows: Rows, options: BoostingOptions): { bias: number; trees: Tree[] } {
  const count = rows.targets.length
  const random = seeded(options.seed)
  const cuts = rows.columns.map((column) => quantiles(column))
  const binned = rows.columns.map((column, f) => Uint8Array.from(column, (value) => binOf(cuts[f] ?? [], value)))
  const positive = rows.targets.reduce((sum, target, n) => sum + target * (rows.weights[n] ?? 0), 0)
  const whole = rows.weights.reduce((sum, weight) => sum + weight, 0)
  const bias = Math.log(positive / (whole - positive))
  const scores = new Float64Array(count).fill(bias)
  const gradients = new Float64Array(count)
  const hessians = new Float64Array(count)
  const trees: Tree[] = []
  for (let n = 0; n < options.trees; n++) {
    for (let row = 0; row < count; row++) {
      const said = 1 / (1 + Math.exp(-(scores[row] ?? 0)))
      const weight = rows.weights[row] ?? 0
      gradients[row] = weight * ((rows.targets[row] ?? 0) - said)
      hessians[row] = weight * said * (1 - said)
    }
    const tree = grow(binned, cuts, gradients, hessians, rows.weights, chosen(random, count, options.sample), options)
    for (let row = 0; row < count; row++) scores[row] = (scores[row] ?? 0) + leafValue(tree, rows.columns, row)
    trees.push(tree)
  }
  return { bias, trees }
}

function chosen(random: Random, count: number, share: number): Uint32Array {
  const rows: number[] = []
  for (let row = 0; row < count; row++) if (random() < share) rows.push(row)
  return Uint32Array.from(rows)
}

function quantiles(column: Float32Array): number[] {
  const sorted = column.slice().sort()
  const cuts: number[] = []
  for (let n = 1; n < bins; n++) {
    const value = sorted[Math.floor((n * sorted.length) / bins)] ?? 0
    if (value !== cuts.at(-1)) cuts.push(value)
  }
  return cuts
}

/** How many cuts are at most this value. */
function binOf(cuts: number[], value: number): number {
  let low = 0
  let high = cuts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cuts[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low
}

function grow(
  binned: Uint8Array[],
  cuts: number[][],
  gradients: Float64Array,
  hessians: Float64Array,
  weights: Float32Array,
  rows: Uint32Array,
  { depth, rate, leastWeight }: BoostingOptions,
): Tree {
  const tree: Tree = { feature: [], value: [], left: [], right: [] }
  const regular = 5
  const node = (members: Uint32Array, level: number): number => {
    const index = tree.feature.length
    tree.feature.push(-1)
    tree.value.push(0)
    tree.left.push(0)
    tree.right.push(0)
    const total = { g: 0, h: 0, w: 0 }
    for (const row of members) {
      total.g += gradients[row] ?? 0
      total.h += hessians[row] ?? 0
      total.w += weights[row] ?? 0
    }
    const best = level < depth ? bestSplit(members, total) : undefined
    if (!best) {
      tree.value[index] = round((rate * total.g) / (total.h + regular))
      return index
    }
    const column = binned[best.feature] ?? new Uint8Array()
    tree.feature[index] = best.feature
    tree.value[index] = cuts[best.feature]?.[best.bin] ?? 0
    tree.left[index] = node(
      members.filter((row) => (column[row] ?? 0) <= best.bin),
      level + 1,
    )
    tree.right[index] = node(
      members.filter((row) => (column[row] ?? 0) > best.bin),
      level + 1,
    )
    return index
  }

  function bestSplit(members: Uint32Array, total: { g: number; h: number; w: number }) {
    const before = total.g ** 2 / (total.h + regular)
    let best: { feature: number; bin: number; gain: number } | undefined
    const g = new Float64Array(bins)
    const h = new Float64Array(bins)
    const w = new Float64Array(bins)
    for (const [feature, column] of binned.entries()) {
      g.fill(0)
      h.fill(0)
      w.fill(0)
      for (const row of members) {
        const bin = column[row] ?? 0
        g[bin] = (g[bin] ?? 0) + (gradients[row] ?? 0)
        h[bin] = (h[bin] ?? 0) + (hessians[row] ?? 0)
        w[bin] = (w[bin] ?? 0) + (weights[row] ?? 0)
      }
      const left = { g: 0, h: 0, w: 0 }
      for (let bin = 0; bin < (cuts[feature]?.length ?? 0); bin++) {
        left.g += g[bin] ?? 0
        left.h += h[bin] ?? 0
        left.w += w[bin] ?? 0
        if (left.w < leastWeight || total.w - left.w < leastWeight) continue
        const gain = left.g ** 2 / (left.h + regular) + (total.g - left.g) ** 2 / (total.h - left.h + regular) - before
        if (gain > (best?.gain ?? 1e-6)) best = { feature, bin, gain }
      }
    }
    return best
  }

  node(rows, 0)
  return tree
}

function leafValue(tree: Tree, columns: Float32Array[], row: number): number {
  let node = 0
  for (let feature = tree.feature[0] ?? -1; feature >= 0; feature = tree.feature[node] ?? -1)
    node = ((columns[feature]?.[row] ?? 0) < (tree.value[node] ?? 0) ? tree.left[node] : tree.right[node]) ?? 0
  return tree.value[node] ?? 0
}

const round = (value: number) => Math.round(value * 1e5) / 1e5

/** The area under the ROC curve: 0.5 is chance. */
export function areaUnderCurve(scores: readonly number[], targets: readonly number[]): number {
  const order = scores.map((score, n) => ({ score, target: targets[n] ?? 0 })).sort((a, b) => a.score - b.score)
  let rankSum = 0
  let positives = 0
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && order[to]?.score === order[from]?.score) to++
    for (let n = from; n < to; n++)
      if (order[n]?.target === 1) {
        rankSum += (from + to + 1) / 2
        positives++
      }
    from = to
  }
  const negatives = order.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}
