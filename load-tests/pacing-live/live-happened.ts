/**
 * What happened in the live run, from outside the pacer: the carrier's wire log, and what the API tells of each attempt
 * (only it knows when an agent was connected). Pure.
 */
import type { WireCall } from '../wire-log.ts'
import { cell } from './callees.ts'
import type { Happened } from './measured.ts'

/** The part of an attempt in GET /v1/leads/{id} that is read. */
export interface Attempt {
  id: string
  placedAt: string
  connectedAt: string | null
  disposition: string | null
}

export interface LiveHappened {
  happened: Happened
  /** Epoch ms of the first INVITE. */
  startedAt: number
  /** From the attempt's row to its INVITE on the wire. */
  inviteMs: number[]
  /** Attempts that the carrier did not see, INVITEs that the API does not know, ends that the two tell differently. */
  contradictions: number
}

export function liveHappened(calls: WireCall[], attempts: Attempt[]): LiveHappened {
  const startedAt = Math.min(...calls.map((call) => call.invitedAt))
  const attemptOf = new Map(attempts.map((attempt) => [attempt.id, attempt]))
  const happened: Happened = { placed: [], connected: [], abandoned: [], busy: [], waits: [] }
  const inviteMs: number[] = []
  let contradictions = attempts.length
  for (const call of calls) {
    const attempt = attemptOf.get(call.attemptId ?? '')
    contradictions += attempt ? -1 : 1
    happened.placed.push(call.invitedAt - startedAt)
    if (attempt) inviteMs.push(call.invitedAt - Date.parse(attempt.placedAt))
    const { answeredAt } = call
    const connectedAt = attempt?.connectedAt ? Date.parse(attempt.connectedAt) : undefined
    if (answeredAt === undefined) {
      if (connectedAt !== undefined) contradictions++
    } else if (connectedAt === undefined) {
      happened.abandoned.push(Math.min(answeredAt + cell.graceMs, call.endedAt ?? Number.POSITIVE_INFINITY) - startedAt)
      if (attempt?.disposition && attempt.disposition !== 'abandoned') contradictions++
    } else {
      const endedAt = call.endedAt ?? Number.POSITIVE_INFINITY
      happened.connected.push(connectedAt - startedAt)
      happened.waits.push(connectedAt - answeredAt)
      happened.busy.push({ from: connectedAt - startedAt, to: endedAt + cell.wrapUpMs - startedAt })
      if (attempt?.disposition && attempt.disposition !== 'human_connected') contradictions++
    }
  }
  return { happened, startedAt, inviteMs, contradictions }
}
