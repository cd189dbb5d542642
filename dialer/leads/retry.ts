/**
 * When a lead is tried next, and on which phone: after an attempt by its disposition, after a talk by the agent's result
 * code. Pure. The instant it names lies inside a calling window of the contact; caps are checked when it is due (eligibility.ts).
 * Called by calls/ in the transaction that ends an attempt, and by record-result.ts.
 */
import type { Disposition } from '../calls/outcome.ts'
import type { RetryRule, RetrySettings } from '../campaigns/retry-settings.ts'
import type { CampaignSettings } from '../campaigns/settings.ts'
import { settledReason } from '../debts/debt.ts'
import { nextOpening } from './calling-window.ts'
import { restUntil } from './caps.ts'
import type { Holidays } from './holidays.ts'
import type { ClaimedLead, LeadPhone, LeadPlan } from './lead.ts'
import { type ResultCode, resultCodes } from './result-code.ts'

export type PlannedLead = Pick<
  ClaimedLead,
  'attempts' | 'failures' | 'phoneId' | 'callbackAt' | 'callbackAgentId' | 'phones' | 'timeZone' | 'country' | 'recentAttempts'
>

export interface AttemptOutcome {
  disposition: Disposition
  /** False: the debtor's phone did not ring (congestion, a rejecting trunk). */
  counts: boolean
  phoneId: number | null
  at: number
}

export interface TalkResult {
  code: ResultCode
  /** When the contact wants to be called, or is to be called about his promise. */
  callbackAt?: number
  /** The agent he wants to talk to then; absent: anyone. */
  callbackAgentId?: string
  phoneId: number | null
  at: number
}

/** A plan before the calling window is looked at. */
type Draft =
  | Exclude<LeadPlan, { state: 'waiting' }>
  | (Omit<Extract<LeadPlan, { state: 'waiting' }>, 'nextAttemptAt'> & { from: number })

const minuteMs = 60_000
const dayMs = 86_400_000

/** No callback was asked for. */
const notAskedFor = { callbackAt: null, callbackAgentId: null }

/** A person who asked for an agent by a key is called back from then on, as soon as the caps allow it. */
const callbackAfterMs = 15 * minuteMs

/** Which rule of the settings holds for a disposition; after the others something else decides: a result code, the person's key. */
type ByRule = Exclude<Disposition, 'human_connected' | 'settled' | 'opted_out' | 'callback_asked'>
const ruleFor: Readonly<Record<ByRule, keyof RetrySettings['rules']>> = {
  abandoned: 'abandoned',
  machine: 'machine',
  message_left: 'message_left',
  message_heard: 'message_heard',
  message_confirmed: 'message_heard',
  message_heard_in_part: 'message_heard_in_part',
  no_answer: 'no_answer',
  cancelled: 'no_answer',
  busy: 'busy',
  declined: 'declined',
  invalid_number: 'invalid_number',
  blocked: 'blocked',
  caller_hangup: 'caller_hangup',
  congestion: 'failed',
  trunk_rejected: 'failed',
  codec_error: 'failed',
  failed: 'failed',
  lost: 'failed',
}

/** The plan after an attempt; `attempts` of the lead does not include it yet. */
export function planNext(lead: PlannedLead, outcome: AttemptOutcome, settings: CampaignSettings, holidays: Holidays): LeadPlan {
  return intoWindow(draftNext(lead, outcome, settings), lead, settings, holidays)
}

function draftNext(lead: PlannedLead, { disposition, counts, phoneId, at }: AttemptOutcome, settings: CampaignSettings): Draft {
  const words = disposition.replaceAll('_', ' ')
  if (!counts) {
    const failures = lead.failures + 1
    const delay = pick(retryOf(settings).failureDelaysMinutes, failures) ?? 60
    const reason = `${words}, which is no attempt (${failures} in a row): again in ${delay} minutes`
    // A callback that the network could not carry is still the one the contact asked for.
    const { attempts, callbackAt, callbackAgentId } = lead
    return { state: 'waiting', attempts, failures, phoneId, callbackAt, callbackAgentId, from: at + delay * minuteMs, reason }
  }
  const counted = { ...lead, attempts: lead.attempts + 1, failures: 0 }
  if (disposition === 'settled') return { state: 'finished', attempts: counted.attempts, failures: 0, reason: settledReason }
  if (disposition === 'human_connected') return rest(counted, 'talked to an agent, no result yet', phoneId, at, settings)
  if (disposition === 'opted_out')
    return {
      state: 'finished',
      attempts: counted.attempts,
      failures: 0,
      reason: 'the contact asked by a key not to be called any more',
    }
  if (disposition === 'callback_asked') return callBack(counted, phoneId, at, settings)
  const dropped = disposition === 'invalid_number' ? 'invalid' : undefined
  // What was read with the claim does not know of this attempt.
  const triesInARow = attemptsInARow(lead, phoneId) + 1
  return byRule(counted, words, retryOf(settings).rules[ruleFor[disposition]], { phoneId, at, dropped, triesInARow }, settings)
}

/** The plan after a talk with a contact who called us: no attempt of ours, and a rest as after any talk. */
export function planAfterTheirCall(
  lead: PlannedLead,
  { phoneId, at }: { phoneId: number | null; at: number },
  settings: CampaignSettings,
  holidays: Holidays,
): LeadPlan {
  return intoWindow(
    rest(lead, 'called us and talked to an agent, no result yet', phoneId, at, settings),
    lead,
    settings,
    holidays,
  )
}

/** The plan after an agent's result; the talk's attempt is already among `attempts`. */
export function planAfterResult(lead: PlannedLead, result: TalkResult, settings: CampaignSettings, holidays: Holidays): LeadPlan {
  return intoWindow(draftAfterResult(lead, result, settings), lead, settings, holidays)
}

function draftAfterResult(
  lead: PlannedLead,
  { code, callbackAt, callbackAgentId, phoneId, at }: TalkResult,
  settings: CampaignSettings,
): Draft {
  const { lead: effect, meaning, suppress } = resultCodes[code]
  const base = { attempts: lead.attempts, failures: 0 }
  const dialed = { phoneId, at, triesInARow: Math.max(1, attemptsInARow(lead, phoneId)) }
  if (callbackAt !== undefined && suppress === undefined && effect !== 'next_phone')
    return {
      state: 'waiting',
      ...base,
      phoneId,
      callbackAt,
      callbackAgentId: callbackAgentId ?? null,
      from: Math.max(callbackAt, at),
      reason: `${meaning}: called again when agreed`,
    }
  switch (effect) {
    case 'finish':
      return { state: 'finished', ...base, reason: meaning }
    case 'call_back':
    case 'rest':
      return rest(lead, meaning, phoneId, at, settings)
    case 'machine':
      return byRule(lead, meaning, retryOf(settings).rules.machine, { ...dialed, dropped: undefined }, settings)
    case 'next_phone':
      // The same delay and limits as after a number that does not exist.
      return byRule(lead, meaning, retryOf(settings).rules.invalid_number, { ...dialed, dropped: 'wrong_person' }, settings)
  }
}

interface Dialed {
  phoneId: number | null
  at: number
  /** Attempts in a row on this phone, the present one among them. */
  triesInARow: number
  /** Why the phone just dialed is not to be dialed again. */
  dropped: LeadPlan['phoneState']
}

function byRule(
  lead: PlannedLead,
  words: string,
  rule: RetryRule,
  { phoneId, at, triesInARow, dropped }: Dialed,
  settings: CampaignSettings,
): Draft {
  const base = { attempts: lead.attempts, failures: 0, ...(dropped ? { phoneState: dropped } : {}) }
  const used = allUsed(lead, words, settings)
  if (used) return { ...base, ...used }
  const delay = pick(rule.delaysMinutes, lead.attempts)
  if (delay === undefined) return { state: 'finished', ...base, reason: `${words}: the retry rule allows no further attempt` }
  const goesOn = dropped !== undefined || (rule.nextPhone && triesInARow >= rule.attemptsPerNumber)
  const next = goesOn ? phoneAfter(lead.phones, phoneId, dropped !== undefined) : phoneId
  if (next === undefined) return { state: 'finished', ...base, reason: `${words}: the contact has no other valid phone` }
  const change = next === phoneId ? '' : ', on the next phone'
  const reason = `${words}: again in ${delay} minutes${change}`
  return { state: 'waiting', ...base, ...notAskedFor, phoneId: next, from: at + delay * minuteMs, reason }
}

function rest(lead: PlannedLead, words: string, phoneId: number | null, at: number, settings: CampaignSettings): Draft {
  const base = { attempts: lead.attempts, failures: 0 }
  const used = allUsed(lead, words, settings)
  if (used) return { ...base, ...used }
  const days = settings.caps.restDaysAfterTalk
  // Without rest days by the campaign's rules the lead is still left alone for the day.
  const from = days > 0 ? restUntil(at, settings.caps, lead.timeZone) : at + dayMs
  return {
    state: 'waiting',
    ...base,
    ...notAskedFor,
    phoneId,
    from,
    reason: `${words}: again after ${Math.max(days, 1)} days of rest`,
  }
}

function allUsed(
  lead: PlannedLead,
  words: string,
  settings: CampaignSettings,
): { state: 'finished'; reason: string } | undefined {
  const { maxAttempts } = retryOf(settings)
  if (lead.attempts < maxAttempts) return undefined
  return { state: 'finished', reason: `${words}, and all ${maxAttempts} attempts are used` }
}

/** A send-out of messages has rules of its own. */
const retryOf = ({ mode, message, retry }: CampaignSettings): RetrySettings =>
  mode === 'message' && message ? message.retry : retry

/** How often this phone was tried since another one was. */
function attemptsInARow({ recentAttempts, phones }: PlannedLead, phoneId: number | null): number {
  const number = phones.find((phone) => phone.id === phoneId)?.number
  const latestFirst = recentAttempts.filter(({ counts }) => counts).sort((a, b) => b.placedAt - a.placedAt)
  const other = latestFirst.findIndex((attempt) => attempt.number !== number)
  return other < 0 ? latestFirst.length : other
}

function callBack(lead: PlannedLead, phoneId: number | null, at: number, settings: CampaignSettings): Draft {
  const used = allUsed(lead, 'the contact asked by a key for an agent', settings)
  if (used) return { attempts: lead.attempts, failures: 0, ...used }
  const from = at + callbackAfterMs
  const reason = 'the contact asked by a key for an agent and none was free: called back'
  return {
    state: 'waiting',
    attempts: lead.attempts,
    failures: 0,
    phoneId,
    callbackAt: from,
    callbackAgentId: null,
    from,
    reason,
  }
}

/** The entry for the n-th time, n from 1; the last one repeats. */
const pick = (list: number[], n: number): number | undefined => list[Math.min(Math.max(n, 1), list.length) - 1]

/** The contact's next phone in order, round and round; undefined: there is none to go to. */
function phoneAfter(phones: LeadPhone[], current: number | null, currentIsGone: boolean): number | undefined {
  const usable = phones
    .filter((phone) => phone.state === 'active' && !(currentIsGone && phone.id === current))
    .sort((a, b) => a.position - b.position)
  const position = phones.find((phone) => phone.id === current)?.position ?? -1
  return (usable.find((phone) => phone.position > position) ?? usable[0])?.id
}

function intoWindow(draft: Draft, lead: PlannedLead, settings: CampaignSettings, holidays: Holidays): LeadPlan {
  if (draft.state === 'finished') return draft
  const { from, ...plan } = draft
  const opening = nextOpening(from, lead, settings.windows, holidays)
  // The rules can be changed while the campaign runs: the lead is looked at again, not given up.
  if (opening === undefined)
    return { ...plan, nextAttemptAt: from + dayMs, reason: `${plan.reason}; the campaign has no calling window` }
  return {
    ...plan,
    nextAttemptAt: opening,
    reason: opening === from ? plan.reason : `${plan.reason}, when the calling window opens`,
  }
}

/** A lead whose data no rule can read: a day later somebody may have corrected it. */
export const putAside = (lead: ClaimedLead, problem: string, at: number): LeadPlan => ({
  state: 'waiting',
  attempts: lead.attempts + 1,
  failures: 0,
  reason: `put aside, its data cannot be used: ${problem}`,
  nextAttemptAt: at + 24 * 3_600_000,
  phoneId: null,
  callbackAt: null,
  callbackAgentId: null,
})
