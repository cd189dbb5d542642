/** Caller IDs: the numbers we present, in pools. They are retired, never deleted: people call back for months. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerIdPatchSchema, newCallerIdsSchema, wantedNumberSchema } from '../../dialer/caller-id/caller-ids.ts'
import { OutpaceError } from '../../dialer/errors.ts'
import { callerOf } from '../authenticate.ts'
import type { ApiDeps } from '../deps.ts'
import { emptyBody, numberParams, pageAfter, pageLimit, uuidParams } from './common.ts'

const listQuery = z.strictObject({ pool: z.string().max(64).optional(), limit: pageLimit, after: pageAfter })
const poolToTest = z.strictObject({ pool: z.string().min(1).max(64) })
const tags = ['caller IDs']

export const callerIdRoutes =
  ({ callerIds, callerIdHealth, routeTests, agents }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post('/v1/caller-ids', {
      schema: { tags, summary: 'Add numbers to a pool, all or none', body: newCallerIdsSchema },
      config: { allowed: [], audit: 'caller-id.create', auditValues: true },
      handler: async (request, reply) => reply.code(201).send({ callerIds: await callerIds.create(request.body) }),
    })

    app.get('/v1/caller-ids', {
      schema: {
        tags,
        summary: 'Caller IDs of one pool or of all, page by page, each with advice where something is to be done',
        querystring: listQuery,
      },
      config: { allowed: [] },
      handler: async ({ query }) => ({
        callerIds: await callerIdHealth.withAdvice(
          await callerIds.list({ pool: query.pool ?? null, limit: query.limit, after: query.after }),
        ),
      }),
    })

    app.get('/v1/caller-ids/:id', {
      schema: { tags, summary: 'One caller ID', params: numberParams },
      config: { allowed: [] },
      handler: (request) => callerIds.get(request.params.id),
    })

    app.get('/v1/caller-ids/:id/health', {
      schema: {
        tags,
        summary: 'How a number does: what the last check found, its use and caps, advice, history',
        params: numberParams,
      },
      config: { allowed: [] },
      handler: (request) => callerIdHealth.view(request.params.id),
    })

    app.patch('/v1/caller-ids/:id', {
      schema: {
        tags,
        summary: 'Move a caller ID to another pool or trunk, cap, rest or retire it, vouch for its inbound route',
        params: numberParams,
        body: callerIdPatchSchema,
      },
      config: { allowed: [], audit: 'caller-id.change', auditValues: true },
      handler: (request) => callerIds.change(request.params.id, request.body, callerOf(request).name),
    })

    app.post('/v1/caller-ids/:id/test', {
      schema: {
        tags,
        summary: 'Test the inbound route: a call over the trunk to this number must come in again; takes up to half a minute',
        params: numberParams,
        body: emptyBody,
      },
      config: { allowed: [], audit: 'caller-id.test' },
      handler: (request) => routeTests.test(request.params.id, callerOf(request).name),
    })

    app.post('/v1/caller-ids/tests', {
      schema: {
        tags,
        summary: 'Test the inbound routes of a pool that nobody proved yet, one after the other; read the results from the list',
        body: poolToTest,
      },
      config: { allowed: [], audit: 'caller-id.test', auditValues: true },
      handler: async (request, reply) => reply.code(202).send({ waiting: await routeTests.testPool(request.body.pool) }),
    })

    app.put('/v1/leads/:id/caller-id', {
      schema: {
        tags,
        summary: 'The number from which a lead is called the next time; null: as the rules choose',
        params: numberParams,
        body: wantedNumberSchema,
      },
      config: { allowed: ['operator'], audit: 'lead.caller-id' },
      handler: (request) => callerIds.wantForLead(request.params.id, request.body.number, callerOf(request).name),
    })

    app.put('/v1/agents/:id/lead/caller-id', {
      schema: {
        tags,
        summary: "The number from which the lead on the agent's screen is called the next time",
        params: uuidParams,
        body: wantedNumberSchema,
      },
      config: { allowed: ['agent'], audit: 'agent.caller-id' },
      handler: async (request) => {
        const { lead } = await agents.get(request.params.id)
        if (!lead) throw new OutpaceError('not_found', { what: 'lead on the screen of agent', id: request.params.id })
        return callerIds.wantForLead(lead.lead.id, request.body.number, callerOf(request).name)
      },
    })
  }
