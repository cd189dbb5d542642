/**
 * Who may steer the engine: keys are made, told once, recognised and revoked. A key itself is never stored and never logged.
 * Called by the API and, for the first key, by main.ts.
 */
import { randomUUID } from 'node:crypto'
import { OutpaceError } from '../errors.ts'
import { inTransaction, type Pool } from '../storage/database.ts'
import { type ApiKey, type Caller, hashKey, looksLikeKey, newKey, type Role } from './api-key.ts'
import {
  doesAgentExist,
  findApiKeyByHash,
  hasSupervisorKey,
  insertApiKey,
  listApiKeys,
  lockApiKeys,
  revokeApiKey,
} from './api-key-store.ts'

export type ApiKeys = ReturnType<typeof createApiKeys>

/**
 * The key of a supervisor, made when there is none that is valid; undefined when there is one. It is told here and never again.
 * So a system whose supervisors have lost or revoked all keys gets a new one at its next start.
 */
export function ensureFirstKey(pool: Pool): Promise<string | undefined> {
  return inTransaction(pool, async (db) => {
    await lockApiKeys(db)
    if (await hasSupervisorKey(db)) return undefined
    const key = newKey()
    await insertApiKey(db, { id: randomUUID(), name: 'first key', role: 'supervisor', agentId: null, hash: hashKey(key) })
    return key
  })
}

export function createApiKeys({ pool }: { pool: Pool }) {
  return {
    /** `key` is told here and never again. */
    async create(wanted: { name: string; role: Role; agentId: string | null }): Promise<ApiKey & { key: string }> {
      if ((wanted.role === 'agent') !== (wanted.agentId !== null)) {
        throw new OutpaceError('bad_request', { problem: 'agentId: belongs to keys with the role agent, and only to these' })
      }
      if (wanted.agentId !== null && !(await doesAgentExist(pool, wanted.agentId))) {
        throw new OutpaceError('not_found', { what: 'agent', id: wanted.agentId })
      }
      const key = newKey()
      const stored = await insertApiKey(pool, { id: randomUUID(), ...wanted, hash: hashKey(key) })
      if (!stored) throw new Error('the new key was not stored')
      return { ...stored, key }
    },

    list: (): Promise<ApiKey[]> => listApiKeys(pool),

    /** Holds from the next request on. */
    async revoke(id: string): Promise<ApiKey> {
      const revoked = await revokeApiKey(pool, id)
      if (!revoked) throw new OutpaceError('not_found', { what: 'API key', id })
      return revoked
    },

    /** Who holds this key; undefined when nobody does. */
    async recognise(key: string): Promise<Caller | undefined> {
      if (!looksLikeKey(key)) return undefined
      const found = await findApiKeyByHash(pool, hashKey(key))
      return found && { keyId: found.id, name: found.name, role: found.role, agentId: found.agentId }
    },
  }
}
