/**
 * Finds out who calls and whose agents are to take it: asks the database, lets matching.ts rank, reads what the agent will
 * see. Office hours and presence decide whether anybody can take the call at all. Called by inbound-engine.ts.
 */
import type { Match } from '../agents/desk-event.ts'
import type { Agents } from '../agents/pool.ts'
import { readScreens } from '../agents/screen-store.ts'
import { findCampaign } from '../campaigns/campaign-store.ts'
import type { Clock } from '../clock.ts'
import { closedBecause } from '../leads/calling-window.ts'
import type { Holidays } from '../leads/holidays.ts'
import { zoneOfCountry } from '../leads/time-zone.ts'
import type { Pool } from '../storage/database.ts'
import { type InboundSettings, inboundSettingsSchema } from './inbound-settings.ts'
import type { Caller } from './inbound-state.ts'
import * as store from './inbound-store.ts'
import { type FoundContact, rank } from './matching.ts'

export interface Identity extends store.InboundIdentity {
  caller: Caller
  /** Who talked with him last. */
  lastAgentId: string | undefined
  matches: Match[]
  rules: InboundSettings
}

export interface Calling {
  /** null: withheld. */
  from: string | null
  ours: store.OurNumber
}

export interface Identify {
  byNumber(call: Calling): Promise<Identity>
  /** undefined: nobody has this reference. */
  byReference(call: Calling, digits: string): Promise<Identity | undefined>
}

export function createIdentify(deps: { pool: Pool; agents: Agents; clock: Clock; holidays: Holidays }): Identify {
  const { pool, agents, clock, holidays } = deps

  const isStaffed = (campaignId: string) => {
    const { logged_out: _, ...present } = agents.counts(campaignId)
    return Object.values(present).some((count) => count > 0)
  }

  /** The campaign that knows him, or another of this number if nobody of that one is on shift. */
  async function chooseCampaign(found: FoundContact[], ours: store.OurNumber): Promise<string | null> {
    const ofPool = await store.listCampaignsOfPool(pool, ours.pool)
    const candidates = [...found.flatMap(({ campaignId }) => campaignId ?? []), ...ofPool]
    return candidates.find(isStaffed) ?? candidates[0] ?? null
  }

  async function readHours(campaignId: string | null): Promise<{ rules: InboundSettings; open: boolean }> {
    const campaign = campaignId === null ? undefined : await findCampaign(pool, campaignId)
    if (!campaign) return { rules: inboundSettingsSchema.parse({}), open: false }
    const { inbound, windows, country } = campaign.settings
    const place = { country, timeZone: zoneOfCountry(country) ?? 'UTC' }
    const open = closedBecause(clock.now(), place, inbound.hours ?? windows, holidays) === undefined
    return { rules: inbound, open: open && isStaffed(campaign.id) }
  }

  async function complete({ from, ours }: Calling, found: FoundContact[]): Promise<Identity> {
    const [first] = found
    const [campaignId, lastAgentId, screens] = await Promise.all([
      chooseCampaign(found, ours),
      first && store.findLastAgent(pool, first.contactId),
      readScreens(pool, found),
    ])
    const { rules, open } = await readHours(campaignId)
    const whyOf = new Map(found.map(({ contactId, why }) => [contactId, why]))
    return {
      campaignId,
      contactIds: found.map(({ contactId }) => contactId),
      leadId: first?.leadId ?? null,
      match: first?.kind ?? null,
      caller: { withheld: from === null, known: found.length > 0, open },
      lastAgentId,
      matches: screens.map((screen) => ({ ...screen, why: whyOf.get(screen.contact.id) ?? '' })),
      rules,
    }
  }

  return {
    async byNumber(call) {
      const candidates = await store.listCandidates(pool, { from: call.from, callerIdId: call.ours.id })
      return complete(call, rank(candidates))
    },
    async byReference(call, digits) {
      const candidates = await store.listByReference(pool, digits)
      return candidates.length > 0 ? complete(call, rank(candidates)) : undefined
    },
  }
}
