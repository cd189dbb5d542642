/**
 * Starts, adopts and stops a private Asterisk. It runs detached, so that it and the talks on it outlive a crashed
 * engine; the next start adopts it by its pid file. It is replaced only when its configuration has changed.
 * Called by the engine's composition root, the tests' runner and the load tests.
 */
import { spawn } from 'node:child_process'
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { OutpaceError } from '../dialer/errors.ts'
import { type AsteriskBinary, findAsterisk } from './asterisk-binary.ts'
import { ariSecretOf, giveToUnprivilegedUser, writeInstance } from './instance-files.ts'
import { type AsteriskSettings, ariUser, instanceFolders } from './settings.ts'

export interface RunningAsterisk {
  /** With user and secret: `http://USER:SECRET@127.0.0.1:PORT`. */
  ariUrl: string
  pid: number
  /** It was already running. */
  adopted: boolean
  /** The system user it runs as; undefined: whoever started it. */
  user: string | undefined
}

const readyDeadlineMs = 30_000
const stopDeadlineMs = 5000
const pollMs = 25

/** Where ARI of this instance is, also before it runs. */
export const ariUrlOf = (settings: AsteriskSettings) => `http://${ariUser}:${ariSecretOf(settings)}@127.0.0.1:${settings.ariPort}`

/** Resolves when ARI answers. Throws `switch_unavailable` with the last lines of its log if it does not come up. */
export async function startAsterisk(settings: AsteriskSettings): Promise<RunningAsterisk> {
  const binary = findAsterisk(settings.rootDirectory)
  const running = runningPid(settings)
  const { ariSecret, changed } = writeInstance(settings, binary)
  const user = giveToUnprivilegedUser(settings, binary)
  if (running !== undefined && changed) await stopAsterisk(settings)
  const adopted = running !== undefined && !changed
  const pid = adopted ? running : launch(settings, binary, user)
  await ready(settings, ariSecret, pid)
  return { ariUrl: ariUrlOf(settings), pid, adopted, user: user?.name }
}

/** Ends it and all its calls; resolves when it is gone. Idempotent. */
export async function stopAsterisk(settings: AsteriskSettings): Promise<void> {
  if (signal(settings, 'SIGTERM')) {
    const gone = await until(stopDeadlineMs, () => runningPid(settings) === undefined)
    if (!gone) await killAsterisk(settings)
  }
  rmSync(pidFile(settings), { force: true })
}

/** Ends it without a chance to say good-bye, as a crash would. */
export async function killAsterisk(settings: AsteriskSettings): Promise<void> {
  signal(settings, 'SIGKILL')
  await until(stopDeadlineMs, () => runningPid(settings) === undefined)
}

export async function restartAsterisk(settings: AsteriskSettings): Promise<RunningAsterisk> {
  await stopAsterisk(settings)
  return startAsterisk(settings)
}

const pidFile = (settings: AsteriskSettings) => join(settings.directory, 'asterisk.pid')
const mainConfig = (settings: AsteriskSettings) => join(instanceFolders(settings.directory).etc, 'asterisk.conf')

/** The process of this instance, if it lives. A pid that now belongs to another program does not count. */
export function runningPid(settings: AsteriskSettings): number | undefined {
  const pid = Number(readText(pidFile(settings)))
  const alive = pid > 0 && readText(`/proc/${pid}/cmdline`).split('\0').includes(mainConfig(settings))
  return alive ? pid : undefined
}

function signal(settings: AsteriskSettings, name: 'SIGTERM' | 'SIGKILL'): boolean {
  const pid = runningPid(settings)
  if (pid === undefined) return false
  process.kill(pid, name)
  return true
}

function launch(settings: AsteriskSettings, binary: AsteriskBinary, user: { uid: number; gid: number } | undefined): number {
  const output = openSync(join(settings.directory, 'console.log'), 'w')
  const child = spawn(binary.command, [...binary.leadingArguments, '-f', '-C', mainConfig(settings)], {
    detached: true,
    stdio: ['ignore', output, output],
    cwd: settings.directory,
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  })
  child.on('error', () => {}) // reported by `ready`: the process is not there
  child.unref()
  if (child.pid === undefined) throw unavailable(settings, `${binary.command} could not be started`)
  writeFileSync(pidFile(settings), String(child.pid))
  return child.pid
}

/** The port answers some seconds before ARI does, so ARI itself is asked. */
async function ready(settings: AsteriskSettings, ariSecret: string, pid: number) {
  const url = `http://127.0.0.1:${settings.ariPort}/ari/asterisk/info?only=status`
  const authorization = `Basic ${Buffer.from(`${ariUser}:${ariSecret}`).toString('base64')}`
  const answered = await until(readyDeadlineMs, async () => {
    if (runningPid(settings) !== pid) throw unavailable(settings, `it ended at its start: ${lastWords(settings)}`)
    const response = await fetch(url, { headers: { authorization } }).catch(() => undefined)
    await response?.body?.cancel()
    return response?.ok === true
  })
  if (!answered) throw unavailable(settings, `no answer from ARI within ${readyDeadlineMs / 1000} s: ${lastWords(settings)}`)
}

async function until(deadlineMs: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < deadlineMs; waitedMs += pollMs) {
    if (await condition()) return true
    await delay(pollMs)
  }
  return condition()
}

const unavailable = (settings: AsteriskSettings, problem: string) =>
  new OutpaceError('switch_unavailable', { where: `127.0.0.1:${settings.ariPort}`, problem })

function lastWords(settings: AsteriskSettings): string {
  const log = join(instanceFolders(settings.directory).log, 'messages')
  const lines = `${readText(join(settings.directory, 'console.log'))}\n${readText(log)}`.split('\n')
  return (
    lines
      .filter((line) => /ERROR|EXITING|error/.test(line))
      .slice(-3)
      .join(' | ') || `see ${log}`
  )
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
