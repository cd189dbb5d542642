/**
 * Measures that claiming stays flat: 50 of 10,000 due leads against 50 of 1,000,000, the latter behind 200,000 urgent leads
 * that are not due, on an embedded PostgreSQL. Also counts how many rows of the queue a claim reads. Besides, as a figure: the
 * same list with due times strewn over it, where each lead lies on disk pages of its own. Report: var/reports/claim.json.
 * Run: npx tsx dialer/leads/bench-claim.ts [LEADS]
 */
import { randomUUID } from 'node:crypto'
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

/** Contacts with a phone and a debt, from number `from` to `to`. */
async function addContacts(pool: Pool, from: number, to: number): Promise<void> {
  await pool.query(
    `with c as (insert into contacts (external_id, name, country, time_zone)
                select 'K' || n, 'Invented', 'PL', 'Europe/Warsaw' from generate_series($1::int, $2::int - 1) n returning id),
          p as (insert into phones (contact_id, number, line_type, position) select id, '+48' || (600000000 + id), 'mobile', 0 from c)
     insert into debts (contact_id, external_id, balance_minor, currency) select id, 'D' || id, 100, 'PLN' from c`,
    [from, to],
  )
}

interface Enlistment {
  campaignId: string
  from: number
  to: number
  /** imported: all due when the window opened, in the file's order; strewn: over a day; not_due: urgent, an hour to go. */
  due: 'imported' | 'strewn' | 'not_due'
}

async function enlist(pool: Pool, { campaignId, from, to, due }: Enlistment): Promise<void> {
  const time = {
    imported: `- interval '1 hour'`,
    strewn: `- (1 + id % 86400) * interval '1 second'`,
    not_due: `+ interval '1 hour'`,
  }[due]
  await pool.query(
    `insert into leads (campaign_id, contact_id, priority, next_attempt_at, reason)
     select $1, id, ${due === 'not_due' ? '9' : 'id % 5'}, $4::timestamptz ${time}, 'imported' from contacts
      where id > $2 and id <= $3 order by id`,
    [campaignId, from, to, at],
  )
}

/** Leads are claimed and worked off one tick after the other, as the runner does. */
async function measure({ pool, campaignId }: BenchDatabase) {
  await pool.query('vacuum analyze')
  await pool.query('checkpoint')
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
  const strewnCampaign = randomUUID()
  await pool.query(`insert into campaigns (id, name, settings) values ($1, 'strewn', '{}')`, [strewnCampaign])
  await addContacts(pool, 0, small)
  await enlist(pool, { campaignId, from: 0, to: small, due: 'imported' })
  const few = await measure(database)
  process.stderr.write(`filling up to ${large} leads\n`)
  for (let from = small; from < large + notDue; from += 100_000)
    await addContacts(pool, from, Math.min(from + 100_000, large + notDue))
  await enlist(pool, { campaignId, from: small, to: large, due: 'imported' })
  await enlist(pool, { campaignId, from: large, to: large + notDue, due: 'not_due' })
  const many = await measure(database)
  await enlist(pool, { campaignId: strewnCampaign, from: 0, to: large, due: 'strewn' })
  const strewn = await measure({ ...database, campaignId: strewnCampaign })
  const ratio = Number((many.medianMs / few.medianMs).toFixed(2))
  const read = Math.max(many.readPerLead, strewn.readPerLead)
  const scans = few.fullScans + many.fullScans + strewn.fullScans
  return report(
    'claim',
    { claimed_at_once: perClaim, few_leads: small, few, many_leads: large, urgent_not_due: notDue, many, strewn },
    [
      { name: 'median of the long list / of the short one', value: ratio, limit: '<= 1.5', ok: ratio <= 1.5 },
      { name: 'scans of the whole table', value: scans, limit: '= 0', ok: scans === 0 },
      { name: 'index rows read per lead claimed', value: read, limit: '< 10', ok: read < 10 },
    ],
  )
})
process.exitCode = ok ? 0 : 1
