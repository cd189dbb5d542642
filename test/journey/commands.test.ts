/**
 * The commands behind `make up`, `make down` and Ctrl-C on `make demo`: what they say, their exit codes, and that nothing they
 * started is left. The make targets themselves add only `setup`, which has nothing to do on a machine that runs tests.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import t from 'tap'
import { eventually, within } from '../../load-tests/deadline.ts'
import { freePort } from '../../load-tests/engine-process.ts'
import { newTestFolder, withAsterisk } from '../support/asterisk.ts'
import { withDatabase } from '../support/database.ts'

t.setTimeout(120_000)

const checkout = resolve(import.meta.dirname, '..', '..')
const asteriskRoot = process.env.OUTPACE_ASTERISK_ROOT ?? join(checkout, 'var', 'asterisk-root')

interface Command {
  child: ChildProcess
  /** All it wrote so far. */
  said(): string
  exited: Promise<number | null>
}

/** In a process group of its own, as a shell starts it. */
function start(script: string, args: string[], cwd: string, env: Record<string, string> = {}): Command {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), join(checkout, script), ...args], {
    cwd,
    env: { ...process.env, OUTPACE_ASTERISK_ROOT: asteriskRoot, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
  return { child, said: () => said, exited: new Promise((settle) => child.once('close', settle)) }
}

function newFolder(t: { teardown(task: () => void): unknown }): string {
  const folder = newTestFolder()
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const readLink = (path: string) => {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Every process that has to do with the folder: by its arguments, its environment or where it works. */
function processesOf(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) =>
      `${read(`/proc/${pid}/cmdline`)} ${read(`/proc/${pid}/environ`)} ${readLink(`/proc/${pid}/cwd`)}`.includes(folder),
    )
    .map((pid) => ({ pid: Number(pid), command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') }))
}

t.test('up, up again, down, down again', async (t) => {
  const asterisk = await withAsterisk(t)
  const { url } = await withDatabase(t)
  const folder = newFolder(t)
  const env = {
    OUTPACE_DATA_DIR: join(folder, 'data'),
    OUTPACE_API_PORT: String(await freePort()),
    DATABASE_URL: url,
    ARI_URL: asterisk.ariUrl,
  }
  const service = async (command: string) => {
    const run = start('dialer/service.ts', [command], folder, env)
    return { code: await within(30_000, `${command} to end`, run.exited), said: run.said() }
  }
  const down = await service('down')
  t.same(down, { code: 0, said: 'Outpace is not running.\n' })

  const up = await service('up')
  t.equal(up.code, 0, up.said)
  const pid = Number(/pid (\d+)/.exec(up.said)?.[1])
  t.match(up.said, /Outpace is ready at http:\/\/127\.0\.0\.1:\d+ .*first-api-key/)
  t.match(await (await fetch(`http://127.0.0.1:${env.OUTPACE_API_PORT}/ready`)).json(), { status: 'ready' })

  const again = await service('up')
  t.equal(again.code, 0)
  t.match(again.said, `Outpace is already running (pid ${pid}).`)

  const stopped = await service('down')
  t.equal(stopped.code, 0)
  t.match(stopped.said, /Stopping Outpace .*\nStopped\.\n/)
  t.same(processesOf(folder), [])
  t.same(await service('down'), { code: 0, said: 'Outpace is not running.\n' })

  // A pid file that a crash left, and the number belongs to somebody else by now.
  writeFileSync(join(folder, 'data', 'outpace.pid'), String(process.pid))
  t.same(await service('down'), { code: 0, said: 'Outpace is not running.\n' })

  const blocked = createServer().listen(Number(env.OUTPACE_API_PORT), '127.0.0.1')
  t.teardown(() => blocked.close())
  const failed = await service('up')
  t.equal(failed.code, 1)
  t.match(failed.said, /ended while starting; its last words are in .*outpace\.log/)
  t.match(read(join(folder, 'data', 'outpace.log')), /the API cannot listen: .*EADDRINUSE/)
  env.OUTPACE_API_PORT = 'eighty'
  const wrong = await service('up')
  t.equal(wrong.code, 1)
  t.match(wrong.said, /^The configuration is wrong: OUTPACE_API_PORT: .* Correct the environment variable and start again\.\n$/)
})

for (const moment of ['starting PostgreSQL', 'agents log in', '  dialing\n'])
  t.test(`Ctrl-C on the demo at "${moment.trim()}": nothing is left`, async (t) => {
    const folder = newFolder(t)
    mkdirSync(join(folder, 'var'))
    const demo = start('load-tests/demo.ts', [], folder)
    t.teardown(() => {
      for (const { pid } of processesOf(folder)) process.kill(pid, 'SIGKILL')
    })
    await eventually(60_000, moment, async () =>
      demo.said().includes(moment) || demo.child.exitCode !== null ? true : undefined,
    )
    const wanted = moment === 'starting PostgreSQL' ? [/main\.ts/] : [/asterisk/, /postgres/, /sipp/, /main\.ts/]
    const started = await eventually(10_000, 'its processes to run', async () => {
      const running = processesOf(folder)
      return wanted.every((one) => running.some(({ command }) => one.test(command))) ? running : undefined
    }).catch((error: unknown) => t.fail(`${error}\n${demo.said()}`))
    t.ok(started)
    // As a terminal does it: to the whole group at once.
    process.kill(-Number(demo.child.pid), 'SIGINT')
    t.equal(await within(30_000, 'the demo to end', demo.exited), 130)
    t.match(demo.said(), /Stopping \.\.\./)
    t.same(processesOf(folder), [], 'no process is left')
  })
