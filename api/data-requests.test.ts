/** Data requests over the API: for supervisors alone, and each of them in the audit, without the person. */
import t from 'tap'
import { createApiUnderTest, furnish } from './api-under-test.ts'

const house = await createApiUnderTest(t)
const { request, supervisor } = house
const call = (method: 'GET' | 'POST' | 'DELETE', url: string, body?: unknown, key = supervisor) => request(key, method, url, body)

t.test('found, exported, erased; every step is audited and none names him', async (t) => {
  const { id } = await furnish(house)
  const csv = 'external_id;name;phone;debt_id;balance;currency\nREF/1;Jan Zamojski;+48500600741;SPR-1;10,00;PLN\n'
  t.match(await call('POST', `/v1/campaigns/${id}/leads`, csv), { status: 200, body: { accepted: 1 } })
  const { key } = (await call('POST', '/v1/api-keys', { name: 'desk', role: 'operator' })).body
  const url = '/v1/contacts/REF%2F1'
  for (const [method, path] of [
    ['GET', '/v1/contacts?externalId=REF%2F1'],
    ['GET', `${url}/export`],
    ['DELETE', url],
  ] as const)
    t.match(await call(method, path, method === 'DELETE' ? { reason: 'asked' } : undefined, key), { status: 403 })

  t.match((await call('GET', '/v1/contacts')).body, { code: 'bad_request' })
  t.match((await call('GET', '/v1/contacts?number=%2B48500600741')).body.contacts, [
    { externalId: 'REF/1', name: 'Jan Zamojski' },
  ])
  const exported = await call('GET', `${url}/export`)
  t.match(exported, {
    status: 200,
    body: { tables: { contacts: [{ name: 'Jan Zamojski' }], debts: [{ external_id: 'SPR-1' }] } },
  })
  t.match(await call('DELETE', url, {}), { status: 400 }, 'a reason is needed')
  t.match(await call('DELETE', url, { reason: 'letter of 3 January' }), { status: 200, body: { attemptsKept: 0 } })
  t.match(await call('GET', `${url}/export`), { status: 404, body: { code: 'not_found' } })
  t.same((await call('GET', '/v1/contacts?number=%2B48500600741')).body.contacts, [])

  const { entries } = (await call('GET', `/v1/audit?subject=contact:${exported.body.id}`)).body
  t.match(entries, [{ action: 'contact.erase', details: { reason: 'letter of 3 January' } }, { action: 'contact.export' }])
  t.notMatch(JSON.stringify(entries) + house.logged(), /Zamojski|500600741|REF\/1/)
})
