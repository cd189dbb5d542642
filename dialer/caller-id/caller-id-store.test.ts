/** What can be dialed from, and how worn it is, on a real database. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { countUses, insertCallerIds, listCandidates, updateCallerId } from './caller-id-store.ts'

const { pool } = await withDatabase(t)
await pool.query(
  `insert into trunks (id, host, max_channels, calls_per_second, enabled) values ('on', '127.0.0.1', 9, 9, true), ('off', '127.0.0.1', 9, 9, false)`,
)
const fields = { pool: 'main', country: 'PL', lineType: 'fixed', state: 'active' } as const
const [first, second, overOff, resting] = await insertCallerIds(pool, [
  { ...fields, number: '+48221000001', trunkId: 'on' },
  { ...fields, number: '+48221000002', trunkId: 'on' },
  { ...fields, number: '+48221000003', trunkId: 'off' },
  { ...fields, number: '+48221000004', trunkId: 'on', state: 'resting' },
])

t.test('active ones of the pool, over trunks that are switched on', async (t) => {
  t.same(
    (await listCandidates(pool, 'main')).map(({ id }) => id),
    [first?.id, second?.id],
  )
  t.same(await listCandidates(pool, 'other'), [])
  await updateCallerId(pool, { id: resting?.id ?? 0, pool: null, trunkId: null, state: 'active' })
  t.match(await updateCallerId(pool, { id: overOff?.id ?? 0, pool: null, trunkId: 'on', state: null }), {
    state: 'active',
    pool: 'main',
  })
  t.equal((await listCandidates(pool, 'main')).length, 4)
  t.equal(await updateCallerId(pool, { id: 999, pool: 'x', trunkId: null, state: null }), undefined)
})

t.test('uses since a time, with those that were never used', async (t) => {
  const campaignId = randomUUID()
  await pool.query(`insert into campaigns (id, name, settings) values ($1, 'c', '{}')`, [campaignId])
  await pool.query(`insert into contacts (external_id, name, country, time_zone) values ('1', 'Jan', 'PL', 'Europe/Warsaw')`)
  await pool.query(`insert into leads (campaign_id, contact_id, next_attempt_at, reason) values ($1, 1, now(), 'r')`, [
    campaignId,
  ])
  for (const at of ['2026-01-01', '2026-01-03', '2026-01-04']) {
    await pool.query(
      `insert into attempts (id, lead_id, campaign_id, contact_id, number, trunk_id, caller_id_id, mode, reason, placed_at, ended_at)
       values ($1, 1, $2, 1, '+48500600700', 'on', $3, 'ratio', 'r', $4, $4)`,
      [randomUUID(), campaignId, first?.id, `${at}T00:00:00Z`],
    )
  }
  const uses = await countUses(pool, { pool: 'main', since: new Date('2026-01-02T00:00:00Z') })
  t.same(
    [...uses.entries()].sort(([a], [b]) => a - b),
    [
      [first?.id, 2],
      [second?.id, 0],
      [overOff?.id, 0],
      [resting?.id, 0],
    ],
  )
})
