/** Trunks: what is dialed over. A password goes in and never comes out. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { trunkPatchSchema, trunkSchema } from '../../dialer/trunks/trunk.ts'
import type { ApiDeps } from '../deps.ts'

const trunkParams = z.strictObject({ id: trunkSchema.shape.id })
const tags = ['trunks']

export const trunkRoutes =
  ({ trunks }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post('/v1/trunks', {
      schema: { tags, summary: 'Make a trunk; it is on the switch at once', body: trunkSchema },
      config: { allowed: [], audit: 'trunk.create' },
      handler: async (request, reply) => {
        const trunk = await trunks.create(request.body)
        return reply.code(201).header('location', `/v1/trunks/${trunk.id}`).send(trunk)
      },
    })

    app.get('/v1/trunks', {
      schema: { tags, summary: 'All trunks' },
      config: { allowed: [] },
      handler: async () => ({ trunks: await trunks.list() }),
    })

    app.get('/v1/trunks/:id', {
      schema: { tags, summary: 'One trunk', params: trunkParams },
      config: { allowed: [] },
      handler: (request) => trunks.get(request.params.id),
    })

    app.patch('/v1/trunks/:id', {
      schema: {
        tags,
        summary: 'Change a trunk; calls in flight keep what they have',
        params: trunkParams,
        body: trunkPatchSchema,
      },
      config: { allowed: [], audit: 'trunk.change' },
      handler: (request) => trunks.change(request.params.id, request.body),
    })

    app.delete('/v1/trunks/:id', {
      schema: { tags, summary: 'Remove a trunk that was never dialed over', params: trunkParams },
      config: { allowed: [], audit: 'trunk.remove' },
      handler: async (request) => {
        await trunks.remove(request.params.id)
        return { id: request.params.id, removed: true }
      },
    })
  }
