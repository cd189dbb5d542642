/** Who may do what over the API, what is audited, and that no personal data reaches the log. */
import t from 'tap'
import { createApiUnderTest, furnish } from './api-under-test.ts'

const house = await createApiUnderTest(t)
const { request, supervisor } = house
const { id: campaignId, agent } = await furnish(house)
const makeKey = async (role: string, agentId?: string) => {
  const made = await request(supervisor, 'POST', '/v1/api-keys', { name: `a ${role}`, role, agentId })
  return { id: String(made.body.id), key: String(made.body.key) }
}
const operator = await makeKey('operator')
const own = await makeKey('agent', agent.id)

t.test('without a valid key nothing but the open pages', async (t) => {
  for (const key of [undefined, 'nonsense', `op_${'A'.repeat(43)}`]) {
    const answer = await request(key, 'GET', '/v1/campaigns')
    t.match(answer, { status: 401, body: { code: 'unauthorized', whatToDo: /Bearer/ } })
    t.match(answer.headers['content-type'], 'application/problem+json')
  }
  for (const url of ['/health', '/ready', '/metrics', '/openapi.json', '/docs']) {
    t.ok((await request(undefined, 'GET', url)).status < 400, url)
  }
})

t.test('roles', async (t) => {
  const cases = [
    { key: operator.key, method: 'GET', url: '/v1/campaigns', status: 200 },
    { key: operator.key, method: 'GET', url: `/v1/campaigns/${campaignId}/stats`, status: 200 },
    { key: operator.key, method: 'GET', url: `/v1/campaigns/${campaignId}/leads`, status: 200 },
    { key: operator.key, method: 'PATCH', url: `/v1/campaigns/${campaignId}`, body: { settings: {} }, status: 200 },
    { key: operator.key, method: 'GET', url: '/v1/trunks', status: 403 },
    { key: operator.key, method: 'GET', url: '/v1/caller-ids', status: 403 },
    { key: operator.key, method: 'GET', url: '/v1/api-keys', status: 403 },
    { key: operator.key, method: 'GET', url: '/v1/audit', status: 403 },
    { key: operator.key, method: 'POST', url: `/v1/agents/${agent.id}/log-in`, status: 403 },
    { key: own.key, method: 'GET', url: '/v1/me', status: 200 },
    { key: own.key, method: 'GET', url: `/v1/agents/${agent.id}`, status: 200 },
    { key: own.key, method: 'POST', url: `/v1/agents/${agent.id}/pause`, body: {}, status: 409 },
    { key: own.key, method: 'GET', url: `/v1/agents/${campaignId}`, status: 403 },
    { key: own.key, method: 'POST', url: `/v1/agents/${campaignId}/pause`, body: {}, status: 403 },
    { key: own.key, method: 'GET', url: '/v1/agents', status: 403 },
    { key: own.key, method: 'PATCH', url: `/v1/agents/${agent.id}`, body: { name: 'x' }, status: 403 },
    { key: own.key, method: 'GET', url: '/v1/campaigns', status: 403 },
    { key: supervisor, method: 'GET', url: '/v1/api-keys', status: 200 },
  ] as const
  for (const { key, method, url, status, ...rest } of cases) {
    const answer = await request(key, method, url, 'body' in rest ? rest.body : undefined)
    t.equal(answer.status, status, `${method} ${url}: ${answer.text.slice(0, 200)}`)
    if (status === 403) t.match(answer.body, { code: 'forbidden', whatToDo: /supervisor/ })
  }
})

t.test('a key is told once, kept as a hash, and revoked at once', async (t) => {
  const made = await makeKey('operator')
  t.match(made.key, /^op_[\w-]{43}$/)
  t.notMatch((await request(supervisor, 'GET', '/v1/api-keys')).text, made.key)
  const { rows } = await house.pool.query('select hash from api_keys where id = $1', [made.id])
  t.match(rows[0].hash, /^[0-9a-f]{64}$/)
  t.equal((await request(made.key, 'GET', '/v1/campaigns')).status, 200)
  t.equal((await request(supervisor, 'POST', `/v1/api-keys/${made.id}/revoke`)).status, 200)
  t.equal((await request(made.key, 'GET', '/v1/campaigns')).status, 401)
})

t.test('a key of an agent needs the agent, others must not name one', async (t) => {
  const make = (body: unknown) => request(supervisor, 'POST', '/v1/api-keys', body)
  t.match(await make({ name: 'x', role: 'agent' }), { status: 400, body: { detail: /agentId/ } })
  t.match(await make({ name: 'x', role: 'operator', agentId: agent.id }), { status: 400 })
  t.match(await make({ name: 'x', role: 'agent', agentId: campaignId }), { status: 404, body: { detail: /agent/ } })
  t.match(await make({ name: 'x', role: 'king' }), { status: 400, body: { errors: [{ field: 'role' }] } })
})

t.test('changes are audited with who, what and on what; reading and refused changes are not', async (t) => {
  await request(operator.key, 'PATCH', `/v1/campaigns/${campaignId}`, { settings: { wrapUpMs: 20_000 } })
  await request(operator.key, 'PATCH', `/v1/campaigns/${campaignId}`, { settings: { wrapUpMs: -1 } })
  await request(operator.key, 'GET', `/v1/campaigns/${campaignId}`)
  const { body } = await request(supervisor, 'GET', `/v1/audit?subject=campaign:${campaignId}`)
  t.match(body.entries[0], {
    actor: `key:${operator.id} (a operator)`,
    action: 'campaign.change',
    details: { settings: { wrapUpMs: 20_000 } },
  })
  t.equal(body.entries.filter((entry: { details: unknown }) => JSON.stringify(entry.details).includes('"wrapUpMs":-1')).length, 0)
  const all = await request(supervisor, 'GET', '/v1/audit?limit=1000')
  const agentEntry = all.body.entries.find((entry: { action: string }) => entry.action === 'agent.create')
  t.match(agentEntry, { subject: `agent:${agent.id}`, details: { fields: ['account', 'name', 'campaignId'] } })
  t.notMatch(all.text, /Ala|op_[\w-]{43}/, 'neither a name nor a key')
})

t.test('the log names routes, not people', async (t) => {
  await request(supervisor, 'GET', '/v1/caller-ids?pool=Jan+Kowalski')
  await request(supervisor, 'GET', '/v1/leads/+48500600700')
  const log = house.logged()
  t.match(log, '"route":"/v1/leads/:id"')
  t.notMatch(log, /Kowalski|48500600700|Ala|op_[\w-]{43}/)
})
