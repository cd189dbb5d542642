import { existsSync, mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { silentLog as log, prepareFloor } from './floor-under-test.ts'
import { createJournal } from './journal.ts'
import { keepForNextStart, writeLeftOver } from './journal-file.ts'

t.test('what was not written at the stop is written at the next start', async (t) => {
  const { pool } = await withDatabase(t)
  const clock = createFakeClock()
  const floor = await prepareFloor(pool, clock)
  const plans = await floor.dial(1)
  const [plan] = plans
  if (!plan) throw new Error('no plan')
  const file = join(mkdtempSync(join(tmpdir(), 'outpace-journal-')), 'left-over')

  const stopping = createJournal({ pool, clock, log })
  const at = clock.now()
  stopping.add({ kind: 'progress', id: plan.id, facts: { answeredAt: at, detected: { verdict: 'human', cause: 'x', at } } })
  keepForNextStart(file, stopping.giveUp(), log)
  t.equal(stopping.pending, 0)
  t.equal(statSync(file).mode & 0o777, 0o600)

  const next = createJournal({ pool, clock, log })
  const written = writeLeftOver(file, next, log)
  clock.advance(1000)
  await written
  t.notOk(existsSync(file))
  const { rows } = await pool.query('select answered_at, detection from attempts')
  t.same(rows, [{ answered_at: new Date(at), detection: 'human' }])
  await writeLeftOver(file, next, log)
  keepForNextStart(file, [], log)
  t.notOk(existsSync(file), 'nothing left over, no file')
})
