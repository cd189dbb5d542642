/**
 * The agents' room put together: pool, legs, desk and the record of shifts, joined to the switch and the database.
 * Called by main.ts, once. `start` closes what a former run left open and goes before the switch is connected.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Holidays } from '../leads/holidays.ts'
import type { Log } from '../log.ts'
import type { Pool } from '../storage/database.ts'
import type { Telephony } from '../telephony/telephony.ts'
import { type AgentEvents, createAgentEvents } from './agent-events.ts'
import { closeOpenSessions, findAgentByAccount } from './agent-store.ts'
import { type CallOffers, createCallOffers } from './call-offers.ts'
import { type AgentDesk, createAgentDesk } from './desk.ts'
import { createAgentLegs, type PhoneOwner } from './leg.ts'
import { type Agents, createAgentPool } from './pool.ts'
import { createShiftRecord } from './shift-record.ts'

export interface AgentRoom {
  agents: Agents
  desk: AgentDesk
  /** What the desks must show, as it happens. */
  events: AgentEvents
  offers: CallOffers
  start(): Promise<void>
  /** Logs everybody out, hangs their legs up and writes the last rows. */
  close(): Promise<void>
}

export interface AgentRoomDeps {
  pool: Pool
  telephony: Telephony
  clock: Clock
  holidays: Holidays
  log: Log
  /** Wrap-up limit of a campaign, as it is now. */
  wrapUpMs(campaignId: string): number
}

export function createAgentRoom({ pool, telephony, clock, holidays, log, wrapUpMs }: AgentRoomDeps): AgentRoom {
  const agents = createAgentPool({ clock, log, wrapUpMs })
  const record = createShiftRecord({ db: pool, clock, log })
  agents.onEffect(record.take)
  const legs = createAgentLegs({ telephony, agents, clock, log, ownerOf })
  const desk = createAgentDesk({ pool, agents, legs, telephony, clock, holidays, log })
  const events = createAgentEvents({ clock, log })
  const offers = createCallOffers({ pool, agents, events, clock, log })
  let leftOver: string[] = []

  async function ownerOf(account: string): Promise<PhoneOwner | undefined> {
    const agent = await findAgentByAccount(pool, account)
    return agent?.enabled && agent.campaignId !== null ? { agentId: agent.id, account, campaignId: agent.campaignId } : undefined
  }

  async function switchUp() {
    try {
      await desk.pushAll()
      if (leftOver.length > 0) await legs.clearAway(leftOver)
      leftOver = []
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'agents could not be brought in step with the switch')
    }
  }

  const unsubscribe = telephony.subscribe((event) => {
    if (event.type === 'up') void switchUp()
  })

  return {
    agents,
    desk,
    events,
    offers,
    async start() {
      leftOver = await closeOpenSessions(pool, new Date(clock.now()), 'the engine was started anew')
      if (leftOver.length > 0) log.warn({ sessions: leftOver.length }, 'sessions of agents left by a former run were closed')
    },
    async close() {
      unsubscribe()
      await legs.close('the engine was stopped')
      await record.settled()
    },
  }
}
