/**
 * The ROC curve: for each threshold, how many people are taken for machines and how many machines are caught in time.
 * Drawn as SVG with Asterisk's AMD as points beside it. Pure.
 */
import type { Policy } from '../../dialer/amd/model.ts'
import { firstWordMs } from './outcomes.ts'
import { ending, machineWithinMs, type Trial } from './thresholds.ts'

export interface CurvePoint {
  falseMachines: number
  caught: number
}

export function curveOf(trials: readonly Trial[], policy: Policy): CurvePoint[] {
  const people = trials.filter(({ item }) => item.label === 'human')
  const machines = trials.filter(({ item }) => item.label === 'machine')
  return Array.from({ length: 60 }, (_, n) => 1 / (1 + Math.exp(-(-3 + n * 0.15)))).map((machine) => {
    const at = { ...policy, machine }
    const taken = people.filter((trial) => ending(trial, at).verdict === 'machine')
    const caught = machines.filter((trial) => {
      const { verdict, atMs } = ending(trial, at)
      return verdict === 'machine' && atMs <= firstWordMs(trial.item) + machineWithinMs
    })
    return { falseMachines: taken.length / people.length, caught: caught.length / machines.length }
  })
}

export interface Series {
  name: string
  colour: string
  /** One point is drawn as a dot. */
  points: CurvePoint[]
}

const size = { width: 640, height: 480, left: 60, right: 20, top: 20, bottom: 50 }
/** People taken for machines on a logarithmic axis from 0.1 % to 50 %. */
const range = { from: 0.001, to: 0.5 }

export function drawCurve(series: readonly Series[]): string {
  const across = size.width - size.left - size.right
  const down = size.height - size.top - size.bottom
  const x = (share: number) =>
    size.left +
    (across * Math.log(Math.max(range.from, Math.min(range.to, share)) / range.from)) / Math.log(range.to / range.from)
  const y = (share: number) => size.top + down * (1 - share)
  const text = (at: [number, number], words: string, more = '') => `<text x="${at[0]}" y="${at[1]}" ${more}>${words}</text>`
  const vertical = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3].map(
    (share) =>
      `<path class="grid" d="M${x(share)} ${size.top}V${size.top + down}"/>${text([x(share), size.top + down + 18], `${100 * share} %`, 'text-anchor="middle"')}`,
  )
  const horizontal = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (share) =>
      `<path class="grid" d="M${size.left} ${y(share)}H${size.left + across}"/>${text([size.left - 8, y(share) + 4], `${Math.round(100 * share)} %`, 'text-anchor="end"')}`,
  )
  const lines = series.map(({ colour, points }) => {
    const [only] = points
    if (points.length === 1 && only)
      return `<circle cx="${x(only.falseMachines)}" cy="${y(only.caught)}" r="5" fill="${colour}"/>`
    const path = points.map(({ falseMachines, caught }) => `${x(falseMachines).toFixed(1)} ${y(caught).toFixed(1)}`).join('L')
    return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`
  })
  const legend = series.map(({ name, colour }, n) => {
    const line = size.top + down - 20 * (series.length - n)
    return `<rect x="${size.left + across - 250}" y="${line - 9}" width="12" height="10" fill="${colour}"/>${text([size.left + across - 232, line], name)}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" font-family="sans-serif" font-size="12">
<style>.grid{stroke:#ddd}</style><rect width="100%" height="100%" fill="#fff"/>
${[...vertical, ...horizontal, ...lines, ...legend].join('\n')}
${text([size.left + across / 2, size.height - 10], 'people taken for machines', 'text-anchor="middle"')}
${text([14, size.top + down / 2], 'machines caught within 5 s of the first word', `text-anchor="middle" transform="rotate(-90 14 ${size.top + down / 2})"`)}
</svg>
`
}
