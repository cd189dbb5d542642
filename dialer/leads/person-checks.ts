/** What stands against calling a person at all, whichever phone and debt: suppression, consent, waits, caps, rest. Pure. */
import type { CampaignSettings } from '../campaigns/settings.ts'
import { countChecks, restCheck } from './caps.ts'
import { type Check, held, passed } from './check.ts'
import type { ClaimedLead, Suppression } from './lead.ts'

const hourMs = 3_600_000

/** An agent is reserved before the call is placed. */
export const reservesAgent = (mode: CampaignSettings['mode']) => mode === 'progressive'

const words: Readonly<Record<Suppression['kind'], string>> = {
  do_not_call: 'must not be called',
  paid: 'says the debt is paid',
  dispute: 'disputes the debt',
  deceased: 'is deceased',
  legal_hold: 'is under a legal hold',
  wrong_person: 'is the wrong person',
}

export function suppressedBy({ kind, until, reason, number, creditor }: Suppression): Check {
  const whom = creditor === null ? '' : ` for ${creditor}`
  const sentence =
    number === null
      ? `The contact ${words[kind]}${whom} (${reason})`
      : `The phone is suppressed${whom}: ${kind.replaceAll('_', ' ')} (${reason})`
  return held(`suppressed_${kind}`, until, sentence)
}

export const stands = ({ until }: Suppression, at: number): boolean => until === null || until > at

export function personChecks(lead: ClaimedLead, settings: CampaignSettings, mode: CampaignSettings['mode'], at: number): Check[] {
  return [
    ...suppressionChecks(lead, at),
    consentCheck(lead, settings),
    afterAbandoned(lead, settings, mode, at),
    ...unlessAskedFor(lead, at, [
      ...countChecks(
        'contact',
        lead.recentAttempts.filter(({ counts }) => counts),
        settings.caps,
        lead.timeZone,
        at,
      ),
      ...restCheck(lead, settings.caps, at),
    ]),
  ]
}

/** A suppression for one creditor holds for his debts (debt-checks.ts); of a contact without known debts, for all. */
function suppressionChecks({ suppressions, debts }: ClaimedLead, at: number): Check[] {
  const standing = suppressions.filter((one) => one.number === null && (one.creditor === null || debts === 0) && stands(one, at))
  return standing.length > 0 ? standing.map(suppressedBy) : [passed('suppression', 'on no list')]
}

function consentCheck({ consent }: ClaimedLead, settings: CampaignSettings): Check {
  if (consent === 'withdrawn') return held('consent_withdrawn', null, 'The contact has withdrawn his consent to be called')
  if (settings.consent === 'needed' && consent !== 'given')
    return held('consent_missing', null, 'The contact has not consented to be called, which these rules demand')
  return passed('consent', `${consent}, ${settings.consent.replaceAll('_', ' ')}`)
}

/** By the rules of the campaign that abandoned the contact, and by these for whoever was called on his phones. */
function afterAbandoned(
  { noPredictiveUntil, recentAttempts }: ClaimedLead,
  { waits: { afterAbandonedHours } }: CampaignSettings,
  mode: CampaignSettings['mode'],
  at: number,
): Check {
  const rule = 'after_abandoned_call'
  const abandonedAt = recentAttempts.reduce((last, one) => Math.max(last, one.abandonedAt ?? 0), 0)
  const until = Math.max(noPredictiveUntil ?? 0, abandonedAt > 0 ? abandonedAt + afterAbandonedHours * hourMs : 0)
  if (until <= at) return passed(rule, 'none lately')
  if (reservesAgent(mode)) return passed(rule, 'one lately; an agent is reserved for this call')
  return held(rule, until, 'An earlier call was abandoned, and no agent is reserved for this one')
}

/**
 * The call that a contact asked for is no harassment: neither the rest after the talk nor the number of calls stands against
 * it (12 CFR 1006.14(b)(3)(i)). That is one call; when it was made, the limits hold again.
 */
export function unlessAskedFor({ callbackAt, recentAttempts }: ClaimedLead, at: number, checks: Check[]): Check[] {
  if (callbackAt === null || recentAttempts.some(({ placedAt, counts }) => counts && placedAt >= callbackAt)) return checks
  return checks.map((check) => {
    if (check.hold === undefined || check.hold.until === null) return check
    const until = Math.min(check.hold.until, callbackAt)
    if (until <= at) return passed(check.rule, `${check.finding}; the contact asked for this call`)
    return { ...check, hold: { ...check.hold, until } }
  })
}
