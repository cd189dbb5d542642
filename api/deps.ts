/**
 * What the API needs of the house: services, with their own types. Put together by dialer/main.ts; tests give real ones on a
 * real database. The API holds no rule and no state of its own.
 */
import type { ApiKeys } from '../dialer/access/api-keys.ts'
import type { Audit } from '../dialer/access/audit.ts'
import type { AgentEvents } from '../dialer/agents/agent-events.ts'
import type { CallOffers } from '../dialer/agents/call-offers.ts'
import type { AgentDesk } from '../dialer/agents/desk.ts'
import type { CallerIds } from '../dialer/caller-id/caller-ids.ts'
import type { HealthCheck } from '../dialer/caller-id/health-check.ts'
import type { RouteTests } from '../dialer/caller-id/route-test.ts'
import type { Evidence } from '../dialer/calls/evidence.ts'
import type { Office } from '../dialer/campaigns/office.ts'
import type { Debts } from '../dialer/debts/debts.ts'
import type { InboundDesk } from '../dialer/inbound/inbound-desk.ts'
import type { CallPermissions } from '../dialer/leads/call-permissions.ts'
import type { Callbacks } from '../dialer/leads/callbacks.ts'
import type { LeadDesk } from '../dialer/leads/lead-desk.ts'
import type { Log } from '../dialer/log.ts'
import type { Messages } from '../dialer/messages/messages.ts'
import type { Recordings } from '../dialer/messages/recordings.ts'
import type { DataRequests } from '../dialer/privacy/data-requests.ts'
import type { Trunks } from '../dialer/trunks/trunks.ts'

/** One of the servers the engine stands on. */
export interface Part {
  part: 'postgresql' | 'asterisk' | 'redis'
  ready: boolean
  /** For people: `answers` or what is wrong. */
  sentence: string
}

export interface ApiDeps {
  log: Log
  keys: ApiKeys
  audit: Audit
  office: Office
  leads: LeadDesk
  callbacks: Callbacks
  messages: Pick<Messages, 'preview'>
  recordings: Recordings
  dataRequests: DataRequests
  debts: Debts
  permissions: CallPermissions
  agents: AgentDesk
  agentEvents: Pick<AgentEvents, 'subscribe' | 'since'> & Pick<CallOffers, 'present'>
  evidence: Evidence
  inboundCalls: InboundDesk
  trunks: Trunks
  callerIds: CallerIds
  callerIdHealth: HealthCheck
  routeTests: RouteTests
  readiness: () => Promise<Part[]>
  /** In the text format of Prometheus. */
  metrics: () => Promise<string>
  limits?: Partial<ApiLimits>
}

export interface ApiLimits {
  /** From one address. */
  requestsPerMinute: number
  /** Of one uploaded list. */
  uploadBytes: number
}

export const defaultLimits: ApiLimits = { requestsPerMinute: 6000, uploadBytes: 2 * 1024 ** 3 }
