/**
 * May this lead be called, now, on which phone and about which debts? Pure: everything it needs is in the claimed lead and the
 * arguments. A call goes one way, to one phone about the debts that may be spoken of; the way that is free first is taken.
 * Each "no" is a sentence for a supervisor, and names the first instant at which every rule is met, window and waits together.
 * Called by campaigns/place-call.ts before each attempt, and by lead-desk.ts to say why a contact is not called.
 */
import type { CampaignSettings } from '../campaigns/settings.ts'
import { closedBecause, nextOpening } from './calling-window.ts'
import { type Check, freeFirst, held, longestHeld, passed } from './check.ts'
import { type DebtWay, debtWays, isAbout } from './debt-checks.ts'
import type { Holidays } from './holidays.ts'
import type { ClaimedLead, LeadPhone } from './lead.ts'
import { personChecks, stands, suppressedBy } from './person-checks.ts'
import { phoneChecks } from './phone-checks.ts'
import { dateText, timeText } from './wall-clock.ts'

export type Eligibility = { reason: string; checks: Check[] } & (
  | {
      ok: true
      phone: LeadPhone
      /** The open debts that the call is about. */
      debtIds: number[]
    }
  /** `finished`: waiting alone changes nothing. */
  | { ok: false; code: string; notBefore?: number; finished?: true }
)

/** In a send-out, who asked for an agent is called back when one is free, and he is reserved for it. */
export const needsAgent = ({ callbackAt }: ClaimedLead, { mode }: CampaignSettings): boolean =>
  mode === 'message' && callbackAt !== null

/** With an agent reserved for the call, it is what progressive means. */
export const modeOf = (lead: ClaimedLead, settings: CampaignSettings): CampaignSettings['mode'] =>
  lead.callbackAgentId !== null || needsAgent(lead, settings) ? 'progressive' : settings.mode

export function eligibility(
  lead: ClaimedLead,
  settings: CampaignSettings,
  mode: CampaignSettings['mode'],
  at: number,
  holidays: Holidays,
  /** What else must be met, such as the time for which the call is planned. */
  also: readonly Check[] = [],
): Eligibility {
  const way = freeFirst(waysOf(lead, settings, mode, at))
  const checks = [...also, ...personChecks(lead, settings, mode, at), ...(way?.checks ?? [noPhoneCheck(lead)])]
  const longest = longestHeld(checks)
  if (longest?.hold.until === null)
    return { ok: false, code: longest.rule, reason: `${longest.hold.reason}.`, finished: true, checks }
  const closed = closedBecause(at, lead, settings.windows, holidays)
  const earliest = nextOpening(longest?.hold.until ?? at, lead, settings.windows, holidays)
  checks.push(
    closed === undefined
      ? passed('calling_window', `${timeText(at, lead.timeZone)} in ${lead.timeZone}`)
      : held('window_closed', nextOpening(at, lead, settings.windows, holidays) ?? null, closed),
  )
  if (earliest === undefined) {
    const reason = 'The campaign has no calling window in the next 60 days.'
    return { ok: false, code: 'window_never_opens', reason, checks }
  }
  if (!longest && closed === undefined && way)
    return { ok: true, phone: way.phone, debtIds: way.debtIds, reason: phoneReason(lead, way.phone), checks }
  return {
    ok: false,
    code: longest?.rule ?? 'window_closed',
    reason: `${longest?.hold.reason ?? closed}; the next call is possible ${dateText(earliest, lead.timeZone)} (${lead.timeZone}).`,
    notBefore: earliest,
    checks,
  }
}

/** A phone, the debts that may be spoken of on it, and what stands against it. */
interface Way {
  phone: LeadPhone
  debtIds: number[]
  checks: Check[]
}

/** One way for each phone that can be dialed, the one that is planned first. */
function waysOf(lead: ClaimedLead, settings: CampaignSettings, mode: CampaignSettings['mode'], at: number): Way[] {
  const phones = lead.phones.filter(({ state }) => state === 'active').sort((a, b) => a.position - b.position)
  phones.sort((a, b) => Number(b.id === lead.phoneId) - Number(a.id === lead.phoneId))
  const debts = debtWays(lead, settings, at)
  return phones.map((phone) => {
    const ways = debtsOn(phone, debts, lead, at)
    const checks = [...phoneChecks(phone, lead, settings, mode, at), ...(freeFirst(ways)?.checks ?? [])]
    const debtIds = ways.flatMap((way) => (way.debt && longestHeld(way.checks) === undefined ? [way.debt.id] : []))
    return { phone, debtIds, checks }
  })
}

/** With what a creditor has against this phone. */
function debtsOn({ number }: LeadPhone, debts: DebtWay[], { suppressions }: ClaimedLead, at: number): DebtWay[] {
  const bars = suppressions.filter((one) => one.number === number && one.creditor !== null && stands(one, at))
  if (bars.length === 0) return debts
  return debts.map(({ debt, checks }) => ({
    debt,
    checks: debt === null ? checks : [...checks, ...bars.filter((bar) => isAbout(bar, debt)).map(suppressedBy)],
  }))
}

function noPhoneCheck({ phones }: ClaimedLead): Check {
  const reason = phones.length === 0 ? 'The contact has no phone' : "All of the contact's phones are invalid or another person's"
  return held('no_valid_phone', null, reason)
}

function phoneReason(lead: ClaimedLead, phone: LeadPhone): string {
  const which = `phone ${phone.position + 1} of ${lead.phones.length} (${phone.lineType.replaceAll('_', ' ')})`
  if (lead.callbackAt !== null) return `the contact asked to be called back; ${which}`
  return `attempt ${lead.attempts + 1}; ${which}${phone.id === lead.phoneId ? ', by the retry rule' : ''}`
}
