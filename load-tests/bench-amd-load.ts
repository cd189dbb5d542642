/**
 * `make bench-amd-load`: what detection costs on live audio. 300 streams of speech at real speed through the engine's way of
 * audio, without a switch; then 100 calls a minute through Asterisk, without detection and with it, and how much later the
 * agent is on the line because of it. Report: var/reports/amd-load.json.
 */
import type { Pool } from '../dialer/storage/database.ts'
import { runStreams } from './amd/streams.ts'
import { startEngineLoop } from './load/engine-loop.ts'
import { openFloor } from './load/floor.ts'
import { quantile } from './load/loop.ts'
import { report } from './report.ts'

const streams = Number(process.env.STREAMS ?? 300)
const streamSeconds = Number(process.env.SECONDS ?? 60)
const agents = 20
const callsPerMinute = 100
/** What the trunk allows; ticks and the last seconds take their part. */
const callsPerSecond = 2.5
const callSeconds = Number(process.env.SECONDS ?? 60)
/** person of endings.ts: says hello, listens, talks, hangs up 5 s after the answer. */
const personDigits = '10'

const say = (text: string) => process.stdout.write(`${text}\n`)
const round = (value: number) => Math.round(value * 100) / 100

interface CallRun {
  calls: number
  /** Those that no agent had, for whatever reason. */
  unserved: number
  /** Sorted milliseconds from the decision (the verdict, or without detection the answer) to the agent on the line. */
  toBridge: number[]
  /** Sorted milliseconds from the answer to the verdict. */
  toVerdict: number[]
}

interface Waits {
  toBridge: number | null
  toVerdict: number | null
}

async function readWaits(pool: Pool): Promise<Waits[]> {
  const { rows } = await pool.query<Waits>(
    `select extract(epoch from connected_at - coalesce(detected_at, answered_at))::float8 * 1000 as "toBridge",
            extract(epoch from detected_at - answered_at)::float8 * 1000 as "toVerdict"
       from attempts where answered_at is not null`,
  )
  return rows
}

async function runCalls(floor: Awaited<ReturnType<typeof openFloor>>, detection: 'off' | 'outpace'): Promise<CallRun> {
  const settings = { detection, machineSampleShare: 0 }
  const loop = await startEngineLoop(floor, { agents, settings })
  try {
    await loop.enlist(Math.ceil(callsPerSecond * callSeconds), personDigits)
    await loop.dial({ callsPerSecond, seconds: callSeconds })
    const waits = await readWaits(loop.pool)
    const sorted = (of: (wait: Waits) => number | null) => waits.flatMap((wait) => of(wait) ?? []).sort((a, b) => a - b)
    const toBridge = sorted((wait) => wait.toBridge)
    return {
      calls: waits.length,
      unserved: waits.length - toBridge.length,
      toBridge,
      toVerdict: sorted((wait) => wait.toVerdict),
    }
  } finally {
    await loop.stop()
  }
}

async function main(): Promise<boolean> {
  say(`${streams} streams for ${streamSeconds} s`)
  const load = await runStreams({ streams, seconds: streamSeconds })
  const floor = await openFloor('bench-amd-load')
  try {
    say(`${callsPerMinute} calls a minute, without detection`)
    const off = await runCalls(floor, 'off')
    say('and with it')
    const on = await runCalls(floor, 'outpace')
    return judge(load, off, on)
  } finally {
    await floor.close()
  }
}

function judge(load: Awaited<ReturnType<typeof runStreams>>, off: CallRun, on: CallRun): boolean {
  const delayMs = round(quantile(on.toBridge, 0.5) - quantile(off.toBridge, 0.5))
  const wantedFrames = streams * 50 * streamSeconds
  const quantiles = (of: number[]) => [0.5, 0.95, 1].map((share) => round(quantile(of, share))).join(' / ')
  const wanted = Math.floor((callsPerMinute * callSeconds) / 60)
  return report(
    'amd-load',
    {
      streams,
      'cores used by the whole way of audio': round(load.cores),
      'CPU per frame of 20 ms, us': Math.round((load.cores * streamSeconds * 1e6) / load.frames),
      'frames heard, of those sent': `${load.frames} / ${wantedFrames}`,
      'calls in the streams, verdicts': `${load.calls}, ${JSON.stringify(load.verdicts)}`,
      'latest frame, ms (the sender itself)': `${round(load.latestMs)} (${round(load.senderLatestMs)})`,
      'calls without / with detection': `${off.calls} / ${on.calls}`,
      'answer -> bridged without detection p50 / p95 / max, ms': quantiles(off.toBridge),
      'verdict -> bridged with detection p50 / p95 / max, ms': quantiles(on.toBridge),
      'answer -> verdict p50 / p95 / max, ms': quantiles(on.toVerdict),
    },
    [
      { name: `cores for ${streams} streams`, value: round(load.cores), limit: '<= 1', ok: load.cores <= 1 },
      { name: 'latest frame, ms', value: round(load.latestMs), limit: '<= 100', ok: load.latestMs <= 100 },
      {
        name: 'frames that were not heard, percent',
        value: round(100 * (1 - load.frames / wantedFrames)),
        limit: '<= 0.1',
        ok: load.frames >= 0.999 * wantedFrames,
      },
      { name: 'added delay to the bridge, median, ms', value: delayMs, limit: '<= 20', ok: delayMs <= 20 },
      { name: 'answered calls with detection', value: on.calls, limit: `>= ${wanted}`, ok: on.calls >= wanted },
      { name: 'people whom no agent had', value: on.unserved, limit: '0', ok: on.unserved === 0 },
    ],
  )
}

const ok = await main().catch((error: unknown) => {
  say(`The benchmark failed: ${error instanceof Error ? error.message : error}`)
  return false
})
process.exit(ok ? 0 : 1)
