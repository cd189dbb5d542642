/**
 * The composition root: configuration -> parts -> rooms -> running -> draining -> stopped. Nothing imports this file.
 * A part that is missing at the start (PostgreSQL, Redis, Asterisk) is named, and tried again until it is there; the API
 * answers meanwhile and /ready says what is missing. SIGTERM or SIGINT: no new calls, talks may finish, then everything
 * that was started here is stopped. A second signal stops at once.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Part as PartState } from '../api/deps.ts'
import { createApi } from '../api/server.ts'
import { createApiKeys, ensureFirstKey } from './access/api-keys.ts'
import { createAudit } from './access/audit.ts'
import { createAgentRoom } from './agents/room.ts'
import { createCallerIds } from './caller-id/caller-ids.ts'
import { createCallEngine } from './calls/engine.ts'
import { createJournal } from './calls/journal.ts'
import { recoverCalls } from './calls/recovery.ts'
import { createOffice } from './campaigns/office.ts'
import { createRunner, type Runner } from './campaigns/runner.ts'
import { systemClock as clock } from './clock.ts'
import { createMemoryCoordination } from './cluster/memory.ts'
import { createRedisCoordination } from './cluster/redis.ts'
import { readConfig } from './config.ts'
import { messageOf, OutpaceError } from './errors.ts'
import { createHolidays } from './leads/holidays.ts'
import { createLeadDesk } from './leads/lead-desk.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { databasePart, switchPart, untilItWorks, whereIs } from './parts.ts'
import { createPool } from './storage/database.ts'
import { migrate } from './storage/migrator.ts'
import { createAsteriskTelephony } from './telephony/asterisk/asterisk.ts'
import { createTrunkLines } from './trunks/trunk-lines.ts'
import { createTrunks } from './trunks/trunks.ts'

const config = readConfig()
mkdirSync(config.dataDir, { recursive: true })
const log = createLog(config.logLevel)
const owner = `engine-${process.pid}-${randomUUID().slice(0, 8)}`
const stop = new AbortController()
const stopped = () => stop.signal.aborted
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())

// Parts: PostgreSQL first, everything else stands on it.
const database = await untilItWorks(
  async () => {
    const part = await databasePart(config, log)
    const connections = createPool(part.url, config.databaseConnections)
    await migrate(connections).catch(async (error) => {
      await connections.end()
      throw error
    })
    return { part, pool: connections }
  },
  { code: 'database_unavailable', where: config.databaseUrl ? whereIs(config.databaseUrl) : 'the embedded server' },
  log,
  stopped,
)
if (!database) process.exit(0)
const { pool } = database

const coordination = config.redisUrl ? createRedisCoordination({ url: config.redisUrl, log }) : createMemoryCoordination(clock)
await coordination.start()

const switchWhere = config.ariUrl ? whereIs(config.ariUrl) : 'the private Asterisk'
let switchServer = await untilItWorks(() => switchPart(config), { code: 'switch_unavailable', where: switchWhere }, log, stopped)
if (!switchServer) process.exit(0)

const telephony = createAsteriskTelephony({
  url: switchServer.url,
  app: 'outpace',
  clock,
  log,
  agentPhones: { rtpTimeoutSeconds: config.agentRtpTimeoutSeconds, qualifySeconds: config.agentQualifySeconds },
})

// Rooms.
const holidays = createHolidays()
let runner: Runner | undefined
let switchUp = false
const journal = createJournal({ pool, clock, log })
const room = createAgentRoom({ pool, telephony, clock, holidays, log, wrapUpMs: (id) => runner?.wrapUpMs(id) ?? 0 })
const engine = createCallEngine({ telephony, agents: room.agents, journal, clock, holidays, log })
const trunkLines = createTrunkLines({ coordination, clock, log })
const trunks = createTrunks({ pool, telephony, liveDialing: config.liveDialing, log })
const office = createOffice({ pool, clock, liveDialing: config.liveDialing, live: (id) => runner?.live(id) })
runner = createRunner({
  pool,
  engine,
  journal,
  agents: room.agents,
  trunkLines,
  coordination,
  office,
  clock,
  holidays,
  log,
  owner,
  switchIsUp: () => switchUp,
})

const metrics = createMetrics({
  calls: () => [...engine.live()],
  agents: () =>
    (runner?.campaignIds() ?? []).flatMap((campaignId) =>
      Object.entries(room.agents.counts(campaignId)).map(([phase, count]) => ({ campaignId, phase, count })),
    ),
  journalPending: () => journal.pending,
  switchUp: () => switchUp,
})
engine.onEnded(({ plan, outcome }) => metrics.ended(plan.campaignId, outcome.disposition, outcome.ledger))
engine.onBridged(({ plan, waitedMs }) => metrics.bridged(plan.campaignId, waitedMs))

async function readiness(): Promise<PartState[]> {
  const say = (part: PartState['part'], ready: boolean, failure: OutpaceError): PartState => ({
    part,
    ready,
    sentence: ready ? 'answers' : `${failure.message} ${failure.whatToDo}`,
  })
  const databaseProblem = await pool.query('select 1').then(
    () => undefined,
    (error: unknown) => messageOf(error),
  )
  const databaseWhere = whereIs(database?.part.url ?? '')
  return [
    say(
      'postgresql',
      databaseProblem === undefined,
      new OutpaceError('database_unavailable', { where: databaseWhere, problem: databaseProblem ?? '' }),
    ),
    say('asterisk', switchUp, new OutpaceError('switch_unavailable', { where: switchWhere, problem: 'not connected' })),
    ...(config.redisUrl
      ? [
          say(
            'redis',
            coordination.healthy(),
            new OutpaceError('redis_unavailable', { where: whereIs(config.redisUrl), problem: 'not connected' }),
          ),
        ]
      : []),
  ]
}

const api = await createApi({
  log,
  keys: createApiKeys({ pool }),
  audit: createAudit({ pool }),
  office,
  leads: createLeadDesk({ pool, clock, log, holidays }),
  agents: room.desk,
  trunks,
  callerIds: createCallerIds({ pool }),
  readiness,
  metrics: metrics.text,
})

const firstKey = await ensureFirstKey(pool)
if (firstKey) {
  const file = join(config.dataDir, 'first-api-key')
  writeFileSync(file, `${firstKey}\n`, { mode: 0o600 })
  process.stderr.write(`The first API key (supervisor) is in ${file}. It is not shown again.\n`)
}
await api.listen({ host: config.api.host, port: config.api.port })

// Running.
telephony.subscribe((event) => {
  if (event.type === 'up') {
    switchUp = true
    log.info('the switch is up')
    trunks.pushAll().catch((error: unknown) => log.error({ err: messageOf(error) }, 'trunks could not be given to the switch'))
  }
  if (event.type !== 'down') return
  switchUp = false
  log.error({ code: 'switch_unavailable', reason: event.reason }, 'the switch is away')
  void reviveSwitch()
})

/** A private Asterisk that died is started again; the adapter connects by itself. */
async function reviveSwitch(): Promise<void> {
  switchServer =
    (await untilItWorks(
      () => switchPart(config),
      { code: 'switch_unavailable', where: switchWhere },
      log,
      () => stopped() || switchUp,
    )) ?? switchServer
}

const stopAsked = new Promise<void>((resolve) => {
  if (stopped()) resolve()
  else stop.signal.addEventListener('abort', () => resolve(), { once: true })
})
await room.start()
await Promise.race([telephony.start(), stopAsked])
if (!stopped()) {
  await recoverCalls({ pool, telephony, engine, clock, log })
  await runner.start()
  log.info({ api: `http://${config.api.host}:${config.api.port}` }, 'outpace is running')
}

// Draining.
await stopAsked
process.once('SIGTERM', () => process.exit(1))
process.once('SIGINT', () => process.exit(1))
log.info({ calls: engine.count({}) }, 'stopping: no new calls')
await runner.stop()
engine.cancel((call) => call.state === 'placing' || call.state === 'ringing', 'the engine was stopped')
const deadline = clock.now() + config.drainSeconds * 1000
while (engine.count({}) > 0 && clock.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100))
await api.close()
await room.close()
await journal.settled()

// Stopped.
await telephony.close()
await coordination.close()
await pool.end()
await switchServer?.stop()
await database.part.stop()
log.info('stopped')
