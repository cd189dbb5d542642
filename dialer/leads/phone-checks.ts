/** What stands against dialing one of a contact's phones, whichever debt: suppression, consent, waits, caps. Pure. */
import type { CampaignSettings } from '../campaigns/settings.ts'
import { countChecks } from './caps.ts'
import { type Check, held, passed } from './check.ts'
import type { ClaimedLead, LeadPhone } from './lead.ts'
import { reservesAgent, stands, suppressedBy, unlessAskedFor } from './person-checks.ts'

const hourMs = 3_600_000

export function phoneChecks(
  phone: LeadPhone,
  lead: ClaimedLead,
  settings: CampaignSettings,
  mode: CampaignSettings['mode'],
  at: number,
): Check[] {
  return [
    ...suppressionChecks(phone, lead, at),
    ...messageChecks(phone, lead, settings, mode, at),
    ...afterMachine(phone, lead, settings, mode, at),
    ...unlessAskedFor(lead, at, capChecks(phone, lead, settings, at)),
  ]
}

/** A suppression for one creditor holds for his debts alone (eligibility.ts); of a contact without known debts, for all. */
function suppressionChecks({ number }: LeadPhone, { suppressions, debts }: ClaimedLead, at: number): Check[] {
  const standing = suppressions.filter(
    (one) => one.number === number && (one.creditor === null || debts === 0) && stands(one, at),
  )
  return standing.length > 0 ? standing.map(suppressedBy) : [passed('phone_suppression', 'on no list')]
}

/** A recorded message without an agent: by the consent of the contact to a mobile, and not too often to a landline. */
function messageChecks(
  { number, lineType }: LeadPhone,
  { consent, recentAttempts, timeZone }: ClaimedLead,
  settings: CampaignSettings,
  mode: string,
  at: number,
): Check[] {
  if (mode !== 'message' || consent === 'given') return []
  if (lineType === 'mobile' || lineType === 'fixed_or_mobile') {
    if (settings.consent !== 'for_messages_to_mobiles') return []
    return [
      held('consent_missing', null, 'The contact has not consented to recorded messages on a mobile, which these rules demand'),
    ]
  }
  const per30Days = settings.caps.messagesPer30Days
  if (per30Days === null) return []
  const messages = recentAttempts.filter((one) => one.counts && one.prerecorded && one.number === number)
  return countChecks('message', messages, { per30Days }, timeZone, at)
}

function afterMachine(
  { number }: LeadPhone,
  { recentAttempts }: ClaimedLead,
  { waits: { afterMachineHours: hours } }: CampaignSettings,
  mode: CampaignSettings['mode'],
  at: number,
): Check[] {
  if (hours === 0) return []
  const machineAt = recentAttempts.reduce((last, one) => (one.number === number ? Math.max(last, one.machineAt ?? 0) : last), 0)
  const until = machineAt + hours * hourMs
  if (until <= at) return [passed('after_machine', `none in ${hours} hours`)]
  if (reservesAgent(mode)) return [passed('after_machine', 'one lately; an agent is reserved for this call')]
  const reason = `A machine was detected on this phone less than ${hours} hours ago, and no agent is reserved for this call`
  return [held('after_machine', until, reason)]
}

function capChecks({ number }: LeadPhone, lead: ClaimedLead, { caps }: CampaignSettings, at: number): Check[] {
  if (Object.keys(caps.phone).length === 0) return []
  const toIt = lead.recentAttempts.filter((attempt) => attempt.counts && attempt.number === number)
  return countChecks('phone', toIt, caps.phone, lead.timeZone, at)
}
