/** The event stream of a desk over a real socket: who may listen, what it opens with, what a broken connection gets. */
import t from 'tap'
import { openDesk } from '../test/support/desk.ts'
import { createApiUnderTest, furnish } from './api-under-test.ts'

const house = await createApiUnderTest(t)
const { supervisor } = house
const url = await house.api.listen({ host: '127.0.0.1', port: 0 })
const { agent } = await furnish(house)
const other = (await furnish(house)).agent
const keyOf = async (agentId: string) =>
  (await house.request(supervisor, 'POST', '/v1/api-keys', { name: 'desk', role: 'agent', agentId })).body.key

t.test('an agent hears of himself alone; nobody hears of an agent who does not exist', async (t) => {
  const key = await keyOf(agent.id)
  const desk = await openDesk({ url, key }, agent.id)
  t.match(desk.seen[0], { id: undefined, event: { type: 'phase', phase: 'logged_out', callId: null } })
  desk.close()
  await t.rejects(openDesk({ url, key }, other.id), /403/)
  await t.rejects(openDesk({ url, key: 'none' }, agent.id), /401/)
  await t.rejects(openDesk({ url, key: supervisor }, '00000000-0000-4000-8000-000000000000'), /404/)
})

t.test('what happens comes as it happens; who lost the connection gets what he missed', async (t) => {
  const first = await openDesk({ url, key: supervisor }, agent.id)
  await house.request(supervisor, 'POST', `/v1/agents/${agent.id}/log-in`)
  house.events.publish(agent.id, { type: 'connected', at: 1, callId: 'c1' })
  const connected = await first.until('connected')
  house.events.publish(agent.id, { type: 'ended', at: 2, callId: 'c1' })
  house.events.publish(other.id, { type: 'ended', at: 2, callId: 'c2' })
  await first.until('ended')
  first.close()
  house.events.publish(agent.id, { type: 'connected', at: 3, callId: 'c3' })
  const again = await openDesk({ url, key: supervisor }, agent.id, connected.id)
  await again.until('connected')
  t.strictSame(
    again.seen.map(({ event }) => `${event.type} ${'callId' in event && event.callId}`),
    ['ended c1', 'connected c3'],
  )
  again.close()
  const stranger = await openDesk({ url, key: supervisor }, agent.id, 'of-another-run')
  t.match((await stranger.until('phase')).event, { phase: 'calling' }, 'begins with how things stand')
  stranger.close()
})
