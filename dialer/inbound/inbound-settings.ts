/** What a campaign says about those who call back, as data: when they are put through, how long they wait, what they are offered. */
import { z } from 'zod'
import { windowSettingsSchema } from '../leads/rule-settings.ts'

export const inboundSettingsSchema = z.strictObject({
  /** When callers are put through, on the clock of the campaign's country; null: in the hours of its calling windows. */
  hours: windowSettingsSchema.nullable().default(null),
  /** Who is not with an agent by then is asked to call again. */
  maxWaitMs: z.number().int().min(10_000).max(3_600_000).default(300_000),
  /** After this wait, those whom we know may press 1 to be called back; null: no offer. */
  callbackOfferAfterMs: z.number().int().min(0).max(3_600_000).nullable().default(30_000),
  /** From the key to our call. */
  callbackDelayMinutes: z.number().int().min(1).max(1440).default(30),
})
export type InboundSettings = z.infer<typeof inboundSettingsSchema>
