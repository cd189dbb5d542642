/**
 * An invented list of any length as it looks in the middle of a campaign: contacts with a phone and a debt, one of ten with calls
 * in the last weeks, one of fifty suppressed, callbacks, today's import whose first attempts are owed, retries, urgent ones that are not due.
 * Written past foreign keys and indexes, which are made afterwards. Used by bench-claims.ts.
 */
import type { Pool } from '../storage/database.ts'

export interface BenchList {
  campaignId: string
  leads: number
  at: Date
}

export const listTables = ['contacts', 'phones', 'debts', 'leads', 'attempts', 'suppressions']

/** Of one contact in ten: one or two calls of ours, up to a month ago. */
const attempts = `
  insert into attempts (id, lead_id, campaign_id, contact_id, phone_id, number, trunk_id, caller_id_id, mode, reason, placed_at,
                        ended_at, disposition, debt_ids)
  select gen_random_uuid(), n * 10, $1, n * 10, n * 10, '+48' || (500000000 + n * 10), 'bench', 1 + n % 20, 'predictive', 'bench',
         $3::timestamptz - ((n % 30) * 24 + 1 + call) * interval '1 hour', $3::timestamptz - ((n % 30) * 24 + call) * interval '1 hour',
         'no_answer', array[n * 10]
    from generate_series(1, $2::int / 10) n, generate_series(1, 2) call where call = 1 or n % 3 = 0`

/**
 * A hundred callbacks; 1 in 50 urgent and an hour too early; the last fifth was imported today, due since the window opened and
 * owed its first attempt; the older ones are strewn over the hour by their retries. Five priorities.
 */
const leads = `
  insert into leads (id, campaign_id, contact_id, priority, next_attempt_at, callback_at, taken_over_at, first_attempt_by, reason)
  overriding system value
  select n, $1, n, case when n % 50 = 1 then 9 else n % 5 end,
         $3::timestamptz + case when n % 50 = 1 then interval '1 hour' when n > $2 * 0.8 then interval '-3 hours'
                                else -(n::bigint * 7919 % 3600) * interval '1 second' end,
         case when n % ($2 / 100) = 2 then $3::timestamptz - interval '2 hours' end, $3::timestamptz - interval '6 hours',
         case when n > $2 * 0.8 then $3::timestamptz + interval '18 hours' end, 'bench'
    from generate_series(1, $2::int) n`

const contacts = `
  insert into contacts (id, external_id, name, country, time_zone) overriding system value
  select n, 'K' || lpad(n::text, 9, '0'), 'Invented', 'PL', 'Europe/Warsaw' from generate_series(1, $1::int) n`
const phones = `
  insert into phones (id, contact_id, number, line_type, position) overriding system value
  select n, n, '+48' || (500000000 + n), 'mobile', 0 from generate_series(1, $1::int) n`
const debts = `
  insert into debts (id, contact_id, external_id, creditor, balance_minor, currency) overriding system value
  select n, n, 'D' || lpad(n::text, 9, '0'), 'Fundusz A', 12345, 'PLN' from generate_series(1, $1::int) n`
const suppressions = `
  insert into suppressions (number, kind, until, reason)
  select '+48' || (500000000 + n * 50), 'do_not_call', $2::timestamptz + (n % 400 - 100) * interval '1 day', 'bench'
    from generate_series(1, $1::int / 50) n`

export async function fillList(pool: Pool, { campaignId, leads: count, at }: BenchList): Promise<void> {
  await pool.query(`insert into trunks (id, host, max_channels, calls_per_second) values ('bench', '127.0.0.1', 10, 10)`)
  await pool.query(
    `insert into caller_ids (number, pool, trunk_id, country, line_type)
     select '+4822' || (1000000 + n), 'main', 'bench', 'PL', 'fixed' from generate_series(1, 20) n`,
  )
  const { rows: indexes } = await pool.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
      where indrelid::regclass::text = any ($1) and not exists (select from pg_constraint where conindid = indexrelid)`,
    [listTables],
  )
  for (const { name } of indexes) await pool.query(`drop index ${name}`)
  const inserts: Statement[] = [
    [leads, [campaignId, count, at]],
    [contacts, [count]],
    [phones, [count]],
    [debts, [count]],
    [attempts, [campaignId, count, at]],
    [suppressions, [count, at]],
  ]
  // Past the checks of foreign keys, two at a time: as many as small machines have cores.
  await inPairs(inserts, (insert) => onConnection(pool, [['set session_replication_role = replica', []], insert]))
  await inPairs(indexes, ({ definition }) => onConnection(pool, [[definition, []]]))
  await pool.query(`vacuum analyze ${listTables.join(', ')}`)
  await pool.query('checkpoint')
}

type Statement = [text: string, values: unknown[]]

/** What it did is counted at once: the scans of these statements are not those of claims. */
async function onConnection(pool: Pool, statements: Statement[]): Promise<void> {
  const db = await pool.connect()
  try {
    for (const [text, values] of statements) await db.query(text, values)
    await db.query('reset session_replication_role')
    await db.query('select pg_stat_force_next_flush()')
  } finally {
    db.release()
  }
}

async function inPairs<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...items]
  const next = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all([next(), next()])
}
