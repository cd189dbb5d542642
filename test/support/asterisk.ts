/**
 * A real Asterisk for a test file: the one that test/run.ts started for all, or, when the file is run alone, one of its
 * own that ends with it. Files that use it are run one at a time, so a test may restart or kill it.
 */
import { createSocket } from 'node:dgram'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  killAsterisk,
  type RunningAsterisk,
  restartAsterisk,
  runningPid,
  startAsterisk,
  stopAsterisk,
} from '../../pbx-config/asterisk-process.ts'
import type { AsteriskSettings } from '../../pbx-config/settings.ts'

const checkout = join(import.meta.dirname, '..', '..')

interface TestContext {
  teardown(task: () => Promise<void>): unknown
}

export interface TestAsterisk extends Omit<RunningAsterisk, 'adopted'> {
  settings: AsteriskSettings
  sipHost: string
  sipPort: number
  /** Stops and starts it; what was pushed over ARI is gone. */
  restart(): Promise<void>
  /** Ends it as a crash would; it stays down until `restart`. */
  kill(): Promise<void>
}

export async function withAsterisk(t: TestContext): Promise<TestAsterisk> {
  const shared = process.env.TEST_ASTERISK
  const settings: AsteriskSettings = shared ? JSON.parse(shared) : await newTestAsterisk()
  const { ariUrl, pid, user } = await startAsterisk(settings)
  if (!shared) {
    t.teardown(() => removeTestAsterisk(settings))
    process.once('SIGINT', () => process.exit(endAtOnce(settings)))
  }
  return {
    ...{ ariUrl, pid, user, settings },
    sipHost: settings.sipHost,
    sipPort: settings.sipPort,
    restart: async () => void (await restartAsterisk(settings)),
    kill: () => killAsterisk(settings),
  }
}

/** Settings of an instance in a folder and on ports of its own. */
export async function newTestAsterisk(): Promise<AsteriskSettings> {
  return {
    directory: join(newTestFolder(), 'asterisk'),
    soundsDirectory: join(checkout, 'var', 'sounds'),
    rootDirectory: process.env.OUTPACE_ASTERISK_ROOT ?? join(checkout, 'var', 'asterisk-root'),
    ariPort: await freeTcpPort(),
    sipHost: '127.0.0.1',
    sipPort: await freeUdpPort(),
    // Beside the range of an installed Outpace; instances that share it step over each other's ports.
    rtpFirstPort: 25_000,
    rtpLastPort: 29_999,
  }
}

/** A folder in the system's temporary one that servers running as another user can reach. */
export function newTestFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'outpace-test-'))
  chmodSync(folder, 0o755)
  return folder
}

export async function removeTestAsterisk(settings: AsteriskSettings): Promise<void> {
  await stopAsterisk(settings)
  rmSync(join(settings.directory, '..'), { recursive: true, force: true })
}

/** For a file that is broken off with Ctrl-C. Returns its exit code. */
function endAtOnce(settings: AsteriskSettings): number {
  const pid = runningPid(settings)
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  rmSync(join(settings.directory, '..'), { recursive: true, force: true })
  return 130
}

export function freeTcpPort(): Promise<number> {
  return new Promise((settle, fail) => {
    const probe = createServer().once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' ? address?.port : undefined
      probe.close(() => (port === undefined ? fail(new Error('no free port')) : settle(port)))
    })
  })
}

export function freeUdpPort(): Promise<number> {
  return new Promise((settle, fail) => {
    const probe = createSocket('udp4').once('error', fail)
    probe.bind(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => settle(port))
    })
  })
}
