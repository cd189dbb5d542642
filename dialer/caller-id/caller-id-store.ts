/**
 * Caller IDs in PostgreSQL: one function per statement. Called by caller-ids.ts, and by the runner for what it dials from.
 */
import type { Db } from '../storage/database.ts'
import type { CallerId, CallerIdCandidate, CallerIdState } from './caller-id.ts'

const columns = 'id, number, pool, trunk_id as "trunkId", country, line_type as "lineType", state, created_at as "createdAt"'

/** What can be dialed from now: active, over a trunk that is switched on. */
export async function listCandidates(db: Db, pool: string): Promise<CallerIdCandidate[]> {
  const { rows } = await db.query<CallerIdCandidate>(
    `select c.id, c.number, c.country, c.line_type as "lineType", c.trunk_id as "trunkId"
     from caller_ids c join trunks t on t.id = c.trunk_id
     where c.pool = $1 and c.state = 'active' and t.enabled order by c.id`,
    [pool],
  )
  return rows
}

/** Attempts by caller ID of the pool since then, for the even wear. */
export async function countUses(db: Db, query: { pool: string; since: Date }): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; uses: number }>(
    `select c.id, count(a.id) as uses from caller_ids c
     left join attempts a on a.caller_id_id = c.id and a.placed_at >= $2
     where c.pool = $1 group by c.id`,
    [query.pool, query.since],
  )
  return new Map(rows.map((row) => [row.id, row.uses]))
}

export type NewCallerId = Pick<CallerId, 'number' | 'pool' | 'trunkId' | 'country' | 'lineType' | 'state'>

/** Inserts all in one statement; numbers that exist already are left out of what comes back. */
export async function insertCallerIds(db: Db, callerIds: readonly NewCallerId[]): Promise<CallerId[]> {
  const column = <T>(of: (callerId: NewCallerId) => T): T[] => callerIds.map(of)
  const { rows } = await db.query<CallerId>(
    `insert into caller_ids (number, pool, trunk_id, country, line_type, state)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
     on conflict (number) do nothing returning ${columns}`,
    [
      column((c) => c.number),
      column((c) => c.pool),
      column((c) => c.trunkId),
      column((c) => c.country),
      column((c) => c.lineType),
      column((c) => c.state),
    ],
  )
  return rows
}

export async function findCallerId(db: Db, id: number): Promise<CallerId | undefined> {
  const { rows } = await db.query<CallerId>(`select ${columns} from caller_ids where id = $1`, [id])
  return rows[0]
}

/** A page in the order of ids; `pool` null: all pools. */
export async function listCallerIds(db: Db, query: { pool: string | null; after: number; limit: number }): Promise<CallerId[]> {
  const { rows } = await db.query<CallerId>(
    `select ${columns} from caller_ids where ($1::text is null or pool = $1) and id > $2 order by id limit $3`,
    [query.pool, query.after, query.limit],
  )
  return rows
}

/** A field that is null stays as it is. */
export async function updateCallerId(
  db: Db,
  change: { id: number; pool: string | null; trunkId: string | null; state: CallerIdState | null },
): Promise<CallerId | undefined> {
  const { rows } = await db.query<CallerId>(
    `update caller_ids set pool = coalesce($2, pool), trunk_id = coalesce($3, trunk_id), state = coalesce($4, state)
     where id = $1 returning ${columns}`,
    [change.id, change.pool, change.trunkId, change.state],
  )
  return rows[0]
}
