/**
 * Two ways to ask ARI for something: over the event WebSocket (a third of the CPU and a twentieth of the p99 of HTTP,
 * docs/decisions.md) and over HTTP for a switch too old for it. Each rejects with TelephonyError 'unreachable'
 * when no reply came in time or the connection was lost; a reply of any status is a reply.
 */
import type { WebSocket } from 'ws'
import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import { TelephonyError } from '../telephony.ts'
import { restResponseSchema } from './ari-schema.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
/** `path` is what follows /ari/, with its query. `body` becomes JSON. */
export type Request = (method: Method, path: string, body?: object) => Promise<Reply>
export interface Reply {
  status: number
  /** JSON text, or empty. */
  body: string
}

export interface Requests {
  request: Request
  /** Rejects all that is pending and everything asked from now on. */
  fail(reason: string): void
}

export const replyTimeoutMs = 5000

const unreachable = (reason: string, cause?: unknown) => new TelephonyError('unreachable', reason, cause)

export interface SocketRequests extends Requests {
  /** A RESTResponse as it came from the socket. */
  replied(text: string): void
}

export function requestsOverSocket(socket: WebSocket, clock: Clock): SocketRequests {
  interface Waiting {
    resolve(reply: Reply): void
    reject(error: Error): void
    cancelTimer(): void
  }
  const pending = new Map<string, Waiting>()
  let lastId = 0
  let failure: string | undefined

  function settle(id: string): Waiting | undefined {
    const waiting = pending.get(id)
    pending.delete(id)
    waiting?.cancelTimer()
    return waiting
  }
  return {
    request(method, path, body) {
      if (failure !== undefined) return Promise.reject(unreachable(failure))
      lastId += 1
      const id = String(lastId)
      return new Promise((resolve, reject) => {
        const cancelTimer = clock.after(replyTimeoutMs, () =>
          settle(id)?.reject(unreachable(`no reply to ${method} ${path} within ${replyTimeoutMs} ms`)),
        )
        pending.set(id, { resolve, reject, cancelTimer })
        const content = body ? { content_type: 'application/json', message_body: JSON.stringify(body) } : undefined
        socket.send(JSON.stringify({ type: 'RESTRequest', request_id: id, method, uri: path, ...content }))
      })
    },
    replied(text) {
      const { request_id, status_code, reason_phrase, message_body } = restResponseSchema.parse(JSON.parse(text))
      settle(request_id)?.resolve({ status: status_code, body: message_body ?? reason_phrase })
    },
    fail(reason) {
      failure = reason
      for (const id of [...pending.keys()]) settle(id)?.reject(unreachable(reason))
    },
  }
}

/** `base` ends in /ari/; connections are kept alive by fetch. */
export function requestsOverHttp(base: URL, authorization: string, clock: Clock): Requests {
  const lost = new AbortController()
  return {
    async request(method, path, body) {
      const timeout = new AbortController()
      const cancelTimer = clock.after(replyTimeoutMs, () => timeout.abort(new Error(`no reply within ${replyTimeoutMs} ms`)))
      try {
        const response = await fetch(new URL(path, base), {
          method,
          headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
          body: body ? JSON.stringify(body) : null,
          signal: AbortSignal.any([lost.signal, timeout.signal]),
        })
        return { status: response.status, body: await response.text() }
      } catch (error) {
        const inner = error instanceof TypeError ? error.cause : error
        throw unreachable(`${method} ${path}: ${messageOf(inner)}`, error)
      } finally {
        cancelTimer()
      }
    },
    fail: (reason) => lost.abort(new Error(reason)),
  }
}
