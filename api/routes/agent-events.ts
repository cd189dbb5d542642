/**
 * The event stream of an agent's desk, as server-sent events. It opens with what there is to be shown, or, after a broken
 * connection (Last-Event-ID), with what was missed. A desk that does not read is cut off; it comes back and asks anew.
 */
import type { ServerResponse } from 'node:http'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { DeskEvent } from '../../dialer/agents/desk-event.ts'
import type { ApiDeps } from '../deps.ts'
import { uuidParams } from './common.ts'

/** Keeps proxies and our own limit for silent connections from closing it. */
const heartbeatMs = 15_000
const unreadBytes = 1024 ** 2

export const agentEventRoutes =
  ({ agents, agentEvents }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const open = new Set<ServerResponse>()
    app.addHook('preClose', async () => {
      for (const stream of open) stream.end()
    })

    app.get('/v1/agents/:id/events', {
      schema: {
        tags: ['agents'],
        summary: 'What his desk must show, as it happens (server-sent events)',
        description:
          'phase, call_offered (with the whole record, before the bridge is up), connected, ended, call_withdrawn, debt_settled.',
        params: uuidParams,
      },
      config: { allowed: ['operator', 'agent'] },
      async handler({ params: { id }, headers }, reply) {
        await agents.get(id)
        reply.hijack()
        const stream = reply.raw
        stream.writeHead(200, {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          // For nginx: pass each event on at once.
          'x-accel-buffering': 'no',
        })
        const write = (event: DeskEvent, eventId?: string) => {
          if (stream.writableLength > unreadBytes) return void stream.destroy()
          const head = eventId === undefined ? '' : `id: ${eventId}\n`
          stream.write(`${head}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
        }
        const lastId = headers['last-event-id']
        const missed = typeof lastId === 'string' ? agentEvents.since(id, lastId) : undefined
        for (const told of missed ?? []) write(told.event, told.id)
        const unsubscribe = agentEvents.subscribe(id, (told) => write(told.event, told.id))
        const heartbeat = setInterval(() => stream.write(': still here\n\n'), heartbeatMs)
        open.add(stream)
        stream.on('close', () => {
          unsubscribe()
          clearInterval(heartbeat)
          open.delete(stream)
        })
        if (!missed) for (const event of await agentEvents.present(id)) write(event)
      },
    })
  }
