/**
 * Writes what the pool decides about shifts to the database: sessions opened and closed, stretches that ended, what each
 * agent would come back to.
 * In order, so that a stretch never comes before its session, and gathered for a moment. While PostgreSQL is away the rows
 * wait here.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Db, isRefusedContent } from '../storage/database.ts'
import type { AgentEffect, Standing } from './agent-state.ts'
import { closeSession, insertStretches, keepStandings, openSession } from './agent-store.ts'

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

export interface ShiftRecordDeps {
  db: Db
  clock: Clock
  log: Log
  /** The switch on which the legs stand. */
  switchName: string
}

export function createShiftRecord({ db, clock, log, switchName }: ShiftRecordDeps): ShiftRecord {
  const waiting: Waiting[] = []
  /** By session; written after the rows that wait, of one session only the last. */
  let standings = new Map<string, Standing>()
  let writing: Promise<void> | undefined
  /** A write is planned: rows are gathered, or a failed one is tried again later. */
  let planned = false

  /** Until nothing waits, or the database is away. */
  async function writeAll() {
    for (let goesOn = true; goesOn && (waiting.length > 0 || standings.size > 0); )
      goesOn = await (waiting.length > 0 ? writeBatch() : writeStandings())
    writing = undefined
  }

  async function writeBatch(): Promise<boolean> {
    const batch = nextBatch()
    try {
      await write(batch)
      waiting.splice(0, batch.length)
      return true
    } catch (error) {
      if (isRefusedContent(error)) return !(await isPoisoned(batch, error))
      log.warn({ rows: waiting.length, reason: messageOf(error) }, 'rows of shifts wait for the database')
      plan(RETRY_MS)
      return false
    }
  }

  async function writeStandings(): Promise<boolean> {
    const written = standings
    standings = new Map()
    try {
      await keepStandings(db, written)
      return true
    } catch (error) {
      // A newer one of the same session is not overwritten.
      standings = new Map([...written, ...standings])
      log.warn({ sessions: written.size, reason: messageOf(error) }, 'the standing of agents waits for the database')
      plan(RETRY_MS)
      return false
    }
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
    if (waiting.length > 0 || standings.size > 0) writing ??= writeAll()
  }

  async function write(batch: Waiting[]) {
    const [first] = batch
    if (first?.effect.do === 'open_session') {
      const { session, at } = first.effect
      await openSession(db, { session, agentId: first.agentId, switchName, at: new Date(at) })
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
      if (effect.do === 'keep_standing') {
        standings.set(effect.sessionId, effect.standing)
        // A pause is the agent's own will: an engine that dies a moment later must not have forgotten it.
        const asked = effect.standing.phase === 'paused' || effect.standing.next !== undefined
        return asked ? begin() : plan(GATHER_MS)
      }
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
