/** Route tests against a scripted switch and a real database. */
import { pino } from 'pino'
import t from 'tap'
import { z } from 'zod'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createScriptedSwitch } from '../agents/switch-under-test.ts'
import { createMemoryCoordination } from '../cluster/memory.ts'
import { TelephonyError } from '../telephony/telephony.ts'
import { createTrunkLines } from '../trunks/trunk-lines.ts'
import { findCallerId, listHistory } from './caller-id-store.ts'
import { type CalledIn, createRouteCalls } from './route-call.ts'
import { createRouteTests } from './route-test.ts'

const { pool } = await withDatabase(t)
const log = pino({ level: 'silent' })
await pool.query(
  `insert into trunks (id, host, max_channels, calls_per_second, enabled) values ('on', '127.0.0.1', 9, 9, true), ('off', '127.0.0.1', 9, 9, false)`,
)
await pool.query(
  `insert into caller_ids (number, pool, trunk_id, country, line_type)
   select '+4822100000' || n, case when n < 4 then 'main' else 'other' end, case when n < 5 then 'on' else 'off' end, 'PL', 'fixed'
   from generate_series(1, 5) n`,
)
const [first, second, third] = ['+48221000001', '+48221000002', '+48221000003']
const state = async (id: number) => (await findCallerId(pool, id))?.inboundRoute

const testCall = z.object({ channelId: z.string(), trunkId: z.string(), number: z.string(), callerId: z.string() })

function setUp(failing: Parameters<typeof createScriptedSwitch>[0] = {}) {
  const clock = createFakeClock()
  const script = createScriptedSwitch(failing)
  const calls = createRouteCalls({ telephony: script.telephony, clock, log })
  const trunkLines = createTrunkLines({ coordination: createMemoryCoordination(clock), clock, log })
  const tests = createRouteTests({ pool, calls, trunkLines, engine: { count: () => 0 }, clock, log })
  /** The test call that the switch was asked for. */
  async function placed(count = 1): Promise<z.infer<typeof testCall>> {
    const found = script.asked.filter(([name]) => name === 'originateCallee')
    if (found.length < count) return script.settle().then(() => placed(count))
    return testCall.parse(found[count - 1]?.[1])
  }
  const comesIn = (to: string, from: string | null): CalledIn => ({
    ...{ type: 'called_in', channelId: 'in-1', at: 0 },
    trunkId: 'on',
    from,
    to,
  })
  return { clock, script, calls, tests, placed, comesIn }
}

t.test('comes in with the number shown: passed, and nothing stays on the switch', async (t) => {
  const { tests, calls, script, placed, comesIn } = setUp()
  const testing = tests.test(1, 'boss')
  const call = await placed()
  t.match(call, { number: first, callerId: second, trunkId: 'on' }, 'from another number of ours')
  t.equal(tests.test(1, 'boss'), testing, 'one test of a number at a time')
  t.ok(calls.owns(call.channelId))
  t.notOk(calls.claims(comesIn(first, '+48500100200')), 'a debtor who calls at this moment')
  t.notOk(calls.claims(comesIn(third, second)), 'another number')
  t.ok(calls.claims(comesIn(first, second)))
  t.match(await testing, { inboundRoute: 'passed', inboundRouteReason: /came in on it, with the number shown/ })
  t.notOk(calls.claims(comesIn(first, second)), 'the test is over')
  t.notOk(calls.owns(call.channelId))
  const hungUp = script.asked.filter(([name]) => name === 'hangUp').map(([, channelId]) => channelId)
  t.same(new Set(hungUp), new Set(['in-1', call.channelId]))
  t.match(await listHistory(pool, 1, 9), [{ what: 'inbound_route', from: 'untested', to: 'passed', actor: 'boss' }])
})

t.test('refused by the carrier, answered elsewhere, or nowhere: failed, with the reason', async (t) => {
  const { tests, script, placed, clock } = setUp()
  const refused = tests.test(2, 'boss')
  const { channelId } = await placed()
  await script.happen({ type: 'ended', channelId, cause: 1, sipCode: 404 })
  t.match(await refused, { inboundRoute: 'failed', inboundRouteReason: /did not bring the call to us \(SIP 404/ })
  const elsewhere = tests.test(2, 'boss')
  await script.happen({ type: 'answered', channelId: (await placed(2)).channelId })
  clock.advance(25_000)
  t.match(await elsewhere, { inboundRoute: 'failed', inboundRouteReason: /within 25 s; somebody else answered/ })
  t.equal(clock.pending(), 0)
})

t.test('what cannot be tested now is no failure', async (t) => {
  const { tests } = setUp({ originateCallee: new TelephonyError('unreachable', 'the switch is away') })
  await t.rejects(tests.test(3, 'boss'), { code: 'wrong_state', message: /the switch is away/ })
  await t.rejects(tests.test(5, 'boss'), { code: 'wrong_state', message: /trunk off is switched off/ })
  await t.rejects(tests.test(99, 'boss'), { code: 'not_found' })
  const away = setUp()
  const nobodyKnows = t.rejects(away.tests.test(3, 'boss'), { code: 'wrong_state', message: /went away meanwhile/ })
  await away.placed()
  await away.script.happen({ type: 'down', reason: 'restarted' })
  await nobodyKnows
  t.equal(await state(3), 'untested')
})

t.test('a pool in the background: those not proven, one after the other; and old proofs again', async (t) => {
  const { tests, calls, placed, comesIn, clock, script } = setUp()
  t.equal(await tests.testPool('main'), 2)
  t.match(await placed(1), { number: third }, 'never tested before failed')
  calls.claims(comesIn(third, null))
  t.match(await placed(2), { number: second })
  calls.claims(comesIn(second, first))
  for (let n = 0; n < 200 && (await state(2)) !== 'passed'; n++) await script.settle()
  t.equal(await state(3), 'passed')
  t.match(await findCallerId(pool, 3), { inboundRouteReason: /without a number/ })
  await tests.testAgain()
  clock.advance(31 * 86_400_000)
  await tests.testAgain()
  const again = await placed(3)
  t.equal(again.number, first, 'after a month, not before')
  await script.happen({ type: 'ended', channelId: again.channelId, cause: 34, sipCode: 503 })
  t.match(await placed(4), { number: second }, 'the others do not wait')
  calls.claims(comesIn(second, null))
  t.match(await placed(5), { number: third })
  calls.claims(comesIn(third, null))
  for (let n = 0; n < 50; n++) await script.settle()
  t.equal(await state(1), 'passed', 'a bad minute of the carrier')
  clock.advance(600_000)
  const afterAWhile = await placed(6)
  await script.happen({ type: 'ended', channelId: afterAWhile.channelId, cause: 34, sipCode: 503 })
  for (let n = 0; n < 200 && (await state(1)) === 'passed'; n++) await script.settle()
  t.match(await findCallerId(pool, 1), { inboundRoute: 'failed', inboundRouteReason: /SIP 503/ })
})
