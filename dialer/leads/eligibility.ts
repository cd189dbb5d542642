/**
 * May this lead be called, now, and on which phone? Pure: everything it needs is in the claimed lead and the arguments.
 * Each "no" is a sentence for a supervisor, and names the first instant at which every rule is met, window and caps together.
 * Called by campaigns/place-call.ts before each attempt, and by the API to say why a contact was not called.
 */
import type { CampaignSettings } from '../campaigns/settings.ts'
import { noOpenDebt } from '../debts/debt.ts'
import { closedBecause, localTime, nextOpening } from './calling-window.ts'
import { capHolds, type Hold } from './caps.ts'
import type { Holidays } from './holidays.ts'
import type { ClaimedLead, LeadPhone, Suppression } from './lead.ts'

export type Eligibility =
  | { ok: true; phone: LeadPhone; reason: string }
  /** `finished`: no rule will ever allow it again. */
  | { ok: false; reason: string; code: string; notBefore?: number; finished?: true }

export function eligibility(
  lead: ClaimedLead,
  settings: CampaignSettings,
  mode: CampaignSettings['mode'],
  at: number,
  holidays: Holidays,
): Eligibility {
  const free = phonesByFreedom(lead, at)
  const holds: Hold[] = [
    ...debtHolds(lead),
    ...lead.suppressions.filter((suppression) => suppression.number === null).map(suppressionHold),
    ...(free.hold ? [free.hold] : []),
    ...abandonedHolds(lead, mode),
    ...capHolds(lead.recentAttempts, settings.caps, lead.timeZone, lead.callbackAt !== null),
  ]
  const standing = holds.filter((hold) => hold.until === null || hold.until > at)
  const longest = standing.reduce<Hold | undefined>((worst, hold) => (worst && !outlasts(hold, worst) ? worst : hold), undefined)
  if (longest?.until === null) return { ok: false, code: longest.code, reason: `${longest.reason}.`, finished: true }
  const earliest = nextOpening(longest?.until ?? at, lead, settings.windows, holidays)
  if (earliest === undefined)
    return { ok: false, code: 'window_never_opens', reason: 'The campaign has no calling window in the next 60 days.' }
  if (!longest && earliest === at && free.phone) return { ok: true, phone: free.phone, reason: phoneReason(lead, free.phone) }
  const reason = longest?.reason ?? closedBecause(at, lead, settings.windows, holidays) ?? ''
  const when = localTime(earliest, lead.timeZone).toFormat('ccc d LLL yyyy HH:mm')
  return {
    ok: false,
    code: longest?.code ?? 'window_closed',
    reason: `${reason}; the next call is possible ${when} (${lead.timeZone}).`,
    notBefore: earliest,
  }
}

const outlasts = (hold: Hold, other: Hold) => (hold.until ?? Number.POSITIVE_INFINITY) > (other.until ?? Number.POSITIVE_INFINITY)

function debtHolds({ debts, openDebts }: ClaimedLead): Hold[] {
  if (debts === 0 || openDebts > 0) return []
  return [{ until: null, code: 'no_open_debt', reason: noOpenDebt }]
}

const words: Readonly<Record<Suppression['kind'], string>> = {
  do_not_call: 'must not be called',
  paid: 'says the debt is paid',
  dispute: 'disputes the debt',
  deceased: 'is deceased',
  legal_hold: 'is under a legal hold',
  wrong_person: 'is the wrong person',
}

const suppressionHold = ({ kind, until, reason, number }: Suppression): Hold => ({
  until,
  code: `suppressed_${kind}`,
  reason:
    number === null
      ? `The contact ${words[kind]} (${reason})`
      : `The phone is suppressed: ${kind.replaceAll('_', ' ')} (${reason})`,
})

/** 72 h after an abandoned call only with an agent reserved for the call, which progressive does (Ofcom). */
function abandonedHolds({ noPredictiveUntil }: ClaimedLead, mode: CampaignSettings['mode']): Hold[] {
  if (noPredictiveUntil === null || mode === 'progressive') return []
  return [
    {
      until: noPredictiveUntil,
      code: 'after_abandoned_call',
      reason: 'An earlier call was abandoned, and no agent is reserved for this one',
    },
  ]
}

/** The phone to dial, or the hold that lies on all of them. */
function phonesByFreedom(lead: ClaimedLead, at: number): { phone?: LeadPhone; hold?: Hold } {
  const usable = lead.phones.filter((phone) => phone.state === 'active').sort((a, b) => a.position - b.position)
  if (usable.length === 0) {
    const reason =
      lead.phones.length === 0 ? 'The contact has no phone' : "All of the contact's phones are invalid or another person's"
    return { hold: { until: null, code: 'no_valid_phone', reason } }
  }
  const holdOn = new Map<number, Hold>()
  for (const phone of usable) {
    for (const suppression of lead.suppressions) {
      const hold = suppressionHold(suppression)
      const known = holdOn.get(phone.id)
      const stands = suppression.number === phone.number && (hold.until === null || hold.until > at)
      if (stands && (!known || outlasts(hold, known))) holdOn.set(phone.id, hold)
    }
  }
  const open = usable.filter((phone) => !holdOn.has(phone.id))
  const phone = open.find((candidate) => candidate.id === lead.phoneId) ?? open[0]
  if (phone) return { phone }
  const shortest = [...holdOn.values()].reduce((best, hold) => (outlasts(best, hold) ? hold : best))
  return { hold: shortest }
}

function phoneReason(lead: ClaimedLead, phone: LeadPhone): string {
  const which = `phone ${phone.position + 1} of ${lead.phones.length} (${phone.lineType.replaceAll('_', ' ')})`
  if (lead.callbackAt !== null) return `the contact asked to be called back; ${which}`
  return `attempt ${lead.attempts + 1}; ${which}${phone.id === lead.phoneId ? ', by the retry rule' : ''}`
}
