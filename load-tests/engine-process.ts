/**
 * The engine as its users have it: a process of its own, steered over HTTP. For the demo, the journeys and the benchmarks.
 * Its output goes to a file; a process that ends before it is ready brings the last lines of that file along.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Json = Record<string, unknown>

export class ApiFailure extends Error {
  readonly status: number
  readonly problem: Json
  constructor(request: string, status: number, problem: Json) {
    super(`${request}: ${status} ${JSON.stringify(problem)}`)
    this.status = status
    this.problem = problem
  }
}

export interface EngineProcess {
  url: string
  key: string
  pid: number
  logFile: string
  get<T = Json>(path: string): Promise<T>
  post<T = Json>(path: string, body?: unknown): Promise<T>
  patch<T = Json>(path: string, body: unknown): Promise<T>
  put<T = Json>(path: string, body: unknown): Promise<T>
  /** Uploads a file of leads as it is. */
  upload<T = Json>(path: string, csv: string | Buffer): Promise<T>
  /** User and system CPU milliseconds used so far. */
  cpuMs(): number
  stop(): Promise<void>
  /** As a crash would. */
  kill(): Promise<void>
}

/** The verbs that steer an engine, wherever it runs. */
export type Api = Pick<EngineProcess, 'get' | 'post' | 'patch' | 'put' | 'upload'>

export interface EngineOptions {
  dataDir: string
  /** OUTPACE_… and the addresses of servers. */
  env: Record<string, string>
  readyDeadlineMs?: number
}

const clockTicksPerSecond = 100
const main = fileURLToPath(new URL('../dialer/main.ts', import.meta.url))

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no free port'))))
    })
  })
}

/** A process that was started and may still wait for its parts. */
export interface LaunchedEngine {
  url: string
  pid: number
  logFile: string
  /** Its exit code, when it has ended; null: by a signal. */
  exited: Promise<number | null>
  ready(deadlineMs?: number): Promise<EngineProcess>
  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void
}

export async function startEngine(options: EngineOptions): Promise<EngineProcess> {
  const launched = await launchEngine(options)
  return launched.ready(options.readyDeadlineMs)
}

export async function launchEngine({ dataDir, env }: EngineOptions): Promise<LaunchedEngine> {
  mkdirSync(dataDir, { recursive: true })
  const port = env.OUTPACE_API_PORT ?? String(await freePort())
  const url = `http://127.0.0.1:${port}`
  const logFile = join(dataDir, 'engine.log')
  const output = openSync(logFile, 'a')
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main], {
    stdio: ['ignore', output, output],
    env: { ...process.env, OUTPACE_DATA_DIR: dataDir, OUTPACE_API_PORT: port, ...env },
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const launched = { url, pid: child.pid ?? 0, logFile }
  return {
    ...launched,
    exited,
    signal: (name) => void child.kill(name),
    async ready(deadlineMs = 90_000) {
      await ready(child, url, logFile, deadlineMs)
      const key = readFileSync(join(dataDir, 'first-api-key'), 'utf8').trim()
      const end = async (name: 'SIGTERM' | 'SIGKILL') => {
        child.kill(name)
        await exited
      }
      return {
        ...launched,
        key,
        ...client(url, key),
        cpuMs: () => cpuMs(child.pid ?? 0),
        stop: () => end('SIGTERM'),
        kill: () => end('SIGKILL'),
      }
    },
  }
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / clockTicksPerSecond
}

/** The verbs of HTTP, with this key. */
export function client(url: string, key: string): Api {
  async function request<T>(
    method: string,
    path: string,
    contentType: string | undefined,
    body: string | Buffer | undefined,
  ): Promise<T> {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(contentType && { 'content-type': contentType }) },
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    const answer = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text
    if (!response.ok) throw new ApiFailure(`${method} ${path}`, response.status, answer)
    return answer
  }
  const sendJson = <T>(method: string, path: string, body: unknown) =>
    request<T>(
      method,
      path,
      body === undefined ? undefined : 'application/json',
      body === undefined ? undefined : JSON.stringify(body),
    )

  return {
    get: (path) => request('GET', path, undefined, undefined),
    post: (path, body) => sendJson('POST', path, body),
    patch: (path, body) => sendJson('PATCH', path, body),
    put: (path, body) => sendJson('PUT', path, body),
    upload: (path, csv) => request('POST', path, 'text/csv', csv),
  }
}

async function ready(child: ChildProcess, url: string, logFile: string, deadlineMs: number): Promise<void> {
  for (const deadline = Date.now() + deadlineMs; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answers = await fetch(`${url}/ready`).then(
      (response) => response.ok,
      () => false,
    )
    if (answers) return
    const why = child.exitCode !== null ? 'ended while starting' : Date.now() > deadline ? 'is not ready in time' : undefined
    if (!why) continue
    child.kill('SIGKILL')
    const words = readFileSync(logFile, 'utf8').trim().split('\n').slice(-8).join('\n')
    throw new Error(`the engine ${why}:\n${words}`)
  }
}
