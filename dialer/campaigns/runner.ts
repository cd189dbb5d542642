/**
 * The runner: one CampaignRun for each campaign that runs or drains in this process, one heartbeat for all.
 * It follows the campaigns table (other processes change it too), holds a lease for each campaign so that one process
 * alone dials it, and ends a draining campaign when its last call is over and written.
 */

import type { CallEngine } from '../calls/engine.ts'
import type { Journal } from '../calls/journal.ts'
import type { Coordination } from '../cluster/coordination.ts'
import { messageOf } from '../errors.ts'
import { dropLateFirstAttempts, returnExpiredLeases } from '../leads/lead-store.ts'
import type { Campaign } from './campaign.ts'
import { createCampaignLeases } from './campaign-leases.ts'
import { type CampaignRun, type CampaignRunDeps, createCampaignRun } from './campaign-run.ts'
import { listCampaigns } from './campaign-store.ts'
import type { LiveStats } from './live.ts'
import type { Office } from './office.ts'

export interface RunnerDeps extends Omit<CampaignRunDeps, 'heldBack' | 'leases'> {
  engine: CallEngine
  journal: Journal
  coordination: Coordination
  office: Office
  /** How many people who called us wait for an agent of this campaign. */
  callersWaiting(campaignId: string): number
  /** Whether the switch is connected. */
  switchIsUp(): boolean
}

export interface Runner {
  /** Reads the campaigns' settings, which agents of a former run need before the runner starts. */
  learn(): Promise<void>
  start(): Promise<void>
  /** No further calls; those in flight go on. Gives the leases back. */
  stop(): Promise<void>
  /** Campaigns that this process has run since its start. */
  campaignIds(): string[]
  live(campaignId: string): LiveStats | undefined
  wrapUpMs(campaignId: string): number
}

const tickMs = 250
const followMs = 2000
/** Leads whose first attempt is late, looked at in one statement. */
const lateAtOnce = 5000
/** What pacing has learnt is kept this often, and at the stop. */
const saveMs = 30_000

export function createRunner(deps: RunnerDeps): Runner {
  const { agents, clock, coordination, engine, journal, log, office, pool } = deps
  const runs = new Map<string, CampaignRun>()
  const leases = createCampaignLeases({ pool, coordination, clock })
  const wrapUps = new Map<string, number>()
  let stopped = false
  let ticking: Promise<void> = Promise.resolve()
  let followedAt = Number.NEGATIVE_INFINITY
  let savedAt = clock.now()

  function heldBack(campaignId: string): string | undefined {
    if (!deps.switchIsUp()) return 'the switch is away'
    if (leases.fence(campaignId) === undefined) return 'another process dials this campaign, or the coordination is away'
    const callers = deps.callersWaiting(campaignId)
    if (callers > 0) return `${callers} who called us wait for an agent: they go before new calls`
    return undefined
  }

  async function follow(campaigns: Campaign[]): Promise<void> {
    for (const campaign of campaigns) {
      const active = campaign.state === 'running' || campaign.state === 'draining'
      const run = runs.get(campaign.id)
      if (run) run.change(campaign)
      else if (active) runs.set(campaign.id, await createCampaignRun({ ...deps, heldBack, leases }, campaign))
    }
  }

  async function endIfDrained({ campaign }: CampaignRun): Promise<void> {
    if (campaign.state !== 'draining' || leases.fence(campaign.id) === undefined) return
    if (engine.count({ campaignId: campaign.id }) > 0) return
    await journal.settled()
    await office.lastCallEnded(campaign.id)
  }

  async function saveAll(): Promise<void> {
    await deps.forecast.save()
    for (const run of runs.values()) if (leases.fence(run.campaign.id) !== undefined) await run.save()
  }

  async function tickAll(): Promise<void> {
    const at = clock.now()
    if (at - followedAt >= followMs) {
      followedAt = at
      await follow(await listCampaigns(pool))
      await returnExpiredLeases(pool, new Date(at))
      await dropLateFirstAttempts(pool, { at: new Date(at), limit: lateAtOnce })
    }
    if (at - savedAt >= saveMs) {
      savedAt = at
      await saveAll()
    }
    for (const run of runs.values()) {
      const { state, id } = run.campaign
      if (state === 'running' || state === 'draining') await leases.keep(id)
      await run.tick()
      await endIfDrained(run)
    }
  }

  function schedule(): void {
    clock.after(tickMs, () => {
      if (stopped) return
      ticking = tickAll()
        .catch((error: unknown) => log.warn({ err: messageOf(error) }, 'the runner could not follow the campaigns'))
        .finally(schedule)
    })
  }

  engine.onPacing(({ campaignId, event }) => {
    runs.get(campaignId)?.observe(event)
    deps.forecast.observe(event)
  })
  engine.onEnded(({ plan, outcome }) => {
    deps.trunkLines.ended(plan.trunkId, outcome.disposition)
    deps.forecast.ended(plan.id, outcome.disposition)
  })
  agents.onChange((change) => runs.get(change.campaignId)?.agentChanged(change))
  office.onChange((campaign) => runs.get(campaign.id)?.change(campaign))

  return {
    async learn() {
      for (const { id, settings } of await listCampaigns(pool)) wrapUps.set(id, settings.wrapUpMs)
    },
    async start() {
      await deps.forecast.load()
      await follow(await listCampaigns(pool))
      schedule()
    },
    async stop() {
      stopped = true
      await ticking
      await Promise.all([...runs.values()].map((run) => run.rest()))
      await saveAll().catch((error: unknown) => log.warn({ err: messageOf(error) }, 'what pacing has learnt could not be kept'))
      await leases.releaseAll()
    },
    campaignIds: () => [...runs.keys()],
    live: (campaignId) => runs.get(campaignId)?.live(),
    wrapUpMs: (campaignId) => runs.get(campaignId)?.campaign.settings.wrapUpMs ?? wrapUps.get(campaignId) ?? 15_000,
  }
}
