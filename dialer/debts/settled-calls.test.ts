/** The look at who is being called, and the leads of calls that ended, on a real PostgreSQL; the engine only says who is called. */
import t from 'tap'
import { within } from '../../load-tests/deadline.ts'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import type { Outcome } from '../calls/call.ts'
import type { CallPlan } from '../calls/call-plan.ts'
import type { CallView } from '../calls/engine.ts'
import { silentLog as log, prepareFloor } from '../calls/floor-under-test.ts'
import { createSignal } from '../signal.ts'
import { settledReason } from './debt.ts'
import { createSettledCalls } from './settled-calls.ts'

const { pool } = await withDatabase(t)
const clock = createFakeClock()
const ended = createSignal<{ plan: CallPlan; outcome: Outcome }>()

function setUp(called: { contactId: number; state: CallView['state'] }[]) {
  let tell: (contactIds: number[]) => void = () => {}
  const told = new Promise<number[]>((resolve) => {
    tell = resolve
  })
  const view = { id: 'x', campaignId: 'c', leadId: 1, trunkId: 't' }
  const engine = {
    live: () => called.map((call) => ({ ...view, ...call })),
    settle: (contactIds: ReadonlySet<number>) => tell([...contactIds]),
    onEnded: ended.on,
  }
  const calls = createSettledCalls({ pool, engine, journal: { settled: async () => {} }, clock, log })
  return { calls, told: () => within(5000, 'somebody to be silenced', told) }
}

async function contactsOf(leadIds: number[]): Promise<number[]> {
  const { rows } = await pool.query<{ contact_id: number }>('select contact_id from leads where id = any ($1) order by id', [
    leadIds,
  ])
  return rows.map((row) => row.contact_id)
}

t.test('the look finds who is on the way to an agent and owes nothing; a talk and who owes are left alone', async (t) => {
  const { enlist } = await prepareFloor(pool, clock)
  const [ringing, talking, owing, waiting] = await contactsOf(await enlist(4))
  if (!ringing || !talking || !owing || !waiting) throw new Error('nobody')
  await pool.query(`update debts set state = 'withdrawn' where contact_id = any ($1)`, [[ringing, talking, waiting]])
  const { calls, told } = setUp([
    { contactId: ringing, state: 'ringing' },
    { contactId: talking, state: 'talking' },
    { contactId: owing, state: 'ringing' },
    { contactId: waiting, state: 'waiting' },
  ])
  calls.start()
  clock.advance(400)
  t.same((await told()).sort(), [ringing, waiting].sort())
  calls.stop()
})

t.test('paid during the talk: the lead, planned by the end of the call, is finished', async (t) => {
  const floor = await prepareFloor(pool, clock)
  await floor.enlist(1)
  const [claimed] = await floor.claim()
  if (!claimed) throw new Error('nobody')
  const { calls } = setUp([])
  await pool.query(`update debts set state = 'paid', balance_minor = 0 where contact_id = $1`, [claimed.contactId])
  const at = clock.now()
  const outcome: Outcome = {
    ...{ disposition: 'human_connected', reason: 'talk', counts: true, endedAt: at, network: { cause: 16 } },
    facts: { answeredAt: at },
  }
  calls.start()
  ended.emit({ plan: await floor.plan(claimed), outcome })
  clock.advance(1000)
  const finished = async () => {
    for (;;) {
      const [lead] = await floor.leads()
      if (lead?.state === 'finished') return lead
    }
  }
  t.match(await within(5000, 'the lead to be finished', finished()), { reason: settledReason })
  calls.stop()
})
