/** What a long run watches: memory and handles of the engine, its connections, and what lives on the switch. */
import { readdirSync, readFileSync } from 'node:fs'
import { askAri } from '../ari.ts'
import type { EngineLoop } from './engine-loop.ts'
import type { Floor } from './floor.ts'

export interface Vitals {
  at: number
  rssBytes: number
  heapBytes: number
  fileHandles: number
  databaseConnections: number
  channels: number
  bridges: number
}

export async function lookAtVitals(floor: Floor, { engine, pool }: EngineLoop): Promise<Vitals> {
  const metrics = await engine.get<string>('/metrics')
  const { rows } = await pool.query<{ open: number }>(
    'select count(*)::int as open from pg_stat_activity where datname = current_database()',
  )
  const rssKilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${engine.pid}/status`, 'utf8'))?.[1]
  return {
    at: Date.now(),
    rssBytes: Number(rssKilobytes) * 1024,
    heapBytes: Number(/^outpace_nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1]),
    fileHandles: readdirSync(`/proc/${engine.pid}/fd`).length,
    databaseConnections: rows[0]?.open ?? 0,
    channels: (await askAri<unknown[]>(floor.ariUrl, 'channels')).length,
    bridges: (await askAri<unknown[]>(floor.ariUrl, 'bridges')).length,
  }
}
