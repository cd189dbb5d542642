/**
 * Proves that people who call a number of ours back reach us: a test call over its trunk, from another of our numbers, must
 * come in again (route-call.ts). Only such numbers are dialed from. One by one on request, a pool in the background, and
 * all that were proven long ago by the calendar (main.ts). The result is kept with its reason in the number's history.
 */
import type { CallEngine } from '../calls/engine.ts'
import type { Clock } from '../clock.ts'
import { messageOf, OutpaceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import { TelephonyError } from '../telephony/telephony.ts'
import type { TrunkLimits, TrunkLines } from '../trunks/trunk-lines.ts'
import { findTrunk } from '../trunks/trunk-store.ts'
import type { CallerId } from './caller-id.ts'
import { findCallerId, findNumberToCallFrom, listRoutesToTest, lockCallerId } from './caller-id-store.ts'
import { recordChange } from './caller-ids.ts'
import type { RouteCalls, RouteVerdict } from './route-call.ts'

export interface RouteTests {
  /** Resolves with the number as it stands after the test. */
  test(id: number, actor: string): Promise<CallerId>
  /** In the background: those of the pool that were not proven yet. Returns how many. */
  testPool(poolName: string): Promise<number>
  /** In the background: those whose proof is old. */
  testAgain(): Promise<void>
}

export interface RouteTestDeps {
  pool: Pool
  calls: RouteCalls
  trunkLines: TrunkLines
  engine: Pick<CallEngine, 'count'>
  clock: Clock
  log: Log
}

/** A proof is renewed after this time: numbers are moved, and contracts end. */
const proofMaxAgeMs = 30 * 86_400_000
/** Numbers taken into the background at once. */
const queueLength = 1000
const roomWaitMs = 20_000
const roomLookMs = 250
const secondTryMs = 10 * 60_000

export function createRouteTests({ pool, calls, trunkLines, engine, clock, log }: RouteTestDeps): RouteTests {
  const running = new Map<number, Promise<CallerId>>()
  /** In the background: whether a failure counts at once. */
  const waiting = new Map<number, 'first' | 'second'>()
  let working = false

  const later = (ms: number) => new Promise<void>((done) => clock.after(ms, done))

  async function call(callerId: CallerId): Promise<RouteVerdict> {
    const { trunkId, number } = callerId
    const trunk = await findTrunk(pool, trunkId)
    if (!trunk?.enabled) throw notNow(`the trunk ${trunkId} is switched off`)
    await lineOf(trunk)
    const from = (await findNumberToCallFrom(pool, callerId)) ?? number
    try {
      return await calls.place({ trunkId, number, from })
    } catch (error) {
      if (error instanceof TelephonyError) throw notNow(error.message)
      throw error
    }
  }

  /** A test is a call like others: it waits for the trunk's channels and rate. */
  async function lineOf(trunk: TrunkLimits): Promise<void> {
    for (const giveUpAt = clock.now() + roomWaitMs; ; await later(roomLookMs)) {
      const room = await trunkLines.take([trunk], 1, (id) => engine.count({ trunkId: id }))
      if (room.get(trunk.id)) return
      if (clock.now() >= giveUpAt) throw notNow(`the trunk ${trunk.id} has no room`)
    }
  }

  async function run(id: number, actor: string | null, doubt?: () => void): Promise<CallerId> {
    const callerId = await findCallerId(pool, id)
    if (!callerId) throw new OutpaceError('not_found', { what: 'caller ID', id })
    const { passed, reason } = await call(callerId)
    if (!passed && callerId.inboundRoute === 'passed' && doubt) {
      doubt()
      return callerId
    }
    const after = await inTransaction(pool, async (db) => {
      const before = await lockCallerId(db, id)
      if (!before) throw new OutpaceError('not_found', { what: 'caller ID', id })
      const at = new Date(clock.now())
      const tested: CallerId = {
        ...before,
        inboundRoute: passed ? 'passed' : 'failed',
        inboundRouteAt: at,
        inboundRouteReason: reason,
      }
      await recordChange(db, before, tested, actor)
      return tested
    })
    log.info({ callerIdId: id, passed }, 'an inbound route was tested')
    return after
  }

  /** A number is in one test at a time; who asks meanwhile gets the same answer. */
  function test(id: number, actor: string | null, doubt?: () => void): Promise<CallerId> {
    const known = running.get(id)
    if (known) return known
    const started = run(id, actor, doubt).finally(() => running.delete(id))
    running.set(id, started)
    return started
  }

  async function work(): Promise<void> {
    if (working) return
    working = true
    for (const [id, turn] of waiting) {
      waiting.delete(id)
      await test(id, null, turn === 'first' ? () => doubt(id) : undefined).catch((error: unknown) =>
        log.warn({ callerIdId: id, err: messageOf(error) }, 'an inbound route could not be tested'),
      )
    }
    working = false
  }

  function queue(ids: number[], turn: 'first' | 'second' = 'first'): void {
    for (const id of ids) waiting.set(id, turn)
    void work()
  }

  /** A proof is not thrown away for a bad minute of the carrier. */
  function doubt(id: number): void {
    clock.after(secondTryMs, () => queue([id], 'second'))
  }

  return {
    test: (id, actor) => test(id, actor),
    async testPool(poolName) {
      const ids = await listRoutesToTest(pool, { pool: poolName, provenBefore: null, limit: queueLength })
      queue(ids)
      return ids.length
    },
    async testAgain() {
      const provenBefore = new Date(clock.now() - proofMaxAgeMs)
      queue(await listRoutesToTest(pool, { pool: null, provenBefore, limit: queueLength }))
    },
  }
}

const notNow = (state: string) =>
  new OutpaceError('wrong_state', {
    what: 'inbound route',
    state: `not testable: ${state}`,
    action: 'a test call',
    possible: 'later',
  })
