/**
 * The campaign office: creates campaigns, changes them live, and takes them through their life. It never places a call:
 * the runner hears of every change through `onChange` and acts at its next tick. Called by the API and by the runner.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { OutpaceError } from '../errors.ts'
import { zoneOfCountry } from '../leads/time-zone.ts'
import { type Db, inTransaction, type Pool } from '../storage/database.ts'
import type { Campaign } from './campaign.ts'
import { settleChange, settleSettings } from './campaign-rules.ts'
import {
  findCampaign,
  findSupplies,
  insertCampaign,
  isCampaignNameTaken,
  listCampaigns,
  lockCampaign,
  updateCampaign,
} from './campaign-store.ts'
import { type CampaignEvent, possible, step } from './lifecycle.ts'
import type { LiveStats } from './live.ts'
import { mergePatch } from './merge-patch.ts'
import { whatIsMissing } from './readiness.ts'
import { type CampaignStats, readStats } from './stats.ts'

export type Office = ReturnType<typeof createOffice>

type Change = Partial<Pick<Campaign, 'name' | 'state'> & { ownSettings: unknown }>

export interface OfficeDeps {
  pool: Pool
  clock: Clock
  /** The safety catch of the trunks, told at a start instead of at the first call. */
  liveDialing: boolean
  /** undefined when no process at hand runs this campaign. */
  live: (campaignId: string) => LiveStats | undefined
}

export function createOffice({ pool, clock, liveDialing, live }: OfficeDeps) {
  const listeners = new Set<(campaign: Campaign) => void>()

  async function get(id: string): Promise<Campaign> {
    return (await findCampaign(pool, id)) ?? missing(id)
  }

  /** Locks the row, writes what `decide` makes of it, and tells the listeners when it is committed. */
  async function update(
    id: string,
    decide: (db: Db, before: Campaign, ownSettings: unknown) => Promise<Change>,
  ): Promise<Campaign> {
    const after = await inTransaction(pool, async (db) => {
      const { campaign, ownSettings } = (await lockCampaign(db, id)) ?? missing(id)
      const change = await decide(db, campaign, ownSettings)
      if (Object.keys(change).length === 0) return undefined
      const { name, state } = campaign
      return (await updateCampaign(db, { id, name, state, ownSettings, ...change, at: new Date(clock.now()) })) ?? missing(id)
    })
    if (!after) return get(id)
    for (const listener of listeners) listener(after)
    return after
  }

  const move = (id: string, event: Exclude<CampaignEvent, 'last_call_ended'>): Promise<Campaign> =>
    update(id, async (db, campaign) => {
      const next = step(campaign.state, event)
      if (next.ignored) {
        throw new OutpaceError('wrong_state', {
          what: 'campaign',
          state: campaign.state,
          action: event,
          possible: possible(campaign.state).join(', '),
        })
      }
      if (next.state === 'running') await checkReady(db, campaign)
      return { state: next.state }
    })

  async function checkReady(db: Db, campaign: Campaign): Promise<void> {
    const { callerIdPool, callerIdBrand } = campaign.settings
    const supplies = await findSupplies(db, { campaignId: campaign.id, callerIdPool, callerIdBrand })
    const missing = whatIsMissing(supplies, campaign.settings, liveDialing)
    if (missing.length > 0) throw new OutpaceError('campaign_not_ready', { missing: missing.join('; ') })
  }

  return {
    /** `settings` may leave out whatever has a default. */
    async create(input: { name: string; settings: unknown }): Promise<Campaign> {
      settleSettings(input.settings)
      const { name, settings: ownSettings } = input
      const campaign = await insertCampaign(pool, { id: randomUUID(), name, ownSettings, at: new Date(clock.now()) })
      if (!campaign) throw new OutpaceError('already_exists', { what: 'campaign', id: `"${input.name}"` })
      return campaign
    },

    get,

    list: (): Promise<Campaign[]> => listCampaigns(pool),

    /** In any state. The settings are a merge patch; a running campaign follows the new ones at its next tick. */
    change: (id: string, patch: { name?: string; settings?: unknown }): Promise<Campaign> =>
      update(id, async (db, campaign, before) => {
        const name = patch.name ?? campaign.name
        if (await isCampaignNameTaken(db, name, id))
          throw new OutpaceError('already_exists', { what: 'campaign', id: `"${name}"` })
        const ownSettings = mergePatch(before, patch.settings ?? {})
        settleChange(campaign.rules, ownSettings, patch.settings)
        return { name, ownSettings }
      }),

    start: (id: string) => move(id, 'start'),
    pause: (id: string) => move(id, 'pause'),
    drain: (id: string) => move(id, 'drain'),

    /** From the runner: no call of the campaign is live. Only a draining campaign ends by it. */
    lastCallEnded: (id: string): Promise<Campaign> =>
      update(id, async (_db, campaign) => {
        const next = step(campaign.state, 'last_call_ended')
        return next.ignored ? {} : { state: next.state }
      }),

    async stats(id: string): Promise<CampaignStats> {
      const campaign = await get(id)
      // The calendar day that a regulator counts by is the one of the country that is called.
      const timeZone = zoneOfCountry(campaign.settings.country) ?? 'UTC'
      return readStats(pool, { campaign, at: clock.now(), timeZone, live: live(id) ?? null })
    },

    /** Told of every committed change, in this process; returns its removal. */
    onChange(listener: (campaign: Campaign) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function missing(id: string): never {
  throw new OutpaceError('not_found', { what: 'campaign', id })
}
