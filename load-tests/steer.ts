/** A campaign steered over the HTTP API from its start to its last call, as a supervisor would; and what came of its leads. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Api } from './engine-process.ts'
import { liveTable, type Stats } from './live-table.ts'

const lookMs = 500
/** No call for so long: every lead is called, the rest wait for their next attempt. */
const quietMs = 3000
const drainLimitMs = 30_000

/** Runs until every lead was called and nothing is in flight, or the time is up; then drains. Returns the last statistics. */
export async function runToEnd(api: Api, campaignId: string, limitMs: number): Promise<Stats> {
  const path = `/v1/campaigns/${campaignId}`
  await api.post(`${path}/start`)
  const table = liveTable(process.stdout)
  const deadline = Date.now() + limitMs
  let quietSince = Date.now()
  for (;;) {
    await pause(lookMs)
    const stats = await api.get<Stats>(`${path}/stats`)
    table.show(stats)
    const over = Date.now() > deadline
    if (stats.attempts.live > 0) quietSince = Date.now()
    if (stats.state === 'finished') return stats
    if (stats.state === 'running' && (over || Date.now() - quietSince > quietMs)) await api.post(`${path}/drain`)
    if (over && Date.now() > deadline + drainLimitMs) throw new Error('the campaign does not drain')
  }
}

interface ListedLead {
  id: number
  state: string
  lastAttemptAt: string | null
}

/** GET /v1/leads/{id} of each lead of the campaign, or of those that `wanted` picks from the list. */
export async function readLeads<Lead>(api: Api, campaignId: string, wanted = (_lead: ListedLead) => true): Promise<Lead[]> {
  const found: Lead[] = []
  for (let after = 0; ; ) {
    const { leads } = await api.get<{ leads: ListedLead[] }>(`/v1/campaigns/${campaignId}/leads?limit=500&after=${after}`)
    const last = leads.at(-1)
    if (!last) return found
    for (const { id } of leads.filter(wanted)) found.push(await api.get<Lead>(`/v1/leads/${id}`))
    after = last.id
  }
}
