/**
 * The write-behind journal: what happened to calls, written to PostgreSQL in order and in batches, off the path of the audio.
 * PostgreSQL away: entries wait here and are written afterwards, none lost. An entry that PostgreSQL refuses for its
 * content is set aside and logged, so that one poisoned call holds nothing up.
 * An end is one transaction: attempt, lead, ledger, the person's rest.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { LeadPlan } from '../leads/lead.ts'
import type { Log } from '../log.ts'
import { inTransaction, isRefusedContent, type Pool } from '../storage/database.ts'
import type { AnswerFacts, Outcome } from './call.ts'
import { enterLedger, markAnswered, markConnected, markEnded, markPhones, planLeads, restFromPredictive } from './call-store.ts'

export type JournalEntry =
  | { kind: 'answered'; id: string; facts: AnswerFacts }
  | { kind: 'connected'; id: string; facts: AnswerFacts }
  | {
      kind: 'ended'
      id: string
      leadId: number
      contactId: number
      campaignId: string
      phoneId: number
      outcome: Outcome
      plan: LeadPlan
    }

export interface Journal {
  add(entry: JournalEntry): void
  /** Resolves when all that was added so far is written. */
  settled(): Promise<void>
  readonly pending: number
}

const hour = 3_600_000
const restAfterAbandonedMs = 72 * hour
/** Gathers what happens together into one write; a talk's record may be this late. */
const gatherMs = 20
const batchLimit = 500
const retryAfterMs = 500

const of = <K extends JournalEntry['kind']>(entries: JournalEntry[], kind: K) =>
  entries.filter((entry): entry is Extract<JournalEntry, { kind: K }> => entry.kind === kind)

async function write(pool: Pool, entries: JournalEntry[]): Promise<void> {
  const ended = of(entries, 'ended')
  const abandoned = ended.filter((entry) => entry.outcome.ledger === 'abandoned')
  const learnt = ended.flatMap(({ phoneId, plan }) => (plan.phoneState ? [{ id: phoneId, state: plan.phoneState }] : []))
  await inTransaction(pool, async (db) => {
    await markAnswered(db, of(entries, 'answered'))
    await markConnected(db, of(entries, 'connected'))
    if (ended.length === 0) return
    await markEnded(db, ended)
    await planLeads(db, ended)
    await enterLedger(db, ended)
    const last = Math.max(...ended.map((entry) => entry.outcome.endedAt))
    if (abandoned.length > 0)
      await restFromPredictive(
        db,
        abandoned.map((entry) => entry.contactId),
        new Date(last + restAfterAbandonedMs),
      )
    if (learnt.length > 0) await markPhones(db, learnt)
  })
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
          log.error({ attemptId: entry.id, kind: entry.kind, err: messageOf(refusal) }, 'journal entry refused by the database')
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
    get pending() {
      return queue.length
    },
  }
}
