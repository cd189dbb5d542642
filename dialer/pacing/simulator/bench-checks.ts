/** The "must show" table of the pacing issue, computed from the cells' results. Pure. */

import { LIMIT, type Measured } from './measure.ts'
import type { CellResult } from './run-cell.ts'

export interface Check {
  name: string
  value: number
  limit: number
  ok: boolean
}

const most = (name: string, value: number, limit: number): Check => ({ name, value: round(value), limit, ok: value <= limit })
const least = (name: string, value: number, limit: number): Check => ({ name, value: round(value), limit, ok: value >= limit })

export function checksOf(results: readonly CellResult[], decideMs: { team20: number; team500: number }): Check[] {
  const of = (group: CellResult['group']) => results.filter((result) => result.group === group)
  const plain = of('plain')
  const peerOf = (cell: CellResult): CellResult => plain.find((other) => other.name === cell.name) ?? cell
  const against = (cells: CellResult[], peer: (cell: CellResult) => Measured | undefined): number[] =>
    cells.flatMap((cell) => {
      const other = peer(cell)
      return other ? [idle(cell, peerOf(cell).progressive) / (1 - other.occupancy)] : []
    })
  const twins = of('twin').map(gainShare)
  const days = [...plain, ...of('told'), ...of('twin'), ...of('stress')]
  const within = sum(days.map((cell) => cell.ours.daysWithin)) / sum(days.map((cell) => cell.ours.days))
  return [
    most('idle against VICIdial tuned, geometric mean', mean(against(plain, (cell) => cell.vicidial)), 0.62),
    most('the same, told each lead', mean(against(of('told'), (cell) => peerOf(cell).vicidial)), 0.55),
    most('idle against VICIdial default, geometric mean', mean(against(plain, (cell) => cell.vicidialDefault)), 0.24),
    most('worst cell against the best tuned peer', Math.max(...against(plain, bestPeer)), 0.9),
    least('share of the possible gain on twins, mean', sum(twins) / twins.length, 0.95),
    least('share of the possible gain on twins, worst', Math.min(...twins), 0.75),
    most('stress cells, worst idle against VICIdial tuned', Math.max(...against(of('stress'), (cell) => cell.vicidial)), 0.8),
    least('campaign-days with at most 3 % abandoned', within, 0.99),
    least(
      'at a 1 % target, least occupancy above VICIdial tuned at 3 %',
      Math.min(...of('one-percent').map((cell) => cell.ours.occupancy - (peerOf(cell).vicidial?.occupancy ?? 1))),
      0,
    ),
    most('decide(), ms at 20 agents', decideMs.team20, 0.1),
    most('decide(), ms at 500 agents', decideMs.team500, 1),
  ]
}

/** A cell over the limit counts as progressive. */
export function idle(cell: CellResult, progressive: Measured | undefined): number {
  const over = cell.ours.abandonment > LIMIT && cell.group !== 'one-percent'
  return 1 - (over && progressive ? progressive.occupancy : cell.ours.occupancy)
}

export function bestPeer(cell: CellResult): Measured | undefined {
  const peers = [cell.vicidial, cell.ratio, cell.pi].filter((peer) => peer !== undefined)
  return peers.sort((a, b) => b.occupancy - a.occupancy)[0]
}

export function gainShare(cell: CellResult): number {
  const { optimum = 1, exactProgressive = 0 } = cell
  return (cell.ours.occupancy - exactProgressive) / (optimum - exactProgressive)
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => Math.exp(sum(values.map(Math.log)) / values.length)
const round = (value: number): number => Number(value.toPrecision(3))
