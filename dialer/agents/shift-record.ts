/**
 * Writes what the pool decides about shifts to the database: sessions opened and closed, stretches that ended.
 * In order, so that a stretch never comes before its session, and gathered for a moment. While PostgreSQL is away the rows
 * wait here.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Db, isRefusedContent } from '../storage/database.ts'
import type { AgentEffect } from './agent-state.ts'
import { closeSession, insertStretches, openSession } from './agent-store.ts'

const RETRY_MS = 1000
/** Stretches of this long go into one write: an agent changes his state several times a call. */
const GATHER_MS = 1000
const BATCH_LIMIT = 500

export interface ShiftRecord {
  take(told: { agentId: string; effect: AgentEffect }): void
  /** Resolves when all that was taken so far is written, or could not be at the first try. */
  settled(): Promise<void>
}

type Row = Extract<AgentEffect, { do: 'open_session' | 'close_session' | 'keep_stretch' }>
interface Waiting {
  agentId: string
  effect: Row
}

export function createShiftRecord({ db, clock, log }: { db: Db; clock: Clock; log: Log }): ShiftRecord {
  const waiting: Waiting[] = []
  let writing: Promise<void> | undefined
  /** A write is planned: rows are gathered, or a failed one is tried again later. */
  let planned = false

  async function writeAll() {
    while (waiting.length > 0) {
      const batch = nextBatch()
      try {
        await write(batch)
        waiting.splice(0, batch.length)
      } catch (error) {
        if (!isRefusedContent(error)) {
          log.warn({ rows: waiting.length, reason: messageOf(error) }, 'rows of shifts wait for the database')
          plan(RETRY_MS)
          break
        }
        if (await isPoisoned(batch, error)) break
      }
    }
    writing = undefined
  }

  /** A batch with a refused row in it is written row by row, without that row. True when the database went away meanwhile. */
  async function isPoisoned(batch: Waiting[], refusal: unknown): Promise<boolean> {
    for (const row of batch) {
      try {
        if (batch.length === 1) throw refusal
        await write([row])
      } catch (error) {
        if (!isRefusedContent(error)) {
          plan(RETRY_MS)
          return true
        }
        const fields = { agentId: row.agentId, row: row.effect.do, reason: messageOf(error) }
        log.error(fields, 'row of a shift refused by the database')
      }
      waiting.shift()
    }
    return false
  }

  /** Stretches that follow one another go together; sessions go alone. */
  function nextBatch(): Waiting[] {
    const end = waiting.findIndex(({ effect }) => effect.do !== 'keep_stretch')
    return waiting.slice(0, Math.min(BATCH_LIMIT, end === -1 ? waiting.length : Math.max(1, end)))
  }

  function plan(delayMs: number) {
    if (planned) return
    planned = true
    clock.after(delayMs, () => {
      planned = false
      begin()
    })
  }

  /** Not without a row: `writeAll` would be over before it is remembered as going on. */
  function begin() {
    if (waiting.length > 0) writing ??= writeAll()
  }

  async function write(batch: Waiting[]) {
    const [first] = batch
    if (first?.effect.do === 'open_session') {
      const { sessionId: id, campaignId, via } = first.effect.session
      await openSession(db, { id, agentId: first.agentId, campaignId, via, at: new Date(first.effect.at) })
    } else if (first?.effect.do === 'close_session') {
      await closeSession(db, { id: first.effect.sessionId, at: new Date(first.effect.at), reason: first.effect.reason })
    } else {
      await insertStretches(
        db,
        batch.flatMap(({ effect }) => (effect.do === 'keep_stretch' ? [effect] : [])),
      )
    }
  }

  return {
    take({ agentId, effect }) {
      if (effect.do !== 'open_session' && effect.do !== 'close_session' && effect.do !== 'keep_stretch') return
      waiting.push({ agentId, effect })
      // A session is known to the database at once: it is how the next start finds the legs of an engine that died.
      if (effect.do === 'keep_stretch') plan(GATHER_MS)
      else begin()
    },
    settled() {
      begin()
      return writing ?? Promise.resolve()
    },
  }
}
