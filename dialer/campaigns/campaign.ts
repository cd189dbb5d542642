/** A campaign as data. Its own settings are kept apart from those that hold (campaign-rules.ts). Pure; used by office.ts and the API. */
import { z } from 'zod'
import type { CampaignRules } from './campaign-rules.ts'
import type { CampaignState } from './lifecycle.ts'
import type { CampaignSettings } from './settings.ts'

export interface Campaign {
  id: string
  name: string
  state: CampaignState
  /** As they hold, with everything filled in. */
  settings: CampaignSettings
  rules: CampaignRules
  createdAt: Date
  updatedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

export const campaignNameSchema = z.string().trim().min(1).max(100)
