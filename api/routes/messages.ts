/** Voice messages: recordings go in as WAV, and a campaign's message comes out as it will be heard. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OutpaceError } from '../../dialer/errors.ts'
import { languageSchema, recordingNameSchema } from '../../dialer/messages/message.ts'
import type { ApiDeps } from '../deps.ts'
import { uuidParams } from './common.ts'

const recordingParams = z.strictObject({ name: recordingNameSchema })
/** Five minutes of music from a studio. */
const recordingBytes = 64 * 1024 ** 2

const previewWish = z.strictObject({
  to: z.enum(['person', 'machine']).default('person'),
  leadId: z.number().int().positive().optional().describe('A lead of the campaign; left out: the sample'),
  sample: z
    .strictObject({
      name: z.string().max(200).default('Jan Nowak'),
      language: languageSchema.nullable().default(null),
      country: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .default('PL'),
      debts: z
        .array(
          z.strictObject({
            creditor: z.string().max(200).nullable().default('Example'),
            contract: z.string().max(100).nullable().default('A 1 2 3'),
            balanceMinor: z.number().int().min(0).default(123_456),
            currency: z
              .string()
              .regex(/^[A-Z]{3}$/)
              .default('PLN'),
            dueDate: z.iso.date().nullable().default('2026-01-31'),
            accountToPay: z.string().max(64).nullable().default('PL61109010140000071219812874'),
          }),
        )
        .max(20)
        .prefault([{}]),
    })
    .prefault({})
    .describe('Whom the message is spoken to, where no lead is named'),
})

const tags = ['messages']
const allowed = ['operator' as const]

export const messageRoutes =
  ({ messages, recordings }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    for (const type of ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'application/octet-stream'])
      app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: recordingBytes }, (_request, body, done) => done(null, body))

    app.post('/v1/recordings', {
      schema: {
        tags,
        summary: 'Upload a recording: the WAV file as audio/wav; one of this name is replaced',
        querystring: recordingParams,
      },
      config: { allowed, audit: 'recording.put' },
      handler: async ({ query, body }, reply) => {
        if (!Buffer.isBuffer(body))
          throw new OutpaceError('bad_request', { problem: 'body: the file is missing, or its type is not audio/wav' })
        const recording = await recordings.put(query.name, body)
        return reply.code(201).header('location', `/v1/recordings/${recording.name}`).send(recording)
      },
    })

    app.get('/v1/recordings', {
      schema: { tags, summary: 'All recordings with their lengths' },
      config: { allowed },
      handler: async () => ({ recordings: await recordings.list() }),
    })

    app.get('/v1/recordings/:name', {
      schema: { tags, summary: 'One recording, as telephones hear it (audio/wav)', params: recordingParams },
      config: { allowed },
      handler: async ({ params }, reply) => reply.type('audio/wav').send(await recordings.read(params.name)),
    })

    app.delete('/v1/recordings/:name', {
      schema: { tags, summary: 'Remove a recording; messages that play it hold their leads back', params: recordingParams },
      config: { allowed, audit: 'recording.remove' },
      handler: async ({ params }, reply) => {
        await recordings.remove(params.name)
        return reply.code(204).send()
      },
    })

    app.post('/v1/campaigns/:id/message/preview', {
      schema: {
        tags,
        summary: "The campaign's message as a person or a machine will hear it (audio/wav)",
        params: uuidParams,
        body: previewWish.nullish(),
      },
      config: { allowed, audit: 'campaign.preview' },
      handler: async ({ params, body }, reply) =>
        reply.type('audio/wav').send(await messages.preview(params.id, body ?? previewWish.parse({}))),
    })
  }
