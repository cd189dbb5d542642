/**
 * Memory for each call in flight: with a million leads due, calls that ring and ring, and the heap between two collections at
 * its lowest, with them and without.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from '../../dialer/storage/database.ts'
import { eventually } from '../deadline.ts'
import type { EngineProcess } from '../engine-process.ts'
import type { Stats } from '../live-table.ts'
import type { EngineLoop } from './engine-loop.ts'

export interface MemoryPerCall {
  leadsDue: number
  callsInFlight: number
  bytesPerCall: number
  heapBytes: number
}

/** no_answer of endings.ts: rings until the caller cancels. */
const ringingDigits = '31'
const sampleMs = 250
const lookMs = 15_000

export async function measureMemory(
  loop: EngineLoop,
  { leads, calls }: { leads: number; calls: number },
): Promise<MemoryPerCall> {
  const { engine, campaignPath, pool } = loop
  await enlistQuickly(pool, campaignPath, leads)
  await engine.patch('/v1/trunks/carrier', { callsPerSecond: 60, maxChannels: calls })
  const without = await lowestHeap(engine)
  await engine.patch(campaignPath, { settings: { linesPerAgent: 10, maxLinesPerAgent: 20, ringTimeoutMs: 60_000 } })
  await engine.post(`${campaignPath}/start`)
  const inFlight = async () => (await engine.get<Stats>(`${campaignPath}/stats`)).live?.calls.ringing ?? 0
  await eventually(90_000, `${calls} calls to ring`, async () => ((await inFlight()) >= 0.95 * calls ? true : undefined))
  const withCalls = await lowestHeap(engine)
  const callsInFlight = await inFlight()
  await engine.post(`${campaignPath}/pause`)
  await eventually(120_000, 'the last call to end', async () => ((await inFlight()) === 0 ? true : undefined))
  return { leadsDue: leads, callsInFlight, bytesPerCall: (withCalls - without) / callsInFlight, heapBytes: withCalls }
}

/** What is used just after a collection: the lowest of many looks. */
async function lowestHeap(engine: EngineProcess): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY
  for (const end = Date.now() + lookMs; Date.now() < end; await pause(sampleMs)) {
    const text = await engine.get<string>('/metrics')
    const used = Number(/^outpace_nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1])
    lowest = Math.min(lowest, used)
  }
  return lowest
}

/** Straight into the tables: an import of a million lines has a benchmark of its own. */
async function enlistQuickly(pool: Pool, campaignPath: string, count: number): Promise<void> {
  const campaignId = campaignPath.split('/').at(-1)
  await pool.query(
    `with people as (
       insert into contacts (external_id, name, country, time_zone)
       select 'ring' || n, 'Ring ' || n, 'PL', 'Europe/Warsaw' from generate_series(1, $2::int) n returning id, external_id),
     numbers as (
       insert into phones (contact_id, number, line_type, position)
       select id, '+4860' || lpad(substr(external_id, 5), 7, '0') || $3, 'mobile', 0 from people returning contact_id)
     insert into leads (campaign_id, contact_id, next_attempt_at, reason)
     select $1, contact_id, now(), 'load' from numbers`,
    [campaignId, count, ringingDigits],
  )
  await pool.query('analyze')
}
