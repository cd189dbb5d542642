/**
 * One campaign while this process runs it: its pacer, its tick. A tick asks the pacer how many calls, the trunks how many
 * they have room for, and place-call.ts to place them. Settings may change between ticks and hold from the next one on.
 * Owned by runner.ts.
 */
import type { AgentChange } from '../agents/agent-pool.ts'
import type { Agents } from '../agents/pool.ts'
import { isAtCap, unused } from '../caller-id/caps.ts'
import type { CallerIdSupply } from '../caller-id/supply.ts'
import { messageOf } from '../errors.ts'
import { countDueLeads } from '../leads/lead-store.ts'
import { zoneOfCountry } from '../leads/time-zone.ts'
import type { Log } from '../log.ts'
import { playsMessages } from '../messages/message.ts'
import { createPacer, type PacerChanges, type PacingEvent, type TunablePacer } from '../pacing/pacer.ts'
import { findPacingMemory, savePacingMemory } from '../pacing/pacing-memory-store.ts'
import type { TrunkLimits, TrunkLines } from '../trunks/trunk-lines.ts'
import { listTrunks } from '../trunks/trunk-store.ts'
import { admission, admitted, type Load } from './admission.ts'
import { type CallbackWatchDeps, createCallbackWatch } from './callback-watch.ts'
import type { Campaign } from './campaign.ts'
import { measureFalsePositives } from './detection-stats.ts'
import { type FalsePositives, takenForMachines } from './false-positives.ts'
import type { LiveStats } from './live.ts'
import { decideMessageCalls } from './message-pacing.ts'
import { type Allowance, type PlaceCallDeps, placeAgentCallbacks, placeCalls } from './place-call.ts'
import type { CampaignSettings } from './settings.ts'
import { type AbandonmentWindow, countAbandonment } from './stats-store.ts'

export interface CampaignRunDeps extends PlaceCallDeps, CallbackWatchDeps {
  agents: Agents
  trunkLines: TrunkLines
  callerIdSupply: CallerIdSupply
  log: Log
  /** What is measured of this engine and its switch. */
  load(): Load
  /** Why nothing may be placed at all now (the switch or the database is away, the lease is lost), or undefined. */
  heldBack(campaignId: string): string | undefined
}

export interface CampaignRun {
  readonly campaign: Campaign
  change(campaign: Campaign): void
  observe(event: PacingEvent): void
  agentChanged(change: AgentChange): void
  tick(): Promise<void>
  /** Resolves when no call is being made ready any more. */
  rest(): Promise<void>
  /** Keeps what the pacer has learnt. */
  save(): Promise<void>
  live(): LiveStats
}

const dayMs = 86_400_000
/** How the pacer tells the windows apart: what is shorter than a day is the calendar day. */
const windowLengths: Readonly<Record<AbandonmentWindow, number>> = {
  last_24_hours: dayMs,
  calendar_day: dayMs - 1,
  last_30_days: 30 * dayMs,
}
/** The trunks' limits are read again this often. */
const trunksMaxAgeMs = 2000
/** The samples of detection come by the hour, and counting them walks 30 days of verdicts. */
const measureEveryMs = 15 * 60_000
/** Callbacks of agents are looked at this often. */
const watchEveryMs = 2000

const phases = {
  ready: 'ready',
  reserved: 'paused',
  talking: 'talking',
  wrap_up: 'wrap-up',
  paused: 'paused',
  logged_out: 'logged-out',
} as const

/** What may change while the campaign runs, by the supervisor or by what samples showed; it holds from the next tick on. */
const tuningOf = (settings: CampaignSettings, measured: FalsePositives | undefined): PacerTuning => {
  const { abandonTarget, abandonLimit, maxLinesPerAgent, linesPerAgent } = settings
  // A send-out does not ask the pacer; it only listens, for the case that the campaign gets another mode.
  const mode = settings.mode === 'message' ? 'progressive' : settings.mode
  const peopleTakenForMachines = takenForMachines(settings, measured)
  return { mode, abandonTarget, abandonLimit, maxLinesPerAgent, linesPerAgent, peopleTakenForMachines }
}
type PacerTuning = Required<PacerChanges>

/**
 * The pacer's word for a change of phase. A reservation is no news to it, `connected` follows at once; but who is reserved
 * ahead for a callback is not there for anybody else while it rings.
 */
function pacingEventOf({ agentId, phase, next, ahead, at }: AgentChange): PacingEvent | undefined {
  if (phase === 'reserved' && !ahead) return undefined
  return { type: 'agent', agentId, at, state: phases[phase], ...(next && { next: next === 'paused' ? 'paused' : 'logged-out' }) }
}

export async function createCampaignRun(deps: CampaignRunDeps, campaignAtStart: Campaign): Promise<CampaignRun> {
  const { engine, agents, clock, log, pool, trunkLines } = deps
  let campaign = campaignAtStart
  let lastDecision: LiveStats['lastDecision'] = null
  let watchedAt = Number.NEGATIVE_INFINITY
  const callbacks = createCallbackWatch(deps)
  let trunks: { readAt: number; all: TrunkLimits[] } | undefined

  /** Part of a call that admission control left over. */
  let carried = 0
  /** The last tick found fewer leads than the trunks had room for. */
  let ranOut = true
  /** Calls of a tick that is over are still being made ready. */
  let speaking: Promise<void> | undefined

  let measured: FalsePositives | undefined
  let measuredAt = 0
  await measure(clock.now())

  const memoryName = `pacer:${campaign.id}`
  const pacer = await startPacer()

  /** How many people detection takes for machines, by the samples that agents judged so far. */
  async function measure(at: number): Promise<void> {
    measuredAt = at
    measured = await measureFalsePositives(pool, { campaignId: campaign.id, at })
  }

  /** Warm from what an earlier run learnt; the abandonment record is read from the database, it is no memory. */
  async function startPacer(): Promise<TunablePacer> {
    const { settings } = campaign
    const timeZone = zoneOfCountry(settings.country) ?? 'UTC'
    const windows = await countAbandonment(pool, { campaignId: campaign.id, at: new Date(clock.now()), timeZone })
    const saved = await findPacingMemory(pool, memoryName)
    const made = createPacer(
      {
        ...tuningOf(settings, measured),
        graceMs: settings.graceMs,
        ringTimeoutMs: settings.ringTimeoutMs,
        timeZone,
        ledger: windows.map(({ window, connected, abandoned }) => ({
          windowMs: windowLengths[window],
          answered: connected + abandoned,
          abandoned,
        })),
      },
      saved,
    )
    for (const change of agents.present(campaign.id)) {
      const event = pacingEventOf(change)
      if (event) made.observe(event)
    }
    for (const event of engine.replay(campaign.id)) made.observe(event)
    return made
  }

  async function measureAnew(at: number): Promise<void> {
    try {
      await measure(at)
      pacer.retune(tuningOf(campaign.settings, measured))
    } catch (error) {
      log.warn({ campaignId: campaign.id, err: messageOf(error) }, 'the samples of detection could not be counted')
    }
  }

  async function readTrunks(at: number): Promise<TrunkLimits[]> {
    if (!trunks || at - trunks.readAt >= trunksMaxAgeMs) trunks = { readAt: at, all: await listTrunks(pool) }
    return trunks.all
  }

  /** What so many calls may be dialed with, or why there is nothing. */
  async function allowanceFor(at: number, calls: number): Promise<Allowance | string> {
    const { callerIdPool, callerIdBrand } = campaign.settings
    const { callerIds, uses } = await deps.callerIdSupply.of(callerIdPool, callerIdBrand)
    if (callerIds.length === 0) return 'the pool has no active caller ID whose inbound route was tested'
    const fit = new Set(callerIds.filter(({ id, caps }) => !isAtCap(uses.get(id) ?? unused, caps)).map(({ trunkId }) => trunkId))
    if (fit.size === 0) return 'every caller ID of the pool is at its daily or hourly cap'
    const usable = (await readTrunks(at)).filter(({ id }) => fit.has(id))
    const room = await trunkLines.take(usable, calls, (trunkId) => engine.count({ trunkId }))
    const stillWanted = () => campaign.state === 'running' && deps.heldBack(campaign.id) === undefined
    return { callerIds, uses, room, stillWanted }
  }

  /** They go with the agent they were agreed with, one by one, whatever the pacer says. */
  async function makeCallbacks(at: number): Promise<void> {
    const ready = agents.ready(campaign.id)
    if (ready.length > 0) await placeAgentCallbacks(deps, campaign, ready, (calls) => allowanceFor(at, calls))
    if (at - watchedAt < watchEveryMs) return
    watchedAt = at
    const missed = await callbacks.look(campaign)
    if (missed > 0) log.info({ campaignId: campaign.id, missed }, 'callbacks missed by their agents')
  }

  function decide(at: number): { calls: number; reason: string } {
    const { mode, maxConcurrentCalls } = campaign.settings
    if (mode !== 'message') return pacer.decide(at)
    return decideMessageCalls(engine.count({ campaignId: campaign.id }), maxConcurrentCalls)
  }

  async function placeDue(): Promise<void> {
    const at = clock.now()
    if (at - measuredAt >= measureEveryMs) void measureAnew(at)
    const held = deps.heldBack(campaign.id)
    if (held === undefined)
      await makeCallbacks(at).catch((error: unknown) =>
        log.warn({ campaignId: campaign.id, err: messageOf(error) }, 'callbacks could not be made'),
      )
    const decision = decide(at)
    const { share, reason: slowed } = admission(deps.load())
    const now = admitted(held === undefined ? decision.calls : 0, share, carried)
    carried = now.carried
    const { calls } = now
    let reason = held ?? decision.reason
    if (slowed && held === undefined && decision.calls > 0) reason += `; slowed to ${Math.round(share * 100)} %: ${slowed}`
    try {
      if (calls > 0) reason = await place(at, calls, reason)
    } catch (error) {
      reason = `nothing placed: ${messageOf(error)}`
      log.warn({ campaignId: campaign.id, err: messageOf(error) }, 'tick failed')
    }
    lastDecision = { at, calls: decision.calls, reason }
  }

  async function place(at: number, calls: number, reason: string): Promise<string> {
    // What is taken of a trunk's rate is used up: a campaign that ran out of leads looks before it takes, and leaves it to others.
    const due = ranOut ? await countDueLeads(pool, { campaignId: campaign.id, limit: calls, at: new Date(at) }) : calls
    if (due === 0) return `${reason}; 0 placed: no lead is due`
    const allowance = await allowanceFor(at, due)
    if (typeof allowance === 'string') return `${reason}; 0 placed: ${allowance}`
    const free = [...allowance.room.values()].reduce((sum, granted) => sum + granted, 0)
    const { placed, refused } = await placeCalls(deps, campaign, calls, allowance)
    ranOut = placed < free
    if (refused.size > 0) log.info({ campaignId: campaign.id, refused: Object.fromEntries(refused) }, 'leads put back')
    if (placed === calls) return reason
    const limit = free < due ? `the trunks have room for ${free}` : 'no more leads are due and callable'
    return `${reason}; ${placed} placed: ${limit}`
  }

  return {
    get campaign() {
      return campaign
    },
    change(changed) {
      const settingsChanged = JSON.stringify(changed.settings) !== JSON.stringify(campaign.settings)
      campaign = changed
      if (!settingsChanged) return
      pacer.retune(tuningOf(campaign.settings, measured))
    },
    observe: (event) => pacer.observe(event),
    agentChanged(change) {
      const event = pacingEventOf(change)
      if (event) pacer.observe(event)
    },
    async tick() {
      if (campaign.state !== 'running' || speaking) return
      const placed = placeDue()
      if (!playsMessages(campaign.settings)) return placed
      // Messages are spoken before their calls are placed; the other campaigns' ticks do not wait for that.
      speaking = placed.finally(() => {
        speaking = undefined
      })
    },
    rest: async () => speaking,
    save: () => savePacingMemory(pool, { name: memoryName, saved: pacer.snapshot(), at: new Date(clock.now()) }),
    live() {
      const calls: Record<string, number> = {}
      for (const call of engine.live()) if (call.campaignId === campaign.id) calls[call.state] = (calls[call.state] ?? 0) + 1
      const answerCalibration = deps.forecast.calibration()
      return {
        agents: agents.counts(campaign.id),
        calls,
        lastDecision,
        answerCalibration,
        peopleTakenForMachines: measured ?? null,
      }
    },
  }
}
