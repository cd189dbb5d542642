/**
 * What answers in the API's place while PostgreSQL is not there yet: /health and /ready as always, everything else with the
 * problem that is waited for. Made by main.ts, which closes it when the API itself can listen.
 */
import fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { OutpaceError } from '../dialer/errors.ts'
import type { ApiDeps } from './deps.ts'
import { toProblem } from './problems.ts'
import { healthRoutes } from './routes/health.ts'

export function createWaitingServer({ readiness }: Pick<ApiDeps, 'readiness'>): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: 'idle' })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.register(healthRoutes({ readiness }))
  app.setNotFoundHandler((request, reply) => {
    const problem = toProblem(new OutpaceError('starting'), request.id)
    return reply.code(problem.status).type('application/problem+json').send(problem)
  })
  return app
}
