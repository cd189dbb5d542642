/**
 * The part of a campaign's settings that rule packs bind: when, how often and with what right somebody is called. The
 * defaults are the house's own, safe where no country's rule is known. Parsed as a part of campaigns/settings.ts; what a
 * country allows at most is in rule-packs/.
 */
import { z } from 'zod'

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time such as 08:00')
const spans = z
  .array(
    z
      .strictObject({ from: clockTime, to: clockTime })
      .refine((span) => span.from < span.to, { message: '"from" must lie before "to"' }),
  )
  .max(4)

/** Calling windows by weekday, in the contact's own time zone. An empty list: not on this day. */
export const windowSettingsSchema = z.strictObject({
  monday: spans.default([{ from: '08:00', to: '20:00' }]),
  tuesday: spans.default([{ from: '08:00', to: '20:00' }]),
  wednesday: spans.default([{ from: '08:00', to: '20:00' }]),
  thursday: spans.default([{ from: '08:00', to: '20:00' }]),
  friday: spans.default([{ from: '08:00', to: '20:00' }]),
  saturday: spans.default([{ from: '09:00', to: '18:00' }]),
  sunday: spans.default([]),
  /** Call on public holidays of the contact's country too. */
  onHolidays: z.boolean().default(false),
})
export type WindowSettings = z.infer<typeof windowSettingsSchema>

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

const attempts = z.number().int().min(1).max(100)
const narrower = z
  .strictObject({ perHour: attempts.exactOptional(), perDay: attempts.exactOptional(), per7Days: attempts.exactOptional() })
  .default({})

/** Attempts over all campaigns: per person on all his phones, and, where a limit of its own is set, per phone and per debt. */
const capSettingsSchema = z.strictObject({
  perHour: attempts.default(1),
  perDay: attempts.default(3),
  per7Days: attempts.default(7),
  /** From one attempt to the next: 2 is "one contact in two days". 0: no such rule. */
  daysBetween: z.number().int().min(0).max(30).default(0),
  /** The day of the talk is day 1. */
  restDaysAfterTalk: z.number().int().min(0).max(90).default(7),
  /** Recorded messages to one landline without consent; null: no such rule. */
  messagesPer30Days: attempts.nullable().default(null),
  /** What is left out is as for the person. */
  phone: narrower,
  debt: narrower,
})
export type CapSettings = z.infer<typeof capSettingsSchema>

const waitSettingsSchema = z.strictObject({
  /** After an abandoned call, for calls that have no agent reserved. */
  afterAbandonedHours: z.number().int().min(0).max(720).default(72),
  /** After a machine was detected on the phone, for calls that have no agent reserved. */
  afterMachineHours: z.number().int().min(0).max(720).default(0),
  /** Days from the written reminder of a debt to the first call about it; null: none is needed, 0: one must be recorded. */
  afterReminderDays: z.number().int().min(0).max(60).nullable().default(null),
  /** Whole days for which a debt must be overdue before it is called about; 0: no such rule. */
  overdueDays: z.number().int().min(0).max(365).default(0),
})

/** From none to all; whoever has withdrawn his consent is never called. */
export const consentRules = ['not_needed', 'for_messages_to_mobiles', 'needed'] as const

export const ruleSettingsSchema = z.strictObject({
  windows: windowSettingsSchema.prefault({}),
  caps: capSettingsSchema.prefault({}),
  waits: waitSettingsSchema.prefault({}),
  /** Whether the contact must have consented to be called. */
  consent: z.enum(consentRules).default('not_needed'),
  /** Share of live answers (0..1). */
  abandonTarget: z.number().min(0).max(0.03).default(0.015),
  abandonLimit: z.number().min(0).max(0.03).default(0.03),
  graceMs: z.number().int().min(500).max(2000).default(2000),
  ringTimeoutMs: z.number().int().min(15_000).max(60_000).default(20_000),
})
export type RuleSettings = z.infer<typeof ruleSettingsSchema>
