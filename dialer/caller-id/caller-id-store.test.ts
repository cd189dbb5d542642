/** What can be dialed from, and how worn it is, on a real database. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { findCallerId, insertCallerIds, listCandidates, type NewCallerId, updateCallerId } from './caller-id-store.ts'
import { createCallerIdSupply } from './supply.ts'

const { pool } = await withDatabase(t)
await pool.query(
  `insert into trunks (id, host, max_channels, calls_per_second, enabled) values ('on', '127.0.0.1', 9, 9, true), ('off', '127.0.0.1', 9, 9, false)`,
)
const common: Omit<NewCallerId, 'number' | 'trunkId'> = {
  ...{ pool: 'main', country: 'PL', area: '22', lineType: 'fixed', brand: null, dailyCap: 3, hourlyCap: null },
  ...{ state: 'active', stateReason: 'added', inboundRoute: 'passed', inboundRouteAt: null, inboundRouteReason: null },
}
const inserted = await insertCallerIds(pool, [
  { ...common, number: '+48221000001', trunkId: 'on' },
  { ...common, number: '+48221000002', trunkId: 'on', state: 'warming', inboundRoute: 'waived' },
  { ...common, number: '+48221000003', trunkId: 'off', brand: 'Bank A' },
  { ...common, number: '+48221000004', trunkId: 'on', state: 'resting' },
  { ...common, number: '+48221000005', trunkId: 'on', inboundRoute: 'untested' },
  { ...common, number: '+48221000006', trunkId: 'on', inboundRoute: 'failed' },
])
const idOf = (index: number) => inserted[index]?.id ?? 0

t.test('active or warming ones of the pool, with a tested route, over trunks that are switched on', async (t) => {
  const ids = async () => (await listCandidates(pool, 'main')).map(({ id }) => id)
  t.same(await ids(), [idOf(0), idOf(1)])
  t.same(await listCandidates(pool, 'other'), [])
  for (const [index, change] of [
    [3, { state: 'active' }],
    [2, { trunkId: 'on' }],
    [4, { inboundRoute: 'passed' }],
    [5, { pool: 'other' }],
  ] as const) {
    const row = await findCallerId(pool, idOf(index))
    if (row) await updateCallerId(pool, { ...row, ...change })
  }
  t.same(await ids(), [idOf(0), idOf(1), idOf(2), idOf(3), idOf(4)])
})

t.test('the supply: uses of 24 hours and of one, caps by state, kept for two seconds and shared', async (t) => {
  let at = Date.parse('2026-01-04T00:00:00Z')
  const clock = { now: () => at, after: () => () => {} }
  await pool.query(`update caller_ids set state_since = '2026-01-02T12:00:00Z'`)
  const campaignId = randomUUID()
  await pool.query(`insert into campaigns (id, name, settings) values ($1, 'c', '{}')`, [campaignId])
  await pool.query(`insert into contacts (external_id, name, country, time_zone) values ('1', 'Jan', 'PL', 'Europe/Warsaw')`)
  await pool.query(`insert into leads (campaign_id, contact_id, next_attempt_at, reason) values ($1, 1, now(), 'r')`, [
    campaignId,
  ])
  for (const placedAt of ['2026-01-02T23:59:00Z', '2026-01-03T00:01:00Z', '2026-01-03T23:01:00Z']) {
    await pool.query(
      `insert into attempts (id, lead_id, campaign_id, contact_id, number, trunk_id, caller_id_id, mode, reason, placed_at, ended_at)
       values ($1, 1, $2, 1, '+48500600700', 'on', $3, 'ratio', 'r', $4, $4)`,
      [randomUUID(), campaignId, idOf(0), placedAt],
    )
  }
  const supply = createCallerIdSupply({ pool, clock })
  const { callerIds, uses } = await supply.of('main', null)
  t.same(uses.get(idOf(0)), { day: 2, hour: 1 })
  t.same(uses.get(idOf(1)), { day: 0, hour: 0 })
  t.same(
    (await supply.of('main', 'Bank A')).callerIds.map(({ id }) => id),
    [idOf(2)],
    'of one brand',
  )
  const caps = new Map(callerIds.map((callerId) => [callerId.id, callerId.caps]))
  t.same(caps.get(idOf(0)), { perDay: 3, perHour: Number.POSITIVE_INFINITY })
  t.same(caps.get(idOf(1)), { perDay: 3, perHour: 5 }, 'on its second day of warming, under its own cap')
  uses.set(idOf(0), { day: 3, hour: 2 })
  at += 1999
  t.same((await supply.of('main', null)).uses.get(idOf(0)), { day: 3, hour: 2 })
  at += 1
  t.same((await supply.of('main', null)).uses.get(idOf(0)), { day: 2, hour: 1 }, 'read again')
})
