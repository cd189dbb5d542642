/**
 * The carrier's own log against the database: was anybody dialed twice, was an outcome lost, was a talk cut, did an answered
 * person sit in silence, when was the full rate back? Arithmetic only.
 */
import type { WireCall } from '../wire-log.ts'

export interface AttemptRow {
  id: string
  number: string
  disposition: string | null
  endReason: string | null
  answeredAt: number | null
  connectedAt: number | null
  endedAt: number | null
}

/** One fault, epoch milliseconds. */
export interface Blow {
  fault: string
  at: number
  /** The cause is gone. */
  goneAt: number
}

export interface Verdict {
  dialedTwice: string[]
  lostOutcomes: string[]
  cutTalks: string[]
  silences: { attemptId: string; ms: number }[]
}

const graceMs = 2000
/** A person whom the switch let go the moment he answered heard no silence; clocks of wire and database differ by little. */
const toleranceMs = 250
const clockOffMs = 600_000
/** A switch that is killed has not yet told, or written down, what happened to it so long before. */
const lastWordsMs = 1000

export function judge(blow: Blow, calls: WireCall[], attempts: AttemptRow[], endsTalks: boolean): Verdict {
  const rows = new Map(attempts.map((row) => [row.id, row]))
  const byNumber = new Map<string, number>()
  for (const { called } of calls) byNumber.set(called, (byNumber.get(called) ?? 0) + 1)
  const verdict: Verdict = {
    dialedTwice: [...byNumber].flatMap(([called, times]) => (times > 1 ? [called] : [])),
    lostOutcomes: attempts.flatMap(({ id, endedAt, disposition }) => (endedAt && disposition ? [] : [`${id} has no end`])),
    cutTalks: [],
    silences: [],
  }
  for (const call of calls) {
    const row = rows.get(call.attemptId ?? '')
    if (!row) {
      verdict.lostOutcomes.push(`${call.attemptId} is on the wire, not in the database`)
      continue
    }
    if (call.answeredAt === undefined) continue
    // Who answers in the moment in which the switch dies is known to nobody but the carrier, and hears a dead line.
    if (endsTalks && call.answeredAt <= blow.goneAt && (row.answeredAt !== null || call.answeredAt >= blow.at - lastWordsMs))
      continue
    if (row.answeredAt === null)
      verdict.lostOutcomes.push(`${row.id} was answered, and the database says ${row.disposition}: ${row.endReason}`)
    if (!endsTalks && row.connectedAt !== null && call.hungUpBy === 'caller') verdict.cutTalks.push(row.id)
    const heardAt = heardSomebodyAt(call, row)
    const allowedMs = graceMs + toleranceMs + Math.max(0, overlap(call.answeredAt, heardAt, blow))
    if (heardAt - call.answeredAt > allowedMs) verdict.silences.push({ attemptId: row.id, ms: heardAt - call.answeredAt })
  }
  return verdict
}

/** The agent's voice, a message, or the end. A message begins when the grace is over. */
function heardSomebodyAt({ answeredAt = 0, endedAt }: WireCall, row: AttemptRow): number {
  if (row.connectedAt !== null) return connectedAt(answeredAt, row.connectedAt, row.answeredAt ?? 0)
  const message = /message/.test(row.endReason ?? '')
  const end = endedAt ?? row.endedAt ?? answeredAt
  return message ? Math.min(end, answeredAt + graceMs) : end
}

/** By the carrier's clock. Where the engine's was set, only what passed by it can be told, and nothing if it was set in between. */
function connectedAt(answeredAt: number, theirs: number, answeredTheirs: number): number {
  if (Math.abs(theirs - answeredAt) < clockOffMs) return Math.max(theirs, answeredAt)
  const passed = theirs - answeredTheirs
  return passed < clockOffMs ? answeredAt + passed : answeredAt
}

const overlap = (from: number, to: number, blow: Blow) => Math.min(to, blow.goneAt) - Math.max(from, blow.at)

/** Milliseconds from the end of the cause until the carrier saw the full rate again for two seconds; undefined: not at all. */
export function recoveryMs({ goneAt }: Blow, calls: WireCall[], callsPerSecond: number): number | undefined {
  const invites = calls.flatMap(({ invitedAt }) => (invitedAt >= goneAt ? [invitedAt] : [])).sort((a, b) => a - b)
  const wanted = Math.floor(callsPerSecond * 2 * 0.9)
  for (const [index, first] of invites.entries()) {
    const last = invites[index + wanted - 1]
    if (last === undefined) return undefined
    if (last - first <= 2000) return first - goneAt
  }
  return undefined
}
