/**
 * A call centre to break: the engine, PostgreSQL, Redis and a private Asterisk, each behind a line that can be cut, frozen or made
 * slow; a SIPp carrier and SIPp agents who pick up whenever their phone rings. All on this machine, stopped together.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../dialer/config.ts'
import { createPool, type Pool } from '../../dialer/storage/database.ts'
import { startPostgres } from '../../dialer/storage/embedded-postgres.ts'
import { killAsterisk, startAsterisk, stopAsterisk } from '../../pbx-config/asterisk-process.ts'
import { asteriskSettings, recordFileOf } from '../../pbx-config/settings.ts'
import { type FaultyAri, startFaultyAri } from '../../test/support/faulty-ari.ts'
import { eventually } from '../deadline.ts'
import { demoCampaign } from '../demo-setup.ts'
import { type EngineProcess, freePort, launchEngine, startEngine } from '../engine-process.ts'
import { hireAgents } from '../hire.ts'
import { calleesCsv } from '../load/callees.ts'
import { type Carrier, startCarrier } from '../world.ts'
import { type Line, openLine } from './line.ts'

export interface Hall {
  pool: Pool
  carrier: Carrier
  /** The engine that serves now; replaced by `startAnew` and `standIn`. */
  readonly engine: EngineProcess
  lines: { database: Line; redis: Line; switch: Line }
  ari: FaultyAri
  campaignId: string
  /** Resolves when it is ready. */
  startAnew(): Promise<void>
  /** A second engine that stands by; `takeOver` resolves when it is in charge and is the engine from then on. */
  standIn(): Promise<{ takeOver(): Promise<void> }>
  killSwitch(): Promise<void>
  startSwitch(): Promise<void>
  /** The engine's wall clock is off by so much from now on. */
  setClock(offsetMs: number): void
  enlist(count: number): Promise<void>
  close(): Promise<void>
}

const jumpingClock = fileURLToPath(new URL('./jumping-clock.mjs', import.meta.url))

export async function openHall({ agents, callsPerSecond }: { agents: number; callsPerSecond: number }): Promise<Hall> {
  const dir = resolve('var', 'faults')
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  const stops: (() => unknown)[] = []
  const close = async () => {
    for (const stop of stops.splice(0).reverse()) await Promise.resolve(stop()).catch((error: unknown) => console.error(error))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close().then(() => process.exit(130)))

  const clockFile = join(dir, 'clock')
  writeFileSync(clockFile, '0')
  const ownEnv = {
    ...{ OUTPACE_DATA_DIR: dir, OUTPACE_ARI_PORT: String(await freePort()), OUTPACE_SIP_PORT: String(await freePort()) },
    ...{ OUTPACE_AGENT_RTP_TIMEOUT_SECONDS: '0', OUTPACE_LOG_LEVEL: 'info', OUTPACE_DRAIN_SECONDS: '2' },
  }
  const settings = asteriskSettings(readConfig({ ...process.env, ...ownEnv }))
  const postgres = await startPostgres({ dir: join(dir, 'postgres'), port: 0 })
  stops.push(() => postgres.stop())
  const redisPort = await freePort()
  const redis = spawn(
    'redis-server',
    ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'].map(String),
    {
      stdio: 'ignore',
    },
  )
  stops.push(() => redis.kill('SIGKILL'))
  const { ariUrl } = await startAsterisk(settings)
  stops.push(() => stopAsterisk(settings))
  const ari = await startFaultyAri(ariUrl)
  stops.push(() => ari.close())
  const lines = {
    database: await openLine(postgres.url),
    redis: await openLine(`redis://127.0.0.1:${redisPort}`),
    switch: await openLine(ari.url),
  }
  stops.push(() => Promise.all(Object.values(lines).map((line) => line.close())))
  const carrier = await startCarrier({ dir: join(dir, 'carrier'), timeoutSeconds: 4 * 3600 })
  stops.push(() => carrier.stop())
  const pool = createPool(postgres.url, 2)
  stops.push(() => pool.end())

  const env = async () => ({
    ...ownEnv,
    ...{ DATABASE_URL: lines.database.url, REDIS_URL: lines.redis.url, ARI_URL: lines.switch.url },
    ...{ OUTPACE_CALL_RECORD: recordFileOf(settings.directory), OUTPACE_API_PORT: String(await freePort()) },
    ...{ NODE_OPTIONS: `--import ${jumpingClock}`, OUTPACE_TEST_CLOCK: clockFile },
  })
  let engine = await startEngine({ dataDir: dir, env: await env() })
  stops.push(() => engine.kill())
  await engine.post('/v1/trunks', {
    ...{ id: 'carrier', host: '127.0.0.1', port: carrier.port, sendAttemptId: true },
    ...{ maxChannels: 500, callsPerSecond },
  })
  await engine.post('/v1/caller-ids', {
    ...{ pool: 'faults', trunkId: 'carrier', numbers: ['+48223000010'] },
    inboundRouteWaived: 'nobody calls back in this world',
  })
  // An attempt that does not count would be made again after two minutes, which the judge takes for a second call.
  const retry = { failureDelaysMinutes: [1440] }
  const rules = { detection: 'off', callerIdPool: 'faults', mode: 'ratio', linesPerAgent: 1.2, wrapUpMs: 0, retry }
  const { id: campaignId } = await engine.post<{ id: string }>('/v1/campaigns', {
    name: 'Faults',
    settings: { ...demoCampaign.settings, ...rules, abandonTarget: 0.03 },
  })
  const phones = await hireAgents(engine, {
    ...{ campaignId, count: agents, sipPort: settings.sipPort, mode: 'wait_for_call', voice: 'none' },
    ...{ dir, name: 'agents', timeoutSeconds: 4 * 3600 },
  })
  stops.push(() => phones.stop())
  let enlisted = 0

  return {
    ...{ pool, carrier, lines, ari, campaignId, close },
    get engine() {
      return engine
    },
    async startAnew() {
      engine = await startEngine({ dataDir: dir, env: await env() })
    },
    async standIn() {
      const next = await launchEngine({ dataDir: dir, env: await env() })
      await eventually(60_000, 'the second engine to stand by', async () => {
        const response = await fetch(`${next.url}/ready`).catch(() => undefined)
        return (await response?.text())?.includes('stands by') ? true : undefined
      })
      return {
        async takeOver() {
          engine = await next.ready()
        },
      }
    },
    killSwitch: () => killAsterisk(settings),
    startSwitch: async () => void (await startAsterisk(settings)),
    setClock(offsetMs) {
      writeFileSync(clockFile, String(offsetMs))
      process.kill(engine.pid, 'SIGUSR1')
    },
    async enlist(count) {
      // Half of them talk for 1.5 s, half for 5 s.
      for (const digits of ['19', '18']) {
        await engine.upload(`/v1/campaigns/${campaignId}/leads?fileName=faults.csv`, calleesCsv(enlisted, count / 2, digits))
        enlisted += count / 2
      }
      await pool.query(`update leads set next_attempt_at = next_attempt_at + random() * interval '1 millisecond'`)
    },
    close,
  }
}
