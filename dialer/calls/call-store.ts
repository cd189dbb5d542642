/**
 * The attempts table: one exported function per write, each for many calls at once (the writes of one tick go together).
 * Every write may be repeated: a crash between write and acknowledgement changes nothing the second time.
 */
import type { Check } from '../leads/check.ts'
import type { LeadPlan } from '../leads/lead.ts'
import type { Db } from '../storage/database.ts'
import type { AnswerFacts, Outcome } from './call.ts'
import type { CallPlan } from './call-plan.ts'

const date = (at: number | undefined) => (at === undefined ? null : new Date(at))

/** A planned call with what is kept of it beside the plan: the debts it is about, and by what it was checked. */
export interface NewAttempt extends CallPlan {
  debtIds: number[]
  checkedBy: { pack: string; version: string; checks: readonly Check[] }
}

/** Who places: on which switch, and the number that the campaign's fence showed when this engine began to dial it. */
export interface Standpoint {
  switchName: string
  fence: number
}

/** No longer lies between a claim and its attempts: later than that, the lease of the lead has run out. */
const unseenMs = 120_000

/**
 * Commits the attempts before the switch is asked and marks their leads as in a call.
 * Returns the ids written; a person or number with a live call elsewhere is left out (attempts_live_*, or he calls us), and so are a lead
 * that is no longer claimed (its debt was settled meanwhile: debts/debt-store.ts) and a phone marked as wrong meanwhile,
 * and a person or number that somebody else has called since the rules looked, though the call is over already. All are when
 * a later engine dials the campaign by now: its number is higher than ours.
 */
export async function insertAttempts(db: Db, plans: NewAttempt[], { switchName, fence }: Standpoint): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>({
    name: 'insert-attempts',
    text: `with dialing as (
       select id from campaigns where id = any ($3::uuid[]) and fence <= $17::bigint for share),
     held as (
       select leads.id from leads join dialing on dialing.id = leads.campaign_id
        where leads.id = any ($2::bigint[]) and state = 'claimed' order by leads.id for no key update of leads),
     placed as (
       insert into attempts (id, lead_id, campaign_id, contact_id, phone_id, number, trunk_id, caller_id_id, mode, reason, placed_at,
                             rule_pack, rule_pack_version, checks, debt_ids, switch)
       select p.id, p.lead_id, p.campaign_id, p.contact_id, p.phone_id, p.number, p.trunk_id, p.caller_id_id, p.mode, p.reason, p.placed_at,
              p.rule_pack, p.rule_pack_version, p.checks, p.debt_ids::bigint[], $16
         from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::bigint[],
                            $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::text[], $14::jsonb[], $15::text[], $18::int[])
              as p (id, lead_id, campaign_id, contact_id, phone_id, number, trunk_id, caller_id_id, mode, reason, placed_at,
                    rule_pack, rule_pack_version, checks, debt_ids, known)
         join held on held.id = p.lead_id
         join phones on phones.id = p.phone_id and phones.state = 'active'
        where (select count(*) from attempts a where a.contact_id = p.contact_id and a.placed_at > p.placed_at - $19::interval) <= p.known
          and (select count(*) from attempts a where a.number = p.number and a.placed_at > p.placed_at - $19::interval) <= p.known
          and not exists (select from inbound_calls i
                           where i.ended_at is null and (i.number = p.number or p.contact_id = any (i.contact_ids)))
       on conflict do nothing
       returning id, lead_id)
     update leads set state = 'in_call', reason = 'in a call', wanted_caller_id_id = null, wanted_caller_id_by = null
     from placed where leads.id = placed.lead_id
     returning placed.id`,
    values: [
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
      plans.map((p) => p.checkedBy.pack),
      plans.map((p) => p.checkedBy.version),
      plans.map((p) => JSON.stringify(Object.fromEntries(p.checkedBy.checks.map(({ rule, finding }) => [rule, finding])))),
      plans.map((p) => `{${p.debtIds.join(',')}}`),
      switchName,
      fence,
      plans.map((p) => p.lead.recentAttempts.filter(({ placedAt }) => placedAt > p.placedAt - unseenMs).length),
      `${unseenMs} milliseconds`,
    ],
  })
  return new Set(rows.map((row) => row.id))
}

/** Answer, verdict and agent as far as they are known; facts only grow, so a repeated or merged write changes nothing. */
export async function markProgress(db: Db, calls: { id: string; facts: AnswerFacts }[]): Promise<void> {
  await db.query({
    name: 'mark-progress',
    text: `update attempts a set answered_at = coalesce(p.answered_at, a.answered_at), detection = coalesce(p.verdict, a.detection),
                  detection_cause = coalesce(p.cause, a.detection_cause), detected_at = coalesce(p.detected_at, a.detected_at),
                  agent_id = coalesce(p.agent_id, a.agent_id), connected_at = coalesce(p.connected_at, a.connected_at),
                  message_begun_at = coalesce(p.message_begun_at, a.message_begun_at)
           from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::timestamptz[],
                       $8::timestamptz[])
                  as p (id, answered_at, verdict, cause, detected_at, agent_id, connected_at, message_begun_at)
           where a.id = p.id and a.ended_at is null`,
    values: [calls.map((c) => c.id), ...factColumns(calls.map((c) => c.facts)), messageColumn(calls.map((c) => c.facts))],
  })
}

/** answered_at, verdict, cause, detected_at, agent_id, connected_at. */
const factColumns = (facts: (AnswerFacts | undefined)[]) => [
  facts.map((f) => date(f?.answeredAt)),
  facts.map((f) => f?.detected?.verdict ?? null),
  facts.map((f) => f?.detected?.cause ?? null),
  facts.map((f) => date(f?.detected?.at)),
  facts.map((f) => f?.connected?.agent.agentId ?? null),
  facts.map((f) => date(f?.connected?.at)),
]
const messageColumn = (facts: (AnswerFacts | undefined)[]) => facts.map((f) => date(f?.message?.begunAt))

export interface EndedAttempt {
  id: string
  leadId: number
  contactId: number
  campaignId: string
  phoneId: number
  outcome: Outcome
  plan: LeadPlan
  /** How long the person rests from calls without a reserved agent, if this one was abandoned. */
  restHoursIfAbandoned: number
}

/**
 * The ends of attempts, whole or not at all, in one statement: the attempt, its lead, the abandonment ledger (one row per
 * answered call that counts), the person's rest from predictive calls after an abandoned one (by his campaign's rules),
 * and what was learnt about the phone. An attempt that is ended already is passed over with all of it. An agent's result
 * code written meanwhile stands: it knows more of the lead than the network does.
 */
export async function writeEnds(db: Db, ends: EndedAttempt[]): Promise<void> {
  const waiting = ends.map(({ plan }) => (plan.state === 'waiting' ? plan : undefined))
  await db.query({
    name: 'write-ends',
    text: `with e as (
             select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::boolean[], $6::int[], $7::int[],
                                  $8::timestamptz[], $9::text[], $10::text[], $11::timestamptz[], $12::uuid[], $13::timestamptz[],
                                  $14::bigint[], $15::bigint[], $16::uuid[], $17::bigint[], $18::text[], $19::text[], $20::text[],
                                  $21::bigint[], $22::int[], $23::int[], $24::timestamptz[], $25::timestamptz[], $26::uuid[], $27::text[], $28::int[],
                                  $29::timestamptz[])
                         as e (id, at, disposition, end_reason, counts, cause, sip_code,
                               answered_at, verdict, verdict_cause, detected_at, agent_id, connected_at,
                               lead_id, contact_id, campaign_id, phone_id, ledger, lead_state, lead_reason,
                               next_phone_id, attempts, failures, next_at, callback_at, callback_agent_id, phone_state, rest_hours,
                               message_begun_at)),
           ended as (
             update attempts a set ended_at = e.at, disposition = e.disposition, end_reason = e.end_reason, counts = e.counts,
                    hangup_cause = e.cause, sip_code = e.sip_code, answered_at = e.answered_at, detection = e.verdict,
                    detection_cause = e.verdict_cause, detected_at = e.detected_at, agent_id = e.agent_id, connected_at = e.connected_at,
                    message_begun_at = e.message_begun_at
             from e where a.id = e.id and a.ended_at is null
             returning e.*, a.result_code, a.placed_at),
           planned as (
             update leads l set attempts = e.attempts, failures = e.failures, last_attempt_at = e.at, disposition = e.disposition,
                    first_attempt_at = case when e.counts then coalesce(l.first_attempt_at, e.placed_at) else l.first_attempt_at end,
                    first_attempt_by = case when e.counts then null else l.first_attempt_by end,
                    claimed_by = null, claimed_until = null,
                    state = case when e.result_code is null then e.lead_state else l.state end,
                    reason = case when e.result_code is null then e.lead_reason else l.reason end,
                    phone_id = case when e.result_code is null then e.next_phone_id else l.phone_id end,
                    callback_at = case when e.result_code is null then e.callback_at else l.callback_at end,
                    callback_agent_id = case when e.result_code is null then e.callback_agent_id else l.callback_agent_id end,
                    callback_misses = case when e.counts then 0 else l.callback_misses end,
                    next_attempt_at = case when e.result_code is null then coalesce(e.next_at, l.next_attempt_at) else l.next_attempt_at end,
                    finished_at = case when e.result_code is null and e.lead_state = 'finished' then e.at else l.finished_at end
             from ended e where l.id = e.lead_id),
           entered as (
             insert into abandonment_ledger (attempt_id, campaign_id, at, outcome)
             select id, campaign_id, at, ledger from ended where ledger is not null
             on conflict (attempt_id) do nothing),
           rested as (
             update contacts c set no_predictive_until = greatest(c.no_predictive_until, e.at + e.rest_hours * interval '1 hour')
             from ended e where c.id = e.contact_id and e.ledger = 'abandoned')
           update phones p set state = e.phone_state
           from ended e where p.id = e.phone_id and e.phone_state is not null and p.state = 'active'`,
    values: [
      ends.map((e) => e.id),
      ends.map((e) => new Date(e.outcome.endedAt)),
      ends.map((e) => e.outcome.disposition),
      ends.map((e) => e.outcome.reason),
      ends.map((e) => e.outcome.counts),
      ends.map((e) => e.outcome.network.cause),
      ends.map((e) => e.outcome.network.sipCode ?? null),
      ...factColumns(ends.map((e) => e.outcome.facts)),
      ends.map((e) => e.leadId),
      ends.map((e) => e.contactId),
      ends.map((e) => e.campaignId),
      ends.map((e) => e.phoneId),
      ends.map((e) => e.outcome.ledger ?? null),
      ends.map((e) => e.plan.state),
      ends.map((e) => e.plan.reason),
      waiting.map((plan) => plan?.phoneId ?? null),
      ends.map((e) => e.plan.attempts),
      ends.map((e) => e.plan.failures),
      waiting.map((plan) => date(plan?.nextAttemptAt)),
      waiting.map((plan) => date(plan?.callbackAt ?? undefined)),
      waiting.map((plan) => plan?.callbackAgentId ?? null),
      ends.map((e) => e.plan.phoneState ?? null),
      ends.map((e) => e.restHoursIfAbandoned),
      messageColumn(ends.map((e) => e.outcome.facts)),
    ],
  })
}

/** The end of an attempt whose outcome the database refuses: over, with its disposition, and the lead put aside for a day. */
export async function endBarely(db: Db, { id, leadId, outcome }: EndedAttempt): Promise<void> {
  await db.query(
    `with ended as (
       update attempts set ended_at = placed_at, disposition = $2, counts = $3,
              end_reason = 'what came of it cannot be written: see the log'
        where id = $1 and ended_at is null)
     update leads set state = 'waiting', claimed_by = null, claimed_until = null, next_attempt_at = now() + interval '1 day',
            reason = 'put aside: what came of the last call cannot be written'
      where id = $4 and state = 'in_call'`,
    [id, outcome.disposition, outcome.counts, leadId],
  )
}
