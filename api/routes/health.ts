/** For watchdogs: alive, ready. Open without a key, there from the first second of the process. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { ApiDeps } from '../deps.ts'

const tags = ['system']
/** These answer however often they are asked: a watchdog must not be told to wait. */
const config = { rateLimit: false } as const

export const healthRoutes =
  ({ readiness }: Pick<ApiDeps, 'readiness'>): FastifyPluginAsyncZod =>
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
  }
