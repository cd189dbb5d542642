/**
 * The composition root: configuration -> parts -> rooms -> running -> draining -> stopped. Nothing imports this file.
 * A part that is missing at the start (PostgreSQL, Redis, Asterisk) is named, and tried again until it is there; the API
 * answers meanwhile and /ready says what is missing. SIGTERM or SIGINT: no new calls, talks may finish, then everything
 * that was started here is stopped. The same signal again stops at once.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Part as PartState } from '../api/deps.ts'
import { createApi } from '../api/server.ts'
import { createWaitingServer } from '../api/waiting-server.ts'
import { createApiKeys, ensureFirstKey } from './access/api-keys.ts'
import { createAudit } from './access/audit.ts'
import { createAgentRoom } from './agents/room.ts'
import { createDetector } from './amd/detector.ts'
import { createCalendar } from './calendar.ts'
import { createCallerIds } from './caller-id/caller-ids.ts'
import { createHealthCheck } from './caller-id/health-check.ts'
import { createRouteCalls } from './caller-id/route-call.ts'
import { createRouteTests } from './caller-id/route-test.ts'
import { createCallerIdSupply } from './caller-id/supply.ts'
import { createCallEngine } from './calls/engine.ts'
import { createEvidence } from './calls/evidence.ts'
import { createJournal } from './calls/journal.ts'
import { recover } from './calls/recovery.ts'
import { createAnswerForecast } from './campaigns/answer-forecast.ts'
import { createOffice } from './campaigns/office.ts'
import { createRunner, type Runner } from './campaigns/runner.ts'
import { systemClock as clock } from './clock.ts'
import { createMemoryCoordination } from './cluster/memory.ts'
import { createRedisCoordination } from './cluster/redis.ts'
import { readConfig } from './config.ts'
import { createDebts } from './debts/debts.ts'
import { createSettledCalls } from './debts/settled-calls.ts'
import { type ErrorCode, messageOf, OutpaceError } from './errors.ts'
import { giveUp } from './give-up.ts'
import { createInboundDesk } from './inbound/inbound-desk.ts'
import { createInboundEngine } from './inbound/inbound-engine.ts'
import { findLeftOverCalls } from './inbound/recover-inbound.ts'
import { createCallPermissions } from './leads/call-permissions.ts'
import { createCallbacks } from './leads/callbacks.ts'
import { createHolidays } from './leads/holidays.ts'
import { failInterruptedImports } from './leads/import-store.ts'
import { createLeadDesk } from './leads/lead-desk.ts'
import { createLog } from './log.ts'
import { createMessages } from './messages/messages.ts'
import { createRecordings } from './messages/recordings.ts'
import { createSpeech } from './messages/speech.ts'
import { createMetrics } from './metrics.ts'
import { createNeededPart, type PartName } from './needed-part.ts'
import { startDatabase, switchServerOf, whereIs } from './parts.ts'
import { createDataRequests } from './privacy/data-requests.ts'
import { readErasureKey } from './privacy/erasure-key.ts'
import { createPseudonyms } from './privacy/pseudonym.ts'
import { createPool, type Pool } from './storage/database.ts'
import { migrate } from './storage/migrator.ts'
import { createAsteriskTelephony } from './telephony/asterisk/asterisk.ts'
import { createTrunkLines } from './trunks/trunk-lines.ts'
import { createTrunks } from './trunks/trunks.ts'

const config = await (async () => readConfig())().catch(giveUp)
mkdirSync(config.dataDir, { recursive: true })
const log = createLog(config.logLevel)
const owner = `engine-${process.pid}-${randomUUID().slice(0, 8)}`
const stop = new AbortController()
const stopped = () => stop.signal.aborted
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    stop.abort()
    // Not any second signal: Ctrl-C reaches us and whoever started us, who then asks us to end as well.
    process.once(signal, () => process.exit(1))
  })

/** For hang-ups to be confirmed, and a message to be heard. */
const lastMomentMs = 8000

// Parts: PostgreSQL first, everything else stands on it.
const part = (name: PartName, code: ErrorCode, where: string) =>
  createNeededPart({ part: name, code, where, log, stop: stop.signal })
const switchServer = switchServerOf(config)
const postgresql = part(
  'postgresql',
  'database_unavailable',
  config.databaseUrl ? whereIs(config.databaseUrl) : `127.0.0.1:${config.databasePort}`,
)
const asterisk = part('asterisk', 'switch_unavailable', whereIs(switchServer.url))
const redis = config.redisUrl ? part('redis', 'redis_unavailable', whereIs(config.redisUrl)) : undefined
let switchUp = false
let switchStartedAt = 0
/** Another object for each connection to the switch. */
let connection = {}

const coordination = config.redisUrl ? createRedisCoordination({ url: config.redisUrl, log }) : createMemoryCoordination(clock)
await coordination.start()

async function readiness(pool: Pool | undefined): Promise<PartState[]> {
  const databaseProblem = await pool?.query('select 1').then(() => undefined, messageOf)
  return [
    postgresql.state(pool ? databaseProblem : postgresql.lastProblem),
    asterisk.state(switchUp ? undefined : asterisk.lastProblem),
    ...(redis ? [redis.state(coordination.healthy() ? undefined : redis.lastProblem)] : []),
  ]
}

const waiting = createWaitingServer({ readiness: () => readiness(undefined) })
await waiting
  .listen(config.api)
  .catch((error) => giveUp(new OutpaceError('invalid_configuration', { problem: `the API cannot listen: ${messageOf(error)}` })))

const database = await postgresql.untilItWorks(async () => {
  const server = await startDatabase(config, log)
  const connections = createPool(server.url, config.databaseConnections)
  try {
    await migrate(connections)
    await failInterruptedImports(connections, new Date(clock.now()))
    return { server, pool: connections, firstKey: await ensureFirstKey(connections) }
  } catch (error) {
    await connections.end()
    throw error
  }
})
if (!database) process.exit(0)
const { pool, firstKey } = database
if (firstKey) {
  const file = join(config.dataDir, 'first-api-key')
  writeFileSync(file, `${firstKey}\n`, { mode: 0o600 })
  process.stderr.write(`The first API key (supervisor) is in ${file}. It is not shown again.\n`)
}

// Rooms.
const holidays = createHolidays()
const pseudonyms = createPseudonyms(readErasureKey(config.erasureKey, join(config.dataDir, 'erasure-key')))
let runner: Runner | undefined
const telephony = createAsteriskTelephony({
  url: switchServer.url,
  app: 'outpace',
  clock,
  log,
  audio: config.audio,
  recordFile: switchServer.recordFile,
  agentPhones: { rtpTimeoutSeconds: config.agentRtpTimeoutSeconds, qualifySeconds: config.agentQualifySeconds },
})
const journal = createJournal({ pool, clock, log })
const { switchName } = config
const room = createAgentRoom({
  ...{ pool, telephony, clock, holidays, log, switchName },
  wrapUpMs: (id) => runner?.wrapUpMs(id) ?? 0,
})
const engine = createCallEngine({
  ...{ telephony, agents: room.agents, journal, clock, holidays, log, createDetector },
  random: Math.random,
})
const settledCalls = createSettledCalls({ pool, engine, journal, clock, log })
const evidence = createEvidence({ pool, clock, log })
const trunkLines = createTrunkLines({ coordination, clock, log })
const routeCalls = createRouteCalls({ telephony, clock, log })
const routeTests = createRouteTests({ pool, calls: routeCalls, trunkLines, engine, clock, log })
const callerIdHealth = createHealthCheck({ pool, clock, coordination, log })
const inbound = createInboundEngine({
  ...{ pool, telephony, agents: room.agents, offers: room.offers, engine, clock, holidays, log, switchName },
  claims: routeCalls.claims,
})
const forecast = createAnswerForecast({ pool, clock })
const trunks = createTrunks({ pool, telephony, liveDialing: config.liveDialing, log })
const office = createOffice({ pool, clock, liveDialing: config.liveDialing, live: (id) => runner?.live(id) })
const soundsFolder = join(config.soundsDirectory, 'en')
const speech = createSpeech({ folder: soundsFolder, commands: config.speechCommands, clock, log })
const recordings = createRecordings({ folder: soundsFolder })
const messages = createMessages({ pool, speech, recordings, folder: soundsFolder })
runner = createRunner({
  pool,
  engine,
  journal,
  agents: room.agents,
  trunkLines,
  callerIdSupply: createCallerIdSupply({ pool, clock }),
  forecast,
  messages,
  coordination,
  office,
  clock,
  holidays,
  log,
  owner,
  switchName,
  desks: room.events,
  callersWaiting: inbound.waiting,
  switchIsUp: () => switchUp,
})

const metrics = createMetrics({
  calls: () => [...engine.live()],
  agents: () =>
    (runner?.campaignIds() ?? []).flatMap((campaignId) =>
      Object.entries(room.agents.counts(campaignId)).map(([phase, count]) => ({ campaignId, phase, count })),
    ),
  falsePositives: () =>
    (runner?.campaignIds() ?? []).flatMap((campaignId) => {
      const measured = runner?.live(campaignId)?.peopleTakenForMachines
      return measured ? [{ campaignId, ...measured }] : []
    }),
  journalPending: () => journal.pending,
  switchUp: () => switchUp,
})
engine.onEnded(({ plan, outcome }) => metrics.ended(plan.campaignId, outcome.disposition, outcome.ledger))
engine.onPacing(room.offers.observe)
engine.onVerdict((record) => metrics.verdict(record))
engine.onAgentNews(({ plan, agentId, what, at }) => {
  room.events.publish(agentId, { type: what, at, callId: plan.id })
  if (what === 'late_beep') metrics.lateBeep(plan.campaignId)
})
engine.onBridged(({ plan, waitedMs }) => metrics.bridged(plan.campaignId, waitedMs))

const api = createApi({
  log,
  keys: createApiKeys({ pool }),
  audit: createAudit({ pool }),
  office,
  leads: createLeadDesk({ pool, clock, log, holidays, pseudonyms }),
  permissions: createCallPermissions({ pool, clock }),
  dataRequests: createDataRequests({ pool, clock, pseudonyms }),
  callbacks: createCallbacks({ pool, clock, holidays }),
  messages,
  recordings,
  debts: createDebts({
    pool,
    clock,
    calls: {
      settle(contactIds) {
        settledCalls.settle(contactIds)
        room.offers.settled(contactIds)
      },
    },
  }),
  agents: room.desk,
  agentEvents: { ...room.events, ...room.offers },
  inboundCalls: createInboundDesk({ pool }),
  evidence,
  trunks,
  callerIds: createCallerIds({ pool, clock }),
  callerIdHealth,
  routeTests,
  readiness: () => readiness(pool),
  metrics: metrics.text,
})

await api.ready()
await waiting.close()
await api.listen(config.api)

// Running.
telephony.subscribe((event) => {
  if (event.type === 'up') void equipSwitch(event.startedAt)
  if (event.type !== 'down') return
  connection = {}
  switchUp = false
  log.error({ code: 'switch_unavailable', reason: event.reason }, 'the switch is away')
  // A private Asterisk that died is started again; the adapter connects by itself.
  void asterisk.untilItWorks(switchServer.start)
})

/** Calls may be placed when the switch knows the trunks and the agents' phones, not before. */
async function equipSwitch(startedAt: number): Promise<void> {
  switchStartedAt = startedAt
  const own = connection
  await postgresql.untilItWorks(() => Promise.all([trunks.pushAll(), room.pushAccounts()]))
  if (connection !== own) return
  switchUp = true
  log.info('the switch is up')
}

const stopAsked = new Promise<void>((resolve) => {
  if (stopped()) resolve()
  else stop.signal.addEventListener('abort', () => resolve(), { once: true })
})
await asterisk.untilItWorks(switchServer.start)
await Promise.race([telephony.start(), stopAsked])
await postgresql.untilItWorks(async () => {
  const common = { pool, telephony, room, clock, log, switchName }
  const calledUs = await findLeftOverCalls({ ...common, inbound })
  await recover({
    ...common,
    engine,
    messages,
    switchStartedAt,
    claims: [routeCalls.owns, calledUs.claims],
    otherTalks: calledUs.talks,
  })
  calledUs.adopt()
})
await postgresql.untilItWorks(runner.start)
settledCalls.start()
evidence.start()
const calendar = createCalendar({ log })
calendar.every('*/10 * * * *', 'caller IDs: blocks, failures, ends of rests', () => callerIdHealth.check('by_day'))
calendar.every('20 3 * * *', 'caller IDs: answer rates', () => callerIdHealth.check('by_night'))
calendar.every('40 9 * * *', 'caller IDs: inbound routes again', routeTests.testAgain)
speech.start()
if (!stopped()) log.info({ api: `http://${config.api.host}:${config.api.port}` }, 'outpace is running')

// Draining.
await stopAsked
log.info({ calls: engine.count({}) }, 'stopping: no new calls')
await calendar.stop()
await runner.stop()
engine.cancel(({ state }) => state === 'placing' || state === 'ringing', 'the engine was stopped')
await callsOver(config.drainSeconds * 1000)
engine.cancel(() => true, 'the engine was stopped')
inbound.cancel('the engine was stopped')
await callsOver(lastMomentMs)
// Together: a log-in that waits for a phone ends with the room. An import that goes on is marked as broken off at the next start.
await Promise.all([Promise.race([api.close(), pause(lastMomentMs)]), room.close()])
settledCalls.stop()
evidence.stop()
speech.stop()
engine.close()
inbound.close()
await Promise.all([journal.settled(), inbound.settled()])

// Stopped.
await telephony.close()
await coordination.close()
await Promise.race([pool.end(), pause(lastMomentMs)])
await switchServer.stop()
await database.server.stop()
log.info('stopped')
process.exit(0)

async function callsOver(deadlineMs: number): Promise<void> {
  for (const deadline = clock.now() + deadlineMs; engine.count({}) + inbound.count() > 0 && clock.now() < deadline; )
    await pause(100)
}
