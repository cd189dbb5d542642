/**
 * Who may come in: every route under /v1 names the roles it is for, or the server does not start. A supervisor may do all;
 * a key of the role agent passes only where the agent in the address is its own.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Caller, mayDo, type Role } from '../dialer/access/api-key.ts'
import type { ApiKeys } from '../dialer/access/api-keys.ts'
import { OutpaceError } from '../dialer/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Besides the supervisor; `[]`: he alone. Left out: the route is open to everybody (never under /v1). */
    allowed?: Role[]
  }
  interface FastifyRequest {
    caller: Caller | null
  }
}

export function addAuthentication(app: FastifyInstance, keys: ApiKeys): void {
  app.decorateRequest('caller', null)

  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/v1') && !route.config?.allowed)
      throw new Error(`the route ${route.url} does not say who may use it`)
  })

  app.addHook('onRequest', async (request) => {
    const { allowed } = request.routeOptions.config
    if (!allowed) return
    const [scheme, key = ''] = (request.headers.authorization ?? '').split(' ')
    const caller = scheme?.toLowerCase() === 'bearer' ? await keys.recognise(key) : undefined
    if (!caller) throw new OutpaceError('unauthorized')
    request.caller = caller
    if (!mayDo(caller.role, allowed)) throw forbidden(caller.role, allowed)
    if (caller.role === 'agent' && !isOwn(request, caller)) throw forbidden(caller.role, [])
  })
}

/** Routes without an agent in the address that are open to agents concern nobody but the caller. */
function isOwn(request: FastifyRequest, caller: Caller): boolean {
  const { params } = request
  const id: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, 'id') : undefined
  return id === undefined || id === caller.agentId
}

const forbidden = (role: Role, allowed: readonly Role[]) =>
  new OutpaceError('forbidden', { role, needed: [...allowed.filter((other) => other !== role), 'supervisor'].join(' or ') })

export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new OutpaceError('unauthorized')
  return request.caller
}
