/**
 * Keeps calls in line with debts: who owes nothing any more is not rung, does not wait for an agent, and is not called again.
 * `settle` acts at once on what this process was told; the look, a few times a second, finds what others wrote (an import,
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

const lookMs = 400
/** Contacts of calls that ended are gathered for so long: one statement for many. */
const followMs = 1000
const why = 'the last open debt was paid, disputed or withdrawn while the call was on its way'
/** A talk goes on; what is ending ends. */
const onTheWay: ReadonlySet<CallView['state']> = new Set<CallView['state']>([
  ...['placing', 'ringing', 'detecting', 'waiting', 'connecting'],
  ...['announcing', 'awaiting_beep', 'leaving'],
] as const)

export function createSettledCalls({ pool, engine, journal, clock, log }: SettledCallsDeps): SettledCalls {
  let stopped = false
  /** Contacts of calls that ended, whose leads are to be looked at. */
  const ended = new Set<number>()
  const settle = (contactIds: number[]) => engine.settle(new Set(contactIds), why)

  async function look(): Promise<void> {
    const called = [...engine.live()].filter(({ state }) => onTheWay.has(state)).map(({ contactId }) => contactId)
    if (called.length === 0) return
    const settled = await listSettled(pool, called)
    if (settled.length > 0 && !stopped) settle(settled)
  }

  /** Their leads were in a call when the news came, and now have a plan that does not know of it. */
  async function followEnded(): Promise<void> {
    if (ended.size === 0) return
    const contactIds = [...ended]
    ended.clear()
    try {
      await journal.settled()
      await followDebts(pool, contactIds, new Date(clock.now()))
    } catch (error) {
      for (const contactId of contactIds) ended.add(contactId)
      throw error
    }
  }

  function every(ms: number, task: () => Promise<void>): void {
    clock.after(ms, () => {
      if (stopped) return
      void task()
        .catch((error: unknown) => log.warn({ err: messageOf(error) }, 'calls and leads cannot follow debts now'))
        .finally(() => every(ms, task))
    })
  }

  engine.onEnded(({ plan, outcome }) => {
    if (outcome.facts || outcome.disposition === 'settled') ended.add(plan.lead.contactId)
  })

  return {
    start() {
      every(lookMs, look)
      every(followMs, followEnded)
    },
    stop() {
      stopped = true
    },
    settle,
  }
}
