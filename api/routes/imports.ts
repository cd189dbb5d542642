/**
 * Lists go in here: the body is the CSV file itself, read as fast as it is imported, so its size does not matter. The answer
 * comes with the last line; meanwhile GET /v1/campaigns/{id}/imports shows how far it is.
 */
import { Readable, Transform } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OutpaceError } from '../../dialer/errors.ts'
import { type ImportOptions, importFields, importOptionsSchema } from '../../dialer/leads/column-map.ts'
import type { ApiDeps, ApiLimits } from '../deps.ts'
import { uuidParams } from './common.ts'

const delimiters = { comma: ',', semicolon: ';', tab: '\t' } as const
const decimals = { comma: ',', point: '.' } as const

const columnMapSchema = z.strictObject({
  ...Object.fromEntries(importFields.map((field) => [field, z.string().min(1).max(200).exactOptional()])),
  phones: importOptionsSchema.shape.phones,
})

const uploadQuery = z.strictObject({
  fileName: z.string().min(1).max(200).default('upload.csv'),
  delimiter: z.enum(['comma', 'semicolon', 'tab']).optional().describe('Left out: found from the first line'),
  encoding: importOptionsSchema.shape.encoding,
  decimal: z.enum(['comma', 'point']).optional().describe('Decimal mark of amounts'),
  currency: importOptionsSchema.shape.currency,
  columnMap: z
    .string()
    .max(10_000)
    .optional()
    .describe('JSON: headings of the file by field, and "phones" as a list of headings'),
})

const tags = ['imports']
const allowed = ['operator' as const]

export const importRoutes =
  ({ leads }: ApiDeps, { uploadBytes }: ApiLimits): FastifyPluginAsyncZod =>
  async (app) => {
    // Handed on unread, for the routes of this file only.
    for (const type of ['text/csv', 'application/octet-stream']) {
      app.addContentTypeParser(type, (_request, body, done) => done(null, body))
    }

    app.post('/v1/campaigns/:id/leads', {
      schema: {
        tags,
        summary: 'Import a list: the CSV file as text/csv or application/octet-stream',
        params: uuidParams,
        querystring: uploadQuery,
      },
      config: { allowed, audit: 'campaign.import' },
      handler: async ({ params, query, body }) => {
        if (!(body instanceof Readable)) {
          throw new OutpaceError('bad_request', { problem: 'body: the file is missing, or its type is not text/csv' })
        }
        const options = readOptions(query)
        const source = limited(body, uploadBytes)
        try {
          return await leads.upload({ campaignId: params.id, fileName: query.fileName, source, options })
        } finally {
          source.destroy()
        }
      },
    })

    app.get('/v1/campaigns/:id/imports', {
      schema: { tags, summary: 'The imports of a campaign with their progress, newest first', params: uuidParams },
      config: { allowed },
      handler: async ({ params }) => ({ imports: await leads.listImports(params.id) }),
    })

    app.get('/v1/imports/:id', {
      schema: { tags, summary: 'One import with its progress', params: uuidParams },
      config: { allowed },
      handler: ({ params }) => leads.getImport(params.id),
    })

    app.get('/v1/imports/:id/refusals.csv', {
      schema: { tags, summary: 'The refused lines: line, field, code, reason', params: uuidParams },
      config: { allowed },
      handler: async ({ params }, reply) =>
        reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="refusals-${params.id}.csv"`)
          .send(Readable.from(await leads.refusals(params.id))),
    })
  }

function readOptions(query: z.infer<typeof uploadQuery>): ImportOptions {
  const { phones, ...columns } = readColumnMap(query.columnMap)
  return importOptionsSchema.parse({
    columns,
    phones,
    delimiter: query.delimiter && delimiters[query.delimiter],
    decimal: query.decimal && decimals[query.decimal],
    encoding: query.encoding,
    currency: query.currency,
  })
}

function readColumnMap(text = '{}'): z.infer<typeof columnMapSchema> {
  const problem = (detail: string) => new OutpaceError('bad_request', { problem: `query.columnMap: ${detail}` })
  const parsed = columnMapSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw problem(`${[...(issue?.path ?? [])].join('.')} ${issue?.message}`.trim())
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The body with an end to its size. Whatever breaks the import leaves the request itself whole, so that it can be answered;
 * a request that breaks off ends the import.
 */
function limited(body: Readable, maxBytes: number): Readable {
  let bytes = 0
  const source = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes <= maxBytes) done(null, chunk)
      else done(new OutpaceError('too_large', { what: 'list', limit: `${Math.round(maxBytes / 1024 ** 2)} MiB` }))
    },
  })
  // Heard by the import as soon as it reads; a size told before that must not count as unhandled.
  source.on('error', () => {})
  const brokenOff = () => source.destroy(new OutpaceError('import_failed', { problem: 'the upload broke off before its end' }))
  body.once('error', brokenOff)
  body.once('close', () => {
    if (!body.readableEnded) brokenOff()
  })
  source.once('close', () => body.unpipe(source).resume())
  return body.pipe(source)
}
