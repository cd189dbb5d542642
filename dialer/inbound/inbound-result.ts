/**
 * What the agent says came of a talk with somebody who called us, and who it was, where several fitted: plans the lead as after
 * a talk of ours, in the caller's transaction. Called by agents/talk-result.ts.
 */
import type { RecordedResult, TalkResultInput } from '../agents/agent-input.ts'
import { findCampaign } from '../campaigns/campaign-store.ts'
import { OutpaceError } from '../errors.ts'
import { applyResult } from '../leads/apply-result.ts'
import { callbackInstant } from '../leads/callback.ts'
import type { Holidays } from '../leads/holidays.ts'
import type { TalkResult } from '../leads/retry.ts'
import type { Db } from '../storage/database.ts'
import { findLeadOfContact, findPhoneId, type InboundTalk, lockLead, writeInboundResult } from './inbound-store.ts'

export async function recordInboundResult(
  db: Db,
  { talk, result, at, holidays }: { talk: InboundTalk; result: TalkResultInput; at: number; holidays: Holidays },
): Promise<RecordedResult> {
  const contactId = result.contactId ?? talk.contactId
  if (result.contactId !== undefined && !talk.contactIds.includes(result.contactId))
    throw new OutpaceError('not_found', { what: 'match of this call with the contact', id: result.contactId })
  const leadId = contactId === talk.contactId ? talk.leadId : contactId === null ? null : await findLeadOfContact(db, contactId)
  await writeInboundResult(db, { id: talk.id, contactId, leadId, resultCode: result.resultCode, note: result.note ?? null })
  const lead = leadId === null ? undefined : await lockLead(db, leadId)
  const campaign = lead && (await findCampaign(db, lead.campaignId))
  if (!lead || !campaign || leadId === null)
    return { attemptId: talk.id, leadId: null, state: 'finished', nextAttemptAt: null, reason: 'no lead belongs to this talk' }
  const phoneId = await findPhoneId(db, lead.contactId, talk.number)
  const said: TalkResult = { code: result.resultCode, phoneId, at }
  if (result.callbackAt !== undefined) said.callbackAt = callbackInstant(result.callbackAt, lead.timeZone, at)
  if (result.callbackBy === 'me' && talk.agentId !== null) said.callbackAgentId = talk.agentId
  const plan = await applyResult(db, { leadId, number: talk.number }, said, campaign.settings, holidays)
  if (!plan) throw new OutpaceError('not_found', { what: 'lead', id: leadId })
  const nextAttemptAt = plan.state === 'waiting' ? new Date(plan.nextAttemptAt) : null
  return { attemptId: talk.id, leadId, state: plan.state, nextAttemptAt, reason: plan.reason }
}
