/**
 * Writes every change that came over the API into the audit, before it is answered. A route that can change something and
 * does not say under which name is refused when the server starts, so none can be forgotten.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Audit } from '../dialer/access/audit.ts'
import { callerOf } from './authenticate.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What is changed, and how: `campaign.start`. */
    audit?: `${string}.${string}`
    /** The body holds settings only, nothing about a person: its values are kept, not only the names of its fields. */
    auditValues?: true
  }
  interface FastifyRequest {
    /** What came of the change and belongs into the audit beside what was sent; set by the route, nothing about a person. */
    auditOutcome?: Record<string, unknown>
  }
}

const readOnly = new Set(['GET', 'HEAD', 'OPTIONS'])

export function addAuditTrail(app: FastifyInstance, audit: Audit): void {
  app.addHook('onRoute', (route) => {
    const changes = [route.method].flat().some((method) => !readOnly.has(method))
    if (changes && !route.config?.audit) throw new Error(`the route ${route.url} does not say how it is audited`)
  })

  app.addHook('preSerialization', async (request, reply, payload) => {
    const { audit: action } = request.routeOptions.config
    if (action && reply.statusCode < 400) await recordInAudit(audit, request, action, payload)
    return payload
  })
}

/** For the few reads that must be known of, too: what a route answers with bytes passes the hook above. */
export async function recordInAudit(audit: Audit, request: FastifyRequest, action: string, answer?: unknown): Promise<void> {
  const caller = callerOf(request)
  const what = action.split('.')[0] ?? action
  await audit.record({
    actor: `key:${caller.keyId} (${caller.name})`,
    action,
    subject: `${what}:${idIn(request.params) ?? idIn(answer) ?? 'several'}`,
    details: { ...detailsOf(request, request.routeOptions.config.auditValues === true), ...request.auditOutcome },
  })
}

function idIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const id: unknown = Reflect.get(value, 'id')
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
}

/** A streamed list has no fields to name; its figures are in the table of imports. */
function detailsOf({ body }: FastifyRequest, withValues: boolean): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || 'pipe' in body) return {}
  if (Array.isArray(body)) return { items: body.length }
  return withValues ? { ...body } : { fields: Object.keys(body) }
}
