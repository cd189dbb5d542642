/**
 * Which of our numbers an attempt presents. Pure; called by campaigns/place-call.ts.
 *
 * 1. Never the callee's own number.
 * 2. One this contact has not seen, while there is such a one; else the one he has not seen for the longest time:
 *    a number that was not picked up once is picked up less the second time.
 * 3. Of those: the callee's own country, then his kind of line, then the one used least, then the lowest id.
 */
import type { LineType } from '../leads/lead.ts'
import type { CallerIdCandidate } from './caller-id.ts'

export interface CallerIdChoice<Candidate extends CallerIdCandidate> {
  candidates: readonly Candidate[]
  /** The number to be called, E.164, with its country and line type. */
  number: string
  country: string
  lineType: LineType
  /** Caller IDs this contact has seen; `lastAt` is epoch milliseconds. */
  seen: readonly { callerIdId: number; lastAt: number }[]
  /** How often each caller ID was used lately; absent: never. */
  uses: ReadonlyMap<number, number>
}

export type CallerIdVerdict<Candidate> = { callerId: Candidate; reason: string } | { callerId: undefined; reason: string }

export function chooseCallerId<Candidate extends CallerIdCandidate>(
  choice: CallerIdChoice<Candidate>,
): CallerIdVerdict<Candidate> {
  const lastSeen = new Map<number, number>()
  for (const { callerIdId, lastAt } of choice.seen) lastSeen.set(callerIdId, Math.max(lastAt, lastSeen.get(callerIdId) ?? lastAt))

  let best: Ranked<Candidate> | undefined
  for (const candidate of choice.candidates) {
    if (candidate.number === choice.number) continue
    const ranked = rank(candidate, choice, lastSeen.get(candidate.id))
    if (!best || isBefore(ranked, best)) best = ranked
  }
  if (best) return { callerId: best.candidate, reason: explain(best, choice) }
  return {
    callerId: undefined,
    reason:
      choice.candidates.length === 0
        ? 'the pool has no active caller ID'
        : "the pool's only caller ID is the callee's own number",
  }
}

interface Ranked<Candidate> {
  candidate: Candidate
  lastSeenAt: number | undefined
  sameCountry: boolean
  sameLineType: boolean
  uses: number
}

function rank<Candidate extends CallerIdCandidate>(
  candidate: Candidate,
  choice: CallerIdChoice<Candidate>,
  lastSeenAt: number | undefined,
): Ranked<Candidate> {
  return {
    candidate,
    lastSeenAt,
    sameCountry: candidate.country === choice.country,
    sameLineType: isSameKind(candidate.lineType, choice.lineType),
    uses: choice.uses.get(candidate.id) ?? 0,
  }
}

/** Some countries' numbers do not tell mobile from fixed; such a number goes with both. */
function isSameKind(a: LineType, b: LineType): boolean {
  if (a === b) return true
  const either = a === 'fixed_or_mobile' || b === 'fixed_or_mobile'
  return either && [a, b].every((type) => type === 'fixed_or_mobile' || type === 'mobile' || type === 'fixed')
}

function isBefore(a: Ranked<CallerIdCandidate>, b: Ranked<CallerIdCandidate>): boolean {
  const aSeen = a.lastSeenAt ?? Number.NEGATIVE_INFINITY
  const bSeen = b.lastSeenAt ?? Number.NEGATIVE_INFINITY
  if (aSeen !== bSeen) return aSeen < bSeen
  if (a.sameCountry !== b.sameCountry) return a.sameCountry
  if (a.sameLineType !== b.sameLineType) return a.sameLineType
  if (a.uses !== b.uses) return a.uses < b.uses
  return a.candidate.id < b.candidate.id
}

function explain(best: Ranked<CallerIdCandidate>, choice: { country: string; lineType: LineType }): string {
  return [
    best.lastSeenAt === undefined
      ? 'not seen by this contact'
      : `all seen by this contact, this one the longest ago (${new Date(best.lastSeenAt).toISOString()})`,
    best.sameCountry ? `same country (${choice.country})` : `no such number of ${choice.country}`,
    best.sameLineType ? `same line type (${choice.lineType})` : `no such number of type ${choice.lineType}`,
    `used ${best.uses} times lately`,
  ].join(', ')
}
