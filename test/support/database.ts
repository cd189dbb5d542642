/**
 * A real PostgreSQL database for a test file: a clone of a template that was migrated once, dropped when the file ends.
 * The server is TEST_DATABASE_URL (given by test/run.ts) or an embedded one under var/test-postgres, which is left running.
 * Fails the test when connections were not given back.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { createPool, type Pool } from '../../dialer/storage/database.ts'
import { startPostgres } from '../../dialer/storage/embedded-postgres.ts'
import { migrate } from '../../dialer/storage/migrator.ts'

const root = join(import.meta.dirname, '..', '..')
/** Makers of the template wait for each other on this number. */
const templateLock = 6_872_224

interface TestContext {
  teardown(task: () => Promise<void>): unknown
}

export interface TestDatabase {
  pool: Pool
  url: string
}

export async function testServerUrl(): Promise<string> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return given
  // Nothing here outlives the test run: speed instead of durability.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' }
  return (await startPostgres({ dir: join(root, 'var', 'test-postgres'), port: 0, settings })).url
}

export async function withDatabase(t: TestContext): Promise<TestDatabase> {
  const server = await testServerUrl()
  const template = await onServer(server, (db) => ensureTemplate(db, server))
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer(server, (db) => db.query(`create database ${name} template ${template} strategy file_copy`))
  const url = withName(server, name)
  const pool = createPool(url)
  t.teardown(async () => {
    const inUse = () => pool.totalCount - pool.idleCount
    // What was asked for in the last moment may still be on its way; what is kept is kept.
    for (const deadline = Date.now() + 2000; inUse() > 0 && Date.now() < deadline; ) await pause(20)
    const kept = inUse()
    await Promise.race([pool.end(), pause(2000, undefined, { ref: false })])
    await onServer(server, (db) => db.query(`drop database ${name} with (force)`))
    if (kept > 0) throw new Error(`${kept} database connection(s) were not given back to the pool`)
  })
  return { pool, url }
}

/** Names the template after the migrations it holds, so that an edited migration makes a new one. */
async function ensureTemplate(db: pg.Client, server: string): Promise<string> {
  const hash = createHash('sha256')
  const directory = join(root, 'migrations')
  for (const file of (await readdir(directory)).sort()) hash.update(await readFile(join(directory, file)))
  const name = `template_${hash.digest('hex').slice(0, 16)}`
  await db.query('select pg_advisory_lock($1)', [templateLock])
  const found = await db.query('select 1 from pg_database where datname = $1 and datistemplate', [name])
  if (found.rowCount === 0) {
    await db.query(`drop database if exists ${name} with (force)`)
    await db.query(`create database ${name}`)
    await migrate(withName(server, name))
    // Only a whole template carries the mark.
    await db.query(`alter database ${name} is_template true`)
  }
  return name
}

function withName(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

async function onServer<T>(url: string, work: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  try {
    return await work(db)
  } finally {
    await db.end()
  }
}
