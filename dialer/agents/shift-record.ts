/**
 * Writes what the pool decides about shifts to the database: sessions opened and closed, stretches that ended.
 * In order and one at a time, so that a stretch never comes before its session. While PostgreSQL is away the rows wait here.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Db, isRefusedContent } from '../storage/database.ts'
import type { AgentEffect } from './agent-state.ts'
import { closeSession, insertStretch, openSession } from './agent-store.ts'

const RETRY_MS = 1000

export interface ShiftRecord {
  take(told: { agentId: string; effect: AgentEffect }): void
  /** Resolves when all that was taken so far is written, or could not be at the first try. */
  settled(): Promise<void>
}

export function createShiftRecord({ db, clock, log }: { db: Db; clock: Clock; log: Log }): ShiftRecord {
  const waiting: { agentId: string; effect: AgentEffect }[] = []
  let writing: Promise<void> | undefined
  /** After a failed try, until the next. */
  let pausing = false

  async function writeAll() {
    for (let next = waiting[0]; next; next = waiting[0]) {
      try {
        await write(next.agentId, next.effect)
        waiting.shift()
      } catch (error) {
        if (isRefusedContent(error)) {
          log.error(
            { agentId: next.agentId, row: next.effect.do, reason: messageOf(error) },
            'row of a shift refused by the database',
          )
          waiting.shift()
        } else {
          log.warn({ rows: waiting.length, reason: messageOf(error) }, 'rows of shifts wait for the database')
          pausing = true
          clock.after(RETRY_MS, () => {
            pausing = false
            begin()
          })
          break
        }
      }
    }
    writing = undefined
  }

  function begin() {
    if (waiting.length > 0 && !pausing) writing ??= writeAll()
  }

  async function write(agentId: string, effect: AgentEffect) {
    if (effect.do === 'open_session') {
      const { sessionId: id, campaignId, via } = effect.session
      await openSession(db, { id, agentId, campaignId, via, at: new Date(effect.at) })
    } else if (effect.do === 'close_session') {
      await closeSession(db, { id: effect.sessionId, at: new Date(effect.at), reason: effect.reason })
    } else if (effect.do === 'keep_stretch') {
      await insertStretch(db, { ...effect, beganAt: new Date(effect.beganAt), endedAt: new Date(effect.endedAt) })
    }
  }

  return {
    take(told) {
      const { effect } = told
      if (effect.do !== 'open_session' && effect.do !== 'close_session' && effect.do !== 'keep_stretch') return
      waiting.push(told)
      begin()
    },
    settled: async () => writing,
  }
}
