/** Why a call was taken for a person or a machine: verdicts with their evidence. What is heard of a person is the supervisor's alone. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { recordInAudit } from '../audit-trail.ts'
import type { ApiDeps } from '../deps.ts'
import { uuidParams } from './common.ts'

const tags = ['detection']

export const detectionRoutes =
  ({ evidence, audit }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/v1/attempts/:id/detection', {
      schema: { tags, summary: 'Who answered, in whose opinion, and on what evidence', params: uuidParams },
      config: { allowed: ['operator'] },
      handler: ({ params }) => evidence.of(params.id),
    })

    app.get('/v1/attempts/:id/audio', {
      schema: { tags, summary: 'The first seconds after the answer as WAV, where the campaign keeps them', params: uuidParams },
      config: { allowed: [] },
      handler: async (request, reply) => {
        const wav = await evidence.audio(request.params.id)
        await recordInAudit(audit, request, 'attempt.listen')
        return reply.type('audio/wav').send(wav)
      },
    })
  }
