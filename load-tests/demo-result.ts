/** What the demo proves: the database's story of every lead laid beside the carrier's log. Pure. */
import { type Stats, tableRows } from './live-table.ts'
import type { Check } from './report.ts'
import type { WireCall } from './wire-log.ts'

/** The part of GET /v1/leads/{id} that is compared. */
export interface LeadHistory {
  lead: { id: number; state: string; reason: string }
  attempts: { id: string; number: string; disposition: string | null; endReason: string | null; connectedAt: string | null }[]
}

export interface DemoResult {
  stats: Stats
  leads: LeadHistory[]
  calls: WireCall[]
  campaignMs: number
}

export function demoFigures({ stats, leads, calls, campaignMs }: DemoResult): Record<string, unknown> {
  return {
    leads: leads.length,
    attempts: stats.attempts.total,
    'INVITEs at the carrier': calls.length,
    answered: stats.attempts.answered,
    'talks with an agent': stats.attempts.connected,
    dispositions: stats.attempts.byDisposition,
    'abandonment rate (24 h)': stats.abandonment.find((window) => window.window === 'last_24_hours')?.rate ?? null,
    "agents' occupancy": stats.occupancy,
    'campaign seconds': Math.round(campaignMs / 100) / 10,
    'last look': tableRows(stats).at(-1),
  }
}

export function demoChecks({ leads, calls, campaignMs, campaignLimitMs }: DemoResult & { campaignLimitMs: number }): Check[] {
  const attempts = leads.flatMap((lead) => lead.attempts)
  const invited = new Set(calls.map((call) => call.attemptId))
  const unseen = attempts.filter((attempt) => !invited.has(attempt.id)).length
  const written = new Set(attempts.map((attempt) => attempt.id))
  const unwritten = calls.filter((call) => !call.attemptId || !written.has(call.attemptId)).length
  const unsettled = leads.filter(({ lead }) => !['waiting', 'finished'].includes(lead.state) || !lead.reason).length
  const open = attempts.filter((attempt) => !attempt.disposition || !attempt.endReason).length
  const none = (name: string, value: number): Check => ({ name, value, limit: '0', ok: value === 0 })
  return [
    { name: 'leads in the list', value: leads.length, limit: '>= 295', ok: leads.length >= 295 },
    none('leads neither finished nor waiting with a reason', unsettled),
    none('attempts without disposition and reason', open),
    none('people dialed twice at once', overlaps(calls)),
    none('attempts that the carrier did not see', unseen),
    none('INVITEs that the database does not know', unwritten),
    none('attempts and INVITEs that differ in number', Math.abs(attempts.length - calls.length)),
    {
      name: 'campaign seconds',
      value: Math.round(campaignMs / 1000),
      limit: `<= ${campaignLimitMs / 1000}`,
      ok: campaignMs <= campaignLimitMs,
    },
  ]
}

/** Calls to a number that began before an earlier one to it had ended. */
function overlaps(calls: WireCall[]): number {
  const lastEnd = new Map<string, number>()
  let found = 0
  for (const call of [...calls].sort((a, b) => a.invitedAt - b.invitedAt)) {
    const before = lastEnd.get(call.called)
    if (before !== undefined && call.invitedAt < before) found++
    lastEnd.set(call.called, Math.max(before ?? 0, call.endedAt ?? call.cancelledAt ?? Number.POSITIVE_INFINITY))
  }
  return found
}
