/**
 * The rows of agents, their sessions and the stretches of their shifts, and the talk an agent's result belongs to.
 * One exported function per statement; no rules.
 */
import type { Db } from '../storage/database.ts'
import type { Session, Standing, StretchPhase } from './agent-state.ts'

export interface AgentRow {
  id: string
  account: string
  name: string
  campaignId: string | null
  enabled: boolean
  createdAt: Date
}

const agentColumns = 'id, account, name, campaign_id as "campaignId", enabled, created_at as "createdAt"'

/** Undefined when the account exists already. */
export async function insertAgent(
  db: Db,
  agent: { id: string; account: string; name: string; sipDigest: string; campaignId: string | null },
): Promise<AgentRow | undefined> {
  const { rows } = await db.query<AgentRow>(
    `insert into agents (id, account, name, sip_digest, campaign_id) values ($1, $2, $3, $4, $5)
     on conflict (account) do nothing returning ${agentColumns}`,
    [agent.id, agent.account, agent.name, agent.sipDigest, agent.campaignId],
  )
  return rows[0]
}

export async function listAgents(db: Db): Promise<AgentRow[]> {
  return (await db.query<AgentRow>(`select ${agentColumns} from agents order by account`)).rows
}

export async function findAgent(db: Db, id: string): Promise<AgentRow | undefined> {
  return (await db.query<AgentRow>(`select ${agentColumns} from agents where id = $1`, [id])).rows[0]
}

export async function findAgentByAccount(db: Db, account: string): Promise<AgentRow | undefined> {
  return (await db.query<AgentRow>(`select ${agentColumns} from agents where account = $1`, [account])).rows[0]
}

/** A field that is undefined stays as it is; undefined when there is no such agent. */
export async function updateAgent(
  db: Db,
  id: string,
  change: { name?: string | undefined; campaignId?: string | null | undefined; enabled?: boolean | undefined },
): Promise<AgentRow | undefined> {
  const { rows } = await db.query<AgentRow>(
    `update agents set name = coalesce($2, name), enabled = coalesce($3, enabled),
       campaign_id = case when $4 then $5 else campaign_id end
     where id = $1 returning ${agentColumns}`,
    [id, change.name ?? null, change.enabled ?? null, change.campaignId !== undefined, change.campaignId ?? null],
  )
  return rows[0]
}

export async function listSipAccounts(db: Db): Promise<{ account: string; digest: string }[]> {
  const sql = 'select account, sip_digest as digest from agents where enabled order by account'
  return (await db.query<{ account: string; digest: string }>(sql)).rows
}

export async function findSipAccount(db: Db, id: string): Promise<{ account: string; digest: string } | undefined> {
  const sql = 'select account, sip_digest as digest from agents where id = $1'
  return (await db.query<{ account: string; digest: string }>(sql, [id])).rows[0]
}

/** An open one that a former run left of this agent, on a leg that is gone, gives way. */
export async function openSession(
  db: Db,
  { session, agentId, switchName, at }: { session: Session; agentId: string; switchName: string; at: Date },
): Promise<void> {
  await db.query(
    `with replaced as (
       update agent_sessions set logged_out_at = greatest($5, logged_in_at), logout_reason = 'dialed in again'
       where agent_id = $2 and id <> $1 and logged_out_at is null returning id)
     insert into agent_sessions (id, agent_id, campaign_id, via, logged_in_at, switch, channel_id, bridge_id)
     select $1, $2, $3, $4, $5, $6, $7, $8 from (select count(*) from replaced) after
     on conflict (id) do nothing`,
    [session.sessionId, agentId, session.campaignId, session.via, at, switchName, session.channelId, session.bridgeId],
  )
}

/** What each comes back to; of one session the last counts. */
export async function keepStandings(db: Db, standings: ReadonlyMap<string, Standing>): Promise<void> {
  await db.query({
    name: 'keep-standings',
    text: `update agent_sessions s set standing = k.standing
           from unnest($1::uuid[], $2::jsonb[]) as k (id, standing) where s.id = k.id and s.logged_out_at is null`,
    values: [[...standings.keys()], [...standings.values()].map((standing) => JSON.stringify(standing))],
  })
}

export async function closeSession(db: Db, session: { id: string; at: Date; reason: string }): Promise<void> {
  await db.query(
    'update agent_sessions set logged_out_at = greatest($2, logged_in_at), logout_reason = $3 where id = $1 and logged_out_at is null',
    [session.id, session.at, session.reason],
  )
}

export interface OpenSession {
  agentId: string
  account: string
  enabled: boolean
  session: Session
  loggedInAt: Date
  /** As written; null: at work. */
  standing: unknown
}

/** Sessions on this switch that a former run of the engine left open. */
export async function listOpenSessions(db: Db, switchName: string): Promise<OpenSession[]> {
  const { rows } = await db.query<Session & Omit<OpenSession, 'session'>>(
    `select s.id as "sessionId", s.campaign_id as "campaignId", s.via, coalesce(s.channel_id, '') as "channelId",
            coalesce(s.bridge_id, '') as "bridgeId", s.agent_id as "agentId", a.account, s.logged_in_at as "loggedInAt", s.standing, a.enabled
     from agent_sessions s join agents a on a.id = s.agent_id
     where s.logged_out_at is null and s.switch = $1`,
    [switchName],
  )
  return rows.map(({ agentId, account, enabled, loggedInAt, standing, ...session }) => ({
    ...{ agentId, account, enabled, loggedInAt, standing, session },
  }))
}

/** `beganAt` and `endedAt` in epoch ms. A stretch that is there already (written again, or the clock went back) is left. */
export async function insertStretches(
  db: Db,
  stretches: { sessionId: string; beganAt: number; endedAt: number; phase: StretchPhase; reason: string | null }[],
): Promise<void> {
  await db.query({
    name: 'insert-stretches',
    text: `insert into agent_stretches (session_id, began_at, ended_at, state, reason)
           select * from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[])
           on conflict (session_id, began_at) do nothing`,
    values: [
      stretches.map((stretch) => stretch.sessionId),
      stretches.map((stretch) => new Date(stretch.beganAt)),
      stretches.map((stretch) => new Date(stretch.endedAt)),
      stretches.map((stretch) => stretch.phase),
      stretches.map((stretch) => stretch.reason),
    ],
  })
}

export interface LastTalk {
  attemptId: string
  leadId: number
  campaignId: string
  phoneId: number | null
  number: string
  /** The contact's. */
  timeZone: string
  connectedAt: Date
  endedAt: Date | null
}

export async function findLeadOfCall(db: Db, attemptId: string): Promise<number | undefined> {
  const sql = `select lead_id as "leadId" from attempts where id = $1
    union all select lead_id from inbound_calls where id = $1 and lead_id is not null`
  return (await db.query<{ leadId: number }>(sql, [attemptId])).rows[0]?.leadId
}

/** The agent's latest talk, going on or ended; locked, so that two results at once follow one another. */
export async function lockLastTalk(db: Db, agentId: string): Promise<LastTalk | undefined> {
  const { rows } = await db.query<LastTalk>(
    `select a.id as "attemptId", a.lead_id as "leadId", a.campaign_id as "campaignId", a.phone_id as "phoneId", a.number,
       c.time_zone as "timeZone", a.connected_at as "connectedAt", a.ended_at as "endedAt"
     from attempts a join contacts c on c.id = a.contact_id where a.agent_id = $1 and a.connected_at is not null
     order by a.connected_at desc limit 1 for update of a`,
    [agentId],
  )
  return rows[0]
}

/** The agent had a machine on the line: neither connected nor abandoned, machines are left out of the record (Ofcom). */
export async function dropFromLedger(db: Db, attemptId: string): Promise<void> {
  await db.query('delete from abandonment_ledger where attempt_id = $1', [attemptId])
}

export async function writeResult(db: Db, result: { attemptId: string; resultCode: string; note: string | null }): Promise<void> {
  await db.query('update attempts set result_code = $2, result_note = $3 where id = $1', [
    result.attemptId,
    result.resultCode,
    result.note,
  ])
}
