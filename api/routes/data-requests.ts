/** What a person may ask for: all that is kept on him, and erasure. For supervisors; each answer and each erasure is audited. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ApiDeps } from '../deps.ts'

const externalId = z.string().min(1).max(500)
const contactParams = z.strictObject({ externalId })
const findQuery = z
  .strictObject({
    externalId: externalId.optional(),
    number: z
      .string()
      .regex(/^\+[1-9]\d{5,14}$/, 'must be a number such as +48500600700')
      .optional(),
  })
  .refine((by) => by.externalId !== undefined || by.number !== undefined, { message: 'externalId or number is needed' })
const erasure = z.strictObject({
  reason: z.string().trim().min(1).max(200).describe('Kept in the audit: not the name of the person'),
})
const tags = ['data requests']

export const dataRequestRoutes =
  ({ dataRequests }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/v1/contacts', {
      schema: { tags, summary: 'Contacts with this external id or number', querystring: findQuery },
      config: { allowed: [] },
      handler: async ({ query: { externalId = null, number = null } }) => ({
        contacts: await dataRequests.find({ externalId, number }),
      }),
    })

    app.get('/v1/contacts/:externalId/export', {
      schema: { tags, summary: 'All that is kept on a person, table by table', params: contactParams },
      config: { allowed: [], audit: 'contact.export' },
      handler: ({ params }) => dataRequests.export(params.externalId),
    })

    app.delete('/v1/contacts/:externalId', {
      schema: { tags, summary: 'Erase a person; the proof of calls stays without him', params: contactParams, body: erasure },
      config: { allowed: [], audit: 'contact.erase', auditValues: true },
      handler: ({ params }) => dataRequests.erase(params.externalId),
    })
  }
