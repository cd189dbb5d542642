/**
 * `make demo`: a whole campaign on this machine, as a supervisor would run one. Starts the engine with its own PostgreSQL and
 * Asterisk, a SIPp carrier and ten SIPp agents, imports 300 invented debtors, dials them all, and compares what the database
 * says with what the carrier saw. Stops everything it started, also on Ctrl-C. Steers over the HTTP API alone.
 */
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { eventually } from './deadline.ts'
import { demoChecks, demoFigures, type LeadHistory } from './demo-result.ts'
import { demoCallerIds, demoCampaign } from './demo-setup.ts'
import { type EngineProcess, freePort, launchEngine } from './engine-process.ts'
import { hireAgents } from './hire.ts'
import { startLoopingCarrier } from './looping-carrier.ts'
import { peopleCsv } from './people.ts'
import { report } from './report.ts'
import { readLeads, runToEnd } from './steer.ts'
import { type Carrier, startCarrier } from './world.ts'

const agentCount = 10
const campaignLimitMs = 120_000
const dataDir = resolve('var/demo')

const say = (text: string) => process.stdout.write(`${text}\n`)
const began = Date.now()
const elapsed = () => `${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s`
const step = (text: string) => say(`${elapsed()}  ${text}`)

const cleanUp: (() => Promise<unknown>)[] = []
let cleaning: Promise<void> | undefined
/** In reverse order of the starts; each part even if another one fails. */
function stopAll(): Promise<void> {
  cleaning ??= (async () => {
    for (const stop of cleanUp.reverse()) await stop().catch((error: unknown) => say(`could not stop a part: ${error}`))
  })()
  return cleaning
}
// Every time: Ctrl-C reaches us from the terminal and once more from the program that runs us.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (!cleaning) say('\nStopping ...')
    void stopAll().then(() => process.exit(130))
  })

async function startAgentPhones(engine: EngineProcess, campaignId: string, sipPort: number): Promise<void> {
  const half = { campaignId, sipPort, count: agentCount / 2, dir: `${dataDir}/agents` }
  for (const phones of [
    { name: 'waiting', mode: 'wait_for_call' },
    { name: 'dialing', mode: 'dial_in' },
  ] as const) {
    const agents = await hireAgents(engine, { ...half, ...phones })
    cleanUp.push(() => agents.stop())
  }
}

async function setUp(): Promise<{ engine: EngineProcess; carrier: Carrier; campaignId: string }> {
  rmSync(dataDir, { recursive: true, force: true })
  step('starting PostgreSQL, Asterisk and the engine')
  const sipPort = await freePort()
  const env = {
    OUTPACE_DATABASE_PORT: String(await freePort()),
    OUTPACE_ARI_PORT: String(await freePort()),
    OUTPACE_SIP_PORT: String(sipPort),
    OUTPACE_DRAIN_SECONDS: '5',
  }
  const launched = await launchEngine({ dataDir, env })
  cleanUp.push(async () => {
    launched.signal('SIGTERM')
    await launched.exited
  })
  const engine = await launched.ready()

  step('telling the engine about trunk and numbers; a test call to each number must come in again')
  const carrierPort = await freePort()
  await engine.post('/v1/trunks', {
    id: 'carrier',
    host: '127.0.0.1',
    port: carrierPort,
    maxChannels: 60,
    callsPerSecond: 10,
    sendAttemptId: true,
  })
  await engine.post('/v1/caller-ids', demoCallerIds)
  await proveInboundRoutes(engine, carrierPort, sipPort)

  step('starting the carrier (SIPp) with everybody behind it')
  const carrier = await startCarrier({ port: carrierPort, dir: `${dataDir}/carrier` })
  cleanUp.push(() => carrier.stop())
  const campaign = await engine.post<{ id: string }>('/v1/campaigns', demoCampaign)

  step('importing 300 invented debtors')
  const imported = await engine.upload<{ accepted: number; refused: number }>(
    `/v1/campaigns/${campaign.id}/leads?fileName=demo.csv`,
    peopleCsv({ people: 300 }),
  )
  step(`${imported.accepted} lines in, ${imported.refused} refused`)

  step(`${agentCount} agents log in, half called by the engine, half by dialing *10`)
  await startAgentPhones(engine, campaign.id, sipPort)
  return { engine, carrier, campaignId: campaign.id }
}

async function proveInboundRoutes(engine: EngineProcess, carrierPort: number, sipPort: number): Promise<void> {
  const { pool } = demoCallerIds
  const carrier = await startLoopingCarrier(carrierPort, { host: '127.0.0.1', port: sipPort })
  await engine.post('/v1/caller-ids/tests', { pool })
  const proven = async () => {
    const { callerIds } = await engine.get<{ callerIds: { inboundRoute: string }[] }>(`/v1/caller-ids?pool=${pool}`)
    return callerIds.every(({ inboundRoute }) => inboundRoute === 'passed') ? true : undefined
  }
  await eventually(60_000, 'the test calls to come in again', proven).finally(() => carrier.close())
}

async function main(): Promise<boolean> {
  const { engine, carrier, campaignId } = await setUp()
  const startedAt = Date.now()
  step('dialing')
  const stats = await runToEnd(engine, campaignId, campaignLimitMs)
  const campaignMs = Date.now() - startedAt
  step('comparing the database with what the carrier saw')
  const leads = await readLeads<LeadHistory>(engine, campaignId)
  const calls = await carrier.calls()
  return report(
    'demo',
    demoFigures({ stats, leads, calls, campaignMs }),
    demoChecks({ stats, leads, calls, campaignMs, campaignLimitMs }),
  )
}

const ok = await main().catch((error: unknown) => {
  if (!cleaning) say(`\nThe demo failed: ${error instanceof Error ? error.message : error}`)
  return false
})
await stopAll()
step('everything that was started is stopped')
process.exit(ok ? 0 : 1)
