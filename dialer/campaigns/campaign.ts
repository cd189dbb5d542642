/**
 * A campaign as data, and the two rules of changing it: a patch is merged as in RFC 7396 (null: back to the default),
 * and the settings are judged whole, never field by field. Pure; used by office.ts and the API.
 */
import { z } from 'zod'
import { OutpaceError } from '../errors.ts'
import type { CampaignState } from './lifecycle.ts'
import { type CampaignSettings, campaignSettingsSchema } from './settings.ts'

export interface Campaign {
  id: string
  name: string
  state: CampaignState
  settings: CampaignSettings
  createdAt: Date
  updatedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

export const campaignNameSchema = z.string().trim().min(1).max(100)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Objects are merged, lists and values replaced, null takes a field out. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const merged = new Map(Object.entries(isRecord(target) ? target : {}))
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) merged.delete(field)
    else merged.set(field, mergePatch(merged.get(field), value))
  }
  return Object.fromEntries(merged)
}

/** The settings with their defaults filled in, or `bad_request` naming the first field that does not fit. */
export function parseSettings(input: unknown): CampaignSettings {
  const parsed = campaignSettingsSchema.safeParse(input)
  if (parsed.success) return parsed.data
  const problem = parsed.error.issues.map((issue) => `${['settings', ...issue.path].join('.')}: ${issue.message}`).join('; ')
  throw new OutpaceError('bad_request', { problem }, parsed.error)
}

/** The share of people that never reach an agent because detection takes them for machines; none without detection. */
export const takenForMachines = ({ detection, peopleTakenForMachines }: CampaignSettings): number =>
  detection === 'off' ? 0 : peopleTakenForMachines
