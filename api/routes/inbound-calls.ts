/** Calls to our own numbers: who called whom, what became of it. These answers hold personal data. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ApiDeps } from '../deps.ts'
import { pageLimit } from './common.ts'

const listQuery = z.strictObject({
  campaignId: z.uuid().optional(),
  contactId: z.coerce.number().int().positive().optional(),
  before: z.iso.datetime({ offset: true }).optional().describe('arrivedAt of the last one on the page before'),
  limit: pageLimit,
})

export const inboundCallRoutes =
  ({ inboundCalls }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/v1/inbound-calls', {
      schema: { tags: ['inbound calls'], summary: 'Calls to our numbers, newest first', querystring: listQuery },
      config: { allowed: ['operator'] },
      handler: async ({ query }) => ({
        inboundCalls: await inboundCalls.list({
          campaignId: query.campaignId ?? null,
          contactId: query.contactId ?? null,
          before: query.before === undefined ? null : new Date(query.before),
          limit: query.limit,
        }),
      }),
    })
  }
