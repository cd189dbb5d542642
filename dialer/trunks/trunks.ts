/**
 * The trunks: kept in the database, pushed to the switch at every change and again when the switch comes back.
 * Holds the safety catch: without live dialing a trunk that leaves this machine is neither stored nor pushed.
 * Its password goes to the switch and to nobody else. Called by the API and, after `up`, by main.ts.
 */
import { OutpaceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import { type Telephony, TelephonyError } from '../telephony/telephony.ts'
import { lacksFromUser, mayDial, type Trunk, type TrunkPatch, type TrunkView, viewOf } from './trunk.ts'
import { deleteTrunk, findTrunk, findTrunkUse, insertTrunk, listTrunks, lockTrunk, updateTrunk } from './trunk-store.ts'

export type Trunks = ReturnType<typeof createTrunks>

export function createTrunks(deps: {
  pool: Pool
  telephony: Pick<Telephony, 'putTrunk' | 'removeTrunk'>
  liveDialing: boolean
  log: Log
}) {
  const { pool, telephony, liveDialing, log } = deps

  function check(trunk: Trunk): void {
    if (lacksFromUser(trunk)) {
      throw new OutpaceError('bad_request', {
        problem: `presentation: with ${trunk.presentation} From needs a user of its own, so set fromUser or username`,
      })
    }
    if (!mayDial(trunk.host, liveDialing)) throw new OutpaceError('live_dialing_off', { trunk: trunk.id, host: trunk.host })
  }

  /** A switch that is away gets it with pushAll when it is back; a switch that says no undoes the change. */
  async function push(trunk: Trunk): Promise<void> {
    try {
      if (trunk.enabled) await telephony.putTrunk(trunk)
      else await telephony.removeTrunk(trunk.id)
    } catch (error) {
      if (!(error instanceof TelephonyError)) throw error
      if (error.kind !== 'unreachable') {
        throw new OutpaceError('bad_request', { problem: `the switch refused the trunk: ${error.message}` }, error)
      }
      log.warn({ trunkId: trunk.id }, 'trunk stored; the switch gets it when it is back')
    }
  }

  return {
    create: (trunk: Trunk): Promise<TrunkView> =>
      inTransaction(pool, async (db) => {
        check(trunk)
        if (!(await insertTrunk(db, trunk))) throw new OutpaceError('already_exists', { what: 'trunk', id: trunk.id })
        await push(trunk)
        return viewOf(trunk)
      }),

    async list(): Promise<TrunkView[]> {
      return (await listTrunks(pool)).map(viewOf)
    },

    async get(id: string): Promise<TrunkView> {
      const trunk = await findTrunk(pool, id)
      if (!trunk) throw new OutpaceError('not_found', { what: 'trunk', id })
      return viewOf(trunk)
    },

    /** A field left out stays as it is, the password too. */
    change: (id: string, patch: TrunkPatch): Promise<TrunkView> =>
      inTransaction(pool, async (db) => {
        const before = await lockTrunk(db, id)
        if (!before) throw new OutpaceError('not_found', { what: 'trunk', id })
        const trunk: Trunk = { ...before, ...patch }
        check(trunk)
        await updateTrunk(db, trunk)
        await push(trunk)
        return viewOf(trunk)
      }),

    remove: (id: string): Promise<void> =>
      inTransaction(pool, async (db) => {
        const trunk = await lockTrunk(db, id)
        if (!trunk) throw new OutpaceError('not_found', { what: 'trunk', id })
        const use = await findTrunkUse(db, id)
        if (use.callerIds > 0) throw new OutpaceError('still_in_use', { what: 'trunk', id, user: `${use.callerIds} caller IDs` })
        if (use.hasAttempts) {
          throw new OutpaceError('still_in_use', {
            what: 'trunk',
            id,
            user: 'the record of its calls; set enabled to false instead',
          })
        }
        await deleteTrunk(db, id)
        await push({ ...trunk, enabled: false })
      }),

    /** Gives the switch every trunk it may dial over; one that is refused does not keep the others back. */
    async pushAll(): Promise<void> {
      for (const trunk of await listTrunks(pool)) {
        if (!trunk.enabled) continue
        if (!mayDial(trunk.host, liveDialing)) {
          log.warn({ trunkId: trunk.id }, 'trunk not given to the switch: it leaves this machine and live dialing is off')
          continue
        }
        await push(trunk).catch((error: unknown) => log.error({ err: error, trunkId: trunk.id }, 'the switch refused a trunk'))
      }
    },
  }
}
