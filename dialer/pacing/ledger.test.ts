import t from 'tap'
import { nextMidnight } from './calendar-day.ts'
import { createLedger, restoreLedger } from './ledger.ts'

const start = Date.UTC(2026, 0, 5, 9)
const HOUR = 3_600_000
const DAY = 24 * HOUR

t.test('the first calls of a day have an allowance that melts', async (t) => {
  const ledger = createLedger({ abandonTarget: 0.03 })
  for (let i = 0; i < 2; i++) ledger.abandoned(start)
  t.equal(ledger.heldBy(start), undefined, 'the third may still happen')
  ledger.abandoned(start)
  t.equal(ledger.heldBy(start), '24 h')
  for (let i = 0; i < 297; i++) ledger.connected(start)
  for (let i = 0; i < 5; i++) ledger.abandoned(start)
  t.equal(ledger.heldBy(start), undefined, '9 of 306 is 2.94 %')
  ledger.abandoned(start)
  t.equal(ledger.heldBy(start), '24 h', '10 of 307 would be 3.26 %, and three quarters of the first day are over')
})

t.test('callers who are about to be abandoned count already', async (t) => {
  const ledger = createLedger({ abandonTarget: 0.03 })
  for (let i = 0; i < 400; i++) ledger.connected(start)
  for (let i = 0; i < 10; i++) ledger.abandoned(start)
  t.equal(ledger.heldBy(start, 1), undefined)
  t.equal(ledger.heldBy(start, 2), '24 h')
})

t.test('steering sees the fall that tomorrow morning brings', async (t) => {
  const ledger = createLedger({ abandonTarget: 0.03 })
  for (let i = 0; i < 100; i++) ledger.connected(start)
  for (let i = 0; i < 300; i++) ledger.connected(start + 4 * HOUR)
  for (let i = 0; i < 8; i++) ledger.abandoned(start + 4 * HOUR)
  const evening = start + 8 * HOUR
  t.ok(ledger.budget(evening) > 4)
  t.ok(
    Math.abs(ledger.budget(evening) - ledger.outlook(evening).limit - 0.7 * 3) < 0.01,
    'the 100 people of the first hour granted 3',
  )
})

t.test('each window forgets in its own time', async (t) => {
  const ledger = createLedger({ abandonTarget: 0.03 })
  for (let i = 0; i < 5; i++) ledger.abandoned(start)
  const abandoned = (at: number) => ledger.windows(at).map((window) => window.abandoned)
  t.same(abandoned(start + 14 * HOUR), [5, 5, 5])
  t.same(abandoned(start + 16 * HOUR), [5, 0, 5], 'midnight in UTC')
  t.same(abandoned(start + 25 * HOUR), [0, 0, 5])
  t.same(abandoned(start + 31 * DAY), [0, 0, 0])
  t.same(abandoned(start + 300 * DAY), [0, 0, 0])
})

t.test('the target is steered at, the limit stops', async (t) => {
  const ledger = createLedger({ abandonTarget: 0.01, abandonLimit: 0.02 })
  for (let i = 0; i < 990; i++) ledger.connected(start)
  for (let i = 0; i < 15; i++) ledger.abandoned(start)
  t.ok(ledger.outlook(start).target < 0, '1.5 % is over the target')
  t.equal(ledger.heldBy(start), undefined)
  for (let i = 0; i < 5; i++) ledger.abandoned(start)
  t.equal(ledger.heldBy(start), '24 h', 'one more than 2 %')
  const unsaid = createLedger({ abandonTarget: 0.01 })
  for (let i = 0; i < 990; i++) unsaid.connected(start)
  for (let i = 0; i < 25; i++) unsaid.abandoned(start)
  t.equal(unsaid.heldBy(start), undefined, 'without a limit of its own: the 3 % of the law')
})

t.test('a target of 0 allows nothing', async (t) => {
  t.equal(createLedger({ abandonTarget: 0 }).heldBy(start), '24 h')
})

t.test('what the legal windows hold at the start counts', async (t) => {
  const ledger = createLedger({
    abandonTarget: 0.03,
    ledger: [
      { windowMs: HOUR, answered: 50, abandoned: 1 },
      { windowMs: DAY, answered: 200, abandoned: 4 },
      { windowMs: 30 * DAY, answered: 6000, abandoned: 200 },
    ],
  })
  const counts = ledger.windows(start).map(({ answered, abandoned }) => [Math.round(answered), Math.round(abandoned)])
  t.same(counts, [
    [200, 4],
    [50, 1],
    [6000, 200],
  ])
  t.equal(ledger.heldBy(start), '30 days')
})

t.test('a restored ledger is the same ledger', async (t) => {
  const ledger = createLedger({ abandonTarget: 0.03 })
  for (let i = 0; i < 500; i++) ledger.connected(start + i * 60_000)
  ledger.abandoned(start + 5 * HOUR)
  ledger.abandonedByEstimate(start + 6 * HOUR, 0.25)
  const now = start + 9 * HOUR
  ledger.windows(now)
  const again = restoreLedger({ abandonTarget: 0.03 }, JSON.parse(JSON.stringify(ledger.snapshot())))
  t.same(again.windows(now), ledger.windows(now))
  const tomorrow = restoreLedger({ abandonTarget: 0.03 }, ledger.snapshot())
  t.equal(tomorrow.windows(start + DAY)[1]?.answered, 0)
})

t.test('what the books hold beyond an old snapshot is added', async (t) => {
  const ledger = createLedger({ abandonTarget: 0.03 })
  for (let i = 0; i < 500; i++) ledger.connected(start)
  const saved = ledger.snapshot()
  const books = [
    { windowMs: HOUR, answered: 600, abandoned: 20 },
    { windowMs: DAY, answered: 600, abandoned: 20 },
    { windowMs: 30 * DAY, answered: 600, abandoned: 20 },
  ]
  const again = restoreLedger({ abandonTarget: 0.03, ledger: books }, saved)
  for (const { answered, abandoned } of again.windows(start + HOUR)) t.same([answered, abandoned], [600, 20])
  t.equal(again.heldBy(start + HOUR), '24 h')
})

t.test('midnight follows the zone and the clock changes', async (t) => {
  t.equal(nextMidnight(Date.UTC(2026, 5, 1, 12), 'Europe/Prague'), Date.UTC(2026, 5, 1, 22))
  t.equal(nextMidnight(Date.UTC(2026, 5, 1, 22), 'Europe/Prague'), Date.UTC(2026, 5, 2, 22))
  t.equal(nextMidnight(Date.UTC(2026, 2, 29, 0), 'Europe/Prague'), Date.UTC(2026, 2, 29, 22), '23 hours')
  t.equal(nextMidnight(Date.UTC(2026, 9, 25, 0), 'Europe/Prague'), Date.UTC(2026, 9, 25, 23), '25 hours')
  t.equal(nextMidnight(Date.UTC(2026, 0, 1, 12), 'America/New_York'), Date.UTC(2026, 0, 2, 5))
})
