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
import { brandSchema, messageSchema } from '../messages/message.ts'
import { minutesSchema, retrySettingsSchema } from './retry-settings.ts'

/** Callbacks that were agreed with a certain agent. */
const callbackSettingsSchema = z.strictObject({
  /** So long one that is due waits for him. */
  graceMinutes: z.number().int().min(0).max(1440).default(15),
  /** What becomes of it then: anyone calls; it is planned again with him; a supervisor decides. */
  missed: z.enum(['anyone', 'later', 'supervisor']).default('anyone'),
  laterMinutes: minutesSchema.default(60),
  /** Missed so often, a supervisor decides. */
  maxMisses: z.number().int().min(1).max(20).default(3),
})

const media = z
  .array(z.string().regex(/^(sound|recording|tone|number|digits|characters):/, 'must be media such as sound:outpace/abandoned'))
  .min(1)
  .max(10)

export const campaignSettingsSchema = z
  .strictObject({
    /** `message`: a recorded message to each; no agents needed. */
    mode: z.enum(['progressive', 'ratio', 'predictive', 'message']).default('progressive'),
    /** Mode message: calls at one time, below what the trunks carry. */
    maxConcurrentCalls: z.number().int().min(1).max(10_000).default(20),
    /** In whose name is called. */
    brand: brandSchema.exactOptional(),
    message: messageSchema.exactOptional(),
    /** What a machine gets. Left out: the message in mode `message`, nothing in the others. */
    onMachine: z.enum(['hang_up', 'leave_message']).exactOptional(),
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
