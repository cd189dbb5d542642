/**
 * Watches over the callbacks agreed with agents: each agent is told when his is due, and of one whose agent was not free within
 * the grace, what the campaign's settings say is done, with its reason (leads/callback.ts decides). Dials nothing:
 * place-call.ts does. Called by campaign-run.ts every few seconds.
 */
import type { AgentEvents } from '../agents/agent-events.ts'
import type { Clock } from '../clock.ts'
import { afterMiss } from '../leads/callback.ts'
import { type DueCallback, listDueForAgents, lockMissed, writeMissed } from '../leads/callback-store.ts'
import type { Holidays } from '../leads/holidays.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import type { Campaign } from './campaign.ts'

export interface CallbackWatch {
  /** Returns how many were missed. */
  look(campaign: Campaign): Promise<number>
}

export interface CallbackWatchDeps {
  pool: Pool
  clock: Clock
  holidays: Holidays
  /** The agents' desks. */
  desks: Pick<AgentEvents, 'publish'>
}

const atOnce = 500

export function createCallbackWatch({ pool, clock, holidays, desks }: CallbackWatchDeps): CallbackWatch {
  /** Told to their agents, of those that are due now. */
  let told = new Set<string>()

  function tell(due: DueCallback[]): void {
    const keyOf = ({ leadId, agentId, callbackAt }: DueCallback) => `${leadId} ${agentId} ${callbackAt.getTime()}`
    for (const callback of due) {
      if (told.has(keyOf(callback))) continue
      const { agentId, callbackAt, ...whom } = callback
      desks.publish(agentId, { type: 'callback_due', at: clock.now(), callbackAt: callbackAt.getTime(), ...whom })
    }
    told = new Set(due.map(keyOf))
  }

  return {
    async look({ id, settings }) {
      const at = clock.now()
      const dueBefore = new Date(at - settings.callbacks.graceMinutes * 60_000)
      const missed = await inTransaction(pool, async (db) => {
        const rows = await lockMissed(db, { campaignId: id, dueBefore, limit: atOnce })
        const decided = rows.map(({ leadId, ...callback }) => ({ leadId, after: afterMiss(callback, settings, at, holidays) }))
        if (decided.length > 0) await writeMissed(db, decided)
        return decided.length
      })
      tell(await listDueForAgents(pool, { campaignId: id, at: new Date(at), limit: atOnce }))
      return missed
    },
  }
}
