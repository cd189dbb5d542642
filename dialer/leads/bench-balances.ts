/**
 * News about debts: 200,000 debts of 100,000 contacts with a lead each, all changed by one CSV; then again, with a quarter of
 * the contacts paid. Part of bench-leads.ts.
 */
import { systemClock } from '../clock.ts'
import { readCsvUpdates } from '../debts/debt-update.ts'
import { createDebts } from '../debts/debts.ts'
import { type BenchDatabase, type Measured, withBenchDatabase } from './bench-database.ts'

const debtCount = 200_000
/** Contact n has the debts 2n and 2n + 1, and every fourth contact pays both. */
const contacts = debtCount / 2
const paying = Math.floor(contacts / 4)
const perSecond = 10_000

async function prepare({ pool, campaignId }: BenchDatabase): Promise<void> {
  await pool.query(
    `insert into contacts (external_id, name, country, time_zone)
     select 'K' || n, 'Wymyślony', 'PL', 'Europe/Warsaw' from generate_series(0, $1::int - 1) n`,
    [contacts],
  )
  await pool.query(
    `insert into debts (contact_id, external_id, balance_minor, currency)
     select c.id, 'D' || (2 * substr(c.external_id, 2)::int + half), 10000, 'PLN' from contacts c, generate_series(0, 1) half`,
  )
  await pool.query(
    `insert into leads (campaign_id, contact_id, next_attempt_at, reason) select $1, id, now(), 'imported, not called yet' from contacts`,
    [campaignId],
  )
  await pool.query('analyze contacts, debts, leads')
}

/** In an order that is not the order of the rows. */
async function* file(round: number): AsyncGenerator<string> {
  yield 'debt_id,balance\n'
  for (let i = 0; i < debtCount; i += 1) {
    const debt = (i * 7919) % debtCount
    yield `D${debt},${Math.floor(debt / 2) < paying * round ? '0' : `${90 - round}.50`}\n`
  }
}

export function measureBalances(): Promise<Measured> {
  return withBenchDatabase(async (database) => {
    await prepare(database)
    let silenced = 0
    const calls = {
      settle(contactIds: number[]) {
        silenced += contactIds.length
      },
    }
    const debts = createDebts({ pool: database.pool, clock: systemClock, calls })
    const run = async (round: number) => {
      const startedAt = performance.now()
      const done = await debts.update(readCsvUpdates(file(round)))
      const seconds = (performance.now() - startedAt) / 1000
      return { ...done, seconds, rate: Math.round(done.changed / seconds) }
    }
    const balances = await run(0)
    const paid = await run(1)
    const { rows } = await database.pool.query<{ finished: number }>(
      `select count(*) as finished from leads where state = 'finished'`,
    )
    const finished = rows[0]?.finished ?? 0
    const rate = Math.min(balances.rate, paid.rate)
    const written = Math.min(balances.changed, paid.changed)
    return {
      figures: {
        balances: {
          ...{ debts: debtCount, seconds: balances.seconds, updates_per_second: balances.rate },
          ...{ seconds_with_paid: paid.seconds, updates_per_second_with_paid: paid.rate, contacts_settled: paid.settled },
        },
      },
      checks: [
        { name: 'balance updates a second into the store', value: rate, limit: `>= ${perSecond}`, ok: rate >= perSecond },
        { name: 'balance updates written', value: written, limit: `= ${debtCount}`, ok: written === debtCount },
        { name: 'leads finished by them', value: finished, limit: `= ${paying}`, ok: finished === paying },
        { name: 'contacts silenced by them', value: silenced, limit: `= ${paying}`, ok: silenced === paying },
      ],
    }
  })
}
