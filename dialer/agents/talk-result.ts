/**
 * What the agent says came of his last talk: written to the attempt together with all that follows from it
 * (leads/apply-result.ts), in one transaction.
 */
import { findCampaign } from '../campaigns/campaign-store.ts'
import type { Clock } from '../clock.ts'
import { OutpaceError } from '../errors.ts'
import { recordInboundResult } from '../inbound/inbound-result.ts'
import { lockLastInboundTalk } from '../inbound/inbound-store.ts'
import { applyResult } from '../leads/apply-result.ts'
import { callbackInstant } from '../leads/callback.ts'
import type { Holidays } from '../leads/holidays.ts'
import type { TalkResult } from '../leads/retry.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import type { RecordedResult, TalkResultInput } from './agent-input.ts'
import { dropFromLedger, lockLastTalk, writeResult } from './agent-store.ts'

/** `callId`: the talk it must belong to, where that is known. */
export async function recordTalkResult(
  { pool, clock, holidays }: { pool: Pool; clock: Clock; holidays: Holidays },
  { agentId, callId, result }: { agentId: string; callId: string | undefined; result: TalkResultInput },
): Promise<RecordedResult> {
  return inTransaction(pool, async (db) => {
    const talk = await lockLastTalk(db, agentId)
    const theirs = await lockLastInboundTalk(db, agentId)
    if (theirs?.connectedAt && !(talk && talk.connectedAt > theirs.connectedAt)) {
      if (!theirs.endedAt || (callId !== undefined && callId !== theirs.id)) throw stillOn()
      return recordInboundResult(db, { talk: theirs, result, at: clock.now(), holidays })
    }
    if (!talk) throw refusal('no talk yet', 'after the first talk')
    if (!talk.endedAt || (callId !== undefined && callId !== talk.attemptId)) throw stillOn()
    const campaign = await findCampaign(db, talk.campaignId)
    if (!campaign) throw new OutpaceError('not_found', { what: 'campaign', id: talk.campaignId })
    const at = clock.now()
    const said: TalkResult = { code: result.resultCode, phoneId: talk.phoneId, at }
    if (result.callbackAt !== undefined) said.callbackAt = callbackInstant(result.callbackAt, talk.timeZone, at)
    if (result.callbackBy === 'me') said.callbackAgentId = agentId
    const plan = await applyResult(db, talk, said, campaign.settings, holidays)
    if (!plan) throw new OutpaceError('not_found', { what: 'lead', id: talk.leadId })
    await writeResult(db, { attemptId: talk.attemptId, resultCode: result.resultCode, note: result.note ?? null })
    if (result.resultCode === 'answering_machine') await dropFromLedger(db, talk.attemptId)
    const nextAttemptAt = plan.state === 'waiting' ? new Date(plan.nextAttemptAt) : null
    return { attemptId: talk.attemptId, leadId: talk.leadId, state: plan.state, nextAttemptAt, reason: plan.reason }
  })
}

const refusal = (state: string, possible: string) =>
  new OutpaceError('wrong_state', { what: "agent's last talk", state, action: 'recording a result', possible })

/** Also for the moment in which the end of the talk is being written. */
const stillOn = () => refusal('not over yet', 'once the talk has ended; send it again in a moment')
