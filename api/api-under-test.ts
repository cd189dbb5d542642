/**
 * For the tests of api/: the API over real services on a real database. Only the switch is a stand-in, which says yes and
 * remembers what it was asked, and the clock stands still on a Monday morning.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { createApiKeys, ensureFirstKey } from '../dialer/access/api-keys.ts'
import { createAudit } from '../dialer/access/audit.ts'
import type { AgentEvents } from '../dialer/agents/agent-events.ts'
import { createAgentRoom } from '../dialer/agents/room.ts'
import { createCallerIds } from '../dialer/caller-id/caller-ids.ts'
import { createHealthCheck } from '../dialer/caller-id/health-check.ts'
import { createRouteTests } from '../dialer/caller-id/route-test.ts'
import { createEvidence } from '../dialer/calls/evidence.ts'
import { createOffice } from '../dialer/campaigns/office.ts'
import { createMemoryCoordination } from '../dialer/cluster/memory.ts'
import { createDebts } from '../dialer/debts/debts.ts'
import { createInboundDesk } from '../dialer/inbound/inbound-desk.ts'
import { createCallPermissions } from '../dialer/leads/call-permissions.ts'
import { createCallbacks } from '../dialer/leads/callbacks.ts'
import { createHolidays } from '../dialer/leads/holidays.ts'
import { createLeadDesk } from '../dialer/leads/lead-desk.ts'
import { createMessages } from '../dialer/messages/messages.ts'
import { createRecordings } from '../dialer/messages/recordings.ts'
import { createSpeech } from '../dialer/messages/speech.ts'
import { createDataRequests } from '../dialer/privacy/data-requests.ts'
import { createPseudonyms } from '../dialer/privacy/pseudonym.ts'
import type { Pool } from '../dialer/storage/database.ts'
import { type Telephony, TelephonyError, type TelephonyEvent } from '../dialer/telephony/telephony.ts'
import { createTrunkLines } from '../dialer/trunks/trunk-lines.ts'
import { createTrunks } from '../dialer/trunks/trunks.ts'
import { withDatabase } from '../test/support/database.ts'
import { createFakeClock, type FakeClock } from '../test/support/fake-clock.ts'
import type { ApiDeps } from './deps.ts'
import { createApi } from './server.ts'

export interface ApiUnderTest {
  api: FastifyInstance
  pool: Pool
  events: AgentEvents
  clock: FakeClock
  /** What the switch was asked: `putTrunk carrier`. */
  asked: string[]
  /** Contacts whose calls were ended because their debts are settled. */
  settled: number[]
  /** From now on the switch refuses with this; undefined: says yes again. */
  switchFails(error: TelephonyError | undefined): void
  /** Whatever the API logged. */
  logged(): string
  /** The first key. */
  supervisor: string
  request(key: string | undefined, method: Method, url: string, body?: unknown): Promise<Answer>
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export interface Answer {
  status: number
  headers: Record<string, unknown>
  text: string
  bytes: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked into freely by tests
  body: any
}

interface TestContext {
  teardown(task: () => Promise<void>): unknown
}

export async function createApiUnderTest(t: TestContext, overrides: Partial<ApiDeps> = {}): Promise<ApiUnderTest> {
  const { pool } = await withDatabase(t)
  const clock = createFakeClock()
  const holidays = createHolidays()
  const pseudonyms = createPseudonyms('the key of this test, 32 letters long')
  const lines: string[] = []
  const sink = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()))
  const log = pino({ level: 'debug' }, sink)
  const { telephony, asked, fail } = createYesSwitch()
  const settled: number[] = []
  const coordination = createMemoryCoordination(clock)
  const routeVerdict = { passed: true, reason: 'a test call came in on it' }
  const room = createAgentRoom({ pool, telephony, clock, holidays, log, switchName: 'main', wrapUpMs: () => 15_000 })
  const sounds = mkdtempSync(join(tmpdir(), 'outpace-sounds-'))
  const commands = { default: ['espeak-ng', '-v', '{language}', '--stdin', '--stdout'], byLanguage: {} }
  const speech = createSpeech({ folder: sounds, commands, clock, log })
  const recordings = createRecordings({ folder: sounds })
  const api = createApi({
    log,
    keys: createApiKeys({ pool }),
    audit: createAudit({ pool }),
    office: createOffice({ pool, clock, liveDialing: false, live: () => undefined }),
    leads: createLeadDesk({ pool, clock, holidays, pseudonyms, log }),
    permissions: createCallPermissions({ pool, clock }),
    dataRequests: createDataRequests({ pool, clock, pseudonyms }),
    callbacks: createCallbacks({ pool, clock, holidays }),
    recordings,
    messages: createMessages({ pool, speech, recordings, folder: sounds }),
    debts: createDebts({ pool, clock, calls: { settle: (contactIds) => void settled.push(...contactIds) } }),
    agents: room.desk,
    agentEvents: { ...room.events, ...room.offers },
    inboundCalls: createInboundDesk({ pool }),
    evidence: createEvidence({ pool, clock, log }),
    trunks: createTrunks({ pool, telephony, liveDialing: false, log }),
    callerIds: createCallerIds({ pool, clock }),
    callerIdHealth: createHealthCheck({ pool, clock, log, coordination }),
    routeTests: createRouteTests({
      ...{ pool, clock, log, calls: { place: async () => routeVerdict, claims: () => false, owns: () => false } },
      ...{
        trunkLines: createTrunkLines({ coordination, clock, log }),
        engine: { count: () => 0 },
      },
    }),
    readiness: async () => [{ part: 'postgresql', ready: true, sentence: 'answers' }],
    metrics: async () => 'outpace_up 1\n',
    ...overrides,
  })
  t.teardown(async () => {
    await api.close()
    await room.close()
    rmSync(sounds, { recursive: true, force: true })
  })
  return {
    api,
    pool,
    events: room.events,
    clock,
    asked,
    settled,
    switchFails: fail,
    logged: () => lines.join(''),
    supervisor: (await ensureFirstKey(pool)) ?? '',
    async request(key, method, url, body) {
      const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` }
      const type = typeof body === 'string' ? 'text/csv' : Buffer.isBuffer(body) ? 'audio/wav' : undefined
      const answer = await api.inject({
        method,
        url,
        headers: { ...authorization, ...(type && { 'content-type': type }) },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : Object(body) }),
      })
      const text = answer.body
      const isJson = String(answer.headers['content-type']).includes('json')
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text,
        bytes: answer.rawPayload,
        body: isJson ? JSON.parse(text) : undefined,
      }
    },
  }
}

function createYesSwitch() {
  const asked: string[] = []
  let failure: TelephonyError | undefined
  const yes = (name: keyof Telephony) => async (subject?: unknown) => {
    const id = typeof subject === 'object' && subject !== null ? Object.values(subject)[0] : subject
    asked.push(`${name} ${String(id)}`)
    if (failure) throw failure
  }
  const listeners: ((event: TelephonyEvent) => void)[] = []
  const telephony: Telephony = {
    start: yes('start'),
    close: yes('close'),
    subscribe(listener) {
      listeners.push(listener)
      return () => {}
    },
    originateCallee: yes('originateCallee'),
    /** Every phone rings. */
    async originateAgent(call) {
      await yes('originateAgent')(call)
      for (const listener of listeners) listener({ type: 'ringing', channelId: call.channelId, at: 0 })
    },
    answer: yes('answer'),
    detect: yes('detect'),
    listen: yes('listen'),
    stopListening: yes('stopListening'),
    listenForTalk: yes('listenForTalk'),
    hangUp: yes('hangUp'),
    createBridge: yes('createBridge'),
    addToBridge: yes('addToBridge'),
    removeFromBridge: yes('removeFromBridge'),
    destroyBridge: yes('destroyBridge'),
    play: yes('play'),
    stopPlaying: yes('stopPlaying'),
    live: async () => ({ channels: [], bridges: [] }),
    audioReceived: async () => undefined,
    record: async () => new Map(),
    ours: async () => ({ channelIds: [], bridgeIds: [] }),
    putTrunk: yes('putTrunk'),
    removeTrunk: yes('removeTrunk'),
    putAgentAccount: yes('putAgentAccount'),
    removeAgentAccount: yes('removeAgentAccount'),
  }
  const fail = (error: TelephonyError | undefined) => {
    failure = error
  }
  return { telephony, asked, fail }
}

export const awaySwitch = () => new TelephonyError('unreachable', 'connect ECONNREFUSED 127.0.0.1:8088')

let furnished = 0
const inboundRouteWaived = 'nobody calls back in this test'

/** The things a campaign needs, made over the API; `id` is the campaign's. */
export async function furnish({ request, supervisor }: ApiUnderTest, name = `campaign ${randomUUID()}`) {
  const must = async (url: string, body: unknown) => {
    const answer = await request(supervisor, 'POST', url, body)
    if (answer.status >= 300) throw new Error(`${url}: ${answer.text}`)
    return answer.body
  }
  const pool = `pool-${randomUUID().slice(0, 8)}`
  const trunkId = `carrier-${randomUUID().slice(0, 8)}`
  const campaign = await must('/v1/campaigns', { name, settings: { country: 'PL', callerIdPool: pool } })
  await must('/v1/trunks', { id: trunkId, host: '127.0.0.1', port: 35_060, maxChannels: 10, callsPerSecond: 5 })
  furnished += 1
  await must('/v1/caller-ids', { pool, trunkId, numbers: [`+4822123${1000 + furnished}`], inboundRouteWaived })
  const agent = await must('/v1/agents', { account: `agent-${randomUUID().slice(0, 8)}`, name: 'Ala', campaignId: campaign.id })
  return { id: String(campaign.id), pool, trunkId, agent }
}
