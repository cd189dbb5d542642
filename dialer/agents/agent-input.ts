/** What may be asked of the desk, as schemas: the API parses with them, the types come from them. */
import { z } from 'zod'
import { callbackTimeSchema } from '../leads/callback.ts'
import { resultCodeSchema } from '../leads/result-code.ts'

const name = z.string().trim().min(1).max(100)
const campaignId = z.uuid().nullable()

export const newAgentSchema = z.strictObject({
  /** SIP user name of his phone. */
  account: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,38}$/, 'must be of a-z, 0-9, dot, dash and underscore, such as "agent-7"'),
  name,
  campaignId: campaignId.default(null),
})
export type NewAgent = z.input<typeof newAgentSchema>

export const agentChangeSchema = z.strictObject({
  name: name.optional(),
  /** null: in no campaign, so he cannot log in. */
  campaignId: campaignId.optional(),
  enabled: z.boolean().optional(),
})
export type AgentChanges = z.infer<typeof agentChangeSchema>

export const pauseSchema = z.strictObject({ reason: z.string().trim().min(1).max(100).default('pause') })

export const talkResultSchema = z
  .strictObject({
    resultCode: resultCodeSchema,
    note: z.string().max(2000).optional(),
    /** When the contact is to be called again: with an offset, or on his own clock. */
    callbackAt: callbackTimeSchema.optional(),
    /** Whom he wants to talk to then: this agent, or anyone (also when it is left out). */
    callbackBy: z.enum(['me', 'anyone']).optional(),
    /** Of several matches of a call to us: who it was. */
    contactId: z.number().int().positive().optional(),
  })
  .refine((result) => result.resultCode !== 'callback' || result.callbackAt !== undefined, {
    path: ['callbackAt'],
    message: 'says when to call back and is needed with the result code callback',
  })
export type TalkResultInput = z.infer<typeof talkResultSchema>

/** What followed for the lead. */
export interface RecordedResult {
  attemptId: string
  /** null: nobody knows who called us. */
  leadId: number | null
  state: 'waiting' | 'finished'
  nextAttemptAt: Date | null
  reason: string
}
