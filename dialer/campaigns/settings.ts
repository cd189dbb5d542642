/**
 * A campaign's whole set of rules, as data. Parsed once at the edge (API, stored row) and trusted inside.
 * Defaults are those of docs/regulations.md: where no other rule is chosen, the safe one holds. What a rule pack makes of
 * them is in campaign-rules.ts.
 */
import { z } from 'zod'
import { callerIdChoices } from '../caller-id/choose.ts'
import { inboundSettingsSchema } from '../inbound/inbound-settings.ts'
import { rulePackIds } from '../leads/rule-packs/packs.ts'
import { ruleSettingsSchema } from '../leads/rule-settings.ts'

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

/** Callbacks that were agreed with a certain agent. */
const callbackSettingsSchema = z.strictObject({
  /** So long one that is due waits for him. */
  graceMinutes: z.number().int().min(0).max(1440).default(15),
  /** What becomes of it then: anyone calls; it is planned again with him; a supervisor decides. */
  missed: z.enum(['anyone', 'later', 'supervisor']).default('anyone'),
  laterMinutes: minutes.default(60),
  /** Missed so often, a supervisor decides. */
  maxMisses: z.number().int().min(1).max(20).default(3),
})

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
    ...ruleSettingsSchema.shape,
    wrapUpMs: z.number().int().min(0).max(600_000).default(15_000),
    /** Who tells people from machines after the answer: nobody, Asterisk's AMD, or our own detector. */
    detection: z.enum(['off', 'asterisk', 'outpace']).default('off'),
    /** Our detector listens beside `detection` and nothing follows from what it finds; the statistics compare. */
    shadow: z.boolean().default(false),
    /** Of the calls taken for machines, the share (0..1) that goes to an agent all the same, to learn how many were people. */
    machineSampleShare: z.number().min(0).max(0.1).default(0.01),
    /** The first seconds of what our detector heard, kept for this many days. */
    evidenceAudio: z
      .strictObject({
        seconds: z.number().int().min(0).max(30).default(0),
        days: z.number().int().min(1).max(90).default(14),
      })
      .prefault({}),
    /**
     * Share of people whom detection takes for machines, by your own reasoned estimate: counted into the abandonment rate
     * until enough samples were judged to measure it (docs/detection.md).
     */
    peopleTakenForMachines: z.number().min(0).max(0.5).default(0),
    /** ISO 3166 country of numbers written without a prefix. */
    country: z.string().regex(/^[A-Z]{2}$/, 'must be a country code such as PL'),
    /** The rules of which country hold; left out: those of `country`. */
    rulePack: z.enum(rulePackIds).exactOptional(),
    /** Why the campaign is looser than its rule pack, for the audit; without it, looser settings are refused. */
    looserBecause: z.string().trim().min(10).max(500).exactOptional(),
    /** Pool of caller IDs to dial from; each brings its trunk. */
    callerIdPool: z.string().min(1).max(64),
    /** Of those a contact has not seen: the area next to his first, or a mobile number for his mobile first. */
    callerIdChoice: z.enum(callerIdChoices).default('near'),
    /** Only the pool's numbers of this brand, the agency's or a client's; null: all of them. */
    callerIdBrand: z.string().min(1).max(64).nullable().default(null),
    /** Played to a person for whom no agent was free: who called and how to reach them. */
    abandonedMessage: media.default(['sound:outpace/abandoned']),
    /** Played to a person who answered just when his last open debt was settled; it must not name the debt to a third person. */
    settledMessage: media.default(['sound:outpace/settled']),
    retry: retrySettingsSchema.prefault({}),
    callbacks: callbackSettingsSchema.prefault({}),
    /** Those who call back. */
    inbound: inboundSettingsSchema.prefault({}),
  })
  .refine((settings) => settings.abandonTarget <= settings.abandonLimit, {
    path: ['abandonTarget'],
    message: 'must not be above abandonLimit',
  })
export type CampaignSettings = z.infer<typeof campaignSettingsSchema>
export type CampaignSettingsInput = z.input<typeof campaignSettingsSchema>
