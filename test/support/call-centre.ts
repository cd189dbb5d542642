/**
 * A whole call centre for a test file: the engine as a process of its own on a fresh database and a real Asterisk, carriers,
 * campaigns, agents; and few verbs to steer it over the HTTP API and to wait for what comes of it, each with a deadline.
 * Campaigns of one call centre share nothing but engine and switch, so the tests of a file may run side by side.
 * Used by test/journey/; books.ts judges what they leave behind.
 */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { getLeadHistory, type LeadHistory } from '../../dialer/leads/history-store.ts'
import type { Pool } from '../../dialer/storage/database.ts'
import { trunkEndpoint } from '../../dialer/telephony/asterisk/pjsip-objects.ts'
import { askAri } from '../../load-tests/ari.ts'
import { eventually } from '../../load-tests/deadline.ts'
import { demoCampaign } from '../../load-tests/demo-setup.ts'
import { type EngineProcess, type Json, startEngine } from '../../load-tests/engine-process.ts'
import type { Stats } from '../../load-tests/live-table.ts'
import { createPhone, type Phone } from '../../load-tests/phone.ts'
import type { PhoneCall } from '../../load-tests/phone-call.ts'
import { type Carrier, startAgents, startCarrier } from '../../load-tests/world.ts'
import { recordFileOf } from '../../pbx-config/settings.ts'
import { newTestFolder, type TestAsterisk, withAsterisk } from './asterisk.ts'
import { withDatabase } from './database.ts'

interface TestContext {
  teardown(task: () => Promise<void>): unknown
}

export interface Person {
  id: string
  phones: string[]
}

export type Attempt = LeadHistory['attempts'][number]

export interface CallCentre {
  engine: EngineProcess
  pool: Pool
  asterisk: TestAsterisk
  /** The folder of this call centre's files. */
  folder: string
  /** A SIPp carrier that plays load-tests/endings.ts, behind the trunk `id`. */
  carrier(id: string, limits?: Limits): Promise<Carrier>
  /** A phone of ours that answers for every number dialed over the trunk `id`. */
  callees(id: string): Promise<Phone>
  trunk(id: string, port: number, limits?: Limits): Promise<void>
  campaign(plan: CampaignPlan): Promise<TestCampaign>
  /** The campaign has a call in this state of the call machine. */
  liveCall(campaign: TestCampaign, state: string): Promise<void>
  /** The last decision of the campaign's pacer has a reason that fits. */
  decision(campaign: TestCampaign, reason: RegExp): Promise<void>
  /** Waits until these people talk with their agents, and lets the agents end it. */
  hangUpTalks(campaign: TestCampaign, people: Person[]): Promise<void>
  /** Time passes for the campaign's waiting leads: they are due now. */
  makeDue(campaign: TestCampaign): Promise<void>
  /** The bridge in which the agent's leg stands. */
  bridgeOf(agent: TestAgent): Promise<string>
  /** Asks the switch itself, past the engine. */
  ari<T = unknown>(method: 'GET' | 'DELETE', path: string): Promise<T>
}

export interface Limits {
  maxChannels?: number
  callsPerSecond?: number
}

export interface CampaignPlan {
  /** The trunk of its caller IDs. */
  over: string
  people: Person[]
  settings?: Json
}

export interface TestCampaign {
  id: string
  callerIds: string[]
  /** An agent on a phone of ours that hears and presses keys, logged in and ready. */
  hire(): Promise<TestAgent>
  /** Agents on SIPp phones, logged in and ready. Returns their number. */
  hireOnSipp(count: number): Promise<void>
  start(): Promise<void>
  pause(): Promise<void>
  drain(): Promise<void>
  change(settings: Json): Promise<void>
  stats(): Promise<Stats>
  until(state: string, deadlineMs?: number): Promise<void>
  /** What the database says of a person's lead. */
  lead(personId: string): Promise<LeadHistory>
  leads(): Promise<LeadHistory[]>
  /** Attempts in the order of their placing. */
  attempts(): Promise<Attempt[]>
  /** So many attempts were made, and all are over and written. */
  settled(attempts: number, deadlineMs?: number): Promise<LeadHistory[]>
}

export interface TestAgent {
  id: string
  account: string
  phone: Phone
  leg: PhoneCall
  ask(what: 'ready' | 'pause' | 'hang-up' | 'log-in' | 'log-out'): Promise<void>
  phase(): Promise<string>
  until(phase: string, deadlineMs?: number): Promise<void>
}

const inboundRouteWaived = 'nobody calls back in this test'

let counter = 0
/** Tests run at any hour and call the same people again and again. */
const looserBecause = 'invented people of a test'
/** A Polish mobile number that nobody else in this test has, with the ending that the carrier plays. */
export const newNumber = (ending = '16'): string => `+48501${String(counter++).padStart(4, '0')}${ending}`
export const newPerson = (ending?: string): Person => ({ id: `P-${counter}`, phones: [newNumber(ending)] })

export interface CallCentreOptions {
  env?: Record<string, string>
  /** Where the engine finds the switch, for a proxy between them. */
  ariUrl?: (asterisk: TestAsterisk) => Promise<string>
  /** Where it finds the database, likewise. */
  databaseUrl?: (url: string) => Promise<string>
}

export async function openCallCentre(
  t: TestContext,
  { env = {}, ariUrl, databaseUrl }: CallCentreOptions = {},
): Promise<CallCentre> {
  const asterisk = await withAsterisk(t)
  const { pool, url } = await withDatabase(t)
  const folder = newTestFolder()
  const engine = await startEngine({
    dataDir: join(folder, 'engine'),
    env: {
      DATABASE_URL: (await databaseUrl?.(url)) ?? url,
      ARI_URL: (await ariUrl?.(asterisk)) ?? asterisk.ariUrl,
      OUTPACE_CALL_RECORD: recordFileOf(asterisk.settings.directory),
      OUTPACE_DRAIN_SECONDS: '0',
      OUTPACE_SOUNDS_DIR: asterisk.settings.soundsDirectory,
      ...env,
    },
  })
  const closing: (() => unknown)[] = [() => engine.stop()]
  t.teardown(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true, force: true })
  })
  const registrar = { host: asterisk.sipHost, port: asterisk.sipPort }

  async function trunk(id: string, port: number, limits: Limits = {}) {
    const common = { host: '127.0.0.1', port, maxChannels: 100, callsPerSecond: 100, sendAttemptId: true }
    await engine.post('/v1/trunks', { id, ...common, ...limits })
    // The switch is shared with the files after this one, whose agents may be given this port: they must not pass for the trunk.
    const identify = `asterisk/config/dynamic/res_pjsip/identify/${encodeURIComponent(trunkEndpoint(id))}`
    closing.push(() => ari('DELETE', identify).catch(() => 'the switch is down, or it was never told'))
  }

  const ari = <T>(method: 'GET' | 'DELETE', path: string) => askAri<T>(asterisk.ariUrl, path, method)

  const newAccount = async (campaignId: string) => {
    const account = `agent-${randomUUID().slice(0, 8)}`
    const made = await engine.post<{ id: string; password: string }>('/v1/agents', { account, name: 'Anna', campaignId })
    return { id: made.id, account, password: made.password }
  }

  async function hire(campaignId: string): Promise<TestAgent> {
    const { id, account, password } = await newAccount(campaignId)
    const phone = await createPhone({ port: 0, account, password, registrar })
    closing.push(() => phone.close())
    const leg = await phone.call('*10')
    await leg.until('up')
    const path = `/v1/agents/${id}`
    const phase = async () => (await engine.get<{ phase: string }>(path)).phase
    const agent: TestAgent = {
      id,
      account,
      phone,
      leg,
      ask: async (what) => void (await engine.post(`${path}/${what}`, what === 'pause' ? { reason: 'test' } : undefined)),
      phase,
      until: async (wanted, deadlineMs = 5000) =>
        void (await eventually(deadlineMs, `agent ${wanted}`, async () => ((await phase()) === wanted ? true : undefined))),
    }
    await agent.until('ready')
    return agent
  }

  async function campaign({ over, people, settings = {} }: CampaignPlan): Promise<TestCampaign> {
    const name = randomUUID().slice(0, 8)
    const callerIds = [1, 2, 3].map(() => `+4822300${String(counter++).padStart(4, '0')}`)
    await engine.post('/v1/caller-ids', { pool: name, trunkId: over, numbers: callerIds, inboundRouteWaived })
    // No machine is a sample by chance: each test says who is to be put through.
    const rules = { windows: demoCampaign.settings.windows, looserBecause, machineSampleShare: 0 }
    const common = { country: 'PL', callerIdPool: name, wrapUpMs: 0, ...rules }
    const { id } = await engine.post<{ id: string }>('/v1/campaigns', { name, settings: { ...common, ...settings } })
    const path = `/v1/campaigns/${id}`
    if (people.length > 0) await engine.upload(`${path}/leads`, csvOf(people))

    const stats = () => engine.get<Stats>(`${path}/stats`)
    const leads = async () => {
      const { rows } = await pool.query<{ id: number }>('select id from leads where campaign_id = $1 order by id', [id])
      return Promise.all(rows.map((row) => historyOf(pool, row.id)))
    }
    const attempts = async () => (await leads()).flatMap((lead) => lead.attempts).sort((a, b) => +a.placedAt - +b.placedAt)
    return {
      id,
      callerIds,
      hire: () => hire(id),
      async hireOnSipp(count) {
        const accounts = await Promise.all(Array.from({ length: count }, () => newAccount(id)))
        const before = (await stats()).live?.agents.ready ?? 0
        const agents = await startAgents({ accounts, registrar, mode: 'dial_in', dir: folder, name: `agents-${name}` })
        closing.push(() => agents.stop())
        const isReady = async (agent: { id: string }) => (await engine.get<Json>(`/v1/agents/${agent.id}`)).phase === 'ready'
        const all = async () => ((await Promise.all(accounts.map(isReady))).every(Boolean) ? true : undefined)
        await eventually(10_000, `${before + count} agents ready`, all)
      },
      start: async () => void (await engine.post(`${path}/start`)),
      pause: async () => void (await engine.post(`${path}/pause`)),
      drain: async () => void (await engine.post(`${path}/drain`)),
      change: async (changes) => void (await engine.patch(path, { settings: { looserBecause, ...changes } })),
      stats,
      async until(state, deadlineMs = 5000) {
        const reached = async () => ((await engine.get<Json>(path)).state === state ? true : undefined)
        await eventually(deadlineMs, `campaign ${state}`, reached)
      },
      async lead(personId) {
        const found = (await leads()).find((lead) => lead.contact.externalId === personId)
        if (!found) throw new Error(`nobody has the external id ${personId}`)
        return found
      },
      leads,
      attempts,
      settled(wanted, deadlineMs = 15_000) {
        const all = async () => {
          const found = await leads()
          const made = found.flatMap((lead) => lead.attempts)
          return made.length >= wanted && made.every((attempt) => attempt.endedAt) ? true : undefined
        }
        // Read anew: a lead's row may have been read before the write that its attempts were read after.
        return eventually(deadlineMs, `${wanted} attempts to be over`, all).then(leads, async (error: Error) => {
          const open = (await attempts())
            .filter(({ endedAt }) => !endedAt)
            .map(({ number, connectedAt }) => ({ number, connectedAt }))
          throw new Error(`${error.message}; open: ${JSON.stringify(open)}`)
        })
      },
    }
  }

  return {
    async liveCall({ stats }, state) {
      const there = async () => ((await stats()).live?.calls[state] ? true : undefined)
      await eventually(5000, `a call ${state}`, there)
    },
    async decision({ stats }, reason) {
      const said = async () => (reason.test((await stats()).live?.lastDecision?.reason ?? '') ? true : undefined)
      await eventually(5000, `the decision ${reason}`, said)
    },
    async hangUpTalks({ lead }, people) {
      for (const { id } of people) {
        const talk = async () => (await lead(id)).attempts.find((attempt) => attempt.connectedAt && !attempt.endedAt)
        const { agentId } = await eventually(5000, `a talk with ${id}`, talk)
        await engine.post(`/v1/agents/${agentId}/hang-up`)
      }
    },
    async bridgeOf({ account }) {
      const channels = await ari<{ id: string; name: string }[]>('GET', 'channels')
      const leg = channels.find(({ name }) => name.startsWith(`PJSIP/${account}-`))
      const bridges = await ari<{ id: string; channels: string[] }[]>('GET', 'bridges')
      const bridge = bridges.find((one) => one.channels.includes(leg?.id ?? ''))
      if (!bridge) throw new Error(`the leg of ${account} stands in no bridge`)
      return bridge.id
    },
    async makeDue({ id }) {
      await pool.query(`update leads set next_attempt_at = now() where campaign_id = $1 and state = 'waiting'`, [id])
    },
    ...{ engine, pool, asterisk, folder, trunk, campaign, ari },
    async carrier(id, limits) {
      const carrier = await startCarrier({ dir: folder, name: id })
      closing.push(() => carrier.stop())
      await trunk(id, carrier.port, limits)
      return carrier
    },
    async callees(id) {
      const phone = await createPhone({ port: 0, account: id, registrar })
      closing.push(() => phone.close())
      await trunk(id, phone.port)
      return phone
    },
  }
}

function csvOf(people: Person[]): string {
  const lines = people.map(({ id, phones }) =>
    [id, `Person ${id}`, phones[0], phones[1] ?? '', `D-${id}`, '100,00', 'PLN'].join(';'),
  )
  return `${['external_id;name;phone1;phone2;debt_id;balance;currency', ...lines].join('\n')}\n`
}

async function historyOf(pool: Pool, leadId: number): Promise<LeadHistory> {
  const history = await getLeadHistory(pool, leadId)
  if (!history) throw new Error(`no lead ${leadId}`)
  return history
}
