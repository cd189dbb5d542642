/**
 * The servers that all test files share: PostgreSQL, Redis, Asterisk, each on free ports of 127.0.0.1. Their addresses
 * go to the files by environment. Started and stopped by test/run.ts only; a file run alone starts what it needs itself.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres } from '../../dialer/storage/embedded-postgres.ts'
import { startAsterisk } from '../../pbx-config/asterisk-process.ts'
import { freeTcpPort, newTestAsterisk, newTestFolder, removeTestAsterisk } from './asterisk.ts'

/** How one server is reached, and how it is ended. */
interface Server {
  environment: Record<string, string>
  stop(): Promise<void>
}

export interface Infrastructure {
  environment: Record<string, string>
  stop(): Promise<void>
}

export interface Wanted {
  asterisk: boolean
  say(line: string): void
}

/** Ends what it had started if one of the servers does not come up. */
export async function startInfrastructure({ asterisk, say }: Wanted): Promise<Infrastructure> {
  const starts = [postgres(), redis(), ...(asterisk ? [asteriskServer()] : [])]
  const outcomes = await Promise.allSettled(starts)
  const servers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const stop = async () => void (await Promise.allSettled(servers.map((server) => server.stop())))
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue
    await stop()
    throw outcome.reason
  }
  say(`PostgreSQL, Redis${asterisk ? ' and Asterisk' : ''} are up`)
  return { environment: Object.assign({}, ...servers.map((server) => server.environment)), stop }
}

async function postgres(): Promise<Server> {
  const folder = newTestFolder()
  // Nothing here outlives the run: speed instead of durability.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' }
  const server = await startPostgres({ dir: join(folder, 'postgres'), port: 0, settings })
  return {
    environment: { TEST_DATABASE_URL: server.url },
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function redis(): Promise<Server> {
  const port = await freeTcpPort()
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  })
  await listening(port, server)
  return { environment: { TEST_REDIS_URL: `redis://127.0.0.1:${port}` }, stop: () => end(server) }
}

async function asteriskServer(): Promise<Server> {
  const settings = await newTestAsterisk()
  await startAsterisk(settings)
  return { environment: { TEST_ASTERISK: JSON.stringify(settings) }, stop: () => removeTestAsterisk(settings) }
}

async function listening(port: number, server: ChildProcess) {
  let failure: Error | undefined
  server.once('error', (error) => {
    failure = error
  })
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await delay(20)) {
    if (failure || server.exitCode !== null) throw failure ?? new Error(`${server.spawnfile} ended with ${server.exitCode}`)
    if (await connects(port)) return
  }
  await end(server)
  throw new Error(`${server.spawnfile} does not listen on 127.0.0.1:${port}`)
}

const connects = (port: number) =>
  new Promise<boolean>((settle) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy()
      settle(true)
    })
    socket.once('error', () => settle(false))
  })

const end = (server: ChildProcess) =>
  new Promise<void>((settle) => {
    if (server.exitCode !== null || server.signalCode !== null) return settle()
    server.once('exit', () => settle())
    server.kill('SIGKILL')
  })
