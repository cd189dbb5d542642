/**
 * `make bench-calls`: 10 answered calls a second, 100 agents, no detection. First the engine with all it does, then in the same
 * minutes the bare ARI loop on the same Asterisk. The short look at what `make bench-load` measures to its limit.
 * Report: var/reports/calls.json.
 */
import { startBareLoop } from './load/bare.ts'
import { startEngineLoop } from './load/engine-loop.ts'
import { openFloor } from './load/floor.ts'
import { type Loop, quantile } from './load/loop.ts'
import { report } from './report.ts'

const agents = 100
const callsPerSecond = 10
const seconds = Number(process.env.SECONDS ?? 60)
/** An engine runs for months, its first calls are spent compiling it: they count on neither side. */
const warmUpSeconds = 10

async function runOf(loop: Loop) {
  await loop.run({ callsPerSecond, seconds: warmUpSeconds })
  const run = await loop.run({ callsPerSecond, seconds })
  await loop.stop()
  return run
}

const round = (value: number) => Math.round(value * 100) / 100
const say = (text: string) => process.stdout.write(`${text}\n`)

const floor = await openFloor('bench-calls')

async function main(): Promise<boolean> {
  say(`the engine: ${agents} agents, ${callsPerSecond} calls a second for ${seconds} s`)
  const ours = await runOf(await startEngineLoop(floor, { agents }))
  say('the bare ARI loop, same switch, same rate')
  const bare = await runOf(await startBareLoop(floor, agents))
  const cpu = ours.cpuMsPerCall / bare.cpuMsPerCall
  const p99 = round(quantile(ours.waits, 0.99))
  const wanted = Math.floor(0.98 * callsPerSecond * seconds)
  return report(
    'calls',
    {
      'calls per second': callsPerSecond,
      agents,
      attempts: ours.placed,
      'answer -> bridged p50 / p99 / max, ms': [0.5, 0.99, 1].map((share) => round(quantile(ours.waits, share))).join(' / '),
      'bare loop, answer event -> bridged p50 / p99, ms': `${quantile(bare.waits, 0.5)} / ${quantile(bare.waits, 0.99)}`,
      'engine CPU per attempt, ms': round(ours.cpuMsPerCall),
      'bare loop CPU per call, ms': round(bare.cpuMsPerCall),
    },
    [
      { name: 'answer -> bridged p99, ms', value: p99, limit: '<= 150', ok: p99 <= 150 },
      { name: 'attempts lost, or unknown to the carrier', value: ours.lost, limit: '0', ok: ours.lost === 0 },
      { name: 'attempts placed', value: ours.placed, limit: `>= ${wanted}`, ok: ours.placed >= wanted },
      { name: 'engine CPU per attempt / bare loop', value: round(cpu), limit: '<= 3', ok: cpu <= 3 },
    ],
  )
}

const ok = await main().catch((error: unknown) => {
  say(`The benchmark failed: ${error instanceof Error ? error.message : error}`)
  return false
})
await floor.close()
process.exit(ok ? 0 : 1)
