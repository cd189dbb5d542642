/**
 * After a start: what a former run left on the switch goes on. Agents stand where they stood, talks are not disturbed, phones
 * go on ringing, who answered meanwhile is served, and what is over gets its end. Channels and bridges of ours that nobody
 * claims are taken down. Called once by main.ts, after the first `up`, before the runner.
 */
import type { ReservedAgent } from '../agents/agent-pool.ts'
import type { AgentRoom } from '../agents/room.ts'
import { findCampaign } from '../campaigns/campaign-store.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { readLead } from '../leads/lead-store.ts'
import type { Log } from '../log.ts'
import type { PreparedMessage } from '../messages/message.ts'
import type { Messages } from '../messages/messages.ts'
import type { Pool } from '../storage/database.ts'
import type { ChannelRecord, Telephony } from '../telephony/telephony.ts'
import type { AnswerFacts, CallEvent } from './call.ts'
import type { CallPlan } from './call-plan.ts'
import type { CallEngine, CallTalk } from './engine.ts'
import { listOpenAttempts, type OpenAttempt } from './recovery-store.ts'

/** The record is looked through from here at least: a clock that was set may have dated the attempts wrongly. */
const longAgoMs = 3_600_000

export interface RecoveryDeps {
  pool: Pool
  telephony: Telephony
  engine: CallEngine
  room: AgentRoom
  clock: Clock
  log: Log
  switchName: string
  switchStartedAt: number
  messages: Pick<Messages, 'prepare'>
  /** Whose these channels are besides: calls that came in, media channels. A room that takes some over answers true. */
  claims: ((channelId: string) => boolean)[]
  /** Talks that are no attempts, by agent: he stands in them as in ours. */
  otherTalks: ReadonlyMap<string, string>
}

/** What of an attempt is not told by its row: where it stands on the switch. */
export interface Standing {
  /** The agent in whose bridge it stands, or stood last. */
  agent: ReservedAgent | undefined
  agentIsThere: boolean
  record: ChannelRecord | undefined
}

/** What was written of an attempt, for the call machine: a talk as it is, or the events in order. */
export function pastOf(attempt: OpenAttempt, { agent, agentIsThere, record }: Standing): { past: CallEvent[]; talk?: CallTalk } {
  const answeredAt = attempt.answeredAt?.getTime() ?? record?.answeredAt
  if (answeredAt === undefined) return { past: [] }
  const { detection, detectionCause, detectedAt } = attempt
  const detected = detection && { verdict: detection, cause: detectionCause ?? '', at: detectedAt?.getTime() ?? answeredAt }
  const connectedAt = attempt.connectedAt?.getTime() ?? record?.bridged?.at
  if (agent && connectedAt !== undefined) {
    const facts: AnswerFacts = { answeredAt, ...(detected && { detected }), connected: { agent, at: connectedAt } }
    const lost: CallEvent = { type: 'agent_lost', at: connectedAt, why: 'the phone hung up while the engine was away' }
    return { past: agentIsThere ? [] : [lost], talk: { facts, agent } }
  }
  // An answer that was not written is among what was missed (missed.ts).
  if (!attempt.answeredAt) return { past: [] }
  const past: CallEvent[] = [{ type: 'answered', at: answeredAt }]
  if (detected) past.push({ type: 'detected', ...detected })
  return { past }
}

export async function recover(deps: RecoveryDeps): Promise<void> {
  const { pool, telephony, engine, room, clock, log, switchName, switchStartedAt } = deps
  const [open, sessions] = await Promise.all([listOpenAttempts(pool, switchName), room.openSessions()])
  const { channels, bridges } = await telephony.live()
  const record = await telephony.record(Math.min(clock.now() - longAgoMs, ...open.map(({ placedAt }) => placedAt.getTime())))
  const channelOf = new Map(channels.map((channel) => [channel.channelId, channel]))
  const bridgeOf = new Map(bridges.flatMap(({ bridgeId, channelIds }) => channelIds.map((id) => [id, bridgeId] as const)))

  const agents = sessions.map(({ agentId, session }): ReservedAgent => ({ agentId, ...session }))
  const byBridge = new Map(agents.map((agent) => [agent.bridgeId, agent]))
  const byId = new Map(agents.map((agent) => [agent.agentId, agent]))
  const found = open.map((attempt) => {
    const own = record.get(attempt.id)
    const agent =
      byBridge.get(bridgeOf.get(attempt.id) ?? own?.bridged?.bridgeId ?? '') ??
      byId.get(attempt.agentId ?? '') ??
      goneAgent(attempt)
    const agentIsThere = agent !== undefined && channelOf.has(agent.channelId)
    const seen = { channel: channelOf.get(attempt.id), record: own }
    return { attempt, agent, seen, ...pastOf(attempt, { agent, agentIsThere, record: own }) }
  })

  const talks = new Map([
    ...deps.otherTalks,
    ...found.flatMap(({ attempt, agent, talk }) => (talk && agent ? [[agent.agentId, attempt.id] as const] : [])),
  ])
  const upChannels = new Set(channels.filter(({ state }) => state === 'up').map(({ channelId }) => channelId))
  const members = new Map(bridges.map(({ bridgeId, channelIds }) => [bridgeId, channelIds]))
  await room.resume({ sessions, switchStartedAt, upChannels, bridges: members, talks })

  const plans = await Promise.all(found.map(({ attempt }) => planOf(deps, attempt)))
  engine.adopt(
    found.flatMap(({ past, talk, seen }, index) => {
      const plan = plans[index]
      return plan ? [{ plan, past, seen, ...(talk && { talk }) }] : []
    }),
  )
  if (open.length > 0) log.info({ attempts: open.length, talks: talks.size }, 'attempts of a former run taken over')
  await takeDownTheRest(deps, members)
}

/** The row names an agent whose session is closed: his leg is gone. */
const goneAgent = ({ agentId }: OpenAttempt): ReservedAgent | undefined =>
  agentId === null ? undefined : { agentId, sessionId: '', channelId: '', bridgeId: '' }

/** A leg whose session was never written, a media channel of a call that is over. A callee who talks with an agent is never cut. */
async function takeDownTheRest(
  { telephony, engine, room, log, claims }: RecoveryDeps,
  bridges: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const isOurs = (id: string) => engine.has(id) || room.hasLeg(id) || claims.some((claimed) => claimed(id))
  const inTalk = (id: string) => [...bridges.values()].some((members) => members.includes(id) && members.some(room.hasLeg))
  const { channelIds, bridgeIds } = await telephony.ours()
  const channels = channelIds.filter((id) => !isOurs(id) && !inTalk(id))
  const empty = bridgeIds.filter((id) => !bridges.get(id)?.some((member) => isOurs(member) || inTalk(member)))
  const taken = await Promise.allSettled([
    ...channels.map((id) => telephony.hangUp(id)),
    ...empty.map((id) => telephony.destroyBridge(id)),
  ])
  if (taken.length > 0) log.warn({ channels: channels.length, bridges: empty.length }, 'left over on the switch and taken down')
}

/** It cannot be played any more: such a call is hung up, and waits for no agent. */
const noMessage: PreparedMessage = { media: { person: [] }, keys: {}, keyWaitMs: 0 }

/** An attempt whose data cannot be read keeps nobody else from being taken over. */
async function planOf({ pool, clock, log, messages }: RecoveryDeps, attempt: OpenAttempt): Promise<CallPlan | undefined> {
  try {
    const [lead, campaign] = await Promise.all([
      readLead(pool, attempt.leadId, new Date(clock.now())),
      findCampaign(pool, attempt.campaignId),
    ])
    if (!lead || !campaign) return undefined
    // A call of a send-out that rings, or is answered, gets its message, from the start.
    const isSendOut = campaign.settings.mode === 'message' && attempt.mode === 'message'
    const calls = [{ contactId: lead.contactId, callerId: attempt.callerNumber }]
    const [message] = isSendOut ? await messages.prepare(campaign.settings, calls) : []
    return {
      ...(isSendOut && { message: message && !('problem' in message) ? message : noMessage }),
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
  } catch (error) {
    log.error({ attemptId: attempt.id, err: messageOf(error) }, 'an attempt of a former run cannot be taken over')
    return undefined
  }
}
