/**
 * The counts behind a campaign's statistics, each one statement over the rows of this campaign only. Called by stats.ts.
 * They read the whole of a campaign's leads and attempts: made for a person who looks, not for every tick.
 */
import type { Db } from '../storage/database.ts'

export interface LeadCount {
  state: string
  disposition: string | null
  leads: number
}

/** Where the leads are, and the disposition that brought them there. */
export async function countLeads(db: Db, campaignId: string): Promise<LeadCount[]> {
  const { rows } = await db.query<LeadCount>(
    `select state, disposition, count(*) as leads from leads where campaign_id = $1
     group by state, disposition order by state, disposition nulls first`,
    [campaignId],
  )
  return rows
}

/** The most frequent reasons. They are sentences for people, some with a time in them, so the tail is long and left out. */
export async function countLeadReasons(
  db: Db,
  campaignId: string,
  limit: number,
): Promise<{ state: string; reason: string; leads: number }[]> {
  const { rows } = await db.query<{ state: string; reason: string; leads: number }>(
    `select state, reason, count(*) as leads from leads where campaign_id = $1
     group by state, reason order by leads desc, state, reason limit $2`,
    [campaignId, limit],
  )
  return rows
}

export interface FirstAttemptCount {
  within24Hours: number
  later: number
  /** Not made yet, and the 24 hours are over. */
  overdue: number
  /** Not made yet, in time. */
  pending: number
  /** Finished without: paid meanwhile, not to be called. */
  none: number
}

/** When the first attempt that counted was made, measured from the take-over of each lead. */
export async function countFirstAttempts(
  db: Db,
  { campaignId, at }: { campaignId: string; at: Date },
): Promise<FirstAttemptCount> {
  const { rows } = await db.query<FirstAttemptCount>(
    `select count(*) filter (where first_attempt_at <= owed) as "within24Hours", count(*) filter (where first_attempt_at > owed) as later,
            count(*) filter (where first_attempt_at is null and state <> 'finished' and owed < $2) as overdue,
            count(*) filter (where first_attempt_at is null and state <> 'finished' and owed >= $2) as pending,
            count(*) filter (where first_attempt_at is null and state = 'finished') as none
       from (select first_attempt_at, state, taken_over_at + interval '24 hours' as owed from leads where campaign_id = $1) l`,
    [campaignId, at],
  )
  return rows[0] ?? { within24Hours: 0, later: 0, overdue: 0, pending: 0, none: 0 }
}

export interface AttemptCount {
  /** null: still going on. */
  disposition: string | null
  attempts: number
  answered: number
  connected: number
}

export async function countAttempts(db: Db, campaignId: string): Promise<AttemptCount[]> {
  const { rows } = await db.query<AttemptCount>(
    `select disposition, count(*) as attempts, count(answered_at) as answered, count(connected_at) as connected
     from attempts where campaign_id = $1 group by disposition order by disposition nulls first`,
    [campaignId],
  )
  return rows
}

export async function countResultCodes(db: Db, campaignId: string): Promise<{ resultCode: string; talks: number }[]> {
  const { rows } = await db.query<{ resultCode: string; talks: number }>(
    `select result_code as "resultCode", count(*) as talks from attempts
     where campaign_id = $1 and result_code is not null group by result_code order by result_code`,
    [campaignId],
  )
  return rows
}

export type AbandonmentWindow = 'last_24_hours' | 'calendar_day' | 'last_30_days'
export interface AbandonmentCount {
  window: AbandonmentWindow
  connected: number
  abandoned: number
}

/** The record itself, in the three windows regulators count by. */
export async function countAbandonment(
  db: Db,
  query: { campaignId: string; at: Date; timeZone: string },
): Promise<AbandonmentCount[]> {
  const { rows } = await db.query<AbandonmentCount>(
    `select w.name as window,
            count(*) filter (where l.outcome = 'connected') as connected,
            count(*) filter (where l.outcome = 'abandoned') as abandoned
     from (values (1, 'last_24_hours', $2::timestamptz - interval '24 hours'),
                  (2, 'calendar_day', date_trunc('day', $2::timestamptz, $3)),
                  (3, 'last_30_days', $2::timestamptz - interval '30 days')) w (position, name, since)
     left join abandonment_ledger l on l.campaign_id = $1 and l.at > w.since and l.at <= $2
     group by w.position, w.name order by w.position`,
    [query.campaignId, query.at, query.timeZone],
  )
  return rows
}

/** Milliseconds that the campaign's agents spent in each state since then; stretches still open are not in it. */
export async function sumStretches(db: Db, query: { campaignId: string; since: Date }): Promise<{ state: string; ms: number }[]> {
  const { rows } = await db.query<{ state: string; ms: number }>(
    `select t.state, round(sum(extract(epoch from t.ended_at - greatest(t.began_at, $2)) * 1000))::bigint as ms
     from agent_sessions s join agent_stretches t on t.session_id = s.id
     where s.campaign_id = $1 and t.ended_at > $2
     group by t.state order by t.state`,
    [query.campaignId, query.since],
  )
  return rows
}
