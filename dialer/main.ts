/**
 * The composition root: configuration -> parts -> rooms -> running -> draining -> stopped. Nothing imports this file.
 * A part that is missing at the start (PostgreSQL, Redis, Asterisk) is named, and tried again until it is there; the API
 * answers meanwhile and /ready says what is missing; an engine whose switch is in another's hands stands by. SIGTERM or
 * SIGINT: no new calls, talks may finish, then everything that was started here is stopped; if an engine stands by, or on
 * SIGUSR2, calls and agents are left as they are for the next one. The same signal again stops at once.
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
import { writeLeftOver } from './calls/journal-file.ts'
import { recover } from './calls/recovery.ts'
import { createAnswerForecast } from './campaigns/answer-forecast.ts'
import { createOffice } from './campaigns/office.ts'
import { createRunner, type Runner } from './campaigns/runner.ts'
import { systemClock as clock } from './clock.ts'
import { createMemoryCoordination } from './cluster/memory.ts'
import { createRedisCoordination } from './cluster/redis.ts'
import { createTenure } from './cluster/tenure.ts'
import { readConfig } from './config.ts'
import { createDebts } from './debts/debts.ts'
import { createSettledCalls } from './debts/settled-calls.ts'
import { createDeparture } from './departure.ts'
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
import { createLoadMeter } from './load-meter.ts'
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
let handOverAsked = false
for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR2'] as const)
  process.once(signal, () => {
    handOverAsked = signal === 'SIGUSR2'
    stop.abort()
    // Not any second signal: Ctrl-C reaches us and whoever started us, who then asks us to end as well.
    process.once(signal, () => process.exit(1))
  })

const longestStatementMs = 30_000
/** For open connections to end. */
const lastMomentMs = 8000
const leftOverFile = join(config.dataDir, 'journal-left-over')

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

let role: 'starting' | 'standing by' | 'in charge' = 'starting'
const standsBy: PartState = {
  ...{ part: 'asterisk', ready: false },
  sentence: `this engine stands by: another one is in charge of the switch "${config.switchName}", or the coordination is away`,
}

async function readiness(pool: Pool | undefined): Promise<PartState[]> {
  const databaseProblem = await pool?.query('select 1').then(() => undefined, messageOf)
  return [
    postgresql.state(pool ? databaseProblem : postgresql.lastProblem),
    role === 'standing by' ? standsBy : asterisk.state(switchUp ? undefined : asterisk.lastProblem),
    ...(redis ? [redis.state(coordination.healthy() ? undefined : redis.lastProblem)] : []),
  ]
}

let setUpPool: Pool | undefined
const waiting = createWaitingServer({ readiness: () => readiness(setUpPool) })
await waiting
  .listen(config.api)
  .catch((error) => giveUp(new OutpaceError('invalid_configuration', { problem: `the API cannot listen: ${messageOf(error)}` })))

const database = await postgresql.untilItWorks(async () => {
  const server = await startDatabase(config, log)
  const connections = createPool(server.url, 1)
  try {
    await migrate(connections)
    return { server, firstKey: await ensureFirstKey(connections) }
  } finally {
    await connections.end()
  }
})
if (!database) process.exit(0)
const { firstKey } = database
const pool = createPool(database.server.url, config.databaseConnections, longestStatementMs)
setUpPool = pool
if (firstKey) {
  const file = join(config.dataDir, 'first-api-key')
  writeFileSync(file, `${firstKey}\n`, { mode: 0o600 })
  process.stderr.write(`The first API key (supervisor) is in ${file}. It is not shown again.\n`)
}

// One engine for each switch; the others stand by.
const { switchName } = config
let tellReplaced = () => {}
const replaced = new Promise<void>((resolve) => {
  tellReplaced = resolve
})
const tenure = createTenure({
  coordination,
  switchName,
  onLost: () => void departure.leave().then(() => process.exit(75)),
  onStandby,
})
if (!(await tenure.begin(stop.signal))) process.exit(0)
role = 'in charge'
await postgresql.untilItWorks(() => failInterruptedImports(pool, new Date(clock.now())))

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
  wall: clock.wall,
  mayAct: tenure.mayAct,
  onReplaced() {
    tenure.doubt()
    tellReplaced()
  },
  onRoundTrip: (ms) => loadMeter.roundTrip(ms),
  agentPhones: { rtpTimeoutSeconds: config.agentRtpTimeoutSeconds, qualifySeconds: config.agentQualifySeconds },
})
const journal = createJournal({ pool, clock, log })
const room = createAgentRoom({
  ...{ pool, telephony, clock, holidays, log, switchName },
  wrapUpMs: (id) => runner?.wrapUpMs(id) ?? 0,
})
const engine = createCallEngine({
  ...{ telephony, agents: room.agents, journal, clock, holidays, log, createDetector },
  random: Math.random,
})
const loadMeter = createLoadMeter({
  ...{ telephony, clock, journalPending: () => journal.pending },
  talking: () => [...engine.live()].flatMap(({ id, state }) => (state === 'talking' ? [id] : [])),
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
  wall: clock.wall,
  load: loadMeter.now,
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
  load: loadMeter.now,
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

const departure = createDeparture({
  ...{ engine, inbound, room, journal, tenure, api, clock, log, leftOverFile },
  drainMs: config.drainSeconds * 1000,
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
if (!stopped()) await writeLeftOver(leftOverFile, journal, log)
await Promise.race([telephony.start(), stopAsked])
await postgresql.untilItWorks(runner.learn)
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

// Draining, or handing over.
await stopAsked
const handsOver = handOverAsked || (await tenure.standbyWaits())
log.info({ calls: engine.count({}), handsOver }, 'stopping: no new calls')
await calendar.stop()
await runner.stop()
if (handsOver) await departure.handOver(handOverAsked ? undefined : replaced)
else await departure.drain()
settledCalls.stop()
loadMeter.close()
evidence.stop()
speech.stop()
await departure.saveRecords()

// Stopped.
await telephony.close()
tenure.close()
await coordination.close()
await Promise.race([pool.end(), pause(lastMomentMs)])
if (!handsOver) {
  await switchServer.stop()
  await database.server.stop()
}
log.info('stopped')
process.exit(0)

function onStandby(): void {
  role = 'standing by'
  log.info({ switch: switchName }, 'another engine is in charge of the switch, or the coordination is away: standing by')
}
