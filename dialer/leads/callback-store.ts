/**
 * Callbacks in PostgreSQL: those a person looks at and changes, and those whose agent did not come. One exported function
 * per statement; a callback is a lead with the time its contact named, and has the lead's id.
 */
import type { Db } from '../storage/database.ts'
import type { AfterMiss, MissedCallback } from './callback.ts'
import type { LeadState } from './lead.ts'

export interface CallbackRow {
  /** The lead's. */
  id: number
  campaignId: string
  contactId: number
  externalId: string
  name: string
  timeZone: string
  country: string
  callbackAt: Date
  agentId: string | null
  agentName: string | null
  /** How often the agent it was agreed with was not there in time. */
  misses: number
  state: Exclude<LeadState, 'finished'>
  nextAttemptAt: Date
  reason: string
}

const callbacks = `
  select l.id, l.campaign_id as "campaignId", l.contact_id as "contactId", c.external_id as "externalId", c.name,
         c.time_zone as "timeZone", c.country, l.callback_at as "callbackAt", l.callback_agent_id as "agentId", a.name as "agentName",
         l.callback_misses as misses, l.state, l.next_attempt_at as "nextAttemptAt", l.reason
    from leads l join contacts c on c.id = l.contact_id left join agents a on a.id = l.callback_agent_id
   where l.callback_at is not null and l.state <> 'finished'`

export interface CallbackQuery {
  campaignId: string | null
  agentId: string | null
  /** Agreed for a time in this span. */
  from: Date | null
  to: Date | null
  /** Only those that an agent has missed. */
  missed: boolean
  limit: number
}

/** In the order of the times agreed. */
export async function listCallbacks(db: Db, query: CallbackQuery): Promise<CallbackRow[]> {
  const { rows } = await db.query<CallbackRow>(
    `${callbacks}
        and ($1::uuid is null or l.campaign_id = $1) and ($2::uuid is null or l.callback_agent_id = $2)
        and ($3::timestamptz is null or l.callback_at >= $3) and ($4::timestamptz is null or l.callback_at < $4)
        and (not $5 or l.callback_misses > 0)
      order by l.callback_at, l.id limit $6`,
    [query.campaignId, query.agentId, query.from, query.to, query.missed, query.limit],
  )
  return rows
}

/** Locked until the transaction ends, so that nobody dials it meanwhile. */
export async function lockCallback(db: Db, leadId: number): Promise<CallbackRow | undefined> {
  const { rows } = await db.query<CallbackRow>(`${callbacks} and l.id = $1 for update of l`, [leadId])
  return rows[0]
}

export interface CallbackChange {
  leadId: number
  callbackAt: Date | null
  agentId: string | null
  nextAttemptAt: Date
  reason: string
}

export async function writeCallback(
  db: Db,
  { leadId, callbackAt, agentId, nextAttemptAt, reason }: CallbackChange,
): Promise<void> {
  await db.query(
    `update leads set state = 'waiting', callback_at = $2, callback_agent_id = $3, callback_misses = 0, next_attempt_at = $4, reason = $5
      where id = $1`,
    [leadId, callbackAt, agentId, nextAttemptAt, reason],
  )
}

export interface DueCallback {
  leadId: number
  agentId: string
  callbackAt: Date
  externalId: string
  name: string
}

/** Callbacks of agents in this campaign that are due. */
export async function listDueForAgents(
  db: Db,
  { campaignId, at, limit }: { campaignId: string; at: Date; limit: number },
): Promise<DueCallback[]> {
  const { rows } = await db.query<DueCallback>(
    `select l.id as "leadId", l.callback_agent_id as "agentId", l.callback_at as "callbackAt", c.external_id as "externalId", c.name
       from leads l join contacts c on c.id = l.contact_id
      where l.callback_agent_id is not null and l.state = 'waiting' and l.campaign_id = $1 and l.next_attempt_at <= $2
      order by l.next_attempt_at limit $3`,
    [campaignId, at, limit],
  )
  return rows
}

/** Those due since before `dueBefore`, for what is decided in this transaction. */
export async function lockMissed(
  db: Db,
  { campaignId, dueBefore, limit }: { campaignId: string; dueBefore: Date; limit: number },
): Promise<(MissedCallback & { leadId: number })[]> {
  const { rows } = await db.query<MissedCallback & { leadId: number }>(
    `select l.id as "leadId", (extract(epoch from l.callback_at) * 1000)::bigint as "callbackAt", a.name as "agentName",
            l.callback_misses as misses, c.country, c.time_zone as "timeZone"
       from leads l join contacts c on c.id = l.contact_id join agents a on a.id = l.callback_agent_id
      where l.state = 'waiting' and l.campaign_id = $1 and l.next_attempt_at < $2
      order by l.next_attempt_at limit $3 for update of l skip locked`,
    [campaignId, dueBefore, limit],
  )
  return rows
}

export async function writeMissed(db: Db, missed: { leadId: number; after: AfterMiss }[]): Promise<void> {
  const later = missed.map(({ after }) => (after.to === 'later' ? after : undefined))
  await db.query(
    `update leads l
        set callback_misses = l.callback_misses + 1, reason = m.reason,
            state = case when m.place = 'held' then 'held' else l.state end,
            callback_agent_id = case when m.place = 'anyone' then null else l.callback_agent_id end,
            callback_at = coalesce(m.callback_at, l.callback_at), next_attempt_at = coalesce(m.next_at, l.next_attempt_at)
       from unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
              as m (id, place, reason, callback_at, next_at)
      where l.id = m.id`,
    [
      missed.map(({ leadId }) => leadId),
      missed.map(({ after }) => after.to),
      missed.map(({ after }) => after.reason),
      later.map((after) => (after ? new Date(after.callbackAt) : null)),
      later.map((after) => (after ? new Date(after.nextAttemptAt) : null)),
    ],
  )
}
