/**
 * The HTTP API: a fastify server put together from its hooks and one file per group of routes. It turns requests into calls
 * of services and what they throw into problem+json; it decides nothing. Made by main.ts, which also listens and closes.
 */
import { randomUUID } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { OutpaceError } from '../dialer/errors.ts'
import { addAuditTrail } from './audit-trail.ts'
import { addAuthentication } from './authenticate.ts'
import { type ApiDeps, defaultLimits } from './deps.ts'
import { describeFault } from './fault-log.ts'
import { problemSchema, toProblem } from './problems.ts'
import { accessRoutes } from './routes/access.ts'
import { agentEventRoutes } from './routes/agent-events.ts'
import { agentRoutes } from './routes/agents.ts'
import { callbackRoutes } from './routes/callbacks.ts'
import { callerIdRoutes } from './routes/caller-ids.ts'
import { campaignRoutes } from './routes/campaigns.ts'
import { dataRequestRoutes } from './routes/data-requests.ts'
import { debtRoutes } from './routes/debts.ts'
import { detectionRoutes } from './routes/detections.ts'
import { healthRoutes } from './routes/health.ts'
import { importRoutes } from './routes/imports.ts'
import { inboundCallRoutes } from './routes/inbound-calls.ts'
import { leadRoutes } from './routes/leads.ts'
import { messageRoutes } from './routes/messages.ts'
import { rulePackRoutes } from './routes/rule-packs.ts'
import { suppressionRoutes } from './routes/suppressions.ts'
import { systemRoutes } from './routes/system.ts'
import { trunkRoutes } from './routes/trunks.ts'

const jsonBodyBytes = 1024 ** 2
/** A list is read as fast as it is imported, so the whole of a request may take this long; a silent one may not. */
const requestMs = 60 * 60_000
const silenceMs = 120_000
const headersMs = 20_000

export function createApi(deps: ApiDeps): FastifyInstance {
  const limits = { ...defaultLimits, ...deps.limits }
  const app = fastify({
    // The log below is our own: fastify's would write addresses with their queries.
    logger: false,
    bodyLimit: jsonBodyBytes,
    requestTimeout: requestMs,
    connectionTimeout: silenceMs,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: headersMs },
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    /** Addresses so broken that no route is looked for. */
    frameworkErrors: (error, request, reply) => answerWithProblem(deps, error, request, reply),
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  addJsonParser(app)
  addErrors(app, deps)
  addRequestLog(app, deps)

  app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, context) => new OutpaceError('too_many_requests', { wait: context.after }),
  })
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Outpace',
        description: 'Steers the dialer engine. Guide: docs/api.md; errors: docs/errors.md.',
        version: '1',
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
  })
  app.register(swaggerUi, { routePrefix: '/docs' })
  app.register(async (routes) => {
    addAuthentication(routes, deps.keys)
    addAuditTrail(routes, deps.audit)
    const groups = [
      campaignRoutes,
      rulePackRoutes,
      leadRoutes,
      callbackRoutes,
      messageRoutes,
      dataRequestRoutes,
      debtRoutes,
      suppressionRoutes,
      detectionRoutes,
      agentRoutes,
      agentEventRoutes,
      inboundCallRoutes,
      trunkRoutes,
      callerIdRoutes,
      accessRoutes,
      healthRoutes,
      systemRoutes,
    ]
    for (const group of groups) routes.register(group(deps))
    routes.register(importRoutes(deps, limits))
  })
  return app
}

/** As fastify's own, but an empty body is none: many clients name the type whether they send something or not. */
function addJsonParser(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined)
    else parse(request, String(body), done)
  })
}

function addErrors(app: FastifyInstance, deps: ApiDeps): void {
  app.setErrorHandler((error, request, reply) => answerWithProblem(deps, error, request, reply))
  app.setNotFoundHandler((request) => {
    throw new OutpaceError('not_found', { what: 'address', id: `${request.method} ${request.url.split('?')[0]}` })
  })
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/v1')) return
    route.schema = { ...route.schema, response: { '4xx': problemSchema, '5xx': problemSchema } }
  })
}

function answerWithProblem({ log }: ApiDeps, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error, request.id)
  if (problem.status >= 500) {
    log.error({ requestId: request.id, code: problem.code, fault: describeFault(error) }, 'a request failed')
  }
  return reply.code(problem.status).type('application/problem+json').send(problem)
}

/** The route's pattern, never its address, query or body: those can name a person. */
function addRequestLog(app: FastifyInstance, { log }: ApiDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, id, routeOptions, caller } = request
    const fields = { requestId: id, method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }
    // Watchdogs and scrapers ask without a key, every few seconds.
    log[caller ? 'info' : 'debug']({ ...fields, keyId: caller?.keyId }, 'request')
  })
}
