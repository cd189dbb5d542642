/**
 * After a start: every attempt that a former run left open is taken over by the call engine and comes to its end there.
 * A talk that still runs goes on and is recorded when it ends; the agent's leg ends with it. What rang or waited is hung up, what is gone is closed:
 * the engine asks the switch about each (call.ts, `verify`). Called once by main.ts, after the first `up`, before the runner.
 */
import type { ReservedAgent } from '../agents/agent-pool.ts'
import { findCampaign } from '../campaigns/campaign-store.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { readLead } from '../leads/lead-store.ts'
import type { Log } from '../log.ts'
import type { Pool } from '../storage/database.ts'
import type { LiveBridge, Telephony } from '../telephony/telephony.ts'
import type { AnswerFacts, CallState } from './call.ts'
import type { CallPlan } from './call-plan.ts'
import type { CallEngine } from './engine.ts'
import { listOpenAttempts, type OpenAttempt } from './recovery-store.ts'

/** The state in which the machine goes on with an attempt, from its row and whether it still stands in a bridge. */
export function stateAfterRestart(attempt: OpenAttempt, bridge: LiveBridge | undefined, at: number): CallState {
  if (!attempt.answeredAt)
    return {
      name: 'ending',
      verdicted: { disposition: 'lost', reason: 'the engine was restarted before anyone answered' },
      deadline: at,
    }
  const facts: AnswerFacts = { answeredAt: attempt.answeredAt.getTime() }
  if (!attempt.connectedAt || !attempt.agentId)
    return {
      name: 'ending',
      facts,
      verdicted: {
        disposition: 'abandoned',
        reason: 'the engine was restarted before an agent was connected',
        ledger: 'abandoned',
      },
      deadline: at,
    }
  const agent = {
    agentId: attempt.agentId,
    sessionId: bridge?.bridgeId ?? '',
    channelId: bridge?.channelIds.find((channelId) => channelId !== attempt.id) ?? '',
    bridgeId: bridge?.bridgeId ?? '',
  }
  const known: AnswerFacts = { ...facts, connected: { agent, at: attempt.connectedAt.getTime() } }
  if (bridge) return { name: 'talking', facts: known, agent }
  return {
    name: 'ending',
    facts: known,
    verdicted: { disposition: 'human_connected', reason: 'the talk ended while the engine was restarted', ledger: 'connected' },
    deadline: at,
  }
}

export interface RecoveryDeps {
  pool: Pool
  telephony: Telephony
  engine: CallEngine
  clock: Clock
  log: Log
}

export async function recoverCalls({ pool, telephony, engine, clock, log }: RecoveryDeps): Promise<void> {
  const open = await listOpenAttempts(pool)
  if (open.length === 0) return
  const at = clock.now()
  const plans = await Promise.all(open.map((attempt) => planOf(pool, attempt, at)))
  const { bridges } = await telephony.live()
  const bridgeOf = (id: string) => bridges.find((bridge) => bridge.channelIds.includes(id))
  const found = open.flatMap((attempt, index) => {
    const plan = plans[index]
    return plan ? [{ plan, state: stateAfterRestart(attempt, bridgeOf(attempt.id), at) }] : []
  })
  for (const { plan, state } of found) if (state.name === 'talking') watchLeg({ telephony, engine, log }, plan.id, state.agent)
  engine.adopt(found)
  log.info({ adopted: found.length }, 'attempts of a former run taken over')
}

/**
 * The agent of such a talk is on no shift of this run, so nobody else looks after his leg: its end frees the person he
 * talks with, and the end of the talk takes it down; then he logs in anew.
 */
function watchLeg(
  { telephony, engine, log }: Pick<RecoveryDeps, 'telephony' | 'engine' | 'log'>,
  callId: string,
  leg: ReservedAgent,
) {
  const unsubscribe = telephony.subscribe((event) => {
    if (event.type === 'ended' && event.channelId === leg.channelId) engine.agentLost(callId, 'the phone hung up')
  })
  engine.onEnded(({ plan }) => {
    if (plan.id !== callId) return
    unsubscribe()
    Promise.all([telephony.hangUp(leg.channelId), telephony.destroyBridge(leg.bridgeId)]).catch((error) =>
      log.warn({ attemptId: callId, err: messageOf(error) }, 'the leg of a former run could not be taken down'),
    )
  })
}

async function planOf(pool: Pool, attempt: OpenAttempt, at: number): Promise<CallPlan | undefined> {
  const [lead, campaign] = await Promise.all([
    readLead(pool, attempt.leadId, new Date(at)),
    findCampaign(pool, attempt.campaignId),
  ])
  return (
    lead &&
    campaign && {
      id: attempt.id,
      campaignId: attempt.campaignId,
      lead,
      phone: { id: attempt.phoneId, number: attempt.number },
      trunkId: attempt.trunkId,
      callerId: { id: attempt.callerIdId, number: attempt.callerNumber },
      mode: attempt.mode,
      reason: attempt.reason,
      placedAt: attempt.placedAt.getTime(),
      settings: campaign.settings,
    }
  )
}
