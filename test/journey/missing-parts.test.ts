/**
 * PostgreSQL, Redis and Asterisk missing at the start, each alone: the engine says which one and what to do, in its log and in
 * /ready, stays one quiet process, and comes up by itself when the part appears. The user's own servers and the private ones.
 */
import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import t, { type Test as TapTest } from 'tap'
import { eventually, within } from '../../load-tests/deadline.ts'
import { freePort, type Json, type LaunchedEngine, launchEngine } from '../../load-tests/engine-process.ts'
import { newTestFolder, withAsterisk } from '../support/asterisk.ts'
import { withDatabase } from '../support/database.ts'
import { createGate } from '../support/gate.ts'
import { redisUrl } from '../support/redis.ts'

t.setTimeout(120_000)

const asterisk = await withAsterisk(t)
const redis = await redisUrl(t)

async function launch(t: TapTest, env: Record<string, string>): Promise<LaunchedEngine> {
  const folder = newTestFolder()
  const engine = await launchEngine({ dataDir: join(folder, 'engine'), env })
  t.teardown(async () => {
    engine.signal('SIGKILL')
    await engine.exited
    rmSync(folder, { recursive: true, force: true })
  })
  return engine
}

const stopped = async (engine: LaunchedEngine) => {
  engine.signal('SIGTERM')
  return within(3000, 'the engine to stop', engine.exited)
}

interface Readiness {
  status: number
  parts: Record<string, string>
}

/** What /ready says of each part that is not there. */
async function readiness({ url }: LaunchedEngine): Promise<Readiness | undefined> {
  const response = await fetch(`${url}/ready`).catch(() => undefined)
  if (!response) return undefined
  const body: { parts: { part: string; ready: boolean; sentence: string }[] } = JSON.parse(await response.text())
  const missing = body.parts.filter(({ ready }) => !ready).map(({ part, sentence }) => [part, sentence])
  return { status: response.status, parts: Object.fromEntries(missing) }
}

const linesOf = ({ logFile }: LaunchedEngine): Json[] =>
  readFileSync(logFile, 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : []))

/** Waits until /ready and the log both name the part; they do so once in a while, not all the time. */
async function saysWhatIsMissing(t: TapTest, engine: LaunchedEngine, part: string, code: string, where: string) {
  const lines = await eventually(15_000, 'the log to name it', async () => {
    const found = linesOf(engine).filter((line) => line.code === code)
    return found.length > 0 ? found : undefined
  })
  t.match(lines[0], { whatToDo: /^Start it or correct/ })
  t.match(`${lines[0]?.problem ?? lines[0]?.reason}`, where)
  t.ok(lines.length < 6, `${lines.length} lines in the log are few`)
  const said = await eventually(5000, '/ready', () => readiness(engine))
  t.equal(said.status, 503)
  const sentence = said.parts[part] ?? ''
  t.match(sentence, where)
  t.match(sentence, /does not answer: .+\. Start it or correct \w+/)
  const alive = await eventually(5000, '/health', () => fetch(`${engine.url}/health`).catch(() => undefined))
  t.equal(alive.status, 200, 'the process is alive')
  return sentence
}

const cases = [
  ['postgresql', 'DATABASE_URL', 'database_unavailable'],
  ['redis', 'REDIS_URL', 'redis_unavailable'],
  ['asterisk', 'ARI_URL', 'switch_unavailable'],
] as const

for (const [part, variable, code] of cases)
  t.test(`${part} is missing at the start and comes later`, async (t) => {
    const all = { DATABASE_URL: (await withDatabase(t)).url, REDIS_URL: redis, ARI_URL: asterisk.ariUrl }
    const gate = await createGate(t, all[variable])
    const engine = await launch(t, { ...all, [variable]: gate.url })
    await saysWhatIsMissing(t, engine, part, code, `127.0.0.1:${gate.port}`)
    // Without the coordination nobody can say whether another engine is in charge: this one stands by.
    if (part === 'asterisk') {
      const alone = await eventually(10_000, 'the other parts to be there', async () => {
        const now = await readiness(engine)
        return now && Object.keys(now.parts).length === 1 ? now : undefined
      })
      t.same(Object.keys(alone.parts), [part], 'and no other part')
    }
    const unfit = await fetch(`${engine.url}/v1/campaigns`)
    t.equal(unfit.status, part === 'asterisk' ? 401 : 503, 'the API answers as well as it can')

    await gate.open()
    const running = await engine.ready(20_000)
    t.same(await running.get('/v1/campaigns'), { campaigns: [] })
    t.equal(await stopped(engine), 0)
  })

t.test('asked to stop while it waits, it stops at once', async (t) => {
  const all = { DATABASE_URL: (await withDatabase(t)).url, ARI_URL: asterisk.ariUrl }
  for (const variable of ['DATABASE_URL', 'ARI_URL'] as const) {
    const gate = await createGate(t, all[variable])
    const engine = await launch(t, { ...all, [variable]: gate.url })
    await eventually(15_000, 'the first failure', async () =>
      linesOf(engine).find((line) => `${line.code}`.endsWith('_unavailable')),
    )
    t.equal(await stopped(engine), 0, variable)
  }
})

t.test('the private servers: a port that is taken, an Asterisk that is not installed', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => taken.once('listening', listening))
  const address = taken.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const folder = newTestFolder()
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const root = join(folder, 'asterisk-root')
  const engine = await launch(t, {
    // Without /usr/sbin, where Debian would have an Asterisk of its own.
    PATH: '/usr/bin:/bin',
    OUTPACE_ASTERISK_ROOT: root,
    OUTPACE_DATABASE_PORT: String(port),
    OUTPACE_ARI_PORT: String(await freePort()),
    OUTPACE_SIP_PORT: String(await freePort()),
    OUTPACE_RTP_FIRST_PORT: '36000',
    OUTPACE_RTP_LAST_PORT: '36099',
  })
  const said = await saysWhatIsMissing(t, engine, 'postgresql', 'database_unavailable', `127.0.0.1:${port}`)
  t.match(said, /could not .*its log is /)

  await new Promise((closed) => taken.close(closed))
  const noSwitch = await eventually(20_000, 'PostgreSQL to be there', async () => {
    const now = await readiness(engine)
    return now && !now.parts.postgresql && now.parts.asterisk?.includes('make setup') ? now : undefined
  })
  t.match(noSwitch.parts.asterisk, /there is no Asterisk >= 20 on this machine/)
  t.match(
    linesOf(engine).find((line) => line.code === 'switch_unavailable'),
    { problem: /make setup/, part: 'asterisk' },
  )

  symlinkSync(process.env.OUTPACE_ASTERISK_ROOT ?? resolve('var/asterisk-root'), root)
  const running = await engine.ready(40_000)
  t.same(await running.get('/v1/campaigns'), { campaigns: [] })
  engine.signal('SIGTERM')
  t.equal(await within(10_000, 'all to stop', engine.exited), 0)
  await t.rejects(fetch(engine.url), 'nothing answers any more')
})

t.test('what no waiting helps ends the process with one sentence', async (t) => {
  const engine = await launch(t, { OUTPACE_DRAIN_SECONDS: 'soon' })
  t.equal(await within(10_000, 'the end', engine.exited), 1)
  t.match(readFileSync(engine.logFile, 'utf8'), /^The configuration is wrong: OUTPACE_DRAIN_SECONDS: .+\n$/)

  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => taken.once('listening', listening))
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = String(typeof address === 'object' ? address?.port : '')
  const second = await launch(t, { OUTPACE_API_PORT: port })
  t.equal(await within(10_000, 'the end', second.exited), 1)
  t.match(readFileSync(second.logFile, 'utf8'), /^The configuration is wrong: the API cannot listen: .*EADDRINUSE/)
})
