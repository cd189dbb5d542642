/**
 * When and how an attempt is tried again, as data: one rule per disposition. Two sets of defaults: for campaigns that want a
 * talk, and for send-outs of voice messages (several attempts per number an hour apart, then the contact's next phone).
 */
import { z } from 'zod'

export const minutesSchema = z
  .number()
  .positive()
  .max(60 * 24 * 90)

/** When and how a disposition is tried again. */
export const retryRuleSchema = z.strictObject({
  /** Minutes to the next attempt, by how often the lead was tried; the last one repeats. Empty: never again. */
  delaysMinutes: z.array(minutesSchema).max(20),
  /** Go on with the contact's next phone, if he has one. */
  nextPhone: z.boolean().default(false),
  /** Attempts in a row on one phone before it is the next one's turn. */
  attemptsPerNumber: z.number().int().min(1).max(20).default(1),
})
export type RetryRule = z.infer<typeof retryRuleSchema>

type RuleName =
  | 'no_answer'
  | 'busy'
  | 'machine'
  | 'declined'
  /** The callee hung up before an agent, a message or a verdict. */
  | 'caller_hangup'
  /** 72 h without a predictive call hold besides. */
  | 'abandoned'
  /** This phone is never tried again; the rule is for the next one. */
  | 'invalid_number'
  | 'blocked'
  | 'failed'
  /** A person heard the message to its end, or confirmed it by the key. */
  | 'message_heard'
  | 'message_heard_in_part'
  /** A machine has the message, to its end. */
  | 'message_left'
type Rules = Record<RuleName, RetryRule>

const rule = (delaysMinutes: number[], more: Partial<RetryRule> = {}): RetryRule => ({
  ...{ delaysMinutes, nextPhone: false, attemptsPerNumber: 1, ...more },
})

const forTalks: Rules = {
  no_answer: rule([60, 180, 1440], { nextPhone: true }),
  busy: rule([60, 60, 180]),
  machine: rule([1440], { nextPhone: true }),
  declined: rule([1440]),
  caller_hangup: rule([180, 1440]),
  abandoned: rule([4320]),
  invalid_number: rule([60], { nextPhone: true }),
  blocked: rule([4320], { nextPhone: true }),
  failed: rule([60]),
  message_heard: rule([]),
  message_heard_in_part: rule([60, 1440]),
  message_left: rule([1440], { nextPhone: true }),
}

const anHourApart = rule([60], { nextPhone: true, attemptsPerNumber: 3 })
const forSendOuts: Rules = {
  ...forTalks,
  no_answer: anHourApart,
  busy: anHourApart,
  machine: anHourApart,
  caller_hangup: rule([60]),
}

const settingsWith = (defaults: Rules) =>
  z.strictObject({
    maxAttempts: z.number().int().min(1).max(100).default(6),
    rules: z
      .strictObject({
        no_answer: retryRuleSchema.default(defaults.no_answer),
        busy: retryRuleSchema.default(defaults.busy),
        machine: retryRuleSchema.default(defaults.machine),
        declined: retryRuleSchema.default(defaults.declined),
        caller_hangup: retryRuleSchema.default(defaults.caller_hangup),
        abandoned: retryRuleSchema.default(defaults.abandoned),
        invalid_number: retryRuleSchema.default(defaults.invalid_number),
        blocked: retryRuleSchema.default(defaults.blocked),
        failed: retryRuleSchema.default(defaults.failed),
        message_heard: retryRuleSchema.default(defaults.message_heard),
        message_heard_in_part: retryRuleSchema.default(defaults.message_heard_in_part),
        message_left: retryRuleSchema.default(defaults.message_left),
      })
      .prefault({}),
    /** After an attempt that does not count (congestion, a rejecting trunk): minutes by how often in a row. */
    failureDelaysMinutes: z.array(minutesSchema).min(1).default([2, 5, 15, 60]),
  })

export const retrySettingsSchema = settingsWith(forTalks)
export const sendOutRetrySchema = settingsWith(forSendOuts)
export type RetrySettings = z.infer<typeof retrySettingsSchema>
