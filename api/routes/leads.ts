/** Leads: where each one is, and why. These answers hold personal data. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { leadStates } from '../../dialer/leads/lead-desk.ts'
import type { ApiDeps } from '../deps.ts'
import { numberParams, pageAfter, pageLimit, uuidParams } from './common.ts'

const listQuery = z.strictObject({ state: z.enum(leadStates).optional(), limit: pageLimit, after: pageAfter })
const tags = ['leads']
const allowed = ['operator' as const]

export const leadRoutes =
  ({ leads }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/v1/campaigns/:id/leads', {
      schema: { tags, summary: 'The leads of a campaign, page by page', params: uuidParams, querystring: listQuery },
      config: { allowed },
      handler: async ({ params, query }) => ({
        leads: await leads.list({ campaignId: params.id, state: query.state ?? null, limit: query.limit, after: query.after }),
      }),
    })

    app.get('/v1/leads/:id', {
      schema: { tags, summary: 'One lead: contact, debts, every attempt, and why it is called or not', params: numberParams },
      config: { allowed },
      handler: ({ params }) => leads.get(params.id),
    })

    app.get('/v1/leads/:id/eligibility', {
      schema: {
        tags,
        summary: 'Why is this contact not called, and when will he be? In a sentence, and rule by rule with its source',
        params: numberParams,
      },
      config: { allowed },
      handler: ({ params }) => leads.eligibility(params.id),
    })
  }
