/**
 * Claiming 50 due leads and asking all rules of each, from a list of 10,000 and from one of 10 million, in turns, so that both
 * meet the same machine at the same time; then 20 workers at once on the long list. Part of bench-leads.ts.
 */
import type { Pool } from '../storage/database.ts'
import { type BenchDatabase, type Measured, withBenchDatabase } from './bench-database.ts'
import { type BenchList, fillList, listTables } from './bench-list.ts'
import { eligibility } from './eligibility.ts'
import { createHolidays } from './holidays.ts'
import { claimDueLeads } from './lead-store.ts'

const small = 10_000
const large = Number(process.env.LARGE ?? 10_000_000)
const perClaim = 50
/** In rounds: the short list is made anew after each, from the long one nothing is missed. */
const rounds = 8
const claimsPerRound = 150
const workers = 20
const workersClaim = Math.min(1_000_000, large / 5)
/** A Monday, 11:00 in Warsaw. */
const at = new Date('2026-01-12T10:00:00Z')
const holidays = createHolidays()

interface Times {
  claimMs: number[]
  wholeMs: number[]
  callable: number
}

const say = (text: string) => process.stderr.write(`${text}\n`)

/** One claim with what the runner does of it. */
async function claimAndJudge({ pool, settings }: BenchDatabase, { campaignId }: BenchList, times: Times): Promise<void> {
  const start = performance.now()
  const leads = await claimDueLeads(pool, { campaignId, limit: perClaim, owner: 'bench', leaseMs: 30_000, at })
  times.claimMs.push(performance.now() - start)
  for (const lead of leads) if (eligibility(lead, settings, 'predictive', at.getTime(), holidays).ok) times.callable += 1
  times.wholeMs.push(performance.now() - start)
  if (leads.length !== perClaim) throw new Error(`claimed ${leads.length} leads`)
}

const percentile = (times: number[], share: number): number => {
  const sorted = [...times].sort((a, b) => a - b)
  return Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2))
}

async function inTurns(short: BenchDatabase, shortList: BenchList, long: BenchDatabase, longList: BenchList) {
  const times = { short: { claimMs: [], wholeMs: [], callable: 0 }, long: { claimMs: [], wholeMs: [], callable: 0 } } as {
    short: Times
    long: Times
  }
  const unmeasured: Times = { claimMs: [], wholeMs: [], callable: 0 }
  for (let round = 0; round < rounds; round += 1) {
    await short.pool.query(`update leads set state = 'waiting' where state = 'claimed'`)
    await short.pool.query('vacuum analyze leads')
    for (let n = 0; n < 10; n += 1) {
      await claimAndJudge(short, shortList, unmeasured)
      await claimAndJudge(long, longList, unmeasured)
    }
    for (let n = 0; n < claimsPerRound; n += 1) {
      await claimAndJudge(short, shortList, times.short)
      await claimAndJudge(long, longList, times.long)
    }
    say(`  round ${round + 1}: p99 ${percentile(times.short.wholeMs, 0.99)} and ${percentile(times.long.wholeMs, 0.99)} ms`)
  }
  return times
}

/** Each worker claims until all have what they shall have together; returns how many claims, and how often a lead came twice. */
async function atOnce(pool: Pool, { campaignId, leads }: BenchList) {
  const owner = new Uint8Array(leads + 1)
  let claimed = 0
  let claims = 0
  let twice = 0
  const work = async (worker: number) => {
    while (claimed < workersClaim) {
      const got = await claimDueLeads(pool, { campaignId, limit: perClaim, owner: `worker ${worker}`, leaseMs: 3_600_000, at })
      if (got.length === 0) return
      claims += 1
      claimed += got.length
      for (const { leadId } of got) {
        if (owner[leadId] !== 0) twice += 1
        owner[leadId] = worker
      }
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: workers }, (_, index) => work(index + 1)))
  return { claimed, claims, twice, seconds: Math.round((performance.now() - startedAt) / 100) / 10 }
}

async function readScans(pool: Pool): Promise<number> {
  await pool.query('select pg_stat_force_next_flush()')
  const { rows } = await pool.query<{ scans: number }>(
    'select sum(seq_scan)::bigint as scans from pg_stat_user_tables where relname = any ($1)',
    [listTables],
  )
  return rows[0]?.scans ?? 0
}

export function measureClaims(): Promise<Measured> {
  return withBenchDatabase((short) =>
    withBenchDatabase(async (long) => {
      say(`filling lists of ${small} and ${large} leads`)
      const list = { campaignId: short.campaignId, leads: small, at }
      await fillList(short.pool, list)
      const filledAt = performance.now()
      const longList = { campaignId: long.campaignId, leads: large, at }
      await fillList(long.pool, longList)
      const fillSeconds = Math.round((performance.now() - filledAt) / 1000)
      say(`  ${fillSeconds} s; claiming in turns`)
      const scansBefore = await readScans(long.pool)
      const times = await inTurns(short, list, long, longList)
      say(`${workers} workers claim ${workersClaim} leads`)
      const crowd = await atOnce(long.pool, longList)
      const scans = (await readScans(long.pool)) - scansBefore
      const p99 = { short: percentile(times.short.wholeMs, 0.99), long: percentile(times.long.wholeMs, 0.99) }
      const ratio = Number((p99.long / p99.short).toFixed(2))
      const figuresOf = ({ claimMs, wholeMs, callable }: Times) => ({
        ...{
          claims: wholeMs.length,
          p50Ms: percentile(wholeMs, 0.5),
          p95Ms: percentile(wholeMs, 0.95),
          p99Ms: percentile(wholeMs, 0.99),
        },
        ...{ p99MsOfStatement: percentile(claimMs, 0.99), callable: Number((callable / wholeMs.length / perClaim).toFixed(3)) },
      })
      return {
        figures: {
          ...{ claimed_at_once: perClaim, short_list: { leads: small, ...figuresOf(times.short) } },
          ...{ long_list: { leads: large, ...figuresOf(times.long) }, long_list_filled_in_seconds: fillSeconds },
          workers: { workers, ...crowd, leads_per_second: Math.round(crowd.claimed / crowd.seconds) },
        },
        checks: [
          { name: 'p99 of a claim, long list / short list', value: ratio, limit: '<= 1.5', ok: ratio <= 1.5 },
          { name: 'scans of a whole table of the long list', value: scans, limit: '= 0', ok: scans === 0 },
          {
            name: 'leads claimed by 20 workers',
            value: crowd.claimed,
            limit: `>= ${workersClaim}`,
            ok: crowd.claimed >= workersClaim,
          },
          { name: 'leads that two workers had', value: crowd.twice, limit: '= 0', ok: crowd.twice === 0 },
        ],
      }
    }, workers),
  )
}
