/**
 * PostgreSQL refuses to run as root. Started as root, the embedded server therefore runs as the system user `outpace`
 * (made when missing) and keeps its files where that user can reach them. Started by anybody else, nothing changes.
 * Used by embedded-postgres.ts only.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { OutpaceError } from '../errors.ts'

const run = promisify(execFile)
const userName = 'outpace'
const elsewhere = '/var/lib/outpace'

/** Whom the server's processes run as; empty: as whoever runs the engine. */
export type Identity = { uid: number; gid: number } | Record<string, never>

export async function serverIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) return {}
  return (await lookUp()) ?? (await create())
}

async function lookUp(): Promise<Identity | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', userName]), run('id', ['-g', userName])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

async function create(): Promise<Identity> {
  const failed = await run('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    userName,
  ]).then(
    () => undefined,
    (error: unknown) => error,
  )
  // Two processes may have tried at once: what counts is whether the user is there now.
  const identity = await lookUp()
  if (identity) return identity
  throw new OutpaceError(
    'database_unavailable',
    {
      where: 'this machine',
      problem: `it must not run as root and the system user "${userName}" could not be made; make it by hand`,
    },
    failed,
  )
}

async function canReach(path: string, mode: '-x' | '-r', identity: Identity): Promise<boolean> {
  return run('test', [mode, path], { ...identity, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

/** A directory owned by the server's user: `dir` itself, or one under /var/lib when a parent such as /root is closed to him. */
export async function reachableDirectory(dir: string, identity: Identity): Promise<string> {
  await mkdir(dir, { recursive: true, mode: 0o755 })
  if (!('uid' in identity)) return dir
  await chown(dir, identity.uid, identity.gid)
  if (await canReach(dir, '-x', identity)) return dir
  const other = join(elsewhere, createHash('sha256').update(dir).digest('hex').slice(0, 12))
  await mkdir(other, { recursive: true, mode: 0o755 })
  await chown(other, identity.uid, identity.gid)
  return other
}

/** The package's native directory, or a copy of it where the server's user can reach it. */
export async function reachableBinaries(native: string, version: string, identity: Identity): Promise<string> {
  if (await canReach(join(native, 'bin', 'postgres'), '-x', identity)) return native
  const copy = join(elsewhere, `postgres-${version}`)
  const exists = await stat(copy).catch(() => undefined)
  if (exists) return copy
  const unfinished = `${copy}.${process.pid}`
  await mkdir(elsewhere, { recursive: true, mode: 0o755 })
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true })
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true }))
  return copy
}
