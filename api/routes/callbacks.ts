/** Callbacks: what was promised to whom and when, and what was missed. A callback has the id of its lead. Personal data. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callbackTimeSchema } from '../../dialer/leads/callback.ts'
import type { ApiDeps } from '../deps.ts'
import { numberParams, pageLimit, uuidParams } from './common.ts'

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const span = {
  from: instant.optional().describe('Agreed for this time or later'),
  to: instant.optional().describe('Agreed for a time before this'),
  missed: z.stringbool().default(false).describe('Only those that an agent has missed'),
  limit: pageLimit,
}
const listQuery = z.strictObject({ campaignId: z.uuid().optional(), agentId: z.uuid().optional(), ...span })
const ownQuery = z.strictObject(span)

const change = z
  .strictObject({
    callbackAt: callbackTimeSchema.exactOptional().describe("With an offset, or on the contact's own clock"),
    agentId: z.uuid().nullable().exactOptional().describe('null: anyone'),
  })
  .refine((changes) => Object.keys(changes).length > 0, { message: 'says nothing to change' })

const cancellation = z.strictObject({ reason: z.string().trim().min(1).max(200) })

const tags = ['callbacks']
const allowed = ['operator' as const]

export const callbackRoutes =
  ({ callbacks }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/v1/callbacks', {
      schema: { tags, summary: 'Callbacks in the order of the times agreed', querystring: listQuery },
      config: { allowed },
      handler: async ({ query: { campaignId = null, agentId = null, from = null, to = null, ...query } }) => ({
        callbacks: await callbacks.list({ campaignId, agentId, from, to, ...query }),
      }),
    })

    app.get('/v1/agents/:id/callbacks', {
      schema: { tags, summary: 'Callbacks agreed with this agent', params: uuidParams, querystring: ownQuery },
      config: { allowed: ['agent'] },
      handler: async ({ params, query: { from = null, to = null, ...query } }) => ({
        callbacks: await callbacks.list({ campaignId: null, agentId: params.id, from, to, ...query }),
      }),
    })

    app.patch('/v1/callbacks/:id', {
      schema: { tags, summary: 'Another time, or another agent', params: numberParams, body: change },
      config: { allowed, audit: 'callback.change', auditValues: true },
      handler: ({ params, body }) => callbacks.change(params.id, body),
    })

    app.post('/v1/callbacks/:id/cancel', {
      schema: { tags, summary: 'No callback: the lead goes on by the ordinary rules', params: numberParams, body: cancellation },
      config: { allowed, audit: 'callback.cancel' },
      handler: ({ params, body }) => callbacks.cancel(params.id, body.reason),
    })
  }
