/** Whom not to call: suppressions one by one and as lists, lifted only with a reason; and the contact's consent. */
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OutpaceError } from '../../dialer/errors.ts'
import { consents } from '../../dialer/leads/lead.ts'
import {
  readCsvSuppressions,
  readSuppression,
  readSuppressions,
  suppressionDefaultsSchema,
  suppressionLineSchema,
} from '../../dialer/leads/suppression-line.ts'
import type { ApiDeps } from '../deps.ts'
import { numberParams, pageLimit } from './common.ts'

const tags = ['suppressions']
const allowed = ['operator' as const]
const arrayBytes = 32 * 1024 ** 2

const listName = suppressionDefaultsSchema.shape.list
const newSuppression = suppressionLineSchema.safeExtend({ list: listName })
/** Each line is judged for itself, so the body as a whole may be anything; the page shows what a line is. */
const linesBody = z.unknown().meta({
  type: 'array',
  items: { ...z.toJSONSchema(suppressionLineSchema, { io: 'input' }), $schema: undefined },
  description: 'As text/csv: the columns phone or contact, and, where wanted, kind, creditor, until and reason',
})
const listQuery = z.strictObject({
  list: z.string().max(100).optional(),
  phone: z.string().max(20).optional().describe('With its prefix: %2B48...'),
  contact: z.string().max(500).optional().describe('external_id of the lists'),
  lifted: z.enum(['true', 'false']).default('false'),
  before: z.coerce.number().int().positive().optional().describe('The id of the last one on the page before'),
  limit: pageLimit,
})
const liftBody = z.strictObject({ reason: z.string().trim().min(1).max(500) })
const contactParams = z.strictObject({ externalId: z.string().min(1).max(500) })
const consentBody = z.strictObject({ consent: z.enum(consents) })

export const suppressionRoutes =
  ({ permissions }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    // Handed on unread, for the routes of this file only.
    app.addContentTypeParser('text/csv', (_request, body, done) => done(null, body))

    app.post('/v1/suppressions', {
      schema: { tags, summary: 'A phone or a contact is not called any more', body: newSuppression },
      config: { allowed, audit: 'suppression.add' },
      handler: async ({ body: { list, ...line } }, reply) =>
        reply.code(201).send(await permissions.suppress(readSuppression(1, line, { list, kind: line.kind }))),
    })

    app.post('/v1/suppressions/import', {
      schema: {
        ...{ tags, summary: 'A list of whom not to call, as an array or as CSV; bad lines are reported one by one' },
        ...{ querystring: suppressionDefaultsSchema, body: linesBody, consumes: ['application/json', 'text/csv'] },
      },
      bodyLimit: arrayBytes,
      config: { allowed, audit: 'suppression.import' },
      handler: async (request) => {
        const { body, query } = request
        request.auditOutcome = { list: query.list }
        if (Array.isArray(body)) return permissions.suppressAll(readSuppressions(body, query))
        if (body instanceof Readable) return permissions.suppressAll(readCsvSuppressions(body, query))
        throw new OutpaceError('bad_request', { problem: 'body: an array is needed, or a file as text/csv' })
      },
    })

    app.get('/v1/suppressions', {
      schema: {
        tags,
        summary: 'Suppressions that stand, newest first, or with lifted=true those that were lifted',
        querystring: listQuery,
      },
      config: { allowed },
      handler: async ({ query: { list = null, phone = null, contact = null, lifted, before = null, limit } }) => ({
        suppressions: await permissions.list({
          ...{ list, number: phone, externalId: contact, lifted: lifted === 'true', before, limit },
        }),
      }),
    })

    app.post('/v1/suppressions/:id/lift', {
      schema: {
        ...{ tags, summary: 'Lift a suppression, with the reason; leads that it had finished wait again' },
        ...{ params: numberParams, body: liftBody },
      },
      config: { allowed: [], audit: 'suppression.lift' },
      handler: ({ params, body }) => permissions.lift(params.id, body.reason),
    })

    app.patch('/v1/contacts/:externalId', {
      schema: { tags, summary: 'The consent of a contact to be called', params: contactParams, body: consentBody },
      config: { allowed, audit: 'contact.change' },
      handler: ({ params, body }) => permissions.setConsent(params.externalId, body.consent),
    })
  }
