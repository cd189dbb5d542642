/** Who may be calling, the rows of calls to us, and what they leave behind, on a real database. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { noHolidays, prepareFloor } from '../calls/floor-under-test.ts'
import { readLead } from '../leads/lead-store.ts'
import { writeEndedCall } from './after-call.ts'
import * as store from './inbound-store.ts'
import { rank } from './matching.ts'

const { pool } = await withDatabase(t)
const clock = createFakeClock()
const floor = await prepareFloor(pool, clock)
const { rows: numbers } = await pool.query<{ id: number; number: string }>('select id, number from caller_ids order by id')
const [first, second, third] = numbers
if (!first || !second || !third) throw new Error('no numbers')

/** A contact with this phone and a lead. */
async function person(phone: string): Promise<{ contactId: number; leadId: number }> {
  const [leadId = 0] = await floor.enlist(1, () => phone)
  const { rows } = await pool.query<{ id: number }>('select contact_id as id from leads where id = $1', [leadId])
  return { contactId: rows[0]?.id ?? 0, leadId }
}

async function attempt(who: { contactId: number; leadId: number }, number: string, callerIdId: number, minutesAgo: number) {
  await pool.query(
    `insert into attempts (id, lead_id, campaign_id, contact_id, number, trunk_id, caller_id_id, mode, reason, placed_at, ended_at, switch)
     select $1, $2, $3, $4, $5, $6, $7, 'progressive', 'test', $8::timestamptz, $8::timestamptz, 'main'`,
    [
      randomUUID(),
      who.leadId,
      floor.id,
      who.contactId,
      number,
      floor.name,
      callerIdId,
      new Date(clock.now() - minutesAgo * 60_000),
    ],
  )
}

const found = async (from: string | null, callerIdId: number) =>
  rank(await store.listCandidates(pool, { from, callerIdId })).map(({ contactId, kind, leadId }) => ({ contactId, kind, leadId }))

t.test('the pair, the caller alone, the last one called; a stranger at the number is not offered', async (t) => {
  const shared = '+48601000001'
  const wife = await person(shared)
  const husband = await person(shared)
  const other = await person('+48601000002')
  await attempt(wife, shared, second.id, 30)
  await attempt(husband, shared, first.id, 20)
  await attempt(other, '+48601000002', second.id, 10)

  t.same(await found(shared, first.id), [
    { ...husband, kind: 'pair' },
    { ...wife, kind: 'caller' },
  ])
  t.same((await found(shared, second.id))[0], { ...wife, kind: 'pair' })
  t.same(await found('+48609999999', second.id), [{ ...other, kind: 'last_attempt' }], 'he calls from elsewhere')
  t.same(await found(null, second.id), [{ ...other, kind: 'last_attempt' }], 'withheld')
  t.same(await found('+48609999999', third.id), [], 'nobody was called from there')
  await pool.query(`update phones set state = 'wrong_person' where contact_id = $1`, [husband.contactId])
  t.same(await found(shared, first.id), [{ ...wife, kind: 'caller' }])
})

t.test('a reference: digits of the contact, of a contract', async (t) => {
  const one = await person('+48601000011')
  const two = await person('+48601000012')
  await pool.query(`update contacts set external_id = 'K-4711/001' where id = $1`, [one.contactId])
  await pool.query(`update debts set contract = 'UM 88-12345' where contact_id = $1`, [two.contactId])
  t.match(rank(await store.listByReference(pool, '4711001')), [
    { contactId: one.contactId, leadId: one.leadId, kind: 'reference' },
  ])
  t.match(rank(await store.listByReference(pool, '8812345')), [{ contactId: two.contactId }])
  t.same(await store.listByReference(pool, '4711'), [], 'not a part of it')
})

t.test('a talk: written once, no attempt, a rest for the lead and for whoever has that number', async (t) => {
  const from = '+48601000021'
  const caller = await person(from)
  const at = clock.now()
  const id = randomUUID()
  await store.insertInboundCall(pool, {
    ...{ id, switchName: 'main', channelId: '1.1', trunkId: floor.name, callerIdId: first.id, number: from, arrivedAt: at },
  })
  await store.writeIdentity(pool, id, {
    campaignId: floor.id,
    contactIds: [caller.contactId],
    leadId: caller.leadId,
    match: 'caller',
  })
  t.match(await store.listOpenInboundCalls(pool, 'main'), [{ id, channelId: '1.1' }])
  t.same(await store.listOpenInboundCalls(pool, 'elsewhere'), [])
  const agent = { agentId: floor.agentId, sessionId: 's', channelId: 'leg', bridgeId: 'b' }
  const facts = { arrivedAt: at, answeredAt: at, connected: { agent, at } }
  await store.writeProgress(pool, id, facts)
  const call = {
    id,
    facts,
    verdict: { outcome: 'talked', reason: 'the caller ended the talk' },
    at: at + 60_000,
    callbackDelayMinutes: 30,
  } as const
  await writeEndedCall(pool, noHolidays, call)
  const lead = async () => (await floor.leads()).find((one) => one.id === caller.leadId)
  const planned = await lead()
  t.match(planned, { state: 'waiting', attempts: 0, reason: /called us and talked to an agent/ })
  await pool.query(`update leads set reason = 'changed' where id = $1`, [caller.leadId])
  await writeEndedCall(pool, noHolidays, call)
  t.match(await lead(), { reason: 'changed' }, 'not a second time')
  t.equal(await store.findLastAgent(pool, caller.contactId), floor.agentId)
  const asSeen = await readLead(pool, caller.leadId, new Date(at + 61_000))
  t.match(asSeen?.recentAttempts, [{ number: from, talked: true, counts: false }])
  t.match(await store.lockLastInboundTalk(pool, floor.agentId), { id, contactIds: [caller.contactId], number: from })
  t.match(await store.listInboundCalls(pool, { campaignId: floor.id, contactId: null, before: null, limit: 10 }), [
    { id, ourNumber: first.number, matches: 1, match: 'caller', outcome: 'talked' },
  ])
})

t.test('the key for a call-back plans the call; a lead that is finished asks for it again', async (t) => {
  const from = '+48601000031'
  const caller = await person(from)
  await pool.query(`update leads set state = 'finished', reason = 'refused' where id = $1`, [caller.leadId])
  const at = clock.now()
  const id = randomUUID()
  await store.insertInboundCall(pool, {
    ...{ id, switchName: 'main', channelId: '1.2', trunkId: floor.name, callerIdId: first.id, number: from, arrivedAt: at },
  })
  await store.writeIdentity(pool, id, {
    campaignId: floor.id,
    contactIds: [caller.contactId],
    leadId: caller.leadId,
    match: 'caller',
  })
  await writeEndedCall(pool, noHolidays, {
    ...{ id, facts: { arrivedAt: at, answeredAt: at }, at, callbackDelayMinutes: 30 },
    verdict: { outcome: 'callback_planned', reason: 'the caller asked to be called back' },
  })
  const { rows } = await pool.query('select state, callback_at from leads where id = $1', [caller.leadId])
  t.match(rows, [{ state: 'waiting', callback_at: new Date(at + 30 * 60_000) }])
})
