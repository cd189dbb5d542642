/**
 * `make bench-calls`: 10 answered calls a second, 100 agents, no detection. First the engine with all it does (claim, rules,
 * caller ID, attempt row, bridge, outcome, retry), then in the same minute the bare ARI loop on the same Asterisk.
 * The wait is measured from the carrier's 200 OK on the wire to "connected" in the database. Report: var/reports/calls.json.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../dialer/config.ts'
import { startAsterisk, stopAsterisk } from '../pbx-config/asterisk-process.ts'
import { asteriskSettings } from '../pbx-config/settings.ts'
import type { BareLoopResult } from './bare-loop.ts'
import type { LeadHistory } from './demo-result.ts'
import { demoCampaign } from './demo-setup.ts'
import { type EngineProcess, freePort, startEngine } from './engine-process.ts'
import type { Stats } from './live-table.ts'
import { report } from './report.ts'
import { startAgents, startCarrier } from './world.ts'

const agentCount = 100
const callsPerSecond = 10
const seconds = Number(process.env.SECONDS ?? 60)
/** CPU is counted after these: an engine runs for months, its first calls are spent compiling it. The bare loop likewise. */
const warmUpSeconds = 10
/** person_at_once of endings.ts: answers at once without audio, hangs up after 5 s. */
const calleeDigits = '18'
const pollMs = 1000
const dataDir = resolve('var/bench-calls')
const say = (text: string) => process.stdout.write(`${text}\n`)

const cleanUp: (() => Promise<unknown>)[] = []
const stopAll = async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop().catch((error: unknown) => say(`could not stop a part: ${error}`))
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stopAll().then(() => process.exit(130)))

const quantile = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** Numbers of the Warsaw area that all end in the callee's digits. */
const numberOf = (n: number) => `+4822${String(1_000_000 + n * 100 + Number(calleeDigits)).slice(-7)}`

const leadsCsv = (count: number) =>
  ['external_id,name,phone1', ...Array.from({ length: count }, (_, n) => `b${n},Bench ${n},${numberOf(20_000 + n)}`)].join('\n')

async function waitFor(what: string, limitMs: number, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + limitMs; !(await holds()); await pause(pollMs))
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs / 1000} s`)
}

interface EngineRun {
  /** After the warm-up. */
  cpuMsPerAttempt: number
  histories: LeadHistory[]
}

async function runEngine(engine: EngineProcess, carrierPort: number, sipPort: number): Promise<EngineRun> {
  await engine.post('/v1/trunks', {
    id: 'carrier',
    host: '127.0.0.1',
    port: carrierPort,
    maxChannels: 500,
    callsPerSecond,
    sendAttemptId: true,
  })
  await engine.post('/v1/caller-ids', {
    pool: 'bench',
    trunkId: 'carrier',
    numbers: ['+48223000010'],
    inboundRouteWaived: 'nobody calls back in a benchmark',
  })
  const { settings } = demoCampaign
  const campaign = await engine.post<{ id: string }>('/v1/campaigns', {
    name: 'Bench',
    settings: { ...settings, detection: 'off', callerIdPool: 'bench', mode: 'ratio', linesPerAgent: 1, wrapUpMs: 500 },
  })
  const path = `/v1/campaigns/${campaign.id}`
  const total = callsPerSecond * seconds
  await engine.upload(`${path}/leads?fileName=bench.csv`, leadsCsv(total))

  say(`${agentCount} agents log in`)
  const accounts: { id: string; account: string; password: string }[] = []
  for (let n = 1; n <= agentCount; n++) {
    const account = `agent${n}`
    const made = await engine.post<{ id: string; password: string }>('/v1/agents', {
      account,
      name: account,
      campaignId: campaign.id,
    })
    accounts.push({ id: made.id, account, password: made.password })
  }
  const phones = await startAgents({
    accounts,
    mode: 'wait_for_call',
    voice: 'none',
    registrar: { host: '127.0.0.1', port: sipPort },
    port: await freePort(),
    mediaPort: 33_000,
    dir: `${dataDir}/agents`,
    name: 'engine-agents',
  })
  cleanUp.push(() => phones.stop())
  for (const { id } of accounts) await engine.post(`/v1/agents/${id}/log-in`)

  say(`dialing ${total} people at ${callsPerSecond} a second`)
  await engine.post(`${path}/start`)
  const attempts = async () => (await engine.get<Stats>(`${path}/stats`)).attempts
  await pause(warmUpSeconds * 1000)
  const warm = { cpuMs: engine.cpuMs(), attempts: (await attempts()).total }
  // Nobody looks while the engine works: the statistics have their price, and the bare loop has none.
  await pause((seconds - warmUpSeconds) * 1000)
  await waitFor('the campaign', seconds * 500 + 30_000, async () => {
    const { total: placed, live } = await attempts()
    return placed >= total && live === 0
  })
  const cpuMsPerAttempt = (engine.cpuMs() - warm.cpuMs) / (total - warm.attempts)
  const histories: LeadHistory[] = []
  for (let after = 0; ; ) {
    const { leads } = await engine.get<{ leads: { id: number }[] }>(`${path}/leads?limit=500&after=${after}`)
    const last = leads.at(-1)
    if (!last) break
    for (const { id } of leads) histories.push(await engine.get<LeadHistory>(`/v1/leads/${id}`))
    after = last.id
  }
  await phones.stop()
  return { cpuMsPerAttempt, histories }
}

async function runBare(ariUrl: string, carrierPort: number, sipPort: number): Promise<BareLoopResult> {
  say('the bare ARI loop, same switch, same rate')
  const accounts = Array.from({ length: agentCount }, (_, n) => ({ account: `bare${n}`, password: `bare-password-${n}` }))
  const job = { ariUrl, carrierPort, accounts, callsPerSecond, seconds, warmUpSeconds, number: numberOf(1) }
  const script = fileURLToPath(new URL('./bare-loop.ts', import.meta.url))
  const loop = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: loop.stdout })[Symbol.asyncIterator]()
  const nextLine = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the bare loop ended early')
    return value
  }
  await nextLine()
  const phones = await startAgents({
    accounts,
    mode: 'wait_for_call',
    voice: 'none',
    registrar: { host: '127.0.0.1', port: sipPort },
    port: await freePort(),
    mediaPort: 33_500,
    dir: `${dataDir}/agents`,
    name: 'bare-agents',
  })
  cleanUp.push(() => phones.stop())
  return JSON.parse(await nextLine())
}

async function main(): Promise<boolean> {
  rmSync(dataDir, { recursive: true, force: true })
  const env = {
    OUTPACE_DATA_DIR: dataDir,
    OUTPACE_ARI_PORT: String(await freePort()),
    OUTPACE_SIP_PORT: String(await freePort()),
    OUTPACE_DATABASE_PORT: String(await freePort()),
    OUTPACE_AGENT_RTP_TIMEOUT_SECONDS: '0',
    OUTPACE_DRAIN_SECONDS: '2',
    OUTPACE_LOG_LEVEL: 'warn',
  }
  const config = readConfig({ ...process.env, ...env })
  const settings = asteriskSettings(config)
  say('starting Asterisk, PostgreSQL, the engine and the carrier')
  const { ariUrl } = await startAsterisk(settings)
  cleanUp.push(() => stopAsterisk(settings))
  const carrier = await startCarrier({ port: await freePort(), mediaPort: 32_500, dir: `${dataDir}/carrier` })
  cleanUp.push(() => carrier.stop())
  const engine = await startEngine({ dataDir, env: { ...env, ARI_URL: ariUrl } })
  let engineRuns = true
  cleanUp.push(async () => engineRuns && engine.stop())

  const ours = await runEngine(engine, carrier.port, settings.sipPort)
  const calls = new Map((await carrier.calls()).map((call) => [call.attemptId, call]))
  await engine.stop()
  engineRuns = false
  const bare = await runBare(ariUrl, carrier.port, settings.sipPort)

  const attempts = ours.histories.flatMap((history) => history.attempts)
  const waits = attempts
    .flatMap((attempt) => {
      const answeredAt = calls.get(attempt.id)?.answeredAt
      return answeredAt !== undefined && attempt.connectedAt ? [Date.parse(attempt.connectedAt) - answeredAt] : []
    })
    .sort((a, b) => a - b)
  const lost = attempts.filter((attempt) => !calls.has(attempt.id) || attempt.disposition !== 'human_connected').length
  const ourCpu = ours.cpuMsPerAttempt
  const bareCpu = bare.cpuMsPerCall
  const round = (value: number) => Math.round(value * 100) / 100
  return report(
    'calls',
    {
      'calls per second': callsPerSecond,
      agents: agentCount,
      attempts: attempts.length,
      'answer -> bridged p50 / p99 / max, ms': `${quantile(waits, 0.5)} / ${quantile(waits, 0.99)} / ${waits.at(-1)}`,
      'bare loop, answer event -> bridged p50 / p99, ms': `${quantile(bare.waits, 0.5)} / ${quantile(bare.waits, 0.99)}`,
      'engine CPU per attempt, ms, after 10 s': round(ourCpu),
      'bare loop CPU per call, ms, after 10 s': round(bareCpu),
    },
    [
      { name: 'answer -> bridged p99, ms', value: quantile(waits, 0.99), limit: '<= 150', ok: quantile(waits, 0.99) <= 150 },
      { name: 'attempts not connected, or unknown to the carrier', value: lost, limit: '0', ok: lost === 0 },
      {
        name: 'attempts placed',
        value: attempts.length,
        limit: `>= ${callsPerSecond * seconds}`,
        ok: attempts.length >= callsPerSecond * seconds,
      },
      { name: 'engine CPU per attempt / bare loop', value: round(ourCpu / bareCpu), limit: '<= 3', ok: ourCpu / bareCpu <= 3 },
    ],
  )
}

const ok = await main().catch((error: unknown) => {
  say(`The benchmark failed: ${error instanceof Error ? error.message : error}`)
  return false
})
await stopAll()
process.exit(ok ? 0 : 1)
