/**
 * A database of its own for the benchmarks of this room: embedded PostgreSQL with its ordinary, durable settings, migrated,
 * with one campaign under the Polish rule pack; dropped afterwards. Called by the parts of bench-leads.ts.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Check } from '../../load-tests/report.ts'
import { settleSettings } from '../campaigns/campaign-rules.ts'
import type { CampaignSettings } from '../campaigns/settings.ts'
import { createPool, type Pool } from '../storage/database.ts'
import { startPostgres } from '../storage/embedded-postgres.ts'
import { migrate } from '../storage/migrator.ts'

/** What a part of a benchmark brings to its report. */
export interface Measured {
  figures: Record<string, unknown>
  checks: Check[]
}

export interface BenchDatabase {
  pool: Pool
  campaignId: string
  settings: CampaignSettings
}

export async function withBenchDatabase<T>(work: (database: BenchDatabase) => Promise<T>, connections = 10): Promise<T> {
  const server = await startPostgres({ dir: 'var/bench-postgres', port: 0 })
  const name = `bench_${randomBytes(4).toString('hex')}`
  const office = createPool(server.url, 1)
  await office.query(`create database ${name}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const pool = createPool(url.href, connections)
  try {
    await migrate(pool)
    const own = { country: 'PL', callerIdPool: 'main' }
    const { settings } = settleSettings(own)
    const campaignId = randomUUID()
    await pool.query(`insert into campaigns (id, name, settings) values ($1, 'bench', $2)`, [campaignId, own])
    return await work({ pool, campaignId, settings })
  } finally {
    await pool.end()
    await office.query(`drop database ${name} with (force)`)
    await office.end()
    if (server.started) await server.stop()
  }
}
