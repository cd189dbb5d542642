/** Agents: supervisors make them; what an agent does in his shift is open to his own key too. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { agentChangeSchema, newAgentSchema, pauseSchema, talkResultSchema } from '../../dialer/agents/agent-input.ts'
import type { ApiDeps } from '../deps.ts'
import { emptyBody, uuidParams } from './common.ts'

const tags = ['agents']
const own = ['agent' as const]

export const agentRoutes =
  ({ agents }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post('/v1/agents', {
      schema: { tags, summary: 'Make an agent; his SIP password is told in the answer and never again', body: newAgentSchema },
      config: { allowed: [], audit: 'agent.create' },
      handler: async (request, reply) => {
        const { agent, password } = await agents.create(request.body)
        return reply
          .code(201)
          .header('location', `/v1/agents/${agent.id}`)
          .send({ ...agent, password })
      },
    })

    app.get('/v1/agents', {
      schema: { tags, summary: 'All agents with what they do now' },
      config: { allowed: [] },
      handler: async () => ({ agents: await agents.list() }),
    })

    app.get('/v1/agents/:id', {
      schema: { tags, summary: 'One agent with what he does now', params: uuidParams },
      config: { allowed: own },
      handler: (request) => agents.get(request.params.id),
    })

    app.patch('/v1/agents/:id', {
      schema: {
        tags,
        summary: 'Change name or campaign, switch an agent on or off',
        params: uuidParams,
        body: agentChangeSchema,
      },
      config: { allowed: [], audit: 'agent.change' },
      handler: (request) => agents.change(request.params.id, request.body),
    })

    const steps = [
      { step: 'log-in', ask: agents.logIn, summary: 'Ring his phone; he is logged in when he answers' },
      { step: 'log-out', ask: agents.logOut, summary: 'End the shift; a talk is finished first' },
      { step: 'ready', ask: agents.ready, summary: 'Take calls, after a pause or before the wrap-up is over' },
      { step: 'hang-up', ask: agents.hangUp, summary: 'End the talk' },
    ] as const
    for (const { step, ask, summary } of steps) {
      app.post(`/v1/agents/:id/${step}`, {
        schema: { tags, summary, params: uuidParams, body: emptyBody },
        config: { allowed: own, audit: `agent.${step}` },
        handler: ({ params }) => ask(params.id),
      })
    }

    app.post('/v1/agents/:id/pause', {
      schema: { tags, summary: 'Take no calls, for a reason; during a talk: after it', params: uuidParams, body: pauseSchema },
      config: { allowed: own, audit: 'agent.pause' },
      handler: ({ params, body }) => agents.pause(params.id, body.reason),
    })

    app.post('/v1/agents/:id/result', {
      schema: { tags, summary: 'What came of his last talk', params: uuidParams, body: talkResultSchema },
      config: { allowed: own, audit: 'agent.result' },
      handler: ({ params, body }) => agents.recordResult(params.id, body),
    })
  }
