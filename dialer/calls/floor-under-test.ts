/** A campaign that runs, with trunk, caller IDs, an agent and people, on a real database; for the tests of calls/ and campaigns/. */
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import type { Campaign } from '../campaigns/campaign.ts'
import { settleSettings } from '../campaigns/campaign-rules.ts'
import { findCampaign } from '../campaigns/campaign-store.ts'
import type { CampaignSettingsInput } from '../campaigns/settings.ts'
import type { Clock } from '../clock.ts'
import type { ClaimedLead } from '../leads/lead.ts'
import { claimDueLeads } from '../leads/lead-store.ts'
import type { Pool } from '../storage/database.ts'
import { insertAttempts, type NewAttempt } from './call-store.ts'

export const silentLog = pino({ level: 'silent' })
export const noHolidays = () => undefined
/** For engines whose calls are not listened to: no verdict ever, no machine is a sample. */
export const deaf = { createDetector: () => ({ feed: () => [] }), random: () => 0.999 }
/** Of an engine that has never been overtaken. */
export const standpoint = { switchName: 'main', fence: 0 }

let numbers = 0

export async function prepareFloor(pool: Pool, clock: Clock, changes: Partial<CampaignSettingsInput> = {}) {
  const name = randomUUID().slice(0, 8)
  numbers += 10
  const ownSettings = { country: 'PL', callerIdPool: name, ...changes }
  const { settings } = settleSettings(ownSettings)
  const id = randomUUID()
  await pool.query(`insert into campaigns (id, name, state, settings) values ($1, $2, 'running', $3)`, [
    id,
    name,
    JSON.stringify(ownSettings),
  ])
  await pool.query(`insert into trunks (id, host, max_channels, calls_per_second) values ($1, '127.0.0.1', 10, 100)`, [name])
  await pool.query(
    `insert into caller_ids (number, pool, trunk_id, country, line_type, inbound_route)
     select '+4822' || lpad(($2::int + n)::text, 7, '0'), $1, $1, 'PL', 'fixed', 'waived' from generate_series(1, 3) n`,
    [name, numbers],
  )
  const agentId = randomUUID()
  await pool.query(`insert into agents (id, account, name, sip_digest, campaign_id) values ($1, $2, 'Anna', 'x', $3)`, [
    agentId,
    name,
    id,
  ])

  async function campaign(): Promise<Campaign> {
    const found = await findCampaign(pool, id)
    if (!found) throw new Error('no campaign')
    return found
  }

  /** People with one mobile phone and an open debt each, due now; returns the leads' ids. */
  async function enlist(people: number, number = (n: number) => `+48601${String(n).padStart(6, '0')}`): Promise<number[]> {
    const ids: number[] = []
    for (let i = 0; i < people; i++) {
      const n = ++numbers
      const { rows } = await pool.query<{ id: number }>(
        `with c as (insert into contacts (external_id, name, country, time_zone) values ($1, 'Jan', 'PL', 'Europe/Warsaw') returning id),
         p as (insert into phones (contact_id, number, line_type, position) select id, $2, 'mobile', 0 from c),
         d as (insert into debts (contact_id, external_id, balance_minor, currency) select id, $1, 12345, 'PLN' from c)
         insert into leads (campaign_id, contact_id, next_attempt_at, reason) select $3, id, $4, 'new' from c returning id`,
        [`${name}-${n}`, number(n), id, new Date(clock.now())],
      )
      ids.push(...rows.map((row) => row.id))
    }
    return ids
  }

  const claim = (limit = 100): Promise<ClaimedLead[]> =>
    claimDueLeads(pool, { campaignId: id, limit, owner: 'test', leaseMs: 30_000, at: new Date(clock.now()) })

  /** A call as place-call.ts would plan it. */
  async function plan(lead: ClaimedLead): Promise<NewAttempt> {
    const phone = lead.phones[0]
    const { rows } = await pool.query<{ id: number; number: string }>('select id, number from caller_ids where pool = $1', [name])
    const callerId = rows[0]
    if (!phone || !callerId) throw new Error('no phone or caller ID')
    return {
      ...{ id: randomUUID(), campaignId: id, lead, phone: { id: phone.id, number: phone.number }, trunkId: name, callerId },
      ...{ mode: settings.mode, reason: 'test', placedAt: clock.now(), settings },
      ...{ debtIds: lead.openDebts.map(({ id }) => id), checkedBy: { pack: 'PL', version: 'test', checks: [] } },
    }
  }

  /** Calls to so many people, as far as their rows in the database. */
  async function dial(people: number): Promise<NewAttempt[]> {
    await enlist(people)
    const plans = await Promise.all((await claim()).map(plan))
    await insertAttempts(pool, plans, standpoint)
    return plans
  }

  async function leads() {
    const { rows } = await pool.query<{ id: number; state: string; reason: string; attempts: number; next_attempt_at: Date }>(
      'select id, state, reason, attempts, next_attempt_at from leads where campaign_id = $1 order by id',
      [id],
    )
    return rows
  }

  return { id, name, agentId, settings, campaign, enlist, claim, plan, dial, leads }
}
