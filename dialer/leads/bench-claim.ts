/**
 * Measures that claiming stays flat: 50 of 10,000 due leads against 50 of 1,000,000, the latter behind 200,000 urgent leads
 * that are not due, on an embedded PostgreSQL. Also counts how many rows of the queue a claim reads. Report: var/reports/claim.json.
 * Run: npx tsx dialer/leads/bench-claim.ts [LEADS]
 */
import { report } from '../../load-tests/report.ts'
import type { Pool } from '../storage/database.ts'
import { type BenchDatabase, withBenchDatabase } from './bench-database.ts'
import { claimDueLeads } from './lead-store.ts'

const small = 10_000
const large = Number(process.argv[2] ?? 1_000_000)
const notDue = 200_000
const perClaim = 50
const claims = 100
const at = new Date('2026-01-12T10:00:00Z')

/** Contacts with a phone, a debt and a lead each, from number `from` to `to`; due leads spread over the priorities 0 to 4. */
async function addLeads(pool: Pool, campaignId: string, from: number, to: number, due: boolean): Promise<void> {
  await pool.query(
    `with c as (insert into contacts (external_id, name, country, time_zone)
                select 'K' || n, 'Invented', 'PL', 'Europe/Warsaw' from generate_series($2::int, $3::int - 1) n returning id),
          p as (insert into phones (contact_id, number, line_type, position) select id, '+48' || (600000000 + id), 'mobile', 0 from c),
          d as (insert into debts (contact_id, external_id, balance_minor, currency) select id, 'D' || id, 100, 'PLN' from c)
     insert into leads (campaign_id, contact_id, priority, next_attempt_at, reason)
     select $1, id, case when $5 then id % 5 else 9 end,
            $4::timestamptz + case when $5 then -1 else 1 end * (1 + id % 100000) * interval '1 second', 'imported' from c`,
    [campaignId, from, to, at, due],
  )
}

/** Leads are claimed and worked off one tick after the other, as the runner does. */
async function measure({ pool, campaignId }: BenchDatabase) {
  await pool.query('vacuum analyze')
  const before = await readCounters(pool)
  const times: number[] = []
  for (let n = 0; n < claims; n += 1) {
    const start = performance.now()
    const leads = await claimDueLeads(pool, { campaignId, limit: perClaim, owner: 'bench', leaseMs: 30_000, at })
    times.push(performance.now() - start)
    if (leads.length !== perClaim) throw new Error(`claimed ${leads.length} leads`)
  }
  const after = await readCounters(pool)
  times.sort((a, b) => a - b)
  const percentile = (share: number) => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(2))
  return {
    medianMs: percentile(0.5),
    p95Ms: percentile(0.95),
    fullScans: after.scans - before.scans,
    readPerLead: (after.read - before.read) / (claims * perClaim),
  }
}

async function readCounters(pool: Pool): Promise<{ scans: number; read: number }> {
  const db = await pool.connect()
  try {
    await db.query('select pg_stat_force_next_flush()')
    const { rows } = await db.query<{ scans: number; read: number }>(
      `select t.seq_scan as scans, i.idx_tup_read as read from pg_stat_user_tables t
         join pg_stat_user_indexes i on i.relid = t.relid and i.indexrelname = 'leads_due' where t.relname = 'leads'`,
    )
    return rows[0] ?? { scans: 0, read: 0 }
  } finally {
    db.release()
  }
}

const ok = await withBenchDatabase(async (database) => {
  const { pool, campaignId } = database
  await addLeads(pool, campaignId, 0, small, true)
  const few = await measure(database)
  process.stderr.write(`filling up to ${large} leads\n`)
  for (let from = small; from < large; from += 100_000)
    await addLeads(pool, campaignId, from, Math.min(from + 100_000, large), true)
  await addLeads(pool, campaignId, large, large + notDue, false)
  const many = await measure(database)
  const ratio = Number((many.medianMs / few.medianMs).toFixed(2))
  return report('claim', { claimed_at_once: perClaim, few_leads: small, few, many_leads: large, urgent_not_due: notDue, many }, [
    { name: 'median of the long list / of the short one', value: ratio, limit: '<= 1.5', ok: ratio <= 1.5 },
    {
      name: 'scans of the whole table',
      value: few.fullScans + many.fullScans,
      limit: '= 0',
      ok: few.fullScans + many.fullScans === 0,
    },
    { name: 'index rows read per lead claimed', value: many.readPerLead, limit: '< 3', ok: many.readPerLead < 3 },
  ])
})
process.exitCode = ok ? 0 : 1
