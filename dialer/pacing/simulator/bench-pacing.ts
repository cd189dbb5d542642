/**
 * `make bench-pacing`: runs every cell in two worker processes (`--processes=1` spares a shared machine), prints the table, writes
 * var/reports/pacing.json and exits 1 if a check fails. `--only=stress` (or another group) runs a part;
 * `--merge` keeps the report's other cells, each with the commit that measured it.
 * The only files of the pacing room with I/O are this one, bench-worker.ts, simulate.ts and uplot.ts.
 */
import { execFileSync, fork } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measureAnswerModel } from './bench-answer-model.ts'
import { bestPeer, checksOf, gainShare } from './bench-checks.ts'
import { allCells, type Cell } from './cells.ts'
import { decideMs } from './decide-speed.ts'
import type { Measured } from './measure.ts'
import type { CellResult } from './run-cell.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    out: { type: 'string', default: 'var/reports/pacing.json' },
    processes: { type: 'string', default: '2' },
    merge: { type: 'boolean', default: false },
  },
})
const PROCESSES = Number(values.processes)

type Cells = (CellResult & { commit?: string })[]

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const started = Date.now()
const cells = allCells().filter((cell) => !values.only || values.only.split(',').includes(cell.group))
const results = await runAll(cells)
const clock = () => performance.now()
decideMs(20, clock) // warms the compiler up
const speed = { team20: decideMs(20, clock), team500: decideMs(500, clock) }
report(withEarlier(results.map((result) => ({ ...result, commit }))))

/** Longest first, each worker takes the next cell when it is done. */
async function runAll(todo: readonly Cell[]): Promise<CellResult[]> {
  const cost = (cell: Cell) => cell.days * cell.world.agents * (cell.world.hours ?? 8) * (cell.group === 'plain' ? 5 : 1)
  const all = allCells().map((cell) => `${cell.group} ${cell.name}`)
  const queue = todo
    .map((cell) => ({ cell, index: all.indexOf(`${cell.group} ${cell.name}`) }))
    .sort((a, b) => cost(b.cell) - cost(a.cell))
  const done: CellResult[] = []
  const worker = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(new URL('./bench-worker.ts', import.meta.url))
      let current = -1
      const next = () => {
        const job = queue.shift()
        if (!job) return child.disconnect()
        current = job.index
        child.send(job.index)
      }
      child.on('message', (message: CellResult) => {
        done[current] = message
        process.stderr.write(`${Math.round((Date.now() - started) / 1000)} s  ${line(message)}\n`)
        next()
      })
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`worker ended with ${code}`))))
      next()
    })
  await Promise.all(Array.from({ length: PROCESSES }, worker))
  return done.filter((result) => result !== undefined)
}

/** With `--merge`, the cells of the report that were not run now. */
function withEarlier(fresh: Cells): Cells {
  if (!values.merge) return fresh
  const report: { commit: string; figures: { cells: Cells } } = JSON.parse(readFileSync(values.out, 'utf8'))
  const rerun = new Set(cells.map((cell) => cell.group))
  const kept = report.figures.cells.filter((cell) => !rerun.has(cell.group))
  return [...kept.map((cell) => ({ commit: report.commit, ...cell })), ...fresh]
}

function report(found: Cells): void {
  const checks = checksOf(found, speed).filter((check) => Number.isFinite(check.value))
  for (const result of found) console.log(line(result))
  console.log()
  for (const { name, value, limit, ok } of checks)
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(62)} ${value}  (limit ${limit})`)
  const minutes = (Date.now() - started) / 60_000
  console.log(`\n${found.length} cells in ${minutes.toFixed(1)} minutes on ${PROCESSES} processes`)
  const file = values.out
  mkdirSync(file.slice(0, file.lastIndexOf('/') + 1) || '.', { recursive: true })
  const { calibrationError, logLoss, logLossOfOneRate, model } = measureAnswerModel()
  const answerModel = { calibrationError, logLoss, logLossOfOneRate, tenths: model.calibration() }
  const body = {
    name: 'pacing',
    at: new Date().toISOString(),
    commit,
    figures: { minutes, decideMs: speed, answerModel, cells: found },
    checks,
  }
  writeFileSync(file, `${JSON.stringify(body, null, 1)}\n`)
  if (checks.some((check) => !check.ok)) process.exitCode = 1
}

function line(result: CellResult): string {
  const parts = [
    result.group.padEnd(11),
    result.name.padEnd(32),
    `ours ${figure(result.ours)} days ${result.ours.daysWithin}/${result.ours.days}`,
  ]
  const peers = {
    progressive: result.progressive,
    default: result.vicidialDefault,
    VICIdial: result.vicidial,
    ratio: result.ratio,
    PI: result.pi,
  }
  for (const [name, peer] of Object.entries(peers)) if (peer) parts.push(`${name} ${figure(peer)}`)
  if (result.vicidial) parts.push(`idle ratio ${((1 - result.ours.occupancy) / (1 - result.vicidial.occupancy)).toFixed(2)}`)
  const best = bestPeer(result)
  if (best && result.group === 'plain') parts.push(`best ${((1 - result.ours.occupancy) / (1 - best.occupancy)).toFixed(2)}`)
  if (result.optimum !== undefined)
    parts.push(`optimum ${(100 * result.optimum).toFixed(1)} share ${gainShare(result).toFixed(3)}`)
  return parts.join('  ')
}

function figure(measured: Measured): string {
  return `${(100 * measured.occupancy).toFixed(1)} (${(100 * measured.abandonment).toFixed(2)})`
}
