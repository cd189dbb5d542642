/** Trunks in PostgreSQL: one function per statement. Called by trunks.ts and by the runner, which keeps their limits. */
import type { Db } from '../storage/database.ts'
import type { Trunk } from './trunk.ts'

const columns = `id, host, port, username, password, max_channels as "maxChannels", calls_per_second as "callsPerSecond",
  codecs, number_format as "numberFormat", presentation, from_user as "fromUser", from_domain as "fromDomain",
  send_attempt_id as "sendAttemptId", enabled`

const values = (trunk: Trunk) => [
  trunk.id,
  trunk.host,
  trunk.port,
  trunk.username,
  trunk.password,
  trunk.maxChannels,
  trunk.callsPerSecond,
  trunk.codecs,
  trunk.numberFormat,
  trunk.presentation,
  trunk.fromUser,
  trunk.fromDomain,
  trunk.sendAttemptId,
  trunk.enabled,
]

/** False when the id is taken. */
export async function insertTrunk(db: Db, trunk: Trunk): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into trunks (id, host, port, username, password, max_channels, calls_per_second, codecs, number_format, presentation,
       from_user, from_domain, send_attempt_id, enabled)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (id) do nothing`,
    values(trunk),
  )
  return rowCount === 1
}

export async function updateTrunk(db: Db, trunk: Trunk): Promise<void> {
  await db.query(
    `update trunks set host = $2, port = $3, username = $4, password = $5, max_channels = $6, calls_per_second = $7,
       codecs = $8, number_format = $9, presentation = $10, from_user = $11, from_domain = $12, send_attempt_id = $13, enabled = $14
     where id = $1`,
    values(trunk),
  )
}

export async function findTrunk(db: Db, id: string): Promise<Trunk | undefined> {
  const { rows } = await db.query<Trunk>(`select ${columns} from trunks where id = $1`, [id])
  return rows[0]
}

/** As findTrunk, and nobody else changes the row until the transaction ends. */
export async function lockTrunk(db: Db, id: string): Promise<Trunk | undefined> {
  const { rows } = await db.query<Trunk>(`select ${columns} from trunks where id = $1 for update`, [id])
  return rows[0]
}

export async function listTrunks(db: Db): Promise<Trunk[]> {
  const { rows } = await db.query<Trunk>(`select ${columns} from trunks order by id`)
  return rows
}

/** Who holds on to the trunk: numbers that dial over it, and calls on record. */
export async function findTrunkUse(db: Db, id: string): Promise<{ callerIds: number; hasAttempts: boolean }> {
  const { rows } = await db.query<{ callerIds: number; hasAttempts: boolean }>(
    `select (select count(*) from caller_ids where trunk_id = $1) as "callerIds",
            exists (select from attempts where trunk_id = $1) as "hasAttempts"`,
    [id],
  )
  return rows[0] ?? { callerIds: 0, hasAttempts: false }
}

export async function deleteTrunk(db: Db, id: string): Promise<void> {
  await db.query('delete from trunks where id = $1', [id])
}
