/**
 * `make bench-load`: the highest rate that the engine with its full job carries for five minutes beside the highest of a bare
 * ARI loop, found in the same way on the same floor; then agents in simultaneous talks, and memory for a call in flight.
 * Report: var/reports/load.json, with plots in load.html. `--confirm-seconds` and the like make a short trial; `--only=talks` a part.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Check, report } from '../report.ts'
import { startBareLoop } from './bare.ts'
import { startEngineLoop } from './engine-loop.ts'
import { type Floor, openFloor } from './floor.ts'
import { findHighestRate, type HighestRate } from './highest-rate.ts'
import { loadPage } from './load-page.ts'
import { isHeld, type Load, type LoadRun, type Loop, quantile, waitLimitMs } from './loop.ts'
import { type MemoryPerCall, measureMemory } from './memory.ts'
import { holdTalks, type TalksRun } from './talks.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'rate,talks,memory' },
    agents: { type: 'string', default: '200' },
    talks: { type: 'string', default: '300' },
    leads: { type: 'string', default: '1000000' },
    calls: { type: 'string', default: '1000' },
    from: { type: 'string', default: '20' },
    'probe-seconds': { type: 'string', default: '20' },
    'confirm-seconds': { type: 'string', default: '300' },
  },
})
const parts = values.only.split(',')
const search = {
  from: Number(values.from),
  probeSeconds: Number(values['probe-seconds']),
  confirmSeconds: Number(values['confirm-seconds']),
}
const say = (text: string) => process.stdout.write(`${text}\n`)
const round = (value: number, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits

async function highestOf(name: string, loop: Loop): Promise<HighestRate> {
  say(`${name}: looking for the highest rate`)
  const run = async (load: Load) => {
    const result = await loop.run(load)
    say(`  ${describe(load, result)}${isHeld(load, result) ? '' : '  not held'}`)
    return result
  }
  // Compiles what is hot; counts for nothing.
  await loop.run({ callsPerSecond: search.from / 2, seconds: 10 })
  return findHighestRate(run, search)
}

const describe = ({ callsPerSecond, seconds }: Load, { placed, lost, waits, cpuMsPerCall }: LoadRun) =>
  `${callsPerSecond} calls/s for ${seconds} s: ${placed} placed, ${lost} lost, answer -> bridged p50 ${round(quantile(waits, 0.5))} ` +
  `p99 ${round(quantile(waits, 0.99))} ms, ${round(cpuMsPerCall)} ms CPU a call`

interface Found {
  rate?: { engine: HighestRate; bare: HighestRate }
  talks?: TalksRun
  memory?: MemoryPerCall
}

async function measure(floor: Floor): Promise<Found> {
  const found: Found = {}
  if (parts.includes('rate')) {
    const ours = await startEngineLoop(floor, { agents: Number(values.agents) })
    const engine = await highestOf('the engine', ours)
    if (parts.includes('memory'))
      found.memory = await measureMemory(ours, { leads: Number(values.leads), calls: Number(values.calls) })
    await ours.stop()
    const base = await startBareLoop(floor, Number(values.agents))
    found.rate = { engine, bare: await highestOf('the bare ARI loop', base) }
    await base.stop()
  }
  if (parts.includes('talks')) {
    const agents = Number(values.talks)
    say(`${agents} simultaneous talks`)
    const loop = await startEngineLoop(floor, { agents, voice: 'speech' })
    found.talks = await holdTalks(floor, loop, agents)
    await loop.stop()
  }
  return found
}

function figuresOf({ rate, talks, memory }: Found): Record<string, unknown> {
  const waits = rate?.engine.confirmed?.waits ?? []
  return {
    ...(rate && {
      'engine, calls per second': rate.engine.callsPerSecond,
      'bare loop, calls per second': rate.bare.callsPerSecond,
      'answer -> bridged p50 / p99 / max, ms': [0.5, 0.99, 1].map((share) => round(quantile(waits, share))).join(' / '),
      'engine CPU per attempt, ms': round(rate.engine.confirmed?.cpuMsPerCall ?? Number.NaN),
      'bare loop CPU per call, ms': round(rate.bare.confirmed?.cpuMsPerCall ?? Number.NaN),
    }),
    ...(talks && { 'simultaneous talks with audio both ways': talks.flowing, 'packets missing, %': round(talks.lostPercent) }),
    ...(memory && {
      'calls in flight, leads due': `${memory.callsInFlight}, ${memory.leadsDue}`,
      'heap, MB': round(memory.heapBytes / 1e6),
    }),
  }
}

function checksOf({ rate, talks, memory }: Found): Check[] {
  const checks: Check[] = []
  if (rate) {
    const { engine, bare } = rate
    const share = round(engine.callsPerSecond / bare.callsPerSecond)
    const cpu = round((engine.confirmed?.cpuMsPerCall ?? Number.NaN) / (bare.confirmed?.cpuMsPerCall ?? Number.NaN))
    const p99 = round(quantile(engine.confirmed?.waits ?? [], 0.99))
    checks.push(
      { name: 'highest rate / bare loop', value: share, limit: '>= 0.6', ok: share >= 0.6 },
      { name: 'answer -> bridged p99 at it, ms', value: p99, limit: `<= ${waitLimitMs}`, ok: p99 <= waitLimitMs },
      { name: 'lost at it', value: engine.confirmed?.lost ?? -1, limit: '0', ok: engine.confirmed?.lost === 0 },
      { name: 'engine CPU per attempt / bare loop', value: cpu, limit: '<= 2', ok: cpu <= 2 },
    )
  }
  if (talks) checks.push({ name: 'simultaneous talks', value: talks.flowing, limit: '>= 200', ok: talks.flowing >= 200 })
  if (memory) {
    const kilobytes = round(memory.bytesPerCall / 1000)
    checks.push({ name: 'memory per call in flight, KB', value: kilobytes, limit: '<= 20', ok: kilobytes <= 20 })
  }
  return checks
}

const floor = await openFloor('bench-load')
const ok = await measure(floor)
  .then((found) => {
    const held = report('load', figuresOf(found), checksOf(found))
    if (found.rate) writeFileSync('var/reports/load.html', loadPage(found.rate))
    return held
  })
  .catch((error: unknown) => {
    say(`The benchmark failed: ${error instanceof Error ? error.message : error}`)
    return false
  })
await floor.close()
process.exit(ok ? 0 : 1)
