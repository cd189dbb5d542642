import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createAgentPool } from '../agents/pool.ts'
import { createScriptedSwitch } from '../agents/switch-under-test.ts'
import { setWantedCallerId } from '../caller-id/caller-id-store.ts'
import { createCallerIdSupply } from '../caller-id/supply.ts'
import type { CallPlan } from '../calls/call-plan.ts'
import { insertAttempts } from '../calls/call-store.ts'
import { createCallEngine } from '../calls/engine.ts'

import { deaf, silentLog as log, noHolidays, prepareFloor, standpoint } from '../calls/floor-under-test.ts'

import { createJournal } from '../calls/journal.ts'
import { setPhoneState } from '../leads/lead-store.ts'
import type { Prepared } from '../messages/messages.ts'
import { createAnswerForecast } from './answer-forecast.ts'
import { raiseFence } from './campaign-store.ts'
import { placeCalls } from './place-call.ts'

const { pool } = await withDatabase(t)

async function setUp(room: number, changes = {}) {
  const clock = createFakeClock()
  const floor = await prepareFloor(pool, clock, changes)
  const begun: CallPlan[] = []
  const { telephony } = createScriptedSwitch()
  const agents = createAgentPool({ clock, log, wrapUpMs: () => 0 })
  const journal = createJournal({ pool, clock, log })
  const engine = createCallEngine({ telephony, agents, journal, clock, holidays: noHolidays, log, ...deaf })
  const begin = (plans: CallPlan[]) => {
    begun.push(...plans)
    engine.begin(plans)
  }
  const allowance = {
    ...(await createCallerIdSupply({ pool, clock }).of(floor.name, null)),
    room: new Map([[floor.name, room]]),
    stillWanted: () => true,
  }
  const forecast = createAnswerForecast({ pool, clock })
  const messages = { prepare: async (_: unknown, calls: unknown[]) => calls.map(() => said.now) }
  /** What the messages' room says of each contact. */
  const said: { now: Prepared } = { now: undefined }
  const poisoned = new Set<number>()
  const judge: typeof forecast.forecast = (lead, ...rest) => {
    if (poisoned.has(lead.leadId)) throw new Error('no such country')
    return forecast.forecast(lead, ...rest)
  }
  let fence: number | undefined = 0
  const leases = {
    fence: () => fence,
    outrun: () => {
      fence = undefined
    },
  }
  const deps = {
    pool,
    agents,
    engine: { ...engine, begin },
    clock,
    holidays: noHolidays,
    forecast: { ...forecast, forecast: judge },
    messages,
    owner: 'test',
    switchName: 'main',
    wall: clock.now,
    leases,
    log,
  }
  const place = async (wanted: number) => placeCalls(deps, await floor.campaign(), wanted, allowance)
  return { clock, floor, begun, agents, allowance, place, poisoned, said }
}

t.test('attempts are committed before the switch is asked, each person once, numbers in turn', async (t) => {
  const { floor, begun, place, allowance } = await setUp(10)
  await floor.enlist(8)
  t.match(await place(6), { placed: 6, refused: new Map() })
  t.equal(begun.length, 6)
  const { rows } = await pool.query<{ id: string; reason: string; state: string }>(
    'select a.id, a.reason, l.state from attempts a join leads l on l.id = a.lead_id where a.campaign_id = $1',
    [floor.id],
  )
  t.same(new Set(rows.map(({ id }) => id)), new Set(begun.map(({ id }) => id)))
  t.same(new Set(rows.map(({ state }) => state)), new Set(['in_call']))
  t.ok(
    rows.every(({ reason }) => reason.includes('; ')),
    'why this phone; why this number',
  )
  t.equal(new Set(begun.map(({ callerId }) => callerId.id)).size, 3, 'all three numbers are used')
  t.equal(allowance.room.get(floor.name), 4)
})

t.test('no more than the trunks have room for', async (t) => {
  const { floor, place } = await setUp(2)
  await floor.enlist(5)
  t.equal((await place(5)).placed, 2)
  t.same((await floor.leads()).map(({ state }) => state).sort(), ['in_call', 'in_call', 'waiting', 'waiting', 'waiting'])
})

t.test('who may not be called goes back with reason and time, and others are called in his place', async (t) => {
  const { floor, place, clock } = await setUp(10)
  const [first, second, third, fourth] = await floor.enlist(4)
  const contactOf = '(select contact_id from leads where id = $1)'
  await pool.query(`insert into suppressions (contact_id, kind, reason) values (${contactOf}, 'do_not_call', 'he said so')`, [
    first,
  ])
  await pool.query(`update contacts set time_zone = 'Pacific/Auckland', country = 'NZ' where id = ${contactOf}`, [second])
  await pool.query(`update debts set state = 'paid' where contact_id = ${contactOf}`, [third])
  const { placed, refused } = await place(1)
  t.equal(placed, 1)
  t.equal(
    [...refused.values()].reduce((sum, count) => sum + count, 0),
    3,
  )
  const leads = new Map((await floor.leads()).map((lead) => [lead.id, lead]))
  t.match(leads.get(Number(first)), { state: 'finished', reason: /he said so|do.not.call/i })
  const asleep = leads.get(Number(second))
  t.match(asleep, { state: 'waiting', reason: /window|time/i })
  t.same(asleep?.next_attempt_at, new Date('2026-01-05T19:00:00Z'), '08:00 in Auckland')
  t.ok(Number(asleep?.next_attempt_at) > clock.now())
  t.match(leads.get(Number(third)), { state: 'finished', reason: /paid/ })
  t.match(leads.get(Number(fourth)), { state: 'in_call' })
})

t.test('one person, or one number, is never in two calls, over all campaigns', async (t) => {
  const one = await setUp(10)
  const two = await setUp(10)
  const same = () => '+48602000777'
  await one.floor.enlist(1, same)
  await two.floor.enlist(1, same)
  t.equal((await one.place(1)).placed, 1)
  const second = await two.place(1)
  t.match(second, { placed: 0 })
  t.equal(two.begun.length, 0)
  const [lead] = await two.floor.leads()
  t.match(lead, { state: 'waiting' })
  t.ok(Number(lead?.next_attempt_at) > two.clock.now(), 'later')
})

t.test('the number that only another process sees in a call: refused by the database itself', async (t) => {
  const { floor, begun, place, clock } = await setUp(10, { caps: { perHour: 5 }, looserBecause: 'two people share a phone' })
  const same = () => '+48602000778'
  await floor.enlist(2, same)
  const { placed, refused } = await place(2)
  t.equal(placed, 1)
  t.equal(begun.length, 1)
  t.same([...refused], [['in_call', 1]])
  const waits = (await floor.leads()).find(({ state }) => state === 'waiting')
  t.match(waits, { reason: 'this person or number is in another call just now' })
  t.equal(Number(waits?.next_attempt_at), clock.now() + 120_000)
})

t.test('a wrong number is dialed no more, in no campaign, also when it is marked at the last moment', async (t) => {
  const { floor, clock } = await setUp(10)
  await floor.enlist(1)
  const [lead] = await floor.claim()
  if (!lead) throw new Error('no lead')
  const plan = await floor.plan(lead)
  await setPhoneState(pool, plan.phone.id, 'wrong_person')
  t.same(await insertAttempts(pool, [plan], standpoint), new Set())
  const other = await setUp(10)
  await pool.query(
    `insert into leads (campaign_id, contact_id, phone_id, next_attempt_at, reason) values ($1, $2, $3, $4, 'other list')`,
    [other.floor.id, lead.contactId, plan.phone.id, new Date(clock.now())],
  )
  t.match(await other.place(1), { placed: 0, refused: new Map([['no_valid_phone', 1]]) })
})

t.test('a number chosen by hand, once; and caps that hold within one tick', async (t) => {
  const { floor, begun, place, allowance } = await setUp(10)
  const [lead] = await floor.enlist(5)
  const wanted = allowance.callerIds[2]?.id ?? 0
  await setWantedCallerId(pool, lead ?? 0, { id: wanted, by: 'Anna' })
  for (const callerId of allowance.callerIds) callerId.caps = { perDay: 1, perHour: 1 }
  const { placed, refused } = await place(5)
  t.equal(placed, 3, 'each number once')
  t.same([...refused], [['caller_ids_at_cap', 2]])
  const attempt = begun.find((plan) => plan.lead.leadId === lead)
  t.match(attempt, { callerId: { id: wanted }, reason: /; number chosen by hand \(Anna\)$/ })
  const { rows } = await pool.query('select from leads where wanted_caller_id_id is not null')
  t.equal(rows.length, 0, 'for one attempt')
  const capped = (await floor.leads()).filter(({ state }) => state === 'waiting')
  t.match(capped, [{ reason: /at its daily or hourly cap/ }, { reason: /at its daily or hourly cap/ }])
})

t.test('somebody else called this person since the rules looked, and it is over already: not again at once', async (t) => {
  const [one, two] = [await setUp(10), await setUp(10)]
  const same = () => '+48602000779'
  await one.floor.enlist(1, same)
  await two.floor.enlist(1, same)
  const [claimed] = await two.floor.claim()
  if (!claimed) throw new Error('nothing claimed')
  t.equal((await one.place(1)).placed, 1)
  await pool.query(`update attempts set ended_at = placed_at, disposition = 'busy' where number = $1`, [same()])
  t.same(await insertAttempts(pool, [await two.floor.plan(claimed)], standpoint), new Set())
  const theirs = { number: same(), placedAt: two.clock.now(), talked: false, counts: true, prerecorded: false }
  const known = { ...claimed, recentAttempts: [{ ...theirs, machineAt: null, abandonedAt: null, debtIds: [] }] }
  t.equal((await insertAttempts(pool, [await two.floor.plan(known)], standpoint)).size, 1, 'the rules knew of it')
})

t.test('an attempt keeps by what it was checked, and the debts it is about', async (t) => {
  const { floor, place } = await setUp(10)
  await floor.enlist(1)
  await place(1)
  const { rows } = await pool.query(
    `select rule_pack, rule_pack_version, checks, (select array_agg(external_id) from debts where id = any (debt_ids)) as debts
       from attempts where campaign_id = $1`,
    [floor.id],
  )
  t.match(rows, [
    {
      ...{ rule_pack: 'PL', rule_pack_version: /^2026-/, debts: [/./] },
      checks: { suppression: 'on no list', cap_hour: '0 of 1 in an hour', calling_window: /^Monday 11:00/ },
    },
  ])
})

t.test('no caller ID: back in a while, with the reason', async (t) => {
  const { floor, place, allowance } = await setUp(10)
  await floor.enlist(1)
  allowance.callerIds = []
  t.match(await place(1), { placed: 0 })
  t.match(await floor.leads(), [{ state: 'waiting', reason: /\S/ }])
})

t.test('an engine that was overtaken places nothing, and its leads go back', async (t) => {
  const { floor, begun, place } = await setUp(10)
  await floor.enlist(2)
  await raiseFence(pool, floor.id)
  t.match(await place(2), { placed: 0, refused: new Map([['outrun', 2]]) })
  t.same(begun, [])
  t.match(await floor.leads(), Array(2).fill({ state: 'waiting', reason: 'another engine dials this campaign by now' }))
})

t.test('a lead whose data no rule can read is put aside with the reason; the others are called', async (t) => {
  const { floor, begun, place, poisoned } = await setUp(10)
  for (const lead of (await floor.enlist(3)).slice(0, 1)) poisoned.add(lead)
  t.match(await place(3), { placed: 2, refused: new Map([['poisoned', 1]]) })
  t.equal(begun.length, 2)
  const [lead] = await floor.leads()
  t.match(lead, { state: 'waiting', reason: 'put aside, its data cannot be used: no such country' })
})

const sendOut = { mode: 'message', message: { person: { pl: [{ say: 'Halo' }] } } } as const

t.test('a send-out: each call has its message with it; who cannot get one is put back with the reason', async (t) => {
  const { floor, begun, place, said } = await setUp(10, sendOut)
  await floor.enlist(2)
  said.now = { problem: 'the message says {amount}, and the open debts differ in their currency' }
  t.match(await place(1), { placed: 0, refused: new Map([['no_message', 2]]) })
  const [lead] = await floor.leads()
  t.match(lead, { state: 'waiting', reason: /^no message for this contact: the message says \{amount\}/ })
  said.now = { media: { person: ['sound:spoken/x'] }, keys: {}, keyWaitMs: 0 }
  await floor.enlist(1)
  t.match(await place(1), { placed: 1 })
  t.match(begun, [{ mode: 'message', message: { media: { person: ['sound:spoken/x'] } } }])
})

t.test('a send-out calls those back who asked for an agent, when one is free', async (t) => {
  const { floor, begun, place, agents, clock } = await setUp(10, sendOut)
  await floor.enlist(1)
  await pool.query('update leads set callback_at = next_attempt_at where campaign_id = $1', [floor.id])
  t.match(await place(1), { placed: 0, refused: new Map([['callback_waits', 1]]) })
  const session = { sessionId: 's', campaignId: floor.id, via: 'called', channelId: 'leg', bridgeId: 'b' } as const
  agents.tell(floor.agentId, { type: 'log_in', session })
  agents.tell(floor.agentId, { type: 'leg_up', channelId: 'leg' })
  clock.advance(31_000)
  t.match(await place(1), { placed: 1 })
  t.match(begun, [{ mode: 'progressive', message: undefined, forAgentId: floor.agentId }])
  t.match(agents.state(floor.agentId), { phase: 'reserved' })
})

t.test('a campaign that was stopped while its messages were spoken calls nobody', async (t) => {
  const { floor, place, allowance } = await setUp(10, sendOut)
  await floor.enlist(1)
  allowance.stillWanted = () => false
  t.match(await place(1), { placed: 0, refused: new Map([['not_wanted', 4]]) })
  t.match(await floor.leads(), [{ state: 'waiting' }])
})

t.test('a lead that the claim cannot read is put aside; the others are called', async (t) => {
  const { floor, begun, place } = await setUp(10)
  const [unreadable] = await floor.enlist(3)
  await pool.query(`update leads set callback_at = 'infinity' where id = $1`, [unreadable])
  t.match(await place(3), { placed: 2 })
  t.equal(begun.length, 2)
  const [lead] = await floor.leads()
  t.match(lead, { state: 'waiting', reason: /^put aside, its data cannot be read: / })
})
