/** News about debts over the API: one, many, bad lines, who may, and what the audit keeps. */
import t from 'tap'
import { createApiUnderTest, furnish } from './api-under-test.ts'

const house = await createApiUnderTest(t)
const { request, supervisor, settled } = house
const { id: campaignId, agent } = await furnish(house)
const operator = String((await request(supervisor, 'POST', '/v1/api-keys', { name: 'o', role: 'operator' })).body.key)
const list = Array.from({ length: 6 }, (_, n) => `K${n};Jan ${n};50060070${n};D-${n}/26;100,00;PLN`)
await request(
  supervisor,
  'POST',
  `/v1/campaigns/${campaignId}/leads`,
  `external_id;name;phone;debt_id;balance;currency\n${list.join('\n')}\n`,
)
const debt = (n: number) => `/v1/debts/${encodeURIComponent(`D-${n}/26`)}`
const states = async () => {
  const { body } = await request(operator, 'GET', `/v1/campaigns/${campaignId}/leads`)
  return body.leads.map((lead: { state: string }) => lead.state)
}

t.test('one debt', async (t) => {
  t.match(await request(operator, 'PATCH', debt(0), { balance: '40.00' }), {
    status: 200,
    body: { balanceMinor: 4000, state: 'open' },
  })
  t.same(settled, [])
  t.match(await request(operator, 'PATCH', debt(0), { balance: 0 }), {
    status: 200,
    body: { balanceMinor: 0, state: 'paid', currency: 'PLN' },
  })
  t.equal(settled.length, 1)
  t.match(await states(), ['finished', 'waiting'])
  t.match(await request(operator, 'PATCH', '/v1/debts/nobody', { balance: 0 }), { status: 404, body: { code: 'not_found' } })
  for (const body of [
    {},
    { balance: 'x' },
    { balance: -1 },
    { state: 'gone' },
    { balance: 1, currency: 'EUR' },
    { colour: 1 },
    [],
  ])
    t.match(await request(operator, 'PATCH', debt(1), body), { status: 400, body: { code: 'bad_request' } }, JSON.stringify(body))
})

t.test('many, as JSON and as CSV', async (t) => {
  const json = [{ debtId: 'D-1/26', balance: 0 }, { debtId: 'gone', balance: 1 }, 7, { debtId: 'D-2/26', state: 'disputed' }]
  t.match(await request(operator, 'POST', '/v1/debts/updates', json), {
    status: 200,
    body: { lines: 4, changed: 2, refused: 2, settled: 2, refusals: [{ line: 2, debtId: 'gone' }, { line: 3 }] },
  })
  const csv = 'debt_id;balance;state\nD-3/26;0;\nD-4/26;1.234;\nD-0/26;15,00;\n'
  t.match(await request(operator, 'POST', '/v1/debts/updates?decimal=comma', csv), {
    ...{ status: 200, body: { lines: 3, changed: 3, refused: 0, settled: 1, reopened: 1 } },
  })
  t.match(await states(), ['waiting', 'finished', 'finished', 'finished', 'waiting', 'waiting'])
  t.match(await request(operator, 'POST', '/v1/debts/updates', 'a;b\n1;2\n'), { status: 422, body: { code: 'import_failed' } })
  t.match(await request(operator, 'POST', '/v1/debts/updates', { debtId: 'D-1/26' }), { status: 400 })
  t.match(await request(operator, 'POST', '/v1/debts/updates'), { status: 400 })
})

t.test("an agent's key may not; the audit names no debt", async (t) => {
  const own = await request(supervisor, 'POST', '/v1/api-keys', { name: 'a', role: 'agent', agentId: agent.id })
  t.equal((await request(own.body.key, 'PATCH', debt(5), { balance: 0 })).status, 403)
  const { body, text } = await request(supervisor, 'GET', '/v1/audit?limit=1000')
  const of = (action: string) => body.entries.filter((entry: { action: string }) => entry.action === action)
  t.match(of('debt.change')[0], { subject: /^debt:\d+$/, details: { fields: ['balance'] } })
  t.match(
    of('debt.update').map((entry: { details: unknown }) => entry.details),
    [{}, { items: 4 }],
  )
  t.notMatch(text, /D-\d|Jan/)
  t.notMatch(house.logged(), /D-\d|Jan/)
})

t.test('the OpenAPI page says what a line is', async (t) => {
  const { paths } = (await request(undefined, 'GET', '/openapi.json')).body
  const { content } = paths['/v1/debts/updates'].post.requestBody
  t.match(content['application/json'].schema, { type: 'array', items: { properties: { debtId: {}, balance: {}, state: {} } } })
  t.ok(content['text/csv'])
})
