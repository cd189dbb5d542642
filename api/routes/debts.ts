/** News about debts: a balance, a dispute, a withdrawal. Who owes nothing any more is not called from that moment on. */
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { debtUpdateSchema, oneChangeSchema, readCsvUpdates, readUpdates } from '../../dialer/debts/debt-update.ts'
import { OutpaceError } from '../../dialer/errors.ts'
import type { ApiDeps } from '../deps.ts'

const tags = ['debts']
const allowed = ['operator' as const]
const arrayBytes = 32 * 1024 ** 2
const decimals = { comma: ',', point: '.' } as const

const debtParams = z.strictObject({ externalId: z.string().min(1).max(500) })
const updatesQuery = z.strictObject({
  decimal: z.enum(['comma', 'point']).optional().describe('Decimal mark of balances; needed where 1.234 could mean both'),
})
/** Each line is judged for itself, so the body as a whole may be anything; the page shows what a line is. */
const updatesBody = z.unknown().meta({
  type: 'array',
  items: { ...z.toJSONSchema(debtUpdateSchema, { io: 'input' }), $schema: undefined },
  description: 'As text/csv: the columns debt_id, balance, and, where wanted, currency and state',
})

export const debtRoutes =
  ({ debts }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    // Handed on unread, for the routes of this file only.
    app.addContentTypeParser('text/csv', (_request, body, done) => done(null, body))

    app.patch('/v1/debts/:externalId', {
      schema: { tags, summary: 'A new balance or state of one debt', params: debtParams, body: oneChangeSchema },
      config: { allowed, audit: 'debt.change' },
      handler: async ({ params, body }) => debts.change(params.externalId, body),
    })

    app.post('/v1/debts/updates', {
      schema: {
        ...{ tags, summary: 'New balances and states of many debts, as an array or as CSV; bad lines are reported one by one' },
        ...{ querystring: updatesQuery, body: updatesBody, consumes: ['application/json', 'text/csv'] },
      },
      bodyLimit: arrayBytes,
      config: { allowed, audit: 'debt.update' },
      async handler({ body, query }) {
        const decimal = query.decimal && decimals[query.decimal]
        if (Array.isArray(body)) return debts.update(readUpdates(body), decimal)
        if (body instanceof Readable) return debts.update(readCsvUpdates(body), decimal)
        throw new OutpaceError('bad_request', { problem: 'body: an array is needed, or a file as text/csv' })
      },
    })
  }
