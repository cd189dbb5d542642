/**
 * Caller IDs in PostgreSQL: one function per statement. Called by the services of this room, and by supply.ts for what
 * campaigns dial from.
 */
import type { Db } from '../storage/database.ts'
import type { CallerId, CallerIdCandidate } from './caller-id.ts'
import type { CapSource, Uses } from './caps.ts'

const columns = `id, number, pool, trunk_id as "trunkId", country, area, line_type as "lineType", brand,
  daily_cap as "dailyCap", hourly_cap as "hourlyCap", state, state_since as "stateSince", state_reason as "stateReason",
  rest_until as "restUntil", judged_since as "judgedSince", inbound_route as "inboundRoute",
  inbound_route_at as "inboundRouteAt", inbound_route_reason as "inboundRouteReason", created_at as "createdAt"`

/** What can be dialed from now: active or warming, reached by those who call back, over a trunk that is switched on. */
export async function listCandidates(db: Db, pool: string): Promise<(Omit<CallerIdCandidate, 'caps'> & CapSource)[]> {
  const { rows } = await db.query(
    `select c.id, c.number, c.country, c.area, c.line_type as "lineType", c.trunk_id as "trunkId", c.brand,
            c.state, c.state_since as "stateSince", c.daily_cap as "dailyCap", c.hourly_cap as "hourlyCap"
     from caller_ids c join trunks t on t.id = c.trunk_id
     where c.pool = $1 and c.state in ('active', 'warming') and c.inbound_route in ('passed', 'waived') and t.enabled
     order by c.id`,
    [pool],
  )
  return rows
}

/** Attempts of the last 24 hours and of the last hour, by caller ID of the pool. */
export async function countUses(db: Db, query: { pool: string; at: Date }): Promise<Map<number, Uses>> {
  const { rows } = await db.query<Uses & { id: number }>(
    `select c.id, count(a.id) as day, count(a.id) filter (where a.placed_at > $2::timestamptz - interval '1 hour') as hour
     from caller_ids c
     left join attempts a on a.caller_id_id = c.id and a.placed_at > $2::timestamptz - interval '24 hours'
     where c.pool = $1 group by c.id`,
    [query.pool, query.at],
  )
  return new Map(rows.map(({ id, day, hour }) => [id, { day, hour }]))
}

export type NewCallerId = Omit<CallerId, 'id' | 'stateSince' | 'restUntil' | 'judgedSince' | 'createdAt'>

/** Inserts all in one statement; numbers that exist already are left out of what comes back. */
export async function insertCallerIds(db: Db, callerIds: readonly NewCallerId[]): Promise<CallerId[]> {
  const { rows } = await db.query<CallerId>(
    `insert into caller_ids (number, pool, trunk_id, country, area, line_type, brand, daily_cap, hourly_cap, state, state_reason,
                             inbound_route, inbound_route_at, inbound_route_reason)
     select n.number, n.pool, n."trunkId", n.country, n.area, n."lineType", n.brand, n."dailyCap", n."hourlyCap", n.state,
            n."stateReason", n."inboundRoute", n."inboundRouteAt", n."inboundRouteReason"
     from jsonb_to_recordset($1) as n (number text, pool text, "trunkId" text, country text, area text, "lineType" text,
            brand text, "dailyCap" integer, "hourlyCap" integer, state text, "stateReason" text, "inboundRoute" text,
            "inboundRouteAt" timestamptz, "inboundRouteReason" text)
     on conflict (number) do nothing returning ${columns}`,
    [JSON.stringify(callerIds)],
  )
  return rows
}

export async function findCallerId(db: Db, id: number): Promise<CallerId | undefined> {
  const { rows } = await db.query<CallerId>(`select ${columns} from caller_ids where id = $1`, [id])
  return rows[0]
}

/** As findCallerId, and nobody else changes the row until the transaction ends. */
export async function lockCallerId(db: Db, id: number): Promise<CallerId | undefined> {
  const { rows } = await db.query<CallerId>(`select ${columns} from caller_ids where id = $1 for update`, [id])
  return rows[0]
}

export async function findCallerIdByNumber(db: Db, number: string): Promise<CallerId | undefined> {
  const { rows } = await db.query<CallerId>(`select ${columns} from caller_ids where number = $1`, [number])
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

/** All whose health matters. */
export async function listNotRetired(db: Db): Promise<CallerId[]> {
  const { rows } = await db.query<CallerId>(`select ${columns} from caller_ids where state <> 'retired' order by id`)
  return rows
}

/** Everything that may change; number, country, area and line type stay as they are. */
export async function updateCallerId(db: Db, callerId: CallerId): Promise<void> {
  await db.query(
    `update caller_ids set pool = $2, trunk_id = $3, brand = $4, daily_cap = $5, hourly_cap = $6, state = $7, state_since = $8,
            state_reason = $9, rest_until = $10, judged_since = $11, inbound_route = $12, inbound_route_at = $13,
            inbound_route_reason = $14
     where id = $1`,
    [
      callerId.id,
      callerId.pool,
      callerId.trunkId,
      callerId.brand,
      callerId.dailyCap,
      callerId.hourlyCap,
      callerId.state,
      callerId.stateSince,
      callerId.stateReason,
      callerId.restUntil,
      callerId.judgedSince,
      callerId.inboundRoute,
      callerId.inboundRouteAt,
      callerId.inboundRouteReason,
    ],
  )
}

export interface HistoryEntry {
  at: Date
  what: 'state' | 'inbound_route'
  from: string
  to: string
  reason: string
  /** Name of the key of who did it; null: the engine. */
  actor: string | null
}

export async function insertHistory(db: Db, callerIdId: number, entry: HistoryEntry): Promise<void> {
  await db.query(
    `insert into caller_id_history (caller_id_id, at, what, from_value, to_value, reason, actor)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [callerIdId, entry.at, entry.what, entry.from, entry.to, entry.reason, entry.actor],
  )
}

/** Newest first. */
export async function listHistory(db: Db, callerIdId: number, limit: number): Promise<HistoryEntry[]> {
  const { rows } = await db.query<HistoryEntry>(
    `select at, what, from_value as "from", to_value as "to", reason, actor
     from caller_id_history where caller_id_id = $1 order by id desc limit $2`,
    [callerIdId, limit],
  )
  return rows
}

/** Another number of ours on the same trunk, for a test call to this one; proven ones first. */
export async function findNumberToCallFrom(db: Db, callerId: { id: number; trunkId: string }): Promise<string | undefined> {
  const { rows } = await db.query<{ number: string }>(
    `select number from caller_ids where trunk_id = $1 and id <> $2 and state <> 'retired'
     order by inbound_route in ('passed', 'waived') desc, id limit 1`,
    [callerId.trunkId, callerId.id],
  )
  return rows[0]?.number
}

/**
 * Numbers in use or at rest over trunks that are switched on: with `provenBefore` null those that nobody proved or vouched for,
 * else those proven before that time. Longest untested first.
 */
export async function listRoutesToTest(
  db: Db,
  query: { pool: string | null; provenBefore: Date | null; limit: number },
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select c.id from caller_ids c join trunks t on t.id = c.trunk_id
     where ($1::text is null or c.pool = $1) and c.state <> 'retired' and t.enabled
       and case when $2::timestamptz is null then c.inbound_route in ('untested', 'failed')
                else c.inbound_route = 'passed' and c.inbound_route_at < $2 end
     order by c.inbound_route_at nulls first, c.id limit $3`,
    [query.pool, query.provenBefore, query.limit],
  )
  return rows.map(({ id }) => id)
}

/** The campaign's pool from which a lead is called; undefined: no such lead, or it is finished. */
export async function findPoolOfLead(db: Db, leadId: number): Promise<string | undefined> {
  const { rows } = await db.query<{ pool: string }>(
    `select c.settings ->> 'callerIdPool' as pool from leads l join campaigns c on c.id = l.campaign_id
     where l.id = $1 and l.state <> 'finished'`,
    [leadId],
  )
  return rows[0]?.pool
}

/** For the next attempt of this lead; null: as the rules choose. */
export async function setWantedCallerId(db: Db, leadId: number, wanted: { id: number; by: string } | null): Promise<void> {
  await db.query('update leads set wanted_caller_id_id = $2, wanted_caller_id_by = $3 where id = $1', [
    leadId,
    wanted?.id ?? null,
    wanted?.by ?? null,
  ])
}
