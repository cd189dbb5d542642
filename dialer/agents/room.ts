/**
 * The agents' room put together: pool, legs, desk and the record of shifts, joined to the switch and the database.
 * Called by main.ts; `resume` by calls/recovery.ts, once after the switch is there for the first time.
 */
import type { Clock } from '../clock.ts'
import type { Holidays } from '../leads/holidays.ts'
import type { Log } from '../log.ts'
import type { Pool } from '../storage/database.ts'
import type { Telephony } from '../telephony/telephony.ts'
import { resumptionOf } from './after-restart.ts'
import { type AgentEvents, createAgentEvents } from './agent-events.ts'
import { closeSession, findAgentByAccount, listOpenSessions, type OpenSession } from './agent-store.ts'
import { type CallOffers, createCallOffers } from './call-offers.ts'
import { type AgentDesk, createAgentDesk } from './desk.ts'
import { createAgentLegs, type PhoneOwner } from './leg.ts'
import { type Agents, createAgentPool } from './pool.ts'
import { createRecall } from './recall.ts'
import { createShiftRecord } from './shift-record.ts'

/** What stands on the switch, as recovery found it. */
export interface Standstill {
  sessions: OpenSession[]
  switchStartedAt: number
  upChannels: ReadonlySet<string>
  bridges: ReadonlyMap<string, readonly string[]>
  /** The call that an agent's leg is in, by agent. */
  talks: ReadonlyMap<string, string>
}

export interface AgentRoom {
  agents: Agents
  desk: AgentDesk
  /** What the desks must show, as it happens. */
  events: AgentEvents
  offers: CallOffers
  /** Every account to the switch; after each `up`. */
  pushAccounts(): Promise<void>
  openSessions(): Promise<OpenSession[]>
  /** Agents of a former run go on where they were; those whose legs went with the switch are called back. */
  resume(found: Standstill): Promise<void>
  hasLeg(channelId: string): boolean
  /** Logs everybody out, hangs their legs up and writes the last rows. */
  close(): Promise<void>
  /** Leaves the legs as they stand, for the next engine; writes the last rows. */
  handOver(): Promise<void>
}

export interface AgentRoomDeps {
  pool: Pool
  telephony: Telephony
  clock: Clock
  holidays: Holidays
  log: Log
  switchName: string
  /** Wrap-up limit of a campaign, as it is now. */
  wrapUpMs(campaignId: string): number
}

export function createAgentRoom({ pool, telephony, clock, holidays, log, switchName, wrapUpMs }: AgentRoomDeps): AgentRoom {
  const agents = createAgentPool({ clock, log, wrapUpMs })
  const record = createShiftRecord({ db: pool, clock, log, switchName })
  agents.onEffect(record.take)
  const onCut: typeof recall.callBack = (owner, standing) => recall.callBack(owner, standing)
  const legs = createAgentLegs({ telephony, agents, clock, log, ownerOf, onCut, wrapUpMs })
  const recall = createRecall({ telephony, clock, log, callPhone: legs.callPhone })
  const desk = createAgentDesk({ pool, agents, legs, telephony, clock, holidays, log })
  const events = createAgentEvents({ clock, log })
  const offers = createCallOffers({ pool, agents, events, clock, log })

  async function ownerOf(account: string): Promise<PhoneOwner | undefined> {
    const agent = await findAgentByAccount(pool, account)
    return agent?.enabled && agent.campaignId !== null ? { agentId: agent.id, account, campaignId: agent.campaignId } : undefined
  }

  async function resumeOne(found: OpenSession, { upChannels, bridges, talks, switchStartedAt }: Standstill): Promise<string> {
    const { agentId, account, session } = found
    const legIsUp = upChannels.has(session.channelId)
    const inBridge = bridges.get(session.bridgeId)?.includes(session.channelId) ?? false
    const left = { enabled: found.enabled, loggedInAt: found.loggedInAt.getTime(), standing: found.standing, legIsUp, inBridge }
    const next = resumptionOf(left, switchStartedAt)
    const owner = { agentId, account, campaignId: session.campaignId }
    switch (next.do) {
      case 'resume': {
        const callId = talks.get(agentId)
        const { standing } = next
        legs.adopt(owner, session, true)
        agents.tell(agentId, { type: 'resume', session, standing, ...(callId !== undefined && { callId }) })
        break
      }
      case 'stand_up':
        agents.tell(agentId, { type: 'log_in', session, standing: next.standing })
        legs.adopt(owner, session, false)
        break
      case 'call_back':
      case 'close':
        await closeSession(pool, { id: session.sessionId, at: new Date(clock.now()), reason: next.reason })
        if (next.do === 'call_back') recall.callBack(owner, next.standing)
        break
      default:
        next satisfies never
    }
    return next.do
  }

  return {
    agents,
    desk,
    events,
    offers,
    pushAccounts: desk.pushAll,
    openSessions: () => listOpenSessions(pool, switchName),
    async resume(found) {
      const done: Record<string, number> = {}
      for (const session of found.sessions) {
        const what = await resumeOne(session, found)
        done[what] = (done[what] ?? 0) + 1
      }
      if (found.sessions.length > 0) log.info({ sessions: done }, 'sessions of agents left by a former run')
    },
    hasLeg: legs.has,
    async close() {
      recall.close()
      await legs.close('the engine was stopped')
      await record.settled()
    },
    async handOver() {
      recall.close()
      await record.settled()
    },
  }
}
