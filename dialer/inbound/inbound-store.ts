/**
 * Calls to us in PostgreSQL: whose number was dialed, who may be calling, the rows of inbound_calls. One exported function per
 * statement. Decides nothing (matching.ts does). Called by the services of this room and by agents/ for results.
 */
import type { Db } from '../storage/database.ts'
import type { InboundFacts, InboundOutcome } from './inbound-state.ts'
import type { Candidate, MatchKind } from './matching.ts'

export interface OurNumber {
  id: number
  number: string
  pool: string
}

export async function findOurNumber(db: Db, number: string): Promise<OurNumber | undefined> {
  const { rows } = await db.query<OurNumber>({
    name: 'inbound-our-number',
    text: 'select id, number, pool from caller_ids where number = $1',
    values: [number],
  })
  return rows[0]
}

/** The lead that stands for a contact where no attempt says which. */
const anyLead = `select id, campaign_id from leads where contact_id = f.contact_id
  order by state <> 'finished' desc, last_attempt_at desc nulls last, id desc limit 1`

const candidateColumns = `f.kind, f.contact_id as "contactId", coalesce(t.id, l.id) as "leadId",
  coalesce(t.campaign_id, l.campaign_id) as "campaignId", (extract(epoch from f.called_at) * 1000)::float8 as "calledAt"`

/**
 * Contacts who may be calling from this number (null: withheld) to this number of ours. Whoever was found to be a stranger
 * at that number is not offered.
 */
export async function listCandidates(db: Db, call: { from: string | null; callerIdId: number }): Promise<Candidate[]> {
  const { rows } = await db.query<Candidate>({
    name: 'inbound-candidates',
    text: `with called as (
             select contact_id, caller_id_id, lead_id, placed_at from attempts where number = $1),
           found as (
             select 'pair' as kind, contact_id, (array_agg(lead_id order by placed_at desc))[1] as lead_id, max(placed_at) as called_at
               from called where caller_id_id = $2 group by contact_id
             union all
             select 'caller', contact_id, (array_agg(lead_id order by placed_at desc))[1], max(placed_at) from called group by contact_id
             union all
             select 'caller', contact_id, null, null from phones where number = $1
             union all
             select 'last_attempt', contact_id, lead_id, placed_at
               from (select * from attempts where caller_id_id = $2 order by placed_at desc limit 1) latest)
           select ${candidateColumns} from found f
             left join leads t on t.id = f.lead_id
             left join lateral (${anyLead}) l on t.id is null
            where not exists (select from phones p where p.contact_id = f.contact_id and p.number = $1 and p.state = 'wrong_person')
              and not exists (select from contacts c where c.id = f.contact_id and c.erased_at is not null)`,
    values: [call.from, call.callerIdId],
  })
  return rows
}

/** Contacts with these digits as their own number, or as the number of a debt or contract. */
export async function listByReference(db: Db, digits: string): Promise<Candidate[]> {
  const { rows } = await db.query<Candidate>({
    name: 'inbound-reference',
    text: `with f as (
             select 'reference' as kind, id as contact_id, null::timestamptz as called_at
               from contacts where regexp_replace(external_id, '\\D', '', 'g') = $1 and erased_at is null
             union
             select 'reference', contact_id, null from debts
              where regexp_replace(contract, '\\D', '', 'g') = $1 and contract is not null)
           select ${candidateColumns} from f left join leads t on false left join lateral (${anyLead}) l on true limit 20`,
    values: [digits],
  })
  return rows
}

/** Campaigns that dial from this pool, those at work first. */
export async function listCampaignsOfPool(db: Db, pool: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from campaigns where settings->>'callerIdPool' = $1
      order by array_position('{running,draining,paused,draft,finished}', state), updated_at desc limit 20`,
    [pool],
  )
  return rows.map(({ id }) => id)
}

/** Who talked with this contact last, whoever called whom. */
export async function findLastAgent(db: Db, contactId: number): Promise<string | undefined> {
  const { rows } = await db.query<{ agentId: string }>({
    name: 'inbound-last-agent',
    text: `select agent_id as "agentId" from (
             select agent_id, connected_at from attempts where contact_id = $1 and connected_at is not null
             union all
             select agent_id, connected_at from inbound_calls where contact_id = $1 and connected_at is not null) talks
            order by connected_at desc limit 1`,
    values: [contactId],
  })
  return rows[0]?.agentId
}

export interface NewInboundCall {
  id: string
  switchName: string
  channelId: string
  trunkId: string
  callerIdId: number
  number: string | null
  arrivedAt: number
}

export interface InboundIdentity {
  campaignId: string | null
  contactIds: number[]
  leadId: number | null
  match: MatchKind | null
}

export async function insertInboundCall(db: Db, call: NewInboundCall): Promise<void> {
  await db.query(
    `insert into inbound_calls (id, switch, channel_id, trunk_id, caller_id_id, number, arrived_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do nothing`,
    [call.id, call.switchName, call.channelId, call.trunkId, call.callerIdId, call.number, new Date(call.arrivedAt)],
  )
}

export async function writeIdentity(db: Db, id: string, identity: InboundIdentity): Promise<void> {
  await db.query(
    `update inbound_calls set campaign_id = $2, contact_ids = $3, contact_id = $4, lead_id = $5, match = $6
      where id = $1 and ended_at is null`,
    [id, identity.campaignId, identity.contactIds, identity.contactIds[0] ?? null, identity.leadId, identity.match],
  )
}

const date = (at: number | undefined) => (at === undefined ? null : new Date(at))

export async function writeProgress(db: Db, id: string, { answeredAt, connected }: InboundFacts): Promise<void> {
  await db.query(
    'update inbound_calls set answered_at = $2, agent_id = $3, connected_at = $4 where id = $1 and ended_at is null',
    [id, date(answeredAt), connected?.agent.agentId ?? null, date(connected?.at)],
  )
}

/** False when its end was written before. */
export async function writeEnd(
  db: Db,
  id: string,
  { facts, outcome, reason, at }: { facts: InboundFacts; outcome: InboundOutcome; reason: string; at: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update inbound_calls set answered_at = $2, agent_id = $3, connected_at = $4, ended_at = $5, outcome = $6, end_reason = $7
      where id = $1 and ended_at is null`,
    [
      id,
      date(facts.answeredAt),
      facts.connected?.agent.agentId ?? null,
      date(facts.connected?.at),
      new Date(at),
      outcome,
      reason,
    ],
  )
  return rowCount === 1
}

export interface InboundTalk {
  id: string
  agentId: string | null
  campaignId: string | null
  contactIds: number[]
  contactId: number | null
  leadId: number | null
  number: string | null
  connectedAt: Date | null
  endedAt: Date | null
  resultCode: string | null
}

const talkColumns = `id, agent_id as "agentId", campaign_id as "campaignId", to_json(contact_ids) as "contactIds", contact_id as "contactId",
  lead_id as "leadId", number, connected_at as "connectedAt", ended_at as "endedAt", result_code as "resultCode"`

export async function lockInboundCall(db: Db, id: string): Promise<InboundTalk | undefined> {
  const { rows } = await db.query<InboundTalk>(`select ${talkColumns} from inbound_calls where id = $1 for update`, [id])
  return rows[0]
}

/** The agent's latest talk with somebody who called; locked, so that two results at once follow one another. */
export async function lockLastInboundTalk(db: Db, agentId: string): Promise<InboundTalk | undefined> {
  const { rows } = await db.query<InboundTalk>(
    `select ${talkColumns} from inbound_calls where agent_id = $1 and connected_at is not null
      order by connected_at desc limit 1 for update`,
    [agentId],
  )
  return rows[0]
}

/** The agent knows who it was. */
export async function writeInboundResult(
  db: Db,
  result: { id: string; contactId: number | null; leadId: number | null; resultCode: string; note: string | null },
): Promise<void> {
  await db.query('update inbound_calls set contact_id = $2, lead_id = $3, result_code = $4, result_note = $5 where id = $1', [
    result.id,
    result.contactId,
    result.leadId,
    result.resultCode,
    result.note,
  ])
}

/** The lead that stands for a contact. */
export async function findLeadOfContact(db: Db, contactId: number): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>(
    `select l.id from (select $1::bigint as contact_id) f cross join lateral (${anyLead}) l`,
    [contactId],
  )
  return rows[0]?.id ?? null
}

export interface LockedLead {
  state: string
  campaignId: string
  contactId: number
  /** The contact's. */
  timeZone: string
}

/** Locked: nobody claims it meanwhile. */
export async function lockLead(db: Db, leadId: number): Promise<LockedLead | undefined> {
  const { rows } = await db.query<LockedLead>(
    `select l.state, l.campaign_id as "campaignId", l.contact_id as "contactId", c.time_zone as "timeZone"
       from leads l join contacts c on c.id = l.contact_id where l.id = $1 for update of l`,
    [leadId],
  )
  return rows[0]
}

export async function findPhoneId(db: Db, contactId: number, number: string | null): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>('select id from phones where contact_id = $1 and number = $2', [
    contactId,
    number,
  ])
  return rows[0]?.id ?? null
}

export interface OpenInboundCall {
  id: string
  channelId: string
  agentId: string | null
  answeredAt: Date | null
  connectedAt: Date | null
  arrivedAt: Date
}

/** Calls on this switch that a former run of the engine left without an end. */
export async function listOpenInboundCalls(db: Db, switchName: string): Promise<OpenInboundCall[]> {
  const { rows } = await db.query<OpenInboundCall>(
    `select id, channel_id as "channelId", agent_id as "agentId", arrived_at as "arrivedAt", answered_at as "answeredAt",
            connected_at as "connectedAt"
       from inbound_calls where switch = $1 and ended_at is null`,
    [switchName],
  )
  return rows
}

export interface InboundLine {
  id: string
  trunkId: string
  number: string | null
  ourNumber: string
  campaignId: string | null
  contactId: number | null
  leadId: number | null
  matches: number
  match: MatchKind | null
  arrivedAt: Date
  answeredAt: Date | null
  agentId: string | null
  connectedAt: Date | null
  endedAt: Date | null
  outcome: InboundOutcome | null
  endReason: string | null
  resultCode: string | null
  resultNote: string | null
}

/** Newest first. */
export async function listInboundCalls(
  db: Db,
  query: { campaignId: string | null; contactId: number | null; before: Date | null; limit: number },
): Promise<InboundLine[]> {
  const { rows } = await db.query<InboundLine>(
    `select i.id, i.trunk_id as "trunkId", i.number, n.number as "ourNumber", i.campaign_id as "campaignId",
            i.contact_id as "contactId", i.lead_id as "leadId", cardinality(i.contact_ids) as matches, i.match,
            i.arrived_at as "arrivedAt", i.answered_at as "answeredAt", i.agent_id as "agentId", i.connected_at as "connectedAt",
            i.ended_at as "endedAt", i.outcome, i.end_reason as "endReason", i.result_code as "resultCode",
            i.result_note as "resultNote"
       from inbound_calls i join caller_ids n on n.id = i.caller_id_id
      where ($1::uuid is null or i.campaign_id = $1) and ($2::bigint is null or i.contact_id = $2)
        and ($3::timestamptz is null or i.arrived_at < $3)
      order by i.arrived_at desc limit $4`,
    [query.campaignId, query.contactId, query.before, query.limit],
  )
  return rows
}
