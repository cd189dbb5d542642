/**
 * The agents as the API sees them: their accounts, and what they and their supervisor may ask for.
 * Keeps the rows and the switch's SIP accounts in step, puts wishes to the pool, and turns what the machine
 * ignores into an error that says what is possible. The SIP password leaves once, from `create`.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { findCampaign } from '../campaigns/campaign-store.ts'
import type { Clock } from '../clock.ts'
import { messageOf, OutpaceError } from '../errors.ts'
import { getLeadHistory, type LeadHistory } from '../leads/history-store.ts'
import type { Holidays } from '../leads/holidays.ts'
import type { Log } from '../log.ts'
import type { Pool } from '../storage/database.ts'
import { type AgentAccount, agentRealm, type Telephony } from '../telephony/telephony.ts'
import { type AgentChanges, type NewAgent, newAgentSchema, type RecordedResult, type TalkResultInput } from './agent-input.ts'
import { type AgentState, nextOf } from './agent-state.ts'
import * as store from './agent-store.ts'
import type { Legs } from './leg.ts'
import type { AgentAsk, Agents } from './pool.ts'
import { recordTalkResult } from './talk-result.ts'

export interface AgentView extends store.AgentRow {
  phase: AgentState['phase']
  since: Date | null
  /** Why he is paused or logged out. */
  reason: string | null
  next: 'paused' | 'logged_out' | null
  /** End of the wrap-up. */
  until: Date | null
  callId: string | null
}

export interface AgentDesk {
  /** The password is shown this once. */
  create(agent: NewAgent): Promise<{ agent: AgentView; password: string }>
  list(): Promise<AgentView[]>
  /** With the lead he is reserved for, talks with or has just talked with. */
  get(id: string): Promise<AgentView & { lead: LeadHistory | null }>
  change(id: string, changes: AgentChanges): Promise<AgentView>
  /** Rings his phone; resolves when it rings or answers. */
  logIn(id: string): Promise<AgentView>
  logOut(id: string): Promise<AgentView>
  pause(id: string, reason: string): Promise<AgentView>
  ready(id: string): Promise<AgentView>
  /** Ends his talk. */
  hangUp(id: string): Promise<AgentView>
  recordResult(id: string, result: TalkResultInput): Promise<RecordedResult>
  /** All SIP accounts to the switch, after each `up`. */
  pushAll(): Promise<void>
}

export interface DeskDeps {
  pool: Pool
  agents: Agents
  legs: Legs
  telephony: Telephony
  clock: Clock
  holidays: Holidays
  log: Log
}

/** What an agent can do from each state, for error messages. */
const possible: Record<AgentState['phase'], string> = {
  logged_out: 'log in',
  calling: 'answer the phone, log out',
  ready: 'pause, log out',
  reserved: 'pause or log out after the talk',
  talking: 'hang up, pause or log out after the talk',
  wrap_up: 'ready, pause, log out, result code',
  paused: 'ready, log out',
}

export function createAgentDesk({ pool, agents, legs, telephony, clock, holidays, log }: DeskDeps): AgentDesk {
  /** What a result belongs to, even while the rows of the talk wait to be written. Empty after a restart. */
  const lastTalks = new Map<string, string>()
  agents.onEffect(({ agentId, effect }) => {
    if (effect.do === 'announce_call') lastTalks.set(agentId, effect.callId)
  })

  const view = (row: store.AgentRow): AgentView => ({ ...row, ...faceOf(agents.state(row.id)) })

  async function known(id: string): Promise<store.AgentRow> {
    const row = await store.findAgent(pool, id)
    if (!row) throw new OutpaceError('not_found', { what: 'agent', id })
    return row
  }

  /** Puts a wish to the agent's machine; one it ignores becomes an error. */
  async function ask(id: string, action: string, event: AgentAsk): Promise<AgentView> {
    const row = await known(id)
    const ignored = agents.tell(id, event)
    if (ignored !== undefined) throw wrongState(agents.state(id), action)
    return view(row)
  }

  const wrongState = ({ phase }: AgentState, action: string) =>
    new OutpaceError('wrong_state', { what: 'agent', state: phase.replace('_', ' '), action, possible: possible[phase] })

  async function leadOf(callId: string): Promise<LeadHistory | null> {
    const leadId = await store.findLeadOfCall(pool, callId)
    return (leadId !== undefined && (await getLeadHistory(pool, leadId))) || null
  }

  async function checkCampaign(campaignId: string | null | undefined) {
    if (campaignId && !(await findCampaign(pool, campaignId))) {
      throw new OutpaceError('not_found', { what: 'campaign', id: campaignId })
    }
  }

  /** A switch that is away gets the account with all others when it is back. */
  async function push(account: AgentAccount) {
    await telephony.putAgentAccount(account).catch((error: unknown) => {
      log.warn({ account: account.account, reason: messageOf(error) }, 'SIP account not pushed, follows when the switch is up')
    })
  }

  /** The new campaign on the pool's side; throws when he cannot leave now. */
  function moveOnShift(id: string, campaignId: string | null) {
    const state = agents.state(id)
    if (!('session' in state) || state.session.campaignId === campaignId) return
    const ignored = campaignId === null || agents.tell(id, { type: 'move', sessionId: randomUUID(), campaignId }) !== undefined
    if (ignored) throw wrongState(state, campaignId === null ? 'leaving the campaign' : 'changing the campaign')
  }

  return {
    async create(input) {
      const { account, name, campaignId } = newAgentSchema.parse(input)
      await checkCampaign(campaignId)
      const password = randomBytes(18).toString('base64url')
      const sipDigest = createHash('md5').update(`${account}:${agentRealm}:${password}`).digest('hex')
      const row = await store.insertAgent(pool, { id: randomUUID(), account, name, sipDigest, campaignId })
      if (!row) throw new OutpaceError('already_exists', { what: 'agent', id: account })
      await push({ account, digest: sipDigest })
      return { agent: view(row), password }
    },
    list: async () => (await store.listAgents(pool)).map(view),
    async get(id) {
      const shown = view(await known(id))
      return { ...shown, lead: shown.callId === null ? null : await leadOf(shown.callId) }
    },
    async change(id, changes) {
      await known(id)
      await checkCampaign(changes.campaignId)
      if (changes.campaignId !== undefined) moveOnShift(id, changes.campaignId)
      const row = await store.updateAgent(pool, id, changes)
      if (!row) throw new OutpaceError('not_found', { what: 'agent', id })
      if (changes.enabled === false) {
        agents.tell(id, { type: 'log_out', reason: 'the account was disabled' })
        await telephony.removeAgentAccount(row.account).catch((error: unknown) => {
          log.warn({ account: row.account, reason: messageOf(error) }, 'SIP account not removed from the switch')
        })
      } else if (changes.enabled) {
        const account = await store.findSipAccount(pool, id)
        if (account) await push(account)
      }
      return view(row)
    },
    async logIn(id) {
      const row = await known(id)
      const { account, campaignId, enabled } = row
      if (!enabled || campaignId === null) {
        const state = enabled ? 'in no campaign' : 'disabled'
        const remedy = enabled ? 'give him a campaign' : 'enable him'
        throw new OutpaceError('wrong_state', { what: 'agent', state, action: 'log in', possible: remedy })
      }
      if (agents.state(id).phase !== 'logged_out') throw wrongState(agents.state(id), 'log in')
      await legs.callPhone({ agentId: id, account, campaignId })
      return view(row)
    },
    logOut: (id) => ask(id, 'log out', { type: 'log_out', reason: 'asked by API' }),
    pause: (id, reason) => ask(id, 'pause', { type: 'pause', reason }),
    ready: (id) => ask(id, 'ready', { type: 'ready' }),
    hangUp: (id) => ask(id, 'hang up', { type: 'hang_up' }),
    async recordResult(id, result) {
      await known(id)
      const state = agents.state(id)
      if (state.phase === 'talking') throw wrongState(state, 'recording a result')
      const recorded = await recordTalkResult({ pool, clock, holidays }, { agentId: id, callId: lastTalks.get(id), result })
      // In wrap-up the result was what he still had to do.
      agents.tell(id, { type: 'result_recorded', callId: recorded.attemptId })
      return recorded
    },
    async pushAll() {
      for (const account of await store.listSipAccounts(pool)) await push(account)
    },
  }
}

function faceOf(state: AgentState): Pick<AgentView, 'phase' | 'since' | 'reason' | 'next' | 'until' | 'callId'> {
  return {
    phase: state.phase,
    since: state.since === 0 ? null : new Date(state.since),
    reason: 'reason' in state ? state.reason : null,
    next: nextOf(state).next ?? null,
    until: state.phase === 'wrap_up' ? new Date(state.until) : null,
    callId: 'callId' in state ? state.callId : null,
  }
}
