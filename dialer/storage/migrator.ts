/**
 * Brings the database to the newest schema: migrations/NNN_*.sql in order, each in a transaction of its own, one process at
 * a time. A file that was edited after it was applied is an error, said before anything is changed.
 * Called by main.ts at every start and by the tests. Why not a package: docs/decisions.md.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { OutpaceError } from '../errors.ts'
import { createPool, type Pool } from './database.ts'

const directory = join(import.meta.dirname, '..', '..', 'migrations')
/** Any number, the same in every process; others wait for it. */
const advisoryLock = 6_872_223

interface Migration {
  name: string
  sql: string
  checksum: string
}

/** Applies what is missing; returns the names of the files it applied. */
export async function migrate(database: Pool | string, from = directory): Promise<string[]> {
  const migrations = await readMigrations(from)
  const pool = typeof database === 'string' ? createPool(database, 1) : database
  const db = await pool.connect()
  try {
    await db.query('select pg_advisory_lock($1)', [advisoryLock])
    try {
      return await applyMissing(db, migrations)
    } finally {
      await db.query('select pg_advisory_unlock($1)', [advisoryLock])
    }
  } finally {
    db.release()
    if (pool !== database) await pool.end()
  }
}

async function readMigrations(from: string): Promise<Migration[]> {
  const names = (await readdir(from)).filter((name) => /^\d{3}_.*\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(from, name), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function applyMissing(db: pg.ClientBase, migrations: Migration[]): Promise<string[]> {
  await db.query(
    'create table if not exists schema_migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
  )
  const { rows } = await db.query<{ name: string; checksum: string }>(
    'select name, checksum from schema_migrations order by name',
  )
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const row of rows) {
    if (known.get(row.name)?.checksum !== row.checksum)
      throw new OutpaceError('schema_changed', { file: row.name, how: known.has(row.name) ? 'was edited' : 'is missing' })
  }
  const applied = new Set(rows.map((row) => row.name))
  const missing = migrations.filter((migration) => !applied.has(migration.name))
  for (const { name, sql, checksum } of missing) {
    try {
      await db.query('begin')
      await db.query(sql)
      await db.query('insert into schema_migrations (name, checksum) values ($1, $2)', [name, checksum])
      await db.query('commit')
    } catch (error) {
      await db.query('rollback')
      throw error
    }
  }
  return missing.map((migration) => migration.name)
}
