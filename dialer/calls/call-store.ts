/**
 * The attempts table: one exported function per write, each for many calls at once (the writes of one tick go together).
 * Every write may be repeated: a crash between write and acknowledgement changes nothing the second time.
 */
import type { LeadPlan, PhoneState } from '../leads/lead.ts'
import type { Db } from '../storage/database.ts'
import type { AnswerFacts, Outcome } from './call.ts'
import type { CallPlan } from './call-plan.ts'

const date = (at: number | undefined) => (at === undefined ? null : new Date(at))

/**
 * Commits the attempts before the switch is asked and marks their leads as in a call.
 * Returns the ids written; a person or number with a live call elsewhere is left out (attempts_live_*).
 */
export async function insertAttempts(db: Db, plans: CallPlan[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `with placed as (
       insert into attempts (id, lead_id, campaign_id, contact_id, phone_id, number, trunk_id, caller_id_id, mode, reason, placed_at)
       select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::bigint[],
                            $9::text[], $10::text[], $11::timestamptz[])
       on conflict do nothing
       returning id, lead_id)
     update leads set state = 'in_call', reason = 'in a call'
     from placed where leads.id = placed.lead_id
     returning placed.id`,
    [
      plans.map((p) => p.id),
      plans.map((p) => p.lead.leadId),
      plans.map((p) => p.campaignId),
      plans.map((p) => p.lead.contactId),
      plans.map((p) => p.phone.id),
      plans.map((p) => p.phone.number),
      plans.map((p) => p.trunkId),
      plans.map((p) => p.callerId.id),
      plans.map((p) => p.mode),
      plans.map((p) => p.reason),
      plans.map((p) => new Date(p.placedAt)),
    ],
  )
  return new Set(rows.map((row) => row.id))
}

export async function markAnswered(db: Db, calls: { id: string; facts: AnswerFacts }[]): Promise<void> {
  await db.query(
    `update attempts set answered_at = a.at
     from unnest($1::uuid[], $2::timestamptz[]) as a (id, at)
     where attempts.id = a.id and attempts.answered_at is null`,
    [calls.map((c) => c.id), calls.map((c) => new Date(c.facts.answeredAt))],
  )
}

export async function markConnected(db: Db, calls: { id: string; facts: AnswerFacts }[]): Promise<void> {
  await db.query(
    `update attempts set connected_at = c.at, agent_id = c.agent_id, detection = c.verdict, detection_cause = c.cause, detected_at = c.detected_at
     from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])
            as c (id, at, agent_id, verdict, cause, detected_at)
     where attempts.id = c.id and attempts.connected_at is null`,
    [
      calls.map((c) => c.id),
      calls.map((c) => date(c.facts.connected?.at)),
      calls.map((c) => c.facts.connected?.agent.agentId ?? null),
      calls.map((c) => c.facts.detected?.verdict ?? null),
      calls.map((c) => c.facts.detected?.cause ?? null),
      calls.map((c) => date(c.facts.detected?.at)),
    ],
  )
}

/** The attempt's end as its row keeps it. */
export async function markEnded(db: Db, calls: { id: string; outcome: Outcome }[]): Promise<void> {
  await db.query(
    `update attempts set ended_at = e.at, disposition = e.disposition, end_reason = e.reason, counts = e.counts,
            hangup_cause = e.cause, sip_code = e.sip_code, answered_at = coalesce(attempts.answered_at, e.answered_at),
            detection = e.verdict, detection_cause = e.verdict_cause, detected_at = e.detected_at,
            agent_id = e.agent_id, connected_at = e.connected_at
     from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::boolean[], $6::int[], $7::int[], $8::timestamptz[],
                 $9::text[], $10::text[], $11::timestamptz[], $12::uuid[], $13::timestamptz[])
            as e (id, at, disposition, reason, counts, cause, sip_code, answered_at, verdict, verdict_cause, detected_at, agent_id, connected_at)
     where attempts.id = e.id and attempts.ended_at is null`,
    [
      calls.map((c) => c.id),
      calls.map((c) => new Date(c.outcome.endedAt)),
      calls.map((c) => c.outcome.disposition),
      calls.map((c) => c.outcome.reason),
      calls.map((c) => c.outcome.counts),
      calls.map((c) => c.outcome.network.cause),
      calls.map((c) => c.outcome.network.sipCode ?? null),
      calls.map((c) => date(c.outcome.facts?.answeredAt)),
      calls.map((c) => c.outcome.facts?.detected?.verdict ?? null),
      calls.map((c) => c.outcome.facts?.detected?.cause ?? null),
      calls.map((c) => date(c.outcome.facts?.detected?.at)),
      calls.map((c) => c.outcome.facts?.connected?.agent.agentId ?? null),
      calls.map((c) => date(c.outcome.facts?.connected?.at)),
    ],
  )
}

/** Where the leads go now. An agent's result code written meanwhile stands: it knows more than the network does. */
export async function planLeads(db: Db, ends: { id: string; leadId: number; outcome: Outcome; plan: LeadPlan }[]): Promise<void> {
  await db.query(
    `update leads set attempts = p.attempts, failures = p.failures, last_attempt_at = p.at, claimed_by = null, claimed_until = null,
            disposition = p.disposition,
            state = case when a.result_code is null then p.state else leads.state end,
            reason = case when a.result_code is null then p.reason else leads.reason end,
            phone_id = case when a.result_code is null then p.phone_id else leads.phone_id end,
            callback_at = case when a.result_code is null then p.callback_at else leads.callback_at end,
            next_attempt_at = case when a.result_code is null then coalesce(p.next_at, leads.next_attempt_at) else leads.next_attempt_at end,
            finished_at = case when a.result_code is null and p.state = 'finished' then p.at else leads.finished_at end
     from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::int[], $9::int[], $10::timestamptz[],
                 $11::timestamptz[])
            as p (attempt_id, id, at, disposition, state, reason, phone_id, attempts, failures, next_at, callback_at)
     join attempts a on a.id = p.attempt_id
     where leads.id = p.id`,
    [
      ends.map((e) => e.id),
      ends.map((e) => e.leadId),
      ends.map((e) => new Date(e.outcome.endedAt)),
      ends.map((e) => e.outcome.disposition),
      ends.map((e) => e.plan.state),
      ends.map((e) => e.plan.reason),
      ends.map((e) => (e.plan.state === 'waiting' ? e.plan.phoneId : null)),
      ends.map((e) => e.plan.attempts),
      ends.map((e) => e.plan.failures),
      ends.map((e) => (e.plan.state === 'waiting' ? new Date(e.plan.nextAttemptAt) : null)),
      ends.map((e) => (e.plan.state === 'waiting' ? date(e.plan.callbackAt ?? undefined) : null)),
    ],
  )
}

/** The abandonment ledger: one row per answered call that counts. */
export async function enterLedger(db: Db, ends: { id: string; campaignId: string; outcome: Outcome }[]): Promise<void> {
  await db.query(
    `insert into abandonment_ledger (attempt_id, campaign_id, at, outcome)
     select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[]) as l (attempt_id, campaign_id, at, outcome)
     where outcome is not null
     on conflict (attempt_id) do nothing`,
    [
      ends.map((e) => e.id),
      ends.map((e) => e.campaignId),
      ends.map((e) => new Date(e.outcome.endedAt)),
      ends.map((e) => e.outcome.ledger ?? null),
    ],
  )
}

/** No call without a reserved agent to these people before the given time (47 CFR 64.1200, Ofcom: 72 h after an abandoned call). */
export async function restFromPredictive(db: Db, contactIds: number[], until: Date): Promise<void> {
  await db.query('update contacts set no_predictive_until = greatest(no_predictive_until, $2) where id = any($1)', [
    contactIds,
    until,
  ])
}

/** What was learnt about the phones that were dialed. */
export async function markPhones(db: Db, phones: { id: number; state: PhoneState }[]): Promise<void> {
  await db.query(
    `update phones set state = p.state from unnest($1::bigint[], $2::text[]) as p (id, state) where phones.id = p.id and phones.state = 'active'`,
    [phones.map((phone) => phone.id), phones.map((phone) => phone.state)],
  )
}
