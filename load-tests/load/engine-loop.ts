/**
 * The engine with all it does under load: claim, rules, caller ID, attempt row, ring, answer, bridge, end, outcome, retry.
 * One campaign without detection whose trunk's calls per second are the load. What came of a run is read from the database
 * and from the carrier's wire, not from the engine: the wait is from the 200 OK on the wire to "connected" in the database.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createPool, type Pool } from '../../dialer/storage/database.ts'
import { eventually } from '../deadline.ts'
import { demoCampaign } from '../demo-setup.ts'
import { type EngineProcess, type Json, startEngine } from '../engine-process.ts'
import { hireAgents } from '../hire.ts'
import type { Stats } from '../live-table.ts'
import type { Agents, AgentsOptions } from '../world.ts'
import { calleesCsv } from './callees.ts'
import type { Floor } from './floor.ts'
import type { Load, Loop } from './loop.ts'

export interface EngineLoop extends Loop {
  engine: EngineProcess
  pool: Pool
  phones: Agents
  campaignPath: string
  /** So many people who were not yet called are in the list and due. */
  enlist(count: number, digits?: string): Promise<void>
  /** Calls of this many a second until `end`; resolves when the last one is over. */
  dial(load: Load): Promise<void>
}

export interface EngineLoopOptions {
  agents: number
  voice?: AgentsOptions['voice']
  settings?: Json
  env?: Record<string, string>
}

interface AttemptRow {
  id: string
  disposition: string | null
  connectedAt: number | null
}

export async function startEngineLoop(floor: Floor, options: EngineLoopOptions): Promise<EngineLoop> {
  const databaseUrl = await floor.newDatabase()
  const engine = await startEngine({ dataDir: floor.dir, env: { ...floor.engineEnv, DATABASE_URL: databaseUrl, ...options.env } })
  const pool = createPool(databaseUrl, 2)
  await engine.post('/v1/trunks', {
    ...{ id: 'carrier', host: '127.0.0.1', port: floor.carrier.port, sendAttemptId: true },
    ...{ maxChannels: 2000, callsPerSecond: 10 },
  })
  await engine.post('/v1/caller-ids', {
    ...{ pool: 'load', trunkId: 'carrier', numbers: ['+48223000010'] },
    inboundRouteWaived: 'nobody calls back under load',
  })
  const rules = { detection: 'off', callerIdPool: 'load', mode: 'ratio', linesPerAgent: 1, wrapUpMs: 0 }
  const { id: campaignId } = await engine.post<{ id: string }>('/v1/campaigns', {
    name: 'Load',
    settings: { ...demoCampaign.settings, ...rules, ...options.settings },
  })
  const campaignPath = `/v1/campaigns/${campaignId}`
  const phones = await hireAgents(engine, {
    ...{ campaignId, count: options.agents, sipPort: floor.sipPort, mode: 'wait_for_call' },
    ...{ voice: options.voice ?? 'none', dir: floor.dir, name: 'agents', timeoutSeconds: 4 * 3600 },
  })
  const attemptsNow = async () => (await engine.get<Stats>(`${campaignPath}/stats`)).attempts
  let enlisted = 0

  async function enlist(count: number, digits?: string): Promise<void> {
    await engine.upload(`${campaignPath}/leads?fileName=load.csv`, calleesCsv(enlisted, count, digits))
    enlisted += count
  }

  async function dial({ callsPerSecond, seconds }: Load): Promise<void> {
    await engine.patch('/v1/trunks/carrier', { callsPerSecond })
    await engine.post(`${campaignPath}/start`)
    // Nobody looks while the engine works: the statistics have their price, and the bare loop has none.
    await pause(seconds * 1000)
    await engine.post(`${campaignPath}/pause`)
    const over = async () => ((await attemptsNow()).live === 0 ? true : undefined)
    await eventually(60_000, 'the last call to end', over)
  }

  return {
    ...{ engine, pool, phones, campaignPath, enlist, dial },
    async run(load) {
      await enlist(Math.ceil(load.callsPerSecond * load.seconds * 1.1))
      const began = Date.now()
      const cpuBefore = engine.cpuMs()
      await dial(load)
      const cpuMs = engine.cpuMs() - cpuBefore
      const { rows } = await pool.query<AttemptRow>(
        `select id, disposition, extract(epoch from connected_at) * 1000 as "connectedAt"
           from attempts where placed_at >= to_timestamp($1 / 1000.0)`,
        [began],
      )
      const calls = new Map(
        (await floor.carrier.calls()).flatMap((call) => (call.invitedAt < began ? [] : [[call.attemptId, call]])),
      )
      const written = new Set<string | undefined>(rows.map(({ id }) => id))
      const unwritten = [...calls.keys()].filter((attemptId) => !written.has(attemptId)).length
      const failed = rows.filter(({ id, disposition }) => disposition !== 'human_connected' || !calls.has(id)).length
      const waits = rows.flatMap(({ id, connectedAt }) => {
        const answeredAt = calls.get(id)?.answeredAt
        return answeredAt === undefined || connectedAt === null ? [] : [Number(connectedAt) - answeredAt]
      })
      return {
        placed: rows.length,
        lost: failed + unwritten,
        waits: waits.sort((a, b) => a - b),
        cpuMsPerCall: cpuMs / rows.length,
      }
    },
    async stop() {
      await phones.stop()
      await pool.end()
      await engine.stop()
    },
  }
}
