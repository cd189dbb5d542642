import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createPool } from './database.ts'
import { startPostgres } from './embedded-postgres.ts'
import { migrate } from './migrator.ts'

t.test('embedded PostgreSQL starts, is adopted by a second start, survives a crash, and stops', async (t) => {
  // Under /root-like closed parents the server's files go elsewhere; /var/tmp is open to everybody.
  const dir = await mkdtemp('/var/tmp/outpace-postgres-')
  const lines: string[] = []
  const first = await startPostgres({ dir, port: 0, log: (line) => lines.push(line) })
  t.teardown(async () => {
    await first.stop()
    await rm(dir, { recursive: true })
  })
  t.ok(first.started)
  t.match(new URL(first.url).hostname, '127.0.0.1')
  t.equal((await stat(join(dir, 'password'))).mode & 0o777, 0o600)

  const second = await startPostgres({ dir, port: 0 })
  t.notOk(second.started)
  t.equal(second.url, first.url)

  const pool = createPool(first.url, 2)
  await pool.query('create table kept (a int)')
  await pool.end()
  const postmaster = Number((await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])
  process.kill(postmaster, 'SIGKILL')
  const third = await startPostgres({ dir, port: 0 })
  t.ok(third.started)
  const again = createPool(third.url, 1)
  t.equal((await again.query('select count(*) as n from kept')).rows[0]?.n, 0)
  await again.end()

  const taken = { dir: join(dir, 'second'), port: Number(new URL(third.url).port) }
  const wrongPort = await startPostgres(taken).catch((error: unknown) => error)
  t.match(wrongPort, { code: 'database_unavailable', message: /log is/ })
  await third.stop()
  await third.stop()
})

t.test('migrations are applied once, in order, and guarded against edits', async (t) => {
  const { pool, url } = await withDatabase(t)
  t.same(await migrate(url), [])
  const dir = await mkdtemp('/var/tmp/outpace-migrations-')
  t.teardown(() => rm(dir, { recursive: true }))
  await pool.query('drop table schema_migrations')
  await writeFile(join(dir, '001_a.sql'), 'create table a (x int);')
  await writeFile(join(dir, '002_b.sql'), 'alter table a add y int; select nonsense;')
  await t.rejects(migrate(pool, dir), /nonsense/)
  t.equal((await pool.query('select name from schema_migrations')).rowCount, 1)
  await writeFile(join(dir, '002_b.sql'), 'alter table a add y int;')
  const both = await Promise.all([migrate(pool, dir), migrate(url, dir)])
  t.same(both.flat(), ['002_b.sql'])
  await writeFile(join(dir, '001_a.sql'), 'create table a (x bigint);')
  await t.rejects(migrate(pool, dir), { code: 'schema_changed' })
})
