/**
 * Campaigns in PostgreSQL: one function per statement. The row keeps the campaign's own settings; what holds is filled up
 * from its rule pack as the row is read. Called by office.ts and, at start, by the runner.
 */
import type { Db } from '../storage/database.ts'
import type { Campaign } from './campaign.ts'
import { readSettings } from './campaign-rules.ts'
import type { CampaignState } from './lifecycle.ts'
import type { Supplies } from './readiness.ts'

interface Row {
  id: string
  name: string
  state: CampaignState
  settings: unknown
  created_at: Date
  updated_at: Date
  started_at: Date | null
  finished_at: Date | null
}

const columns = 'id, name, state, settings, created_at, updated_at, started_at, finished_at'

const toCampaign = (row: Row): Campaign => ({
  id: row.id,
  name: row.name,
  state: row.state,
  ...readSettings(row.settings),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
})

/** undefined when the name is taken. */
export async function insertCampaign(
  db: Db,
  campaign: Pick<Campaign, 'id' | 'name'> & { ownSettings: unknown; at: Date },
): Promise<Campaign | undefined> {
  const { rows } = await db.query<Row>(
    `insert into campaigns (id, name, settings, created_at, updated_at) values ($1, $2, $3, $4, $4)
     on conflict (name) do nothing returning ${columns}`,
    [campaign.id, campaign.name, JSON.stringify(campaign.ownSettings), campaign.at],
  )
  return rows[0] && toCampaign(rows[0])
}

export async function findCampaign(db: Db, id: string): Promise<Campaign | undefined> {
  const { rows } = await db.query<Row>(`select ${columns} from campaigns where id = $1`, [id])
  return rows[0] && toCampaign(rows[0])
}

/** As findCampaign with its own settings, and nobody else changes the row until the transaction ends. */
export async function lockCampaign(db: Db, id: string): Promise<{ campaign: Campaign; ownSettings: unknown } | undefined> {
  const { rows } = await db.query<Row>(`select ${columns} from campaigns where id = $1 for update`, [id])
  return rows[0] && { campaign: toCampaign(rows[0]), ownSettings: rows[0].settings }
}

export async function listCampaigns(db: Db): Promise<Campaign[]> {
  const { rows } = await db.query<Row>(`select ${columns} from campaigns order by created_at, id`)
  return rows.map(toCampaign)
}

export async function isCampaignNameTaken(db: Db, name: string, exceptId: string): Promise<boolean> {
  const { rows } = await db.query('select from campaigns where name = $1 and id <> $2', [name, exceptId])
  return rows.length > 0
}

/** Writes name, settings and state; `started_at` keeps the first start, `finished_at` holds only while it is finished. */
export async function updateCampaign(
  db: Db,
  campaign: Pick<Campaign, 'id' | 'name' | 'state'> & { ownSettings: unknown; at: Date },
): Promise<Campaign | undefined> {
  const { rows } = await db.query<Row>(
    `update campaigns set name = $2, settings = $3, state = $4, updated_at = $5,
       started_at = case when $4 = 'running' then coalesce(started_at, $5) else started_at end,
       finished_at = case when $4 = 'finished' then coalesce(finished_at, $5) end
     where id = $1 returning ${columns}`,
    [campaign.id, campaign.name, JSON.stringify(campaign.ownSettings), campaign.state, campaign.at],
  )
  return rows[0] && toCampaign(rows[0])
}

/** What a campaign would dial with. */
export async function findSupplies(
  db: Db,
  { campaignId, callerIdPool, callerIdBrand }: { campaignId: string; callerIdPool: string; callerIdBrand: string | null },
): Promise<Supplies> {
  const { rows } = await db.query<{ trunks: Supplies['trunks']; has_agents: boolean; has_leads: boolean }>(
    `select
       coalesce((select json_agg(json_build_object('id', id, 'host', host, 'enabled', enabled, 'callerIds', caller_ids) order by id)
         from (select t.id, t.host, t.enabled, count(*) as caller_ids
               from caller_ids c join trunks t on t.id = c.trunk_id
               where c.pool = $2 and ($3::text is null or c.brand = $3) and c.state in ('active', 'warming')
                 and c.inbound_route in ('passed', 'waived') group by t.id) used), '[]') as trunks,
       exists (select from agents where campaign_id = $1 and enabled) as has_agents,
       exists (select from leads where campaign_id = $1 and state <> 'finished') as has_leads`,
    [campaignId, callerIdPool, callerIdBrand],
  )
  const row = rows[0]
  return { trunks: row?.trunks ?? [], hasAgents: row?.has_agents ?? false, hasLeads: row?.has_leads ?? false }
}

/** For an engine that begins to dial the campaign: its number, higher than every earlier one's. */
export async function raiseFence(db: Db, campaignId: string): Promise<number> {
  const { rows } = await db.query<{ fence: number }>('update campaigns set fence = fence + 1 where id = $1 returning fence', [
    campaignId,
  ])
  return rows[0]?.fence ?? 0
}

export async function readFence(db: Db, campaignId: string): Promise<number> {
  return (await db.query<{ fence: number }>('select fence from campaigns where id = $1', [campaignId])).rows[0]?.fence ?? 0
}
