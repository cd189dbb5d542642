/**
 * The caller IDs: created in bulk, moved between pools, rested and retired; never deleted, because people call back.
 * Country and line type come from the number itself. Called by the API; the choice for an attempt is choose.ts.
 */
import { z } from 'zod'
import { OutpaceError } from '../errors.ts'
import { parsePhone } from '../leads/phone.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import { findTrunk } from '../trunks/trunk-store.ts'
import { type CallerId, callerIdStates } from './caller-id.ts'
import { findCallerId, insertCallerIds, listCallerIds, type NewCallerId, updateCallerId } from './caller-id-store.ts'

const poolName = z.string().trim().min(1).max(64)

export const newCallerIdsSchema = z.strictObject({
  pool: poolName,
  trunkId: z.string().min(1).max(39),
  /** E.164 with '+': +48221234567. */
  numbers: z.array(z.string().max(40)).min(1).max(10_000),
  state: z.enum(callerIdStates).default('active'),
})

export const callerIdPatchSchema = z.strictObject({
  pool: poolName.exactOptional(),
  trunkId: newCallerIdsSchema.shape.trunkId.exactOptional(),
  state: z.enum(callerIdStates).exactOptional(),
})

export type CallerIds = ReturnType<typeof createCallerIds>

export function createCallerIds({ pool }: { pool: Pool }) {
  async function checkTrunk(trunkId: string): Promise<void> {
    if (!(await findTrunk(pool, trunkId))) throw new OutpaceError('not_found', { what: 'trunk', id: trunkId })
  }

  return {
    /** All or none. */
    async create(input: z.infer<typeof newCallerIdsSchema>): Promise<CallerId[]> {
      await checkTrunk(input.trunkId)
      const wanted = input.numbers.map((number, index): NewCallerId => {
        const read = readNumber(number)
        if (!read)
          throw new OutpaceError('bad_request', { problem: `numbers.${index}: not a number in E.164 such as +48221234567` })
        return { ...read, pool: input.pool, trunkId: input.trunkId, state: input.state }
      })
      return inTransaction(pool, async (db) => {
        const created = await insertCallerIds(db, wanted)
        if (created.length === wanted.length) return created
        const inserted = new Set(created.map((callerId) => callerId.number))
        const index = wanted.findIndex(
          ({ number }, at) => !inserted.has(number) || wanted.findIndex((w) => w.number === number) < at,
        )
        throw new OutpaceError('already_exists', { what: 'caller ID', id: `numbers.${index}` })
      })
    },

    list: (query: { pool: string | null; after: number; limit: number }): Promise<CallerId[]> => listCallerIds(pool, query),

    async get(id: number): Promise<CallerId> {
      return (await findCallerId(pool, id)) ?? missing(id)
    },

    async change(id: number, patch: z.infer<typeof callerIdPatchSchema>): Promise<CallerId> {
      if (patch.trunkId !== undefined) await checkTrunk(patch.trunkId)
      const changed = await updateCallerId(pool, {
        id,
        pool: patch.pool ?? null,
        trunkId: patch.trunkId ?? null,
        state: patch.state ?? null,
      })
      return changed ?? missing(id)
    },
  }
}

function missing(id: number): never {
  throw new OutpaceError('not_found', { what: 'caller ID', id })
}

/** undefined when it is not a whole, valid international number. */
function readNumber(text: string): Pick<NewCallerId, 'number' | 'country' | 'lineType'> | undefined {
  if (!text.startsWith('+')) return undefined
  // The country stands for numbers without a prefix, of which there are none here.
  const read = parsePhone(text, 'PL')
  return 'number' in read ? { number: read.number, country: read.country, lineType: read.lineType } : undefined
}
