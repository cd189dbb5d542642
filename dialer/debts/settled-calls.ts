/**
 * Keeps calls in line with debts: who owes nothing any more is not rung, does not wait for an agent, and is not called again.
 * `settle` acts at once on what this process was told; the look, five times a second, finds what others wrote (an import,
 * another process, a call that began in the moment of the update). Asks the database only while somebody is called.
 */
import type { CallEngine, CallView } from '../calls/engine.ts'
import type { Journal } from '../calls/journal.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Pool } from '../storage/database.ts'
import { followDebts, listSettled } from './debt-store.ts'

export interface SettledCalls {
  start(): void
  stop(): void
  settle(contactIds: number[]): void
}

export interface SettledCallsDeps {
  pool: Pool
  engine: Pick<CallEngine, 'live' | 'settle' | 'onEnded'>
  journal: Pick<Journal, 'settled'>
  clock: Clock
  log: Log
}

const lookMs = 200
const why = 'the last open debt was paid, disputed or withdrawn while the call was on its way'
/** A talk goes on; what is ending ends. */
const onTheWay: ReadonlySet<CallView['state']> = new Set(['placing', 'ringing', 'detecting', 'waiting', 'connecting'])

export function createSettledCalls({ pool, engine, journal, clock, log }: SettledCallsDeps): SettledCalls {
  let stopped = false
  const settle = (contactIds: number[]) => engine.settle(new Set(contactIds), why)

  async function look(): Promise<void> {
    const called = [...engine.live()].filter(({ state }) => onTheWay.has(state)).map(({ contactId }) => contactId)
    if (called.length === 0) return
    const settled = await listSettled(pool, called)
    if (settled.length > 0 && !stopped) settle(settled)
  }

  function schedule(): void {
    clock.after(lookMs, () => {
      if (stopped) return
      void look()
        .catch((error: unknown) => log.warn({ err: messageOf(error) }, 'cannot see whether debts of those called are settled'))
        .finally(schedule)
    })
  }

  /** Its lead was in a call when the news came, and now has a plan that does not know of it. */
  engine.onEnded(({ plan, outcome }) => {
    if (!outcome.facts && outcome.disposition !== 'settled') return
    journal
      .settled()
      .then(() => followDebts(pool, [plan.lead.contactId], new Date(clock.now())))
      .catch((error: unknown) => log.warn({ attemptId: plan.id, err: messageOf(error) }, 'a lead does not follow its debts'))
  })

  return {
    start: schedule,
    stop() {
      stopped = true
    },
    settle,
  }
}
