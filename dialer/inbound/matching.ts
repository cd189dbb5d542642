/**
 * Whose call it is: the pair of caller and dialled number, then the caller alone, then whom we called last from that number.
 * Pure. Everybody who fits is offered to the agent, the likeliest first, each with the reason in words.
 */
export type MatchKind = 'pair' | 'caller' | 'last_attempt' | 'reference'

/** A contact who may be calling, as the database knows him. */
export interface Candidate {
  kind: MatchKind
  contactId: number
  /** The lead that the talk belongs to: of the latest attempt, else the latest one. */
  leadId: number | null
  campaignId: string | null
  /** Of the latest attempt; epoch ms. */
  calledAt: number | null
}

export interface FoundContact {
  kind: MatchKind
  contactId: number
  leadId: number | null
  campaignId: string | null
  why: string
}

const strength: Readonly<Record<MatchKind, number>> = { reference: 0, pair: 1, caller: 2, last_attempt: 3 }
const mostOffered = 10

const reasons: Readonly<Record<MatchKind, string>> = {
  reference: 'the caller typed the reference of this contact',
  pair: 'calls from this number to the number of ours that we called it from',
  caller: 'calls from a number of this contact',
  last_attempt: 'the last whom we called from the number that was dialed; the caller calls from elsewhere',
}

export function rank(candidates: Candidate[]): FoundContact[] {
  const sorted = candidates.toSorted(
    (a, b) => strength[a.kind] - strength[b.kind] || (b.calledAt ?? 0) - (a.calledAt ?? 0) || a.contactId - b.contactId,
  )
  // The last one called is a guess: only where nothing better is known.
  const sure = sorted.filter(({ kind }) => kind !== 'last_attempt')
  const seen = new Set<number>()
  return (sure.length > 0 ? sure : sorted)
    .filter(({ contactId }) => !seen.has(contactId) && seen.add(contactId))
    .slice(0, mostOffered)
    .map(({ kind, contactId, leadId, campaignId }) => ({ kind, contactId, leadId, campaignId, why: reasons[kind] }))
}
