/**
 * The rows of agents, their sessions and the stretches of their shifts, and the talk an agent's result belongs to.
 * One exported function per statement; no rules.
 */
import type { Db } from '../storage/database.ts'
import type { StretchPhase } from './agent-state.ts'

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

export async function openSession(
  db: Db,
  session: { id: string; agentId: string; campaignId: string; via: 'dialed_in' | 'called'; at: Date },
): Promise<void> {
  await db.query(
    `insert into agent_sessions (id, agent_id, campaign_id, via, logged_in_at) values ($1, $2, $3, $4, $5)
     on conflict (id) do nothing`,
    [session.id, session.agentId, session.campaignId, session.via, session.at],
  )
}

export async function closeSession(db: Db, session: { id: string; at: Date; reason: string }): Promise<void> {
  await db.query('update agent_sessions set logged_out_at = $2, logout_reason = $3 where id = $1 and logged_out_at is null', [
    session.id,
    session.at,
    session.reason,
  ])
}

/** Sessions that a former run of the engine left open; returns their agents' accounts. */
export async function closeOpenSessions(db: Db, at: Date, reason: string): Promise<string[]> {
  const { rows } = await db.query<{ account: string }>(
    `update agent_sessions set logged_out_at = greatest($1, logged_in_at), logout_reason = $2
     from agents where agents.id = agent_id and logged_out_at is null returning account`,
    [at, reason],
  )
  return rows.map((row) => row.account)
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
  endedAt: Date | null
}

export async function findLeadOfCall(db: Db, attemptId: string): Promise<number | undefined> {
  const sql = 'select lead_id as "leadId" from attempts where id = $1'
  return (await db.query<{ leadId: number }>(sql, [attemptId])).rows[0]?.leadId
}

/** The agent's latest talk, going on or ended; locked, so that two results at once follow one another. */
export async function lockLastTalk(db: Db, agentId: string): Promise<LastTalk | undefined> {
  const { rows } = await db.query<LastTalk>(
    `select id as "attemptId", lead_id as "leadId", campaign_id as "campaignId", phone_id as "phoneId", number,
       ended_at as "endedAt"
     from attempts where agent_id = $1 and connected_at is not null
     order by connected_at desc limit 1 for update`,
    [agentId],
  )
  return rows[0]
}

export async function writeResult(db: Db, result: { attemptId: string; resultCode: string; note: string | null }): Promise<void> {
  await db.query('update attempts set result_code = $2, result_note = $3 where id = $1', [
    result.attemptId,
    result.resultCode,
    result.note,
  ])
}
