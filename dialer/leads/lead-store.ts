/**
 * The queue in PostgreSQL: claiming leads that are due, giving them back, writing what an agent's result plans.
 * One exported function per statement. Decides nothing (eligibility.ts, retry.ts); called by the runner and calls/.
 */
import type { Db } from '../storage/database.ts'
import type { ClaimedLead, LeadPlan, LeadState } from './lead.ts'
import { codesWithoutTalk } from './result-code.ts'

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`

const ofAttempt =
  'id, number, placed_at, counts, connected_at, result_code, detection, detected_at, disposition, ended_at, mode, message_begun_at, debt_ids'
/** A talk of his own asking, in the columns of an attempt that does not count. */
const ofTheirTalk = `id, coalesce(number, ''), arrived_at, false, connected_at, result_code, null, null, null, ended_at, null, null, '{}'::bigint[]`
const ofSuppression = 'kind, until, number, creditor, reason, lifted_at'
/** Limits count attempts of the last 30 days; the longest rest after a talk is 90 days. */
const isRecent = `placed_at > $1::timestamptz - interval '91 days'
                   and (placed_at > $1::timestamptz - interval '31 days' or connected_at is not null)`

/** Of an erased person's number only the hash is left; here it is the phone that has this number again. */
const plain = (number: string) => `
  case when ${number} like '#%'
       then coalesce((select q.number from phones q where q.contact_id = c.id and q.erased_as = ${number}), ${number}) else ${number} end`

/** What the rules need of each lead in `source` (rows of leads); $1 is the present time. */
const detailsOf = (source: string) => `
  select l.id as "leadId", l.campaign_id as "campaignId", l.contact_id as "contactId", coalesce(l.urgency, 29) as urgency, l.attempts, l.failures,
         l.phone_id as "phoneId", ${ms('l.callback_at')} as "callbackAt", l.callback_agent_id as "callbackAgentId", c.country, c.time_zone as "timeZone", c.consent,
         ${ms('c.no_predictive_until')} as "noPredictiveUntil",
         (select ${ms('max(connected_at)')} from inbound_calls
           where contact_id = c.id and arrived_at > $1::timestamptz - interval '91 days' and not coalesce(result_code = any ($2), false))
           as "calledUsAt",
         p.phones, a."recentAttempts", s.suppressions, d.debts, d."openDebts", i."seenCallerIds",
         case when l.wanted_caller_id_id is not null
              then json_build_object('id', l.wanted_caller_id_id, 'by', l.wanted_caller_id_by) end as "wantedCallerId"
    from ${source} l
    join contacts c on c.id = l.contact_id
    cross join lateral (
      select coalesce(json_agg(json_build_object('id', id, 'number', number, 'lineType', line_type, 'position', position,
                                                 'state', state) order by position), '[]') as phones,
             coalesce(array_agg(number), '{}') || coalesce(array_agg(erased_as) filter (where erased_as is not null), '{}') as numbers,
             array_agg(erased_as) filter (where erased_as is not null) as erased
        from phones where contact_id = c.id and number not like '#%') p
    cross join lateral (
      select coalesce(json_agg(json_build_object('number', ${plain('recent.number')}, 'placedAt', ${ms('placed_at')}, 'counts', counts,
               'talked', connected_at is not null and not coalesce(result_code = any ($2), false),
               'prerecorded', mode = 'message' or message_begun_at is not null,
               'machineAt', case when detection = 'machine' then ${ms('coalesce(detected_at, placed_at)')} end,
               'abandonedAt', case when disposition = 'abandoned' then ${ms('ended_at')} end, 'debtIds', debt_ids)
               order by placed_at), '[]') as "recentAttempts"
        from (select ${ofAttempt} from attempts where contact_id = c.id and ${isRecent}
              union
              select ${ofAttempt} from attempts where number = any (p.numbers) and ${isRecent}
              union
              select ${ofAttempt} from attempts
               where contact_id in (select contact_id from phones where number = any (p.erased)) and ${isRecent}
              union
              select ${ofTheirTalk} from inbound_calls
               where (contact_id = c.id or number = any (p.numbers)) and connected_at > $1::timestamptz - interval '91 days') recent) a
    cross join lateral (
      select coalesce(json_agg(json_build_object('kind', kind, 'until', ${ms('until')}, 'number', ${plain('standing.number')}, 'creditor', creditor,
                                                 'reason', reason)), '[]') as suppressions
        from (select ${ofSuppression} from suppressions where contact_id = c.id
              union all
              select ${ofSuppression} from suppressions where external_id = c.external_id
              union all
              select ${ofSuppression} from suppressions where number = any (p.numbers)) standing
       where lifted_at is null and (until is null or until > $1::timestamptz)) s
    cross join lateral (
      select count(*) as debts,
             coalesce(json_agg(json_build_object('id', id, 'creditor', creditor, 'dueOn', due_date, 'remindedOn', reminded_on) order by id)
                        filter (where state = 'open'), '[]') as "openDebts"
        from debts where contact_id = c.id and external_id not like '#%') d
    cross join lateral (
      select coalesce(json_agg(json_build_object('callerIdId', caller_id_id, 'lastAt', ${ms('last')})), '[]') as "seenCallerIds"
        from (select caller_id_id, max(placed_at) as last from attempts
               where contact_id = c.id group by caller_id_id) seen) i`

export interface Claim {
  campaignId: string
  limit: number
  /** The engine that claims, for people who look at the table. */
  owner: string
  leaseMs: number
  at: Date
}

/** The leads in `due` become this engine's for the time of the lease, and come with all that the rules need. */
const claim = (due: string) => `
  with due as materialized (${due}),
  claimed as (
    update leads set state = 'claimed', claimed_by = $4, claimed_until = $1 + $5 * interval '1 millisecond'
     where id = any (array(select id from due)) returning *)
  ${detailsOf('claimed')}
  order by l.urgency desc, l.next_attempt_at`

/**
 * Claims up to `limit` due leads: callbacks, then first attempts that are owed, each and the rest by priority, and the longest
 * due first. Each urgency walks its own range of the index leads_due and only until the limit is reached, so neither a long
 * list nor many urgent leads that are not due slow it: measured in bench-leads.ts.
 */
export async function claimDueLeads(db: Db, { campaignId, limit, owner, leaseMs, at }: Claim): Promise<ClaimedLead[]> {
  const { rows } = await db.query<ClaimedLead>({
    name: 'claim-due-leads',
    text: claim(`
      select d.id from generate_series(29, 0, -1) as place(urgency)
       cross join lateral (
         select id from leads
          where campaign_id = $3 and state = 'waiting' and urgency = place.urgency and next_attempt_at <= $1
          order by next_attempt_at limit $6 for update skip locked) d
       limit $6`),
    values: [at, codesWithoutTalk, campaignId, owner, leaseMs, limit],
  })
  return rows
}

/** Claims for each of these agents the callback that waits for him the longest. */
export async function claimAgentCallbacks(
  db: Db,
  { campaignId, agentIds, owner, leaseMs, at }: Omit<Claim, 'limit'> & { agentIds: string[] },
): Promise<ClaimedLead[]> {
  const { rows } = await db.query<ClaimedLead>({
    name: 'claim-agent-callbacks',
    text: claim(`
      select d.id from unnest($6::uuid[]) as ready(agent_id)
       cross join lateral (
         select id from leads
          where callback_agent_id = ready.agent_id and campaign_id = $3 and state = 'waiting' and next_attempt_at <= $1
          order by next_attempt_at limit 1 for update skip locked) d`),
    values: [at, codesWithoutTalk, campaignId, owner, leaseMs, agentIds],
  })
  return rows
}

/** How many leads are due, counted up to `limit`; walks the index as the claim does. */
export async function countDueLeads(
  db: Db,
  { campaignId, limit, at }: Pick<Claim, 'campaignId' | 'limit' | 'at'>,
): Promise<number> {
  const { rows } = await db.query<{ due: number }>(
    `select count(*) as due from (
       select from generate_series(29, 0, -1) as place(urgency)
        cross join lateral (
          select from leads
           where campaign_id = $2 and state = 'waiting' and urgency = place.urgency and next_attempt_at <= $1
           limit $3) d
        limit $3) found`,
    [at, campaignId, limit],
  )
  return rows[0]?.due ?? 0
}

/** One lead as the rules see it, without claiming it: for "why is this contact not called?". */
export async function readLead(db: Db, leadId: number, at: Date): Promise<ClaimedLead | undefined> {
  const { rows } = await db.query<ClaimedLead>(`${detailsOf('leads')} where l.id = $3 and c.erased_at is null`, [
    ...[at, codesWithoutTalk, leadId],
  ])
  return rows[0]
}

export interface ReleasedLead {
  leadId: number
  nextAttemptAt: Date
  reason: string
  state: Extract<LeadState, 'waiting' | 'finished'>
  /** The rule that finished it, when it can wait again as soon as what stands against it is gone. */
  barredBy: string | null
}

/** Gives claimed leads back undialed; returns how many were still claimed. */
export async function releaseLeads(db: Db, releases: ReleasedLead[]): Promise<number> {
  const { rowCount } = await db.query(
    `update leads l
        set state = r.state, next_attempt_at = r.next_attempt_at, reason = r.reason, claimed_by = null, claimed_until = null,
            barred_by = r.barred_by, finished_at = case when r.state = 'finished' then now() end
       from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
            as r(id, next_attempt_at, reason, state, barred_by)
      where l.id = r.id and l.state = 'claimed'`,
    [
      releases.map((release) => release.leadId),
      releases.map((release) => release.nextAttemptAt),
      releases.map((release) => release.reason),
      releases.map((release) => release.state),
      releases.map((release) => release.barredBy),
    ],
  )
  return rowCount ?? 0
}

/**
 * Leads of these contacts that such a rule (a pattern) had finished wait again, in all campaigns: what it looks at has changed.
 * When they are due, the rules are asked anew.
 */
export async function wakeBarred(
  db: Db,
  contactIds: number[],
  { barredBy, reason, at }: { barredBy: string; reason: string; at: Date },
): Promise<number> {
  const { rowCount } = await db.query({
    name: 'wake-barred',
    text: `update leads set state = 'waiting', reason = $2, barred_by = null, finished_at = null, next_attempt_at = greatest(next_attempt_at, $3)
            where contact_id = any ($1::bigint[]) and barred_by is not null and barred_by ~ $4 and state = 'finished'`,
    values: [contactIds, reason, at, barredBy],
  })
  return rowCount ?? 0
}

/** Leads whose lease ran out without a live attempt wait again; returns how many. */
export async function returnExpiredLeases(db: Db, at: Date): Promise<number> {
  const { rowCount } = await db.query(
    `update leads l
        set state = 'waiting', claimed_by = null, claimed_until = null, reason = 'the engine that claimed it did not dial it'
      where l.state in ('claimed', 'in_call') and l.claimed_until <= $1
        and not exists (select 1 from attempts a where a.contact_id = l.contact_id and a.lead_id = l.id and a.ended_at is null)`,
    [at],
  )
  return rowCount ?? 0
}

/** First attempts that were not made in time lose their place before the others; so many at once, returns how many. */
export async function dropLateFirstAttempts(db: Db, { at, limit }: { at: Date; limit: number }): Promise<number> {
  const { rowCount } = await db.query(
    `update leads set first_attempt_by = null
      where id = any (array(select id from leads where state = 'waiting' and first_attempt_by <= $1
                             order by first_attempt_by limit $2 for update skip locked))`,
    [at, limit],
  )
  return rowCount ?? 0
}

/** Writes what an agent's result plans for a lead; how the call ended and how many there were stays with calls/. */
export async function writeResultPlan(db: Db, leadId: number, plan: LeadPlan, at: Date): Promise<void> {
  const next = plan.state === 'waiting' ? plan : undefined
  await db.query(
    `update leads
        set state = $2, reason = $3, next_attempt_at = coalesce($4, next_attempt_at), phone_id = $5, callback_at = $6,
            callback_agent_id = $7, callback_misses = 0, claimed_by = null, claimed_until = null,
            finished_at = case when $2 = 'finished' then $8::timestamptz end
      where id = $1`,
    [
      leadId,
      plan.state,
      plan.reason,
      next ? new Date(next.nextAttemptAt) : null,
      next?.phoneId ?? null,
      next && next.callbackAt !== null ? new Date(next.callbackAt) : null,
      next?.callbackAgentId ?? null,
      at,
    ],
  )
}

export async function setPhoneState(db: Db, phoneId: number, state: 'invalid' | 'wrong_person' | 'active'): Promise<void> {
  await db.query('update phones set state = $2 where id = $1', [phoneId, state])
}
