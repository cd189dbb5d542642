/** For those who keep the engine running: metrics and the description of the API. Open without a key; nothing here names a person. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { ApiDeps } from '../deps.ts'

const tags = ['system']
/** These answer however often they are asked: a scraper must not be told to wait. */
const config = { rateLimit: false } as const

export const systemRoutes =
  ({ metrics }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/metrics', {
      schema: { tags, summary: 'For Prometheus' },
      config,
      handler: async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
    })

    app.get('/openapi.json', {
      schema: { hide: true },
      config,
      handler: async () => app.swagger(),
    })
  }
