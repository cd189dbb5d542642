/**
 * The health of the numbers, checked by the calendar (main.ts): reads the calls, asks the rules (health.ts, rest.ts), and
 * changes states with their reasons. Every few minutes for blocks, failing runs and the ends of rests; once a night for answer
 * rates, whose test is made for one look a day. One process of the engine does it at a time. Also tells the API what was found.
 */
import type { Clock } from '../clock.ts'
import type { Coordination } from '../cluster/coordination.ts'
import { OutpaceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import type { CallerId, Caps } from './caller-id.ts'
import { countUses, findCallerId, type HistoryEntry, listHistory, listNotRetired, lockCallerId } from './caller-id-store.ts'
import { recordChange } from './caller-ids.ts'
import { capsOf, type Uses, unused } from './caps.ts'
import { changeState } from './change-state.ts'
import {
  didNotGetThrough,
  type Finding,
  type HealthReport,
  healthWindowDays,
  judgeAnswerRates,
  judgeBlocks,
  judgeRun,
  noCalls,
  saysNothingOfAnswering,
  shortestRun,
} from './health.ts'
import * as store from './health-store.ts'
import { adviceFor, type PlannedChange, planChanges } from './rest.ts'

export interface HealthView {
  callerId: CallerId
  /** What to do about it; null: nothing. */
  advice: string | null
  /** Attempts in the last 24 hours and the last hour, and what is allowed now; a limit that is null does not exist. */
  uses: Uses
  caps: Caps
  /** Of the last check; null: not checked yet. */
  checkedAt: Date | null
  report: HealthReport | null
  /** Newest first. */
  history: HistoryEntry[]
}

export interface HealthCheck {
  /** Returns what was changed; undefined: another process is at it. */
  check(how: 'by_day' | 'by_night'): Promise<PlannedChange[] | undefined>
  view(id: number): Promise<HealthView>
  withAdvice(callerIds: CallerId[]): Promise<(CallerId & { advice: string | null })[]>
}

export interface HealthCheckDeps {
  pool: Pool
  clock: Clock
  coordination: Pick<Coordination, 'lease'>
  log: Log
}

const dayMs = 86_400_000
const leaseMs = 60_000
const historyLength = 100
/** Runs of failures are looked for in the calls of one day. */
const runWindowMs = dayMs
const restMemoryMs = 182 * dayMs

const actedOn: Readonly<Record<'by_day' | 'by_night', ReadonlySet<Finding['what']>>> = {
  by_day: new Set(['failing', 'blocked']),
  by_night: new Set(['failing', 'blocked', 'low_answer_rate']),
}

export function createHealthCheck({ pool, clock, coordination, log }: HealthCheckDeps): HealthCheck {
  const ago = (ms: number) => new Date(clock.now() - ms)

  /** By day the answer rates of the last night stand. */
  async function judgeAll(how: 'by_day' | 'by_night') {
    const window = { since: ago(healthWindowDays * dayMs), without: saysNothingOfAnswering }
    const callerIds = await listNotRetired(pool)
    const ids = callerIds.map(({ id }) => id)
    const known = await store.listReports(pool, ids)
    const rates = how === 'by_night' ? judgeAnswerRates(await store.readStrata(pool, window)) : undefined
    const blocks = await store.countBlocks(pool, window)
    const runs = await store.readRuns(pool, { since: ago(runWindowMs), failures: didNotGetThrough, atLeast: shortestRun })
    const rests = await store.countRests(pool, ago(restMemoryMs))
    return callerIds.map((callerId) => {
      const { id } = callerId
      const [blocked, run] = [blocks.get(id), runs.get(id)]
      const report: HealthReport = {
        answerRate: (rates ? rates.get(id) : standing(callerId, known.get(id)).answerRate) ?? noCalls.answerRate,
        blocked: blocked ? judgeBlocks(blocked) : noCalls.blocked,
        failing: run ? judgeRun(run) : noCalls.failing,
      }
      return { callerId, report, earlierRests: rests.get(id) ?? 0 }
    })
  }

  /** Unless somebody changed it meanwhile: then he knows better. */
  async function perform({ callerId, change }: PlannedChange): Promise<void> {
    await inTransaction(pool, async (db) => {
      const before = await lockCallerId(db, callerId.id)
      if (before?.state === callerId.state) await recordChange(db, before, changeState(before, change), null)
    })
    log.info({ callerIdId: callerId.id, state: change.to, reason: change.reason }, 'a caller ID changed its state')
  }

  /** What was found before a number came back is nothing to hold against it. */
  const standing = ({ judgedSince }: CallerId, checked: store.CheckedReport | undefined) =>
    checked && checked.at > judgedSince ? checked.report : noCalls

  async function judgedOf(callerIds: CallerId[]) {
    const reports = await store.listReports(
      pool,
      callerIds.map(({ id }) => id),
    )
    const rests = await store.countRests(pool, ago(restMemoryMs))
    return callerIds.map((callerId) => ({
      callerId,
      checked: reports.get(callerId.id),
      advice: adviceFor({
        callerId,
        report: standing(callerId, reports.get(callerId.id)),
        earlierRests: rests.get(callerId.id) ?? 0,
      }),
    }))
  }

  return {
    async check(how) {
      const lease = await coordination.lease('caller-id-health', leaseMs)
      if (!lease) return undefined
      try {
        const at = new Date(clock.now())
        const judged = await judgeAll(how)
        await store.saveReports(
          pool,
          judged.map(({ callerId, report }) => ({ id: callerId.id, report })),
          at,
        )
        const changes = planChanges(judged, actedOn[how], at)
        for (const change of changes) await perform(change)
        return changes
      } finally {
        await lease.release()
      }
    },

    async view(id) {
      const callerId = await findCallerId(pool, id)
      if (!callerId) throw new OutpaceError('not_found', { what: 'caller ID', id })
      const at = clock.now()
      const [judged] = await judgedOf([callerId])
      const uses = await countUses(pool, { pool: callerId.pool, at: new Date(at) })
      return {
        callerId,
        advice: judged?.advice ?? null,
        uses: uses.get(id) ?? unused,
        caps: capsOf(callerId, at),
        checkedAt: judged?.checked?.at ?? null,
        report: judged?.checked?.report ?? null,
        history: await listHistory(pool, id, historyLength),
      }
    },

    async withAdvice(callerIds) {
      return (await judgedOf(callerIds)).map(({ callerId, advice }) => ({ ...callerId, advice }))
    },
  }
}
