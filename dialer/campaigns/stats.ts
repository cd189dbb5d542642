/**
 * A campaign in figures: made of the counts in the database by pure functions, with what the running process knows
 * (`live`) laid beside them. Rates are 0..1, and null where nothing was counted yet. Called by office.ts.
 */
import type { Db } from '../storage/database.ts'
import type { Campaign } from './campaign.ts'
import { type DetectionStats, readDetectionStats } from './detection-stats.ts'
import { takenForMachines } from './false-positives.ts'
import type { CampaignState } from './lifecycle.ts'
import type { LiveStats } from './live.ts'
import {
  type AbandonmentCount,
  type AttemptCount,
  countAbandonment,
  countAttempts,
  countFirstAttempts,
  countLeadReasons,
  countLeads,
  countResultCodes,
  type FirstAttemptCount,
  type LeadCount,
  sumStretches,
} from './stats-store.ts'

export interface AbandonmentRate extends AbandonmentCount {
  /** People whom detection took for machines, by the campaign's estimate. */
  byEstimate: number
  rate: number | null
}

export interface CampaignStats {
  campaignId: string
  state: CampaignState
  at: Date
  leads: {
    total: number
    byState: Record<string, number>
    /** The disposition of each lead's last attempt. */
    byDisposition: Record<string, number>
    topReasons: { state: string; reason: string; leads: number }[]
  }
  /** Leads by when their first attempt followed the take-over. `rate`: in time, of those made or overdue. */
  firstAttempts: FirstAttemptCount & { rate: number | null }
  attempts: {
    total: number
    answered: number
    connected: number
    live: number
    byDisposition: Record<string, number>
    byResultCode: Record<string, number>
  }
  abandonment: AbandonmentRate[]
  /** Of the last 30 days. */
  detection: DetectionStats
  /** Of the last 24 hours, without the stretches that are not over yet. */
  occupancy: number | null
  live: LiveStats | null
}

const topReasons = 20
const dayMs = 86_400_000

export async function readStats(
  db: Db,
  query: { campaign: Campaign; at: number; timeZone: string; live: LiveStats | null },
): Promise<CampaignStats> {
  const campaignId = query.campaign.id
  const at = new Date(query.at)
  const [leads, reasons, firstAttempts, attempts, resultCodes, abandonment, stretches, detection] = await Promise.all([
    countLeads(db, campaignId),
    countLeadReasons(db, campaignId, topReasons),
    countFirstAttempts(db, { campaignId, at }),
    countAttempts(db, campaignId),
    countResultCodes(db, campaignId),
    countAbandonment(db, { campaignId, at, timeZone: query.timeZone }),
    sumStretches(db, { campaignId, since: new Date(query.at - dayMs) }),
    readDetectionStats(db, { campaignId, at: query.at }),
  ])
  const taken = takenForMachines(query.campaign.settings, detection.peopleTakenForMachines ?? undefined)
  return {
    campaignId,
    state: query.campaign.state,
    at,
    leads: { ...leadFigures(leads), topReasons: reasons },
    firstAttempts: withShare(firstAttempts),
    attempts: {
      ...attemptFigures(attempts),
      byResultCode: Object.fromEntries(resultCodes.map((row) => [row.resultCode, row.talks])),
    },
    abandonment: abandonment.map((count) => withRate(count, taken)),
    detection,
    occupancy: occupancy(stretches),
    live: query.live,
  }
}

const withShare = (count: FirstAttemptCount) => ({
  ...count,
  rate: ratio(count.within24Hours, count.within24Hours + count.later + count.overdue),
})

/** abandoned / (abandoned + connected), people taken for machines counted as abandoned by estimate (Ofcom). */
export function withRate(count: AbandonmentCount, taken: number): AbandonmentRate {
  const heard = count.connected + count.abandoned
  const byEstimate = (heard * taken) / (1 - taken)
  return { ...count, byEstimate, rate: ratio(count.abandoned + byEstimate, heard + byEstimate) }
}

const sum = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((total, row) => total + of(row), 0)

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)

function tally<T>(rows: readonly T[], key: (row: T) => string | null, of: (row: T) => number): Record<string, number> {
  const totals: Record<string, number> = {}
  for (const row of rows) {
    const name = key(row)
    if (name !== null) totals[name] = (totals[name] ?? 0) + of(row)
  }
  return totals
}

function leadFigures(counts: readonly LeadCount[]) {
  const leads = (row: LeadCount) => row.leads
  return {
    total: sum(counts, leads),
    byState: tally(counts, (row) => row.state, leads),
    byDisposition: tally(counts, (row) => row.disposition, leads),
  }
}

function attemptFigures(counts: readonly AttemptCount[]) {
  const attempts = (row: AttemptCount) => row.attempts
  return {
    total: sum(counts, attempts),
    answered: sum(counts, (row) => row.answered),
    connected: sum(counts, (row) => row.connected),
    live: sum(
      counts.filter((row) => row.disposition === null),
      attempts,
    ),
    byDisposition: tally(counts, (row) => row.disposition, attempts),
  }
}

/** (talking + wrap-up) / (logged in and not paused); a reserved agent waits for a bridge, he does not talk yet. */
export function occupancy(stretches: readonly { state: string; ms: number }[]): number | null {
  const ms = (...states: string[]) =>
    sum(
      stretches.filter((stretch) => states.includes(stretch.state)),
      (stretch) => stretch.ms,
    )
  return ratio(ms('talking', 'wrap_up'), ms('ready', 'reserved', 'talking', 'wrap_up'))
}
