/**
 * `make up` and `make down`: the engine as a process of its own that outlives the terminal, with its pid and its log under
 * the data directory. Knows nothing of what the engine does; it waits for /ready.
 */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig } from './config.ts'
import { giveUp } from './give-up.ts'

const config = await (async () => readConfig())().catch(giveUp)
const pidFile = join(config.dataDir, 'outpace.pid')
const logFile = join(config.dataDir, 'outpace.log')
const address = `http://${config.api.host}:${config.api.port}`
const readyDeadlineMs = 120_000
const pollMs = 100
/** Whoever holds the port may not be ours, and silent. */
const answerMs = 2000

const say = (text: string) => process.stdout.write(`${text}\n`)
const pause = () => new Promise((resolve) => setTimeout(resolve, pollMs))

/** The engine's pid, if it lives; a pid that another program has now does not count. */
function runningPid(): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'))
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dialer/main.ts') ? pid : undefined
  } catch {
    return undefined
  }
}

async function isReady(): Promise<boolean> {
  return fetch(`${address}/ready`, { signal: AbortSignal.timeout(answerMs) }).then(
    (response) => response.ok,
    () => false,
  )
}

async function up(): Promise<number> {
  const before = runningPid()
  if (before) say(`Outpace is already running (pid ${before}).`)
  else {
    mkdirSync(config.dataDir, { recursive: true })
    const log = openSync(logFile, 'a', 0o600)
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('main.ts', import.meta.url))],
      {
        detached: true,
        stdio: ['ignore', log, log],
      },
    )
    closeSync(log)
    writeFileSync(pidFile, String(child.pid))
    child.unref()
    say(`Starting Outpace (pid ${child.pid}, log ${logFile}) ...`)
  }
  for (const deadline = Date.now() + readyDeadlineMs; Date.now() < deadline; await pause()) {
    if (await isReady()) {
      say(`Outpace is ready at ${address} (pages: ${address}/docs). The first key: ${join(config.dataDir, 'first-api-key')}`)
      return 0
    }
    if (!runningPid()) {
      say(`Outpace ended while starting; its last words are in ${logFile}.`)
      return 1
    }
  }
  say(`Outpace is not ready after ${readyDeadlineMs / 1000} s; ${address}/ready says what is missing, ${logFile} why.`)
  return 1
}

async function down(): Promise<number> {
  const pid = runningPid()
  if (!pid) {
    say('Outpace is not running.')
    return 0
  }
  say(`Stopping Outpace (pid ${pid}); talks may go on for ${config.drainSeconds} s ...`)
  process.kill(pid, 'SIGTERM')
  while (runningPid() === pid) await pause()
  rmSync(pidFile, { force: true })
  say('Stopped.')
  return 0
}

const command = process.argv[2]
if (command === 'up') process.exitCode = await up()
else if (command === 'down') process.exitCode = await down()
else {
  say('Usage: service.ts up|down')
  process.exitCode = 2
}
