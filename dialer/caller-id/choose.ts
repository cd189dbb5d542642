/**
 * Which of our numbers an attempt presents. Pure; called by campaigns/place-call.ts.
 *
 * 1. Never the callee's own number, never one that is at its cap.
 * 2. The one chosen by hand for this attempt, if it can be used.
 * 3. One this contact has not seen, while there is such a one; else the one he has not seen for the longest time:
 *    a number that was not picked up once is picked up less the second time. If its trunk has no room at this moment,
 *    the attempt waits a little rather than show a number again.
 * 4. Of those: the callee's own country, then, as the campaign says, the nearest area or the same kind of line.
 * 5. Of those: the one used least, then the lowest id.
 */
import type { LineType } from '../leads/lead.ts'
import { commonDigits, type Home, kilometresBetween } from './area.ts'
import type { CallerIdCandidate } from './caller-id.ts'
import { isAtCap, type Uses, unused } from './caps.ts'

/** `near`: the callee's area before the kind of line. `mobile_for_mobiles`: the kind of line before the area. */
export const callerIdChoices = ['near', 'mobile_for_mobiles'] as const
export type CallerIdPreference = (typeof callerIdChoices)[number]

export interface CallerIdChoice<Candidate extends CallerIdCandidate> {
  candidates: readonly Candidate[]
  /** The number to be called, E.164, and its line type. */
  number: string
  lineType: LineType
  /** Where the callee is. */
  home: Home
  preference: CallerIdPreference
  /** Chosen for this attempt by a person. */
  byHand: { id: number; by: string } | null
  /** Caller IDs this contact has seen; `lastAt` is epoch milliseconds. */
  seen: readonly { callerIdId: number; lastAt: number }[]
  /** How often each caller ID was used lately; absent: never. */
  uses: ReadonlyMap<number, Uses>
  hasRoom(trunkId: string): boolean
}

export interface NoCallerId {
  callerId: undefined
  code: 'no_caller_id' | 'caller_ids_at_cap' | 'trunk_full'
  reason: string
}
export type CallerIdVerdict<Candidate> = { callerId: Candidate; reason: string } | NoCallerId

export function chooseCallerId<Candidate extends CallerIdCandidate>(
  choice: CallerIdChoice<Candidate>,
): CallerIdVerdict<Candidate> {
  const others = choice.candidates.filter(({ number }) => number !== choice.number)
  const fit = others.filter(({ id, caps }) => !isAtCap(choice.uses.get(id) ?? unused, caps))
  if (fit.length === 0) return refusal(choice.candidates.length, others.length)

  const { byHand } = choice
  const wanted = byHand && fit.find(({ id }) => id === byHand.id)
  const lastSeen = new Map<number, number>()
  for (const { callerIdId, lastAt } of choice.seen) lastSeen.set(callerIdId, Math.max(lastAt, lastSeen.get(callerIdId) ?? lastAt))
  const seenAt = ({ id }: Candidate) => lastSeen.get(id) ?? Number.NEGATIVE_INFINITY
  const longestAgo = fit.reduce((least, candidate) => Math.min(least, seenAt(candidate)), Number.POSITIVE_INFINITY)
  const freshest = wanted ? [wanted] : fit.filter((candidate) => seenAt(candidate) === longestAgo)

  let best: Ranked<Candidate> | undefined
  for (const candidate of freshest) {
    if (!choice.hasRoom(candidate.trunkId)) continue
    const ranked = rank(candidate, choice)
    if (!best || isBefore(ranked, best, choice.preference)) best = ranked
  }
  if (!best)
    return {
      callerId: undefined,
      code: 'trunk_full',
      reason: 'the trunks of the numbers that this contact should see have no room at this moment',
    }
  if (wanted && byHand) return { callerId: wanted, reason: `number chosen by hand (${byHand.by})` }
  const reason = [
    ...(byHand ? [`the number chosen by hand (${byHand.by}) cannot be used now`] : []),
    longestAgo === Number.NEGATIVE_INFINITY
      ? 'not seen by this contact'
      : `all seen by this contact, this one the longest ago (${new Date(longestAgo).toISOString()})`,
    ...describe(best, choice),
    ...(fit.length < others.length ? [`${others.length - fit.length} others at their cap`] : []),
  ]
  return { callerId: best.candidate, reason: reason.join(', ') }
}

function refusal(candidates: number, others: number): NoCallerId {
  if (others > 0)
    return { callerId: undefined, code: 'caller_ids_at_cap', reason: 'every caller ID of the pool is at its daily or hourly cap' }
  return {
    callerId: undefined,
    code: 'no_caller_id',
    reason:
      candidates === 0
        ? 'the pool has no caller ID that is active and whose inbound route was tested'
        : "the pool's only caller ID is the callee's own number",
  }
}

interface Ranked<Candidate> {
  candidate: Candidate
  sameCountry: boolean
  sameLineType: boolean
  nearness: Nearness
  uses: number
}

/** The smaller the nearer; what has no known place is behind all that has. */
interface Nearness {
  sameArea: boolean
  kilometres: number
  commonDigits: number
}

function rank<Candidate extends CallerIdCandidate>(candidate: Candidate, choice: CallerIdChoice<Candidate>): Ranked<Candidate> {
  return {
    candidate,
    sameCountry: candidate.country === choice.home.country,
    sameLineType: isSameKind(candidate.lineType, choice.lineType),
    nearness: nearnessOf(candidate, choice.home),
    uses: (choice.uses.get(candidate.id) ?? unused).day,
  }
}

function nearnessOf({ country, area }: CallerIdCandidate, home: Home): Nearness {
  if (country !== home.country || area === null || home.area === null)
    return { sameArea: false, kilometres: Number.POSITIVE_INFINITY, commonDigits: 0 }
  return {
    sameArea: area === home.area,
    kilometres: kilometresBetween(country, area, home.area) ?? Number.POSITIVE_INFINITY,
    commonDigits: commonDigits(area, home.area),
  }
}

/** Some countries' numbers do not tell mobile from fixed; such a number goes with both. */
function isSameKind(a: LineType, b: LineType): boolean {
  if (a === b) return true
  const either = a === 'fixed_or_mobile' || b === 'fixed_or_mobile'
  return either && [a, b].every((type) => type === 'fixed_or_mobile' || type === 'mobile' || type === 'fixed')
}

type AnyRanked = Ranked<CallerIdCandidate>

function isBefore(a: AnyRanked, b: AnyRanked, preference: CallerIdPreference): boolean {
  if (a.sameCountry !== b.sameCountry) return a.sameCountry
  if (preference === 'mobile_for_mobiles' && a.sameLineType !== b.sameLineType) return a.sameLineType
  if (a.nearness.sameArea !== b.nearness.sameArea) return a.nearness.sameArea
  if (a.nearness.kilometres !== b.nearness.kilometres) return a.nearness.kilometres < b.nearness.kilometres
  if (a.nearness.commonDigits !== b.nearness.commonDigits) return a.nearness.commonDigits > b.nearness.commonDigits
  if (a.sameLineType !== b.sameLineType) return a.sameLineType
  if (a.uses !== b.uses) return a.uses < b.uses
  return a.candidate.id < b.candidate.id
}

function describe(best: AnyRanked, { home, lineType }: CallerIdChoice<CallerIdCandidate>): string[] {
  return [
    best.sameCountry ? `same country (${home.country})` : `no such number of ${home.country}`,
    ...(home.area !== null && best.sameCountry ? [describeArea(best, home.area)] : []),
    best.sameLineType ? `same line type (${lineType})` : `not of the callee's line type (${lineType})`,
    `used ${best.uses} times in 24 hours`,
  ]
}

function describeArea({ candidate, nearness }: AnyRanked, home: string): string {
  if (nearness.sameArea) return `same area (${home})`
  if (candidate.area === null) return `no area, the callee's is ${home}`
  const distance = Number.isFinite(nearness.kilometres)
    ? `${nearness.kilometres} km`
    : `${nearness.commonDigits} digits in common`
  return `nearest area ${candidate.area} (${distance} from ${home})`
}
