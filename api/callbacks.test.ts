/** Callbacks over the API: agreed by an agent on the contact's clock, seen, changed, cancelled. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createApiUnderTest, furnish } from './api-under-test.ts'

const house = await createApiUnderTest(t)
const { request, supervisor, pool, clock } = house
const call = (method: 'GET' | 'POST' | 'PATCH', url: string, body?: unknown, key = supervisor) => request(key, method, url, body)

/** A contact in New York (5:00 in the morning there) with whom the agent has just talked; returns the lead's id. */
async function talked({ id, agent, trunkId }: Awaited<ReturnType<typeof furnish>>): Promise<number> {
  const at = new Date(clock.now())
  const { rows } = await pool.query<{ lead: number; contact: number }>(
    `with c as (insert into contacts (external_id, name, country, time_zone) values ($1, 'Joan', 'US', 'America/New_York') returning id)
     insert into leads (campaign_id, contact_id, next_attempt_at, reason, attempts) select $2, id, $3, 'talked', 1 from c
     returning id as lead, contact_id as contact`,
    [randomUUID(), id, at],
  )
  const [row] = rows
  await pool.query(
    `insert into attempts (id, lead_id, campaign_id, contact_id, number, trunk_id, caller_id_id, mode, reason, placed_at, agent_id,
                           connected_at, ended_at, disposition)
     values ($1, $2, $3, $4, '+12125550123', $5, (select max(id) from caller_ids), 'ratio', 'test', $6, $7, $6, $6, 'human_connected')`,
    [randomUUID(), row?.lead, id, row?.contact, trunkId, at, agent.id],
  )
  return row?.lead ?? 0
}

t.test("agreed with this agent for a time on the contact's clock; listed, changed, cancelled", async (t) => {
  const room = await furnish(house)
  const lead = await talked(room)
  const agreed = { resultCode: 'callback', callbackAt: '2026-01-06T10:30', callbackBy: 'me' }
  t.match(await call('POST', `/v1/agents/${room.agent.id}/result`, { ...agreed, callbackAt: 'tomorrow' }), { status: 400 })
  t.match(await call('POST', `/v1/agents/${room.agent.id}/result`, agreed), {
    status: 200,
    body: { leadId: lead, state: 'waiting', nextAttemptAt: '2026-01-06T15:30:00.000Z' },
  })
  const [callback] = (await call('GET', `/v1/callbacks?campaignId=${room.id}`)).body.callbacks
  t.match(callback, {
    ...{ id: lead, name: 'Joan', agentId: room.agent.id, agentName: 'Ala', misses: 0, state: 'planned' },
    ...{ callbackAt: '2026-01-06T15:30:00.000Z', timeZone: 'America/New_York', localTime: 'Tue 6 Jan 2026 10:30' },
  })
  const { key } = (await call('POST', '/v1/api-keys', { name: 'Ala', role: 'agent', agentId: room.agent.id })).body
  t.match(await call('GET', `/v1/agents/${room.agent.id}/callbacks`, undefined, key), { body: { callbacks: [{ id: lead }] } })
  t.match(await call('GET', '/v1/callbacks', undefined, key), { status: 403 })
  t.match(await call('GET', `/v1/callbacks?campaignId=${room.id}&missed=true`), { body: { callbacks: [] } })
  t.match(await call('GET', `/v1/callbacks?campaignId=${room.id}&to=2026-01-06T00:00:00Z`), { body: { callbacks: [] } })

  t.match(await call('PATCH', `/v1/callbacks/${lead}`, {}), { status: 400 })
  t.match(await call('PATCH', `/v1/callbacks/${lead}`, { agentId: randomUUID() }), { status: 404, body: { detail: /agent/ } })
  t.match(
    await call('PATCH', `/v1/callbacks/${lead}`, { callbackAt: '2026-01-06T06:00', agentId: null }),
    {
      status: 200,
      body: { agentId: null, localTime: /06:00/, nextAttemptAt: '2026-01-06T13:00:00.000Z', reason: /changed by hand/ },
    },
    'called when the window opens',
  )
  await pool.query(`update leads set state = 'held', callback_misses = 1 where id = $1`, [lead])
  t.match(await call('GET', `/v1/callbacks?missed=true`), { body: { callbacks: [{ id: lead, state: 'held' }] } })
  await pool.query(`update leads set state = 'in_call' where id = $1`, [lead])
  t.match(await call('POST', `/v1/callbacks/${lead}/cancel`, { reason: 'paid' }), { status: 409, body: { code: 'wrong_state' } })
  await pool.query(`update leads set state = 'held' where id = $1`, [lead])
  t.match(await call('POST', `/v1/callbacks/${lead}/cancel`, { reason: 'asked by letter' }), {
    status: 200,
    body: { id: lead, reason: 'The callback was cancelled (asked by letter); called by the ordinary rules' },
  })
  t.match(await call('POST', `/v1/callbacks/${lead}/cancel`, { reason: 'again' }), { status: 404 })
  t.match((await call('GET', `/v1/leads/${lead}`)).body.lead, { state: 'waiting', callbackAt: null })
})
