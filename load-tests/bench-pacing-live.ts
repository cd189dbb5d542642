/**
 * `make bench-pacing-live`: the predictive pacer on the real switch at real speed, 20 SIPp agents, callees with the simulator's
 * own distributions (pacing-live/callees.ts), beside the same world simulated 300 times with other people. After two minutes of
 * warm-up, ten minutes (MINUTES) are measured: occupancy and abandonment must lie in the middle 95 % of the simulated runs.
 * Judged from the carrier's wire log and the API, not by the pacer. Report: var/reports/pacing-live.json.
 */
import { rmSync } from 'node:fs'
import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { demoCampaign } from './demo-setup.ts'
import { type EngineProcess, freePort, startEngine } from './engine-process.ts'
import { hireAgents } from './hire.ts'
import { liveTable, type Stats } from './live-table.ts'
import { calleesCsv, cell, leadsCsv, sharedWorld } from './pacing-live/callees.ts'
import { type LiveCarrier, startLiveCarrier } from './pacing-live/carrier.ts'
import { type Attempt, liveHappened } from './pacing-live/live-happened.ts'
import { holds, type Interval, interval, type Measured, measure, quantile, type Window } from './pacing-live/measured.ts'
import { simulate } from './pacing-live/twin.ts'
import { report } from './report.ts'
import { readLeads } from './steer.ts'
import type { Agents } from './world.ts'

const minute = 60_000
const warmUpMs = 2 * minute
const window: Window = { from: warmUpMs, to: warmUpMs + Number(process.env.MINUTES ?? 10) * minute }
/** The people of the live run, and of the first simulated one. */
const liveSeed = Number(process.env.SEED ?? 7)
const firstTwinSeed = 10_001
const twinRuns = 300
const leads = 4000
const sampleMs = 1000
const dataDir = resolve('var/bench-pacing-live')
const say = (text: string) => process.stdout.write(`${text}\n`)

const cleanUp: (() => Promise<unknown>)[] = []
const stopAll = async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop().catch((error: unknown) => say(`could not stop a part: ${error}`))
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stopAll().then(() => process.exit(130)))

interface LiveRun {
  engine: EngineProcess
  carrier: LiveCarrier
  phones: Agents
  campaignId: string
  path: string
}

async function setUp(): Promise<LiveRun> {
  rmSync(dataDir, { recursive: true, force: true })
  const sipPort = await freePort()
  const env = {
    OUTPACE_ARI_PORT: String(await freePort()),
    OUTPACE_SIP_PORT: String(sipPort),
    OUTPACE_DATABASE_PORT: String(await freePort()),
    OUTPACE_AGENT_RTP_TIMEOUT_SECONDS: '0',
    OUTPACE_DRAIN_SECONDS: '2',
  }
  say('starting PostgreSQL, Asterisk, the engine and the carrier')
  const engine = await startEngine({ dataDir, env })
  cleanUp.push(() => engine.stop())
  const carrier = await startLiveCarrier({
    dir: `${dataDir}/carrier`,
    port: await freePort(),
    calleesCsv: calleesCsv(sharedWorld(liveSeed, 1), leads),
  })
  cleanUp.push(() => carrier.stop())
  await engine.post('/v1/trunks', { id: 'carrier', host: '127.0.0.1', port: carrier.port, ...cell.trunk, sendAttemptId: true })
  await engine.post('/v1/caller-ids', {
    pool: 'bench',
    trunkId: 'carrier',
    numbers: ['+48223000010'],
    inboundRouteWaived: 'nobody calls back in a benchmark',
  })
  const { abandonTarget, graceMs, maxLinesPerAgent, ringTimeoutMs, wrapUpMs } = cell
  const { country, windows, looserBecause } = demoCampaign.settings
  const rules = { mode: 'predictive', detection: 'off', callerIdPool: 'bench', country, windows, looserBecause }
  const campaign = await engine.post<{ id: string }>('/v1/campaigns', {
    name: 'Bench',
    settings: { ...rules, abandonTarget, graceMs, maxLinesPerAgent, ringTimeoutMs, wrapUpMs },
  })
  const path = `/v1/campaigns/${campaign.id}`
  await engine.upload(`${path}/leads?fileName=bench.csv`, leadsCsv(leads))
  say(`${cell.agents} agents log in`)
  const phones = await hireAgents(engine, {
    ...{ campaignId: campaign.id, count: cell.agents, sipPort, mode: 'wait_for_call', voice: 'none', dir: `${dataDir}/agents` },
  })
  cleanUp.push(() => phones.stop())
  return { engine, carrier, phones, path, campaignId: campaign.id }
}

/** Dials until the window is over, then lets what rings and what waits come to its end. Returns the phases it looked at. */
async function dial({ engine, path }: LiveRun): Promise<{ at: number; agents: Record<string, number> }[]> {
  const statsNow = () => engine.get<Stats>(`${path}/stats`)
  const samples: { at: number; agents: Record<string, number> }[] = []
  const table = liveTable(process.stdout)
  await engine.post(`${path}/start`)
  for (const end = Date.now() + window.to + sampleMs; Date.now() < end; await pause(sampleMs)) {
    const stats = await statsNow()
    if (stats.live) samples.push({ at: Date.now(), agents: stats.live.agents })
    table.show(stats)
  }
  await engine.post(`${path}/drain`)
  for (const end = Date.now() + minute; Date.now() < end; await pause(sampleMs)) {
    const { live } = await statsNow()
    if (Object.entries(live?.calls ?? {}).every(([state, calls]) => state === 'talking' || calls === 0)) break
  }
  return samples
}

async function attemptsOf({ engine, campaignId }: LiveRun): Promise<Attempt[]> {
  const tried = await readLeads<{ attempts: Attempt[] }>(
    engine,
    campaignId,
    ({ state, lastAttemptAt }) => lastAttemptAt !== null || state !== 'waiting',
  )
  return tried.flatMap(({ attempts }) => attempts)
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const round = (value: number) => Math.round(value * 1e4) / 1e4
const spread = ({ low, median, high }: Interval, show: (value: number) => string | number = round) =>
  `${show(low)} .. ${show(high)}, median ${show(median)}`

async function main(): Promise<boolean> {
  const live = await setUp()
  const cpuBefore = live.engine.cpuMs()
  say(`dialing for ${window.to / minute} minutes, ${warmUpMs / minute} of them warm-up`)
  const samples = await dial(live)
  const cpuMs = live.engine.cpuMs() - cpuBefore
  const stats = await live.engine.get<Stats>(`${live.path}/stats`)
  const attempts = await attemptsOf(live)
  const { happened, startedAt, inviteMs, contradictions } = liveHappened(await live.carrier.calls(), attempts)
  const phones = (await live.phones.calls()).filter((call) => call.answeredAt !== undefined && call.endedAt === undefined).length
  await stopAll()

  say(`simulating the same ${window.to / minute} minutes ${twinRuns} times`)
  setPriority(19)
  const twins = Array.from({ length: twinRuns }, (_, n) => simulate(firstTwinSeed + n, window))
  const samePeople = simulate(liveSeed, window)
  const of = (figure: (twin: Measured) => number) => interval(twins.map(figure))
  const ours = measure(happened, window, cell.agents)
  const occupancy = of((twin) => twin.occupancy)
  const abandonment = of((twin) => twin.abandonment)
  const looked = samples.filter(({ at }) => at - startedAt >= window.from && at - startedAt < window.to)
  const count = (phases: string[]) =>
    looked.reduce((sum, { agents }) => sum + phases.reduce((all, phase) => all + (agents[phase] ?? 0), 0), 0)
  const ledger = stats.abandonment.find((one) => one.window === 'last_24_hours')
  return report(
    'pacing-live',
    {
      'agents, minutes measured after warm-up': `${cell.agents}, ${(window.to - window.from) / minute} after ${warmUpMs / minute}`,
      'occupancy, live': round(ours.occupancy),
      'occupancy, live, phases in the API each second': round(
        count(['talking', 'wrap_up']) / count(['ready', 'reserved', 'talking', 'wrap_up']),
      ),
      'occupancy, simulated 95 %': spread(occupancy),
      'occupancy, simulated with the live people': round(samePeople.occupancy),
      'abandoned of answered, live': `${ours.abandoned} of ${ours.abandoned + ours.connected}, ${percent(ours.abandonment)}`,
      'abandonment, simulated 95 %': spread(abandonment, percent),
      'abandonment, simulated with the live people': `${samePeople.abandoned}, ${percent(samePeople.abandonment)}`,
      'calls placed, live': ours.placed,
      'calls placed, simulated 95 %': spread(of((twin) => twin.placed)),
      'answer -> connected p50 / p95, ms, live': `${quantile(happened.waits, 0.5).toFixed(0)} / ${quantile(happened.waits, 0.95).toFixed(0)}`,
      'answer -> connected p95, ms, simulated 95 %': spread(
        of((twin) => twin.waitMs.p95),
        Math.round,
      ),
      'decided -> INVITE on the wire p50 / p95, ms': `${quantile(inviteMs, 0.5).toFixed(0)} / ${quantile(inviteMs, 0.95).toFixed(0)}`,
      'whole run: placed / connected / abandoned': `${happened.placed.length} / ${happened.connected.length} / ${happened.abandoned.length}`,
      'engine CPU, share of a core': round(cpuMs / window.to),
    },
    [
      {
        name: 'occupancy',
        value: round(ours.occupancy),
        limit: `${round(occupancy.low)} .. ${round(occupancy.high)}`,
        ok: holds(occupancy, ours.occupancy),
      },
      {
        name: 'abandonment',
        value: percent(ours.abandonment),
        limit: `${percent(abandonment.low)} .. ${percent(abandonment.high)}`,
        ok: holds(abandonment, ours.abandonment),
      },
      { name: 'agents on the line at the end', value: phones, limit: `${cell.agents}`, ok: phones === cell.agents },
      { name: 'contradictions between wire and API', value: contradictions, limit: '0', ok: contradictions === 0 },
      {
        name: "abandoned in the engine's ledger, whole run",
        value: ledger?.abandoned ?? -1,
        limit: `${happened.abandoned.length}`,
        ok: ledger?.abandoned === happened.abandoned.length,
      },
    ],
  )
}

const ok = await main().catch((error: unknown) => {
  say(`The benchmark failed: ${error instanceof Error ? error.message : error}`)
  return false
})
await stopAll()
process.exit(ok ? 0 : 1)
