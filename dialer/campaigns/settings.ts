/**
 * A campaign's whole set of rules, as data. Parsed once at the edge (API, stored row) and trusted inside.
 * Defaults are those of docs/regulations.md: where no other rule is chosen, the safe one holds.
 */
import { z } from 'zod'

const minutes = z
  .number()
  .positive()
  .max(60 * 24 * 90)

/** When and how a disposition is tried again. */
export const retryRuleSchema = z.strictObject({
  /** Minutes to the next attempt, by how often the lead was tried; the last one repeats. Empty: never again. */
  delaysMinutes: z.array(minutes).max(20),
  /** Go on with the contact's next phone, if he has one. */
  nextPhone: z.boolean().default(false),
})
export type RetryRule = z.infer<typeof retryRuleSchema>

export const retrySettingsSchema = z.strictObject({
  maxAttempts: z.number().int().min(1).max(100).default(6),
  rules: z
    .strictObject({
      no_answer: retryRuleSchema.default({ delaysMinutes: [60, 180, 1440], nextPhone: true }),
      busy: retryRuleSchema.default({ delaysMinutes: [60, 60, 180], nextPhone: false }),
      machine: retryRuleSchema.default({ delaysMinutes: [1440], nextPhone: true }),
      declined: retryRuleSchema.default({ delaysMinutes: [1440], nextPhone: false }),
      /** The callee hung up before an agent or a verdict. */
      caller_hangup: retryRuleSchema.default({ delaysMinutes: [180, 1440], nextPhone: false }),
      /** 72 h without a predictive call hold besides. */
      abandoned: retryRuleSchema.default({ delaysMinutes: [4320], nextPhone: false }),
      /** This phone is never tried again; the rule is for the next one. */
      invalid_number: retryRuleSchema.default({ delaysMinutes: [60], nextPhone: true }),
      blocked: retryRuleSchema.default({ delaysMinutes: [4320], nextPhone: true }),
      failed: retryRuleSchema.default({ delaysMinutes: [60], nextPhone: false }),
    })
    .prefault({}),
  /** After an attempt that does not count (congestion, a rejecting trunk): minutes by how often in a row. */
  failureDelaysMinutes: z.array(minutes).min(1).default([2, 5, 15, 60]),
})
export type RetrySettings = z.infer<typeof retrySettingsSchema>

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

/** Attempts per person over all campaigns and phones (CFPB Reg F, and the house's own daily limits). */
export const capSettingsSchema = z.strictObject({
  perHour: z.number().int().min(1).max(100).default(1),
  perDay: z.number().int().min(1).max(100).default(3),
  per7Days: z.number().int().min(1).max(100).default(7),
  restDaysAfterTalk: z.number().int().min(0).max(90).default(7),
})
export type CapSettings = z.infer<typeof capSettingsSchema>

const media = z
  .array(z.string().regex(/^(sound|recording|tone|number|digits|characters):/, 'must be media such as sound:outpace/abandoned'))
  .min(1)
  .max(10)

export const campaignSettingsSchema = z
  .strictObject({
    mode: z.enum(['progressive', 'ratio', 'predictive']).default('progressive'),
    /** Mode ratio: lines kept up per agent who is ready, talking or in wrap-up. */
    linesPerAgent: z.number().min(1).max(10).default(1.5),
    /** Ceiling over all modes: live lines, talks included, per agent logged in and not paused. */
    maxLinesPerAgent: z.number().min(1).max(20).default(4),
    /** Share of live answers (0..1). */
    abandonTarget: z.number().min(0).max(0.03).default(0.015),
    abandonLimit: z.number().min(0).max(0.03).default(0.03),
    graceMs: z.number().int().min(500).max(2000).default(2000),
    ringTimeoutMs: z.number().int().min(15_000).max(60_000).default(20_000),
    wrapUpMs: z.number().int().min(0).max(600_000).default(15_000),
    detection: z.enum(['off', 'asterisk']).default('off'),
    /** Share of people whom detection takes for machines, by your own reasoned estimate: counted into the abandonment rate. */
    peopleTakenForMachines: z.number().min(0).max(0.5).default(0),
    /** ISO 3166 country of numbers written without a prefix. */
    country: z.string().regex(/^[A-Z]{2}$/, 'must be a country code such as PL'),
    /** Pool of caller IDs to dial from; each brings its trunk. */
    callerIdPool: z.string().min(1).max(64),
    /** Played to a person for whom no agent was free: who called and how to reach them. */
    abandonedMessage: media.default(['sound:outpace/abandoned']),
    /** Played to a person who answered just when his last open debt was settled; it must not name the debt to a third person. */
    settledMessage: media.default(['sound:outpace/settled']),
    windows: windowSettingsSchema.prefault({}),
    retry: retrySettingsSchema.prefault({}),
    caps: capSettingsSchema.prefault({}),
  })
  .refine((settings) => settings.abandonTarget <= settings.abandonLimit, {
    path: ['abandonTarget'],
    message: 'must not be above abandonLimit',
  })
export type CampaignSettings = z.infer<typeof campaignSettingsSchema>
export type CampaignSettingsInput = z.input<typeof campaignSettingsSchema>
