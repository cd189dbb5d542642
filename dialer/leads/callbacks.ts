/**
 * Callbacks as supervisors and agents see them: what was promised to whom and when, what was missed, and changing or
 * cancelling it. Dials nothing. Called by the API.
 */

import { findAgent } from '../agents/agent-store.ts'
import { findCampaign } from '../campaigns/campaign-store.ts'
import type { Clock } from '../clock.ts'
import { OutpaceError } from '../errors.ts'
import { type Db, inTransaction, type Pool } from '../storage/database.ts'
import { callbackInstant } from './callback.ts'
import { type CallbackQuery, type CallbackRow, listCallbacks, lockCallback, writeCallback } from './callback-store.ts'
import { nextOpening } from './calling-window.ts'
import type { Holidays } from './holidays.ts'
import { dateText } from './wall-clock.ts'

export interface Callback extends Omit<CallbackRow, 'country' | 'state'> {
  /** planned: not due yet; due: waits for an agent; in_call; held: missed, a supervisor decides. */
  state: 'planned' | 'due' | 'in_call' | 'held'
  /** The time agreed on the contact's clock. */
  localTime: string
}

export interface CallbackChanges {
  /** ISO 8601; without an offset on the contact's clock. */
  callbackAt?: string
  /** null: anyone. */
  agentId?: string | null
}

export type Callbacks = ReturnType<typeof createCallbacks>

export function createCallbacks({ pool, clock, holidays }: { pool: Pool; clock: Clock; holidays: Holidays }) {
  const shown = ({ country: _, state, ...row }: CallbackRow): Callback => ({
    ...row,
    state:
      state === 'waiting'
        ? row.nextAttemptAt.getTime() > clock.now()
          ? 'planned'
          : 'due'
        : state === 'held'
          ? 'held'
          : 'in_call',
    localTime: dateText(row.callbackAt.getTime(), row.timeZone),
  })

  /** The callback, while it waits; nobody dials it until the transaction ends. */
  async function waiting(db: Db, id: number): Promise<CallbackRow> {
    const row = await lockCallback(db, id)
    if (!row) throw new OutpaceError('not_found', { what: 'callback', id })
    if (row.state === 'waiting' || row.state === 'held') return row
    throw new OutpaceError('wrong_state', {
      what: 'callback',
      state: 'being made',
      action: 'changing it',
      possible: 'nothing until the call is over',
    })
  }

  async function opening(db: Db, row: CallbackRow, from: number): Promise<number> {
    const campaign = await findCampaign(db, row.campaignId)
    return (campaign && nextOpening(from, row, campaign.settings.windows, holidays)) ?? from
  }

  return {
    list: async (query: CallbackQuery): Promise<Callback[]> => (await listCallbacks(pool, query)).map(shown),

    /** Another time, another agent, or both; the grace begins anew. */
    change: (id: number, changes: CallbackChanges): Promise<Callback> =>
      inTransaction(pool, async (db) => {
        const row = await waiting(db, id)
        const agentId = changes.agentId === undefined ? row.agentId : changes.agentId
        if (agentId !== null && !(await findAgent(db, agentId)))
          throw new OutpaceError('not_found', { what: 'agent', id: agentId })
        const agreed =
          changes.callbackAt === undefined
            ? row.callbackAt.getTime()
            : callbackInstant(changes.callbackAt, row.timeZone, clock.now())
        const nextAttemptAt = await opening(db, row, Math.max(agreed, clock.now()))
        await writeCallback(db, {
          ...{ leadId: id, callbackAt: new Date(agreed), agentId, nextAttemptAt: new Date(nextAttemptAt) },
          reason: 'The callback was changed by hand: called when agreed',
        })
        const after = await lockCallback(db, id)
        return shown(after ?? row)
      }),

    /** The lead goes on by the ordinary rules. */
    cancel: (id: number, why: string): Promise<{ id: number; nextAttemptAt: Date; reason: string }> =>
      inTransaction(pool, async (db) => {
        const row = await waiting(db, id)
        const nextAttemptAt = new Date(await opening(db, row, clock.now()))
        const reason = `The callback was cancelled (${why}); called by the ordinary rules`
        await writeCallback(db, { leadId: id, callbackAt: null, agentId: null, nextAttemptAt, reason })
        return { id, nextAttemptAt, reason }
      }),
  }
}
