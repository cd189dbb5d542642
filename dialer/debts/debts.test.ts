/** The service and its store on a real PostgreSQL; the calls are a list of who was silenced. */
import t from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { insertAttempts } from '../calls/call-store.ts'
import { prepareFloor, standpoint } from '../calls/floor-under-test.ts'
import { inTransaction } from '../storage/database.ts'
import { reopenedReason, settledReason } from './debt.ts'
import { lockDebts, writeDebts } from './debt-store.ts'
import { createDebts } from './debts.ts'

const { pool } = await withDatabase(t)
const clock = createFakeClock()
const silenced: number[] = []
const debts = createDebts({ pool, clock, calls: { settle: (contactIds) => void silenced.push(...contactIds) } })

/** A campaign with people of two debts each. */
async function setUp(people: number) {
  silenced.length = 0
  const floor = await prepareFloor(pool, clock)
  const leadIds = await floor.enlist(people)
  const { rows } = await pool.query<{ contactId: number; first: string; second: string }>(
    `insert into debts (contact_id, external_id, balance_minor, currency)
     select l.contact_id, d.external_id || '-2', 500, 'PLN' from leads l join debts d on d.contact_id = l.contact_id where l.id = any ($1)
     order by l.id returning contact_id as "contactId", left(external_id, -2) as first, external_id as second`,
    [leadIds],
  )
  return {
    ...floor,
    people: rows,
    update: (...lines: { debtId: string; balance?: string; state?: 'disputed' }[]) =>
      debts.update(lines.map((line, n) => ({ line: n + 1, ...line }))),
  }
}

t.test('the last open debt closes: lead finished, calls ended, and not before', async (t) => {
  const { people, update, leads } = await setUp(2)
  const [jan, ola] = people
  if (!jan || !ola) throw new Error('nobody')
  t.match(await update({ debtId: jan.first, balance: '0' }), { lines: 1, changed: 1, settled: 0 })
  t.same(silenced, [])
  t.match(await update({ debtId: jan.second, state: 'disputed' }, { debtId: ola.first, balance: '1.00' }), {
    changed: 2,
    settled: 1,
  })
  t.same(silenced, [jan.contactId])
  t.match(await leads(), [{ state: 'finished', reason: settledReason }, { state: 'waiting' }])

  t.match(await update({ debtId: jan.first, balance: '9.99' }), { changed: 1, settled: 0, reopened: 1 })
  t.match(await leads(), [{ state: 'waiting', reason: reopenedReason }, { state: 'waiting' }])
})

t.test('bad lines and unknown debts are reported one by one and harm nothing beside them', async (t) => {
  const { people, update } = await setUp(1)
  const [jan] = people
  const report = await update(
    { debtId: 'nobody', balance: '0' },
    { debtId: jan?.first ?? '', balance: 'much' },
    { debtId: jan?.first ?? '', balance: '123.45' },
    { debtId: jan?.first ?? '', balance: '3.00' },
  )
  t.match(report, {
    ...{ lines: 4, changed: 1, unchanged: 1, refused: 2 },
    refusals: [
      { line: 1, code: 'debt_unknown' },
      { line: 2, code: 'amount_unreadable' },
    ],
  })
  const { rows } = await pool.query('select balance_minor from debts where external_id = $1', [jan?.first])
  t.same(rows, [{ balance_minor: 300 }])
})

t.test('a lead finished for another reason stays finished; one in a call is left to its call', async (t) => {
  const { people, update, leads, claim, plan } = await setUp(2)
  const [jan, ola] = people
  const [claimed] = await claim(1)
  if (!jan || !ola || !claimed) throw new Error('nobody')
  await insertAttempts(pool, [await plan(claimed)], standpoint)
  await pool.query(`update leads set state = 'finished', reason = 'refuses to pay' where contact_id = $1`, [ola.contactId])
  await update(
    ...people.flatMap(({ first, second }) => [
      { debtId: first, balance: '0' },
      { debtId: second, balance: '0' },
    ]),
  )
  t.match(await leads(), [{ state: 'in_call' }, { state: 'finished', reason: 'refuses to pay' }])
  t.same([...silenced].sort(), [jan.contactId, ola.contactId].sort())
  await update({ debtId: ola.first, balance: '10.00' })
  t.match((await leads())[1], { state: 'finished', reason: 'refuses to pay' })
})

t.test('claimed before the news, placed after it: the attempt is not written', async (t) => {
  const { people, update, leads, claim, plan } = await setUp(1)
  const [claimed] = await claim()
  const [jan] = people
  if (!claimed || !jan) throw new Error('nobody')
  const planned = await plan(claimed)
  await update({ debtId: jan.first, balance: '0' }, { debtId: jan.second, balance: '0' })
  t.same(await insertAttempts(pool, [planned], standpoint), new Set())
  t.match(await leads(), [{ state: 'finished', reason: settledReason }])
})

t.test('two updates at once, each of one of the last two debts: the second waits, and sees the first', async (t) => {
  const { people, update, leads } = await setUp(1)
  const [jan] = people
  if (!jan) throw new Error('nobody')
  const second = await inTransaction(pool, async (db) => {
    const [debt] = await lockDebts(db, [jan.first])
    if (!debt) throw new Error('no debt')
    await writeDebts(db, [{ ...debt, balanceMinor: 0, state: 'paid' }], new Date(clock.now()))
    const report = update({ debtId: jan.second, balance: '0' })
    await Promise.race([report, somebodyWaits()])
    return { report }
  })
  t.match(await second.report, { changed: 1, settled: 1 })
  t.match(await leads(), [{ state: 'finished', reason: settledReason }])
})

/** A statement in this database waits for a lock. */
async function somebodyWaits(): Promise<void> {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const look = async () => ((await pool.query(waiting)).rowCount ? true : undefined)
  await eventually(5000, 'an update to wait', look)
}

t.test('one debt: its row, or what is wrong', async (t) => {
  const { people } = await setUp(1)
  const debtId = people[0]?.first ?? ''
  t.match(await debts.change(debtId, { balance: '0' }), { externalId: debtId, balanceMinor: 0, state: 'paid' })
  await t.rejects(debts.change('nobody', { balance: '0' }), { code: 'not_found' })
  await t.rejects(debts.change(debtId, { state: 'open' }), { code: 'bad_request', message: /balance above 0/ })
})
