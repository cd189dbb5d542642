/** For those who keep the engine running: alive, ready, metrics. Open without a key; nothing here names a person. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { ApiDeps } from '../deps.ts'

const tags = ['system']
/** These answer however often they are asked: a watchdog must not be told to wait. */
const config = { rateLimit: false } as const

export const systemRoutes =
  ({ readiness, metrics }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/health', {
      schema: { tags, summary: 'The process is alive' },
      config,
      handler: async () => ({ status: 'alive' }),
    })

    app.get('/ready', {
      schema: { tags, summary: 'PostgreSQL, Asterisk and Redis answer; 503 if one of them does not' },
      config,
      handler: async (_request, reply) => {
        const parts = await readiness()
        const ready = parts.every((part) => part.ready)
        return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', parts })
      },
    })

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
