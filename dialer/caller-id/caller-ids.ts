/**
 * The caller IDs: created in bulk, moved between pools, rested and retired; never deleted, because people call back.
 * Country, area and line type come from the number itself. A number is dialed from only when its inbound route was tested
 * (route-test.ts) or a supervisor vouches for it. Called by the API; the choice for an attempt is choose.ts.
 */
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { OutpaceError } from '../errors.ts'
import { parsePhone } from '../leads/phone.ts'
import { type Db, inTransaction, type Pool } from '../storage/database.ts'
import { findTrunk } from '../trunks/trunk-store.ts'
import { homeOf } from './area.ts'
import { type CallerId, callerIdStates } from './caller-id.ts'
import * as store from './caller-id-store.ts'
import { changeState } from './change-state.ts'

const poolName = z.string().trim().min(1).max(64)
const brand = z.string().trim().min(1).max(64)
const cap = z.number().int().min(1).max(100_000)
/** Why people who call back reach us although no test call proved it. */
const waiver = z.string().trim().min(10, 'must say why this route needs no test call').max(500)

export const newCallerIdsSchema = z.strictObject({
  pool: poolName,
  trunkId: z.string().min(1).max(39),
  /** E.164 with '+': +48221234567. */
  numbers: z.array(z.string().max(40)).min(1).max(10_000),
  brand: brand.nullable().default(null),
  /** Attempts in any 24 hours, in any hour; null: no limit. */
  dailyCap: cap.nullable().default(null),
  hourlyCap: cap.nullable().default(null),
  state: z.enum(callerIdStates).default('active'),
  inboundRouteWaived: waiver.exactOptional(),
})

export const callerIdPatchSchema = z.strictObject({
  pool: poolName.exactOptional(),
  trunkId: newCallerIdsSchema.shape.trunkId.exactOptional(),
  brand: brand.nullable().exactOptional(),
  dailyCap: cap.nullable().exactOptional(),
  hourlyCap: cap.nullable().exactOptional(),
  state: z.enum(callerIdStates).exactOptional(),
  /** Why the state is changed. */
  reason: z.string().trim().min(1).max(500).exactOptional(),
  inboundRouteWaived: waiver.exactOptional(),
})
export type CallerIdPatch = z.infer<typeof callerIdPatchSchema>

/** One of our numbers for the next attempt of a lead; null: as the rules choose. */
export const wantedNumberSchema = z.strictObject({ number: z.string().max(40).nullable() })

export type CallerIds = ReturnType<typeof createCallerIds>

export function createCallerIds({ pool, clock }: { pool: Pool; clock: Clock }) {
  const now = () => new Date(clock.now())

  async function checkTrunk(trunkId: string): Promise<void> {
    if (!(await findTrunk(pool, trunkId))) throw new OutpaceError('not_found', { what: 'trunk', id: trunkId })
  }

  return {
    /** All or none. */
    async create(input: z.infer<typeof newCallerIdsSchema>): Promise<CallerId[]> {
      await checkTrunk(input.trunkId)
      const { numbers, inboundRouteWaived, ...common } = input
      const route = { inboundRoute: 'untested', inboundRouteAt: null, inboundRouteReason: null } as const
      const given = { ...common, ...route, ...waived(inboundRouteWaived, now()), stateReason: 'added' }
      const wanted = numbers.map((number, index): store.NewCallerId => {
        const read = readNumber(number)
        if (!read)
          throw new OutpaceError('bad_request', { problem: `numbers.${index}: not a number in E.164 such as +48221234567` })
        return { ...given, ...read }
      })
      return inTransaction(pool, async (db) => {
        const created = await store.insertCallerIds(db, wanted)
        if (created.length === wanted.length) return created
        const inserted = new Set(created.map((callerId) => callerId.number))
        const index = wanted.findIndex(
          ({ number }, at) => !inserted.has(number) || wanted.findIndex((w) => w.number === number) < at,
        )
        throw new OutpaceError('already_exists', { what: 'caller ID', id: `numbers.${index}` })
      })
    },

    list: (query: { pool: string | null; after: number; limit: number }): Promise<CallerId[]> => store.listCallerIds(pool, query),

    async get(id: number): Promise<CallerId> {
      return (await store.findCallerId(pool, id)) ?? missing(id)
    },

    /** A number that moves to another trunk must be tested again. */
    async change(id: number, patch: CallerIdPatch, actor: string): Promise<CallerId> {
      const { state, reason = 'changed by hand', inboundRouteWaived, ...fields } = patch
      if (patch.trunkId !== undefined) await checkTrunk(patch.trunkId)
      return inTransaction(pool, async (db) => {
        const before = (await store.lockCallerId(db, id)) ?? missing(id)
        const at = now()
        const moved = fields.trunkId !== undefined && fields.trunkId !== before.trunkId
        let after: CallerId = {
          ...before,
          ...fields,
          ...(moved && ({ inboundRoute: 'untested', inboundRouteAt: at, inboundRouteReason: 'moved to another trunk' } as const)),
          ...waived(inboundRouteWaived, at),
        }
        if (state !== undefined && state !== before.state) after = changeState(after, { to: state, reason, at, restUntil: null })
        await recordChange(db, before, after, actor)
        return after
      })
    },

    /** By an agent or a supervisor: from this number the lead is called the next time, if it can be used then. */
    async wantForLead(leadId: number, number: string | null, by: string): Promise<{ callerId: CallerId | null }> {
      return inTransaction(pool, async (db) => {
        const poolOfLead = await store.findPoolOfLead(db, leadId)
        if (poolOfLead === undefined) throw new OutpaceError('not_found', { what: 'lead that is still called', id: leadId })
        const callerId = number === null ? null : await store.findCallerIdByNumber(db, number)
        if (callerId === undefined) throw new OutpaceError('bad_request', { problem: 'number: not one of our caller IDs' })
        if (callerId && callerId.pool !== poolOfLead)
          throw new OutpaceError('bad_request', { problem: `number: not in the campaign's pool "${poolOfLead}"` })
        await store.setWantedCallerId(db, leadId, callerId && { id: callerId.id, by })
        return { callerId }
      })
    },
  }
}

/** Writes the row, and what changed of state and route to the history. `actor` null: the engine. */
export async function recordChange(db: Db, before: CallerId, after: CallerId, actor: string | null): Promise<void> {
  await store.updateCallerId(db, after)
  if (after.state !== before.state) {
    const { stateSince: at, stateReason: reason } = after
    await store.insertHistory(db, after.id, { at, what: 'state', from: before.state, to: after.state, reason, actor })
  }
  if (after.inboundRouteAt && after.inboundRouteAt !== before.inboundRouteAt) {
    const { inboundRouteAt: at, inboundRouteReason } = after
    const [from, to] = [before.inboundRoute, after.inboundRoute]
    await store.insertHistory(db, after.id, { at, what: 'inbound_route', from, to, reason: inboundRouteReason ?? '', actor })
  }
}

const waived = (reason: string | undefined, at: Date) =>
  reason === undefined ? {} : ({ inboundRoute: 'waived', inboundRouteAt: at, inboundRouteReason: reason } as const)

function missing(id: number): never {
  throw new OutpaceError('not_found', { what: 'caller ID', id })
}

/** undefined when it is not a whole, valid international number. */
function readNumber(text: string): Pick<store.NewCallerId, 'number' | 'country' | 'area' | 'lineType'> | undefined {
  if (!text.startsWith('+')) return undefined
  // The country stands for numbers without a prefix, of which there are none here.
  const read = parsePhone(text, 'PL')
  if (!('number' in read)) return undefined
  const { number, country, lineType } = read
  return { number, country, lineType, area: homeOf(number)?.area ?? null }
}
