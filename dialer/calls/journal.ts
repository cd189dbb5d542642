/**
 * The write-behind journal: what happened to calls, written to PostgreSQL in order and in batches, off the path of the audio.
 * PostgreSQL away: entries wait here and are written afterwards, none lost. An entry that PostgreSQL refuses for its
 * content is set aside and logged, so that one poisoned call holds nothing up; its attempt ends all the same, without what
 * was refused.
 * An end is one statement: attempt, lead, ledger, the person's rest (call-store.ts).
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { addSuppressions, type NewSuppression } from '../leads/suppression-store.ts'
import type { Log } from '../log.ts'
import { isRefusedContent, type Pool } from '../storage/database.ts'
import type { AnswerFacts } from './call.ts'
import { type EndedAttempt, endBarely, markProgress, writeEnds } from './call-store.ts'
import type { DetectionRecord } from './detection-record.ts'
import { insertDetections } from './detection-store.ts'

export type JournalEntry =
  | { kind: 'progress'; id: string; facts: AnswerFacts }
  /** He pressed the key for it: barred, whatever the call still brings. */
  | { kind: 'opt_out'; id: string; contactId: number; number: string }
  | ({ kind: 'ended' } & EndedAttempt)
  | { kind: 'detection'; record: DetectionRecord }

export interface Journal {
  add(entry: JournalEntry): void
  /** Resolves when all that was added so far is written. */
  settled(): Promise<void>
  /** Writes no more and returns what is not written yet, in order. */
  giveUp(): JournalEntry[]
  readonly pending: number
}

const attemptOf = (entry: JournalEntry) => (entry.kind === 'detection' ? entry.record.attemptId : entry.id)

/** Gathers what happens together into one write; a talk's record may be this late. */
const gatherMs = 100
const batchLimit = 500
const retryAfterMs = 500

/** The contact on all his phones, and the number for whoever answers it. */
function barred({ contactId, number }: { contactId: number; number: string }): NewSuppression[] {
  const reason = 'The contact asked by a key not to be called any more'
  const common = { list: 'internal', kind: 'do_not_call', creditor: null, until: null, reason, externalId: null } as const
  return [
    { ...common, number: null, contactId },
    { ...common, number, contactId: null },
  ]
}

/** In order of the calls' lives: progress before ends. Of one call's progress the last says it all. */
async function write(pool: Pool, entries: JournalEntry[]): Promise<void> {
  const ends = entries.filter((entry) => entry.kind === 'ended')
  const ended = new Set(ends.map((entry) => entry.id))
  const progress = new Map(
    entries.flatMap((entry) => (entry.kind === 'progress' && !ended.has(entry.id) ? [[entry.id, entry]] : [])),
  )
  const optOuts = entries.filter((entry) => entry.kind === 'opt_out')
  if (optOuts.length > 0) await addSuppressions(pool, optOuts.flatMap(barred))
  if (progress.size > 0) await markProgress(pool, [...progress.values()])
  if (ends.length > 0) await writeEnds(pool, ends)
  const detections = entries.flatMap((entry) => (entry.kind === 'detection' ? [entry.record] : []))
  if (detections.length > 0) await insertDetections(pool, detections)
}

export function createJournal({ pool, clock, log }: { pool: Pool; clock: Clock; log: Log }): Journal {
  const queue: JournalEntry[] = []
  let waiters: (() => void)[] = []
  let running = false

  async function writeBatch(): Promise<void> {
    const batch = queue.slice(0, batchLimit)
    try {
      await write(pool, batch)
      queue.splice(0, batch.length)
    } catch (error) {
      if (!isRefusedContent(error)) throw error
      for (const entry of batch) {
        await write(pool, [entry]).catch((refusal) => {
          if (!isRefusedContent(refusal)) throw refusal
          log.error(
            { attemptId: attemptOf(entry), kind: entry.kind, err: messageOf(refusal) },
            'journal entry refused by the database',
          )
          if (entry.kind === 'ended') return endBarely(pool, entry)
        })
        queue.shift()
      }
    }
  }

  async function run(): Promise<void> {
    while (queue.length > 0) {
      try {
        await writeBatch()
      } catch (error) {
        log.warn({ err: messageOf(error), pending: queue.length }, 'journal waits for the database')
        await new Promise<void>((resolve) => clock.after(retryAfterMs, resolve))
      }
    }
    running = false
    for (const resolve of waiters) resolve()
    waiters = []
  }

  return {
    add(entry) {
      queue.push(entry)
      if (running) return
      running = true
      clock.after(gatherMs, () => void run())
    },
    settled: () => (running ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve()),
    giveUp: () => queue.splice(0),
    get pending() {
      return queue.length
    },
  }
}
