/** API keys in PostgreSQL, by their hash only: one function per statement. Called by api-keys.ts. */
import type { Db } from '../storage/database.ts'
import type { ApiKey, Role } from './api-key.ts'

const columns = 'id, name, role, agent_id as "agentId", created_at as "createdAt", revoked_at as "revokedAt"'

export async function insertApiKey(
  db: Db,
  key: { id: string; name: string; role: Role; agentId: string | null; hash: string },
): Promise<ApiKey | undefined> {
  const { rows } = await db.query<ApiKey>(
    `insert into api_keys (id, name, role, agent_id, hash) values ($1, $2, $3, $4, $5) returning ${columns}`,
    [key.id, key.name, key.role, key.agentId, key.hash],
  )
  return rows[0]
}

export async function findApiKeyByHash(db: Db, hash: string): Promise<ApiKey | undefined> {
  const { rows } = await db.query<ApiKey>(`select ${columns} from api_keys where hash = $1 and revoked_at is null`, [hash])
  return rows[0]
}

export async function listApiKeys(db: Db): Promise<ApiKey[]> {
  const { rows } = await db.query<ApiKey>(`select ${columns} from api_keys order by created_at, id`)
  return rows
}

/** Keeps the time of the first revocation. */
export async function revokeApiKey(db: Db, id: string): Promise<ApiKey | undefined> {
  const { rows } = await db.query<ApiKey>(
    `update api_keys set revoked_at = coalesce(revoked_at, now()) where id = $1 returning ${columns}`,
    [id],
  )
  return rows[0]
}

/** Keeps other processes from looking and inserting at the same time, until the transaction ends. */
export async function lockApiKeys(db: Db): Promise<void> {
  await db.query('lock table api_keys in share row exclusive mode')
}

export async function hasSupervisorKey(db: Db): Promise<boolean> {
  const { rows } = await db.query("select from api_keys where role = 'supervisor' and revoked_at is null limit 1")
  return rows.length > 0
}

export async function doesAgentExist(db: Db, agentId: string): Promise<boolean> {
  const { rows } = await db.query('select from agents where id = $1', [agentId])
  return rows.length > 0
}
