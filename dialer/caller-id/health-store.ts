/** What the health of numbers is judged from, and what was found: one function per statement. Called by health-check.ts. */
import type { Db } from '../storage/database.ts'
import type { BlockCount, FailingRun, HealthReport, StratumCalls } from './health.ts'

export interface HealthWindow {
  since: Date
  /** Dispositions that are left out. */
  without: readonly string[]
}

/**
 * Calls and answers by people, by number and stratum: list, hour, the callee's kind of line, and his first, second or a later
 * try, since who did not answer before answers less. Calls before a number's judged_since are passed over.
 */
export async function readStrata(db: Db, { since, without }: HealthWindow): Promise<StratumCalls[]> {
  const { rows } = await db.query<StratumCalls>(
    `with calls as (
       select a.caller_id_id, a.placed_at, a.disposition,
              concat_ws('/', a.campaign_id, date_trunc('hour', a.placed_at), p.line_type,
                        least(row_number() over (partition by a.lead_id order by a.placed_at), 3)) as stratum,
              a.answered_at is not null and a.detection is distinct from 'machine' as answered
       from caller_ids c
       join attempts a on a.caller_id_id = c.id and a.placed_at >= $1
       left join phones p on p.id = a.phone_id
       where a.ended_at is not null)
     select stratum, c.id as "callerIdId", count(*) as calls, count(*) filter (where answered) as answered
     from calls join caller_ids c on c.id = calls.caller_id_id
     where calls.placed_at >= c.judged_since and not calls.disposition = any ($2)
     group by stratum, c.id`,
    [since, without],
  )
  return rows
}

export async function countBlocks(db: Db, { since, without }: HealthWindow): Promise<Map<number, BlockCount>> {
  const { rows } = await db.query<BlockCount & { id: number }>(
    `select c.id, count(*) as calls, count(distinct a.contact_id) filter (where a.disposition = 'blocked') as blockers
     from attempts a join caller_ids c on c.id = a.caller_id_id
     where a.placed_at >= greatest($1, c.judged_since) and a.ended_at is not null and not a.disposition = any ($2)
     group by c.id`,
    [since, without],
  )
  return new Map(rows.map(({ id, ...count }) => [id, count]))
}

/** The latest calls of each number as far as all of them failed, `atLeast` so many, and its peers on the same trunk since the first of them. */
export async function readRuns(
  db: Db,
  { since, failures, atLeast }: { since: Date; failures: readonly string[]; atLeast: number },
): Promise<Map<number, FailingRun>> {
  const { rows } = await db.query<FailingRun & { id: number }>(
    `with recent as (
       select a.caller_id_id as id, a.trunk_id, a.placed_at, a.disposition = any ($2) as failed
       from attempts a join caller_ids c on c.id = a.caller_id_id
       where a.placed_at >= greatest($1, c.judged_since) and a.ended_at is not null),
     runs as (
       select r.id, r.trunk_id, count(*) as length, min(r.placed_at) as began
       from recent r
       left join (select id, max(placed_at) as at from recent where not failed group by id) through on through.id = r.id
       where through.at is null or r.placed_at > through.at
       group by r.id, r.trunk_id having count(*) >= $3)
     select runs.id, runs.length, count(peer.id) as "peerCalls", count(peer.id) filter (where peer.failed) as "peerFailures"
     from runs left join recent peer on peer.trunk_id = runs.trunk_id and peer.id <> runs.id and peer.placed_at >= runs.began
     group by runs.id, runs.length`,
    [since, failures, atLeast],
  )
  return new Map(rows.map(({ id, ...run }) => [id, run]))
}

/** Rests that the engine itself gave, by number. */
export async function countRests(db: Db, since: Date): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; rests: number }>(
    `select caller_id_id as id, count(*) as rests from caller_id_history
     where what = 'state' and to_value = 'resting' and actor is null and at >= $1 group by caller_id_id`,
    [since],
  )
  return new Map(rows.map(({ id, rests }) => [id, rests]))
}

export async function saveReports(db: Db, reports: { id: number; report: HealthReport }[], at: Date): Promise<void> {
  await db.query(
    `insert into caller_id_health (caller_id_id, at, report)
     select id, $3, report from unnest($1::bigint[], $2::jsonb[]) as r(id, report)
     on conflict (caller_id_id) do update set at = excluded.at, report = excluded.report`,
    [reports.map(({ id }) => id), reports.map(({ report }) => JSON.stringify(report)), at],
  )
}

export interface CheckedReport {
  at: Date
  report: HealthReport
}

export async function listReports(db: Db, ids: number[]): Promise<Map<number, CheckedReport>> {
  const { rows } = await db.query<CheckedReport & { id: number }>(
    'select caller_id_id as id, at, report from caller_id_health where caller_id_id = any ($1)',
    [ids],
  )
  return new Map(rows.map(({ id, at, report }) => [id, { at, report }]))
}
