/**
 * Commits the attempts of one tick before the switch is asked. One lead whose data the database refuses is put aside and
 * keeps nobody else from being called; a later engine's fence stops us. Called by place-call.ts.
 */
import { insertAttempts, type NewAttempt, type Standpoint } from '../calls/call-store.ts'
import { isRefusedContent, type Pool } from '../storage/database.ts'
import { readFence } from './campaign-store.ts'

export interface Committed {
  written: Set<string>
  /** Attempts that can never be written as they are. */
  refused: Set<string>
  /** Another engine dials the campaign by now. */
  outrun: boolean
}

export async function commitAttempts(
  pool: Pool,
  campaignId: string,
  plans: NewAttempt[],
  standpoint: Standpoint,
): Promise<Committed> {
  const committed: Committed = { written: new Set(), refused: new Set(), outrun: false }
  if (plans.length === 0) return committed
  try {
    committed.written = await insertAttempts(pool, plans, standpoint)
  } catch (error) {
    if (!isRefusedContent(error)) throw error
    for (const plan of plans) {
      try {
        for (const id of await insertAttempts(pool, [plan], standpoint)) committed.written.add(id)
      } catch (refusal) {
        if (!isRefusedContent(refusal)) throw refusal
        committed.refused.add(plan.id)
      }
    }
  }
  if (committed.written.size === 0) committed.outrun = (await readFence(pool, campaignId)) > standpoint.fence
  return committed
}
