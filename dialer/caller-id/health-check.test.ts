/** The health check on a real database: calls go in as rows, numbers come to rest, warm up and are active again. */
import { pino } from 'pino'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createMemoryCoordination } from '../cluster/memory.ts'
import { findCallerId, listHistory } from './caller-id-store.ts'
import { createCallerIds } from './caller-ids.ts'
import { createHealthCheck } from './health-check.ts'

const { pool } = await withDatabase(t)
const clock = createFakeClock()
const coordination = createMemoryCoordination(clock)
const health = createHealthCheck({ pool, clock, coordination, log: pino({ level: 'silent' }) })
const dayMs = 86_400_000

await pool.query(`insert into trunks (id, host, max_channels, calls_per_second) values ('t', '127.0.0.1', 9, 9)`)
await pool.query(
  `insert into caller_ids (number, pool, trunk_id, country, line_type, inbound_route, state_since, judged_since, created_at)
   select '+48221' || lpad(n::text, 6, '0'), 'main', 't', 'PL', 'fixed', 'passed', $1, $1, $1 from generate_series(1, 6) n`,
  [new Date(clock.now() - 60 * dayMs)],
)
await pool.query(
  `insert into campaigns (id, name, settings) select gen_random_uuid(), 'c' || n, '{}' from generate_series(1, 2) n`,
)
await pool.query(
  `insert into contacts (external_id, name, country, time_zone)
   select n, 'Jan', 'PL', 'Europe/Warsaw' from generate_series(1, 3000) n`,
)
await pool.query(
  `insert into phones (contact_id, number, line_type, position) select id, '+48601' || lpad(id::text, 6, '0'), 'mobile', 0 from contacts`,
)
await pool.query(
  `insert into leads (campaign_id, contact_id, next_attempt_at, reason)
   select c.id, p.id, now(), 'r' from contacts p join campaigns c on c.name = case when p.id % 2 = 0 then 'c1' else 'c2' end`,
)

/** `calls` of each number spread over the last `hours`, a share answered; the list c1 is answered twice as often as c2. */
async function dial(callerIds: number[], calls: number, hours: number, share: number, disposition = 'no_answer') {
  await pool.query(
    `insert into attempts (id, lead_id, campaign_id, contact_id, phone_id, number, trunk_id, caller_id_id, mode, reason,
                           placed_at, answered_at, ended_at, disposition)
     select gen_random_uuid(), l.id, l.campaign_id, l.contact_id, p.id, p.number, 't', i.id, 'ratio', 'r', at, case when answered then at end, at,
            case when answered then 'human_connected' else $6 end
     from unnest($1::bigint[]) i(id)
     cross join generate_series(0, $2 - 1) n
     cross join lateral (select $3::timestamptz - n * ($4::float8 * interval '1 hour') / $2 as at) placed
     join leads l on l.id = 1 + (n * 7 + i.id * 131) % 3000
     join campaigns c on c.id = l.campaign_id
     join phones p on p.contact_id = l.contact_id
     cross join lateral (select (hashtextextended(l.id || '/' || i.id || '/' || n, 1) & 1023) / 1024.0
                                < $5::float8 * case when c.name = 'c1' then 2 else 1 end as answered) drawn`,
    [callerIds, calls, new Date(clock.now()), hours, share, disposition],
  )
}

const row = async (id: number) => {
  const found = await findCallerId(pool, id)
  if (!found) throw new Error('no such number')
  return found
}

t.test('a number that people stopped answering rests by night, warms up, and is active again', async (t) => {
  await dial([1, 2, 3, 4, 5], 500, 7 * 24 - 1, 0.3)
  await dial([6], 500, 7 * 24 - 1, 0.1)
  t.same(await health.check('by_day'), [], 'not by day')
  const changes = await health.check('by_night')
  t.match(changes, [
    { callerId: { id: 6 }, change: { to: 'resting', reason: /people answered .* other numbers at the same hours/ } },
  ])
  t.equal(changes?.length, 1)
  const view = await health.view(6)
  t.match(view, {
    callerId: { state: 'resting', restUntil: new Date(clock.now() + 14 * dayMs) },
    ...{ advice: null, report: { answerRate: { isLow: true, enough: true } }, checkedAt: new Date(clock.now()) },
    history: [{ what: 'state', from: 'active', to: 'resting', actor: null }],
  })
  t.ok(view.uses.day > 50 && view.uses.hour >= 1, 'its use of today')
  t.same(await health.check('by_night'), [], 'once')

  clock.advance(14 * dayMs)
  t.match(await health.check('by_day'), [{ callerId: { id: 6 }, change: { to: 'warming' } }])
  t.match(await health.view(6), {
    caps: { perDay: 10, perHour: 3 },
    callerId: { judgedSince: new Date(clock.now()) },
    advice: null,
  })
  clock.advance(5 * dayMs)
  t.match(await health.check('by_day'), [{ callerId: { id: 6 }, change: { to: 'active' } }])
  t.match(
    (await listHistory(pool, 6, 9)).map(({ to }) => to),
    ['active', 'warming', 'resting'],
  )
})

t.test('what is blocked or fails at once rests by day; advice is in the list', async (t) => {
  clock.advance(30 * dayMs)
  await dial([1, 2, 3, 4, 5], 40, 20, 0.3)
  clock.advance(600_000)
  await dial([2], 6, 0.1, 0, 'blocked')
  await dial([1, 4, 5], 20, 0.1, 0.5)
  await dial([3], 9, 0.1, 0, 'failed')
  const changes = (await health.check('by_day')) ?? []
  t.match(
    changes.map(({ callerId, change }) => [callerId.id, change.reason]),
    [
      [3, /^its last \d+ calls did not get through/],
      [2, /^\d people or networks blocked it/],
    ],
  )
  t.equal((await row(3)).state, 'resting')
  const listed = await health.withAdvice([await row(1), { ...(await row(4)), inboundRoute: 'untested' }])
  t.match(listed, [{ advice: null }, { advice: /Test its inbound route/ }])
})

t.test('whoever changed a number by hand meanwhile knows better; and one process at a time', async (t) => {
  const lease = await coordination.lease('caller-id-health', 1000)
  t.equal(await health.check('by_day'), undefined)
  await lease?.release()
  const callerIds = createCallerIds({ pool, clock })
  await callerIds.change(3, { state: 'retired', reason: 'sold' }, 'boss')
  t.match(await health.view(3), {
    advice: null,
    history: [{ from: 'resting', to: 'retired', actor: 'boss', reason: 'sold' }, {}],
  })
  clock.advance(60 * dayMs)
  t.notMatch(await health.check('by_day'), [{ callerId: { id: 3 } }])
  t.equal((await row(3)).state, 'retired')
  await t.rejects(health.view(99), { code: 'not_found' })
})
