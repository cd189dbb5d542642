/** API keys and the audit: who may steer the engine, and what they did. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { roles } from '../../dialer/access/api-key.ts'
import { callerOf } from '../authenticate.ts'
import type { ApiDeps } from '../deps.ts'
import { emptyBody, pageLimit, uuidParams } from './common.ts'

const newApiKey = z.strictObject({
  name: z.string().trim().min(1).max(100),
  role: z.enum(roles),
  agentId: z.uuid().optional().describe('For the role agent: whose key it is'),
})

const auditQuery = z.strictObject({
  subject: z.string().max(100).optional().describe('Such as campaign:ID'),
  before: z.coerce.number().int().positive().optional().describe('The id of the last one on the page before'),
  limit: pageLimit,
})

const tags = ['access']

export const accessRoutes =
  ({ keys, audit }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/v1/me', {
      schema: { tags, summary: 'Whose key this is' },
      config: { allowed: ['operator', 'agent'] },
      handler: async (request) => callerOf(request),
    })

    app.post('/v1/api-keys', {
      schema: { tags, summary: 'Make a key; it is told in the answer and never again', body: newApiKey },
      config: { allowed: [], audit: 'api-key.create' },
      handler: async ({ body }, reply) =>
        reply.code(201).send(await keys.create({ name: body.name, role: body.role, agentId: body.agentId ?? null })),
    })

    app.get('/v1/api-keys', {
      schema: { tags, summary: 'All keys, without the keys themselves' },
      config: { allowed: [] },
      handler: async () => ({ apiKeys: await keys.list() }),
    })

    app.post('/v1/api-keys/:id/revoke', {
      schema: { tags, summary: 'Revoke a key from the next request on', params: uuidParams, body: emptyBody },
      config: { allowed: [], audit: 'api-key.revoke' },
      handler: (request) => keys.revoke(request.params.id),
    })

    app.get('/v1/audit', {
      schema: { tags, summary: 'What was changed over the API, newest first', querystring: auditQuery },
      config: { allowed: [] },
      handler: async ({ query }) => ({
        entries: await audit.list({ subject: query.subject ?? null, before: query.before ?? null, limit: query.limit }),
      }),
    })
  }
