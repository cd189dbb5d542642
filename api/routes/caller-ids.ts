/** Caller IDs: the numbers we present, in pools. They are retired, never deleted: people call back for months. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerIdPatchSchema, newCallerIdsSchema } from '../../dialer/caller-id/caller-ids.ts'
import type { ApiDeps } from '../deps.ts'
import { numberParams, pageAfter, pageLimit } from './common.ts'

const listQuery = z.strictObject({ pool: z.string().max(64).optional(), limit: pageLimit, after: pageAfter })
const tags = ['caller IDs']

export const callerIdRoutes =
  ({ callerIds }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post('/v1/caller-ids', {
      schema: { tags, summary: 'Add numbers to a pool, all or none', body: newCallerIdsSchema },
      config: { allowed: [], audit: 'caller-id.create', auditValues: true },
      handler: async (request, reply) => reply.code(201).send({ callerIds: await callerIds.create(request.body) }),
    })

    app.get('/v1/caller-ids', {
      schema: { tags, summary: 'Caller IDs of one pool or of all, page by page', querystring: listQuery },
      config: { allowed: [] },
      handler: async ({ query }) => ({
        callerIds: await callerIds.list({ pool: query.pool ?? null, limit: query.limit, after: query.after }),
      }),
    })

    app.get('/v1/caller-ids/:id', {
      schema: { tags, summary: 'One caller ID', params: numberParams },
      config: { allowed: [] },
      handler: (request) => callerIds.get(request.params.id),
    })

    app.patch('/v1/caller-ids/:id', {
      schema: {
        tags,
        summary: 'Move a caller ID to another pool or trunk, rest or retire it',
        params: numberParams,
        body: callerIdPatchSchema,
      },
      config: { allowed: [], audit: 'caller-id.change', auditValues: true },
      handler: (request) => callerIds.change(request.params.id, request.body),
    })
  }
