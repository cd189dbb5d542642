/**
 * Performs an agent's result code: the lead's plan, what is learnt about the phone, and suppressions, in the caller's
 * transaction. Called by agents/desk when a result is recorded; result-code.ts says what each code does.
 */
import type { CampaignSettings } from '../campaigns/settings.ts'
import { settledReason } from '../debts/debt.ts'
import type { Db } from '../storage/database.ts'
import type { Holidays } from './holidays.ts'
import type { ClaimedLead, LeadPlan } from './lead.ts'
import { readLead, setPhoneState, writeResultPlan } from './lead-store.ts'
import { resultCodes } from './result-code.ts'
import { planAfterResult, type TalkResult } from './retry.ts'
import { addSuppressions } from './suppression-store.ts'

const dayMs = 86_400_000

/** Paid during the talk: whatever the result says, there is nothing to call again for. */
function unlessSettled({ debts, openDebts }: ClaimedLead, plan: LeadPlan): LeadPlan {
  if (debts === 0 || openDebts.length > 0 || plan.state === 'finished') return plan
  const { attempts, failures, phoneState } = plan
  return { state: 'finished', attempts, failures, reason: settledReason, ...(phoneState && { phoneState }) }
}

/** `number` is the one we spoke on; null: a caller withheld it. Returns the plan; undefined: there is no such lead. */
export async function applyResult(
  db: Db,
  { leadId, number }: { leadId: number; number: string | null },
  result: TalkResult,
  settings: CampaignSettings,
  holidays: Holidays,
): Promise<LeadPlan | undefined> {
  const at = new Date(result.at)
  const lead = await readLead(db, leadId, at)
  if (!lead) return undefined
  const plan = unlessSettled(lead, planAfterResult(lead, result, settings, holidays))
  await writeResultPlan(db, leadId, plan, at)
  if (plan.phoneState && result.phoneId !== null) await setPhoneState(db, result.phoneId, plan.phoneState)
  const { suppress, meaning } = resultCodes[result.code]
  if (suppress) {
    const until = suppress.days === undefined ? null : new Date(result.at + suppress.days * dayMs)
    const common = { list: 'internal', kind: suppress.kind, creditor: null, until, reason: meaning, externalId: null }
    await addSuppressions(db, [
      { ...common, number: null, contactId: lead.contactId },
      ...(suppress.phoneToo && number !== null ? [{ ...common, number, contactId: null }] : []),
    ])
  }
  return plan
}
