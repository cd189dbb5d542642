/** Lists over the API: broken lines, wrong files, the size, an upload that breaks off, and each lead's story. */
import { connect } from 'node:net'
import t from 'tap'
import { createApiUnderTest, furnish } from './api-under-test.ts'

const uploadBytes = 1024 ** 2
const house = await createApiUnderTest(t, { limits: { uploadBytes } })
const { request, supervisor } = house
const get = (url: string) => request(supervisor, 'GET', url)
const upload = (campaignId: string, csv: string, query = '') =>
  request(supervisor, 'POST', `/v1/campaigns/${campaignId}/leads${query}`, csv)

t.test('good lines are in, broken ones are told with line, field and reason', async (t) => {
  const { id } = await furnish(house)
  const csv = [
    'external_id;name;phone;debt_id;balance;currency',
    'b1;Jan Kowalski;+48500600701;d1;1.234,56;PLN',
    'b2;Anna Nowak;not a number;d2;10,00;PLN',
    'b3;Piotr Lis;+48500600703;d3;12,x;PLN',
    'b4;Maria Wilk',
    `b5;${'x'.repeat(10_000)};+48500600705;d5;1,00;PLN`,
    'b6;Ewa Zając;+48500600706;d6;99,10;PLN',
  ].join('\n')
  const answer = await upload(id, csv, '?fileName=october.csv')
  t.match(answer, {
    status: 200,
    body: { state: 'done', fileName: 'october.csv', lines: 6, accepted: 2, refused: 4, error: null },
  })
  t.match((await get(`/v1/imports/${answer.body.id}`)).body, { accepted: 2 })
  t.match((await get(`/v1/campaigns/${id}/imports`)).body.imports, [{ id: answer.body.id }])

  const refusals = await get(`/v1/imports/${answer.body.id}/refusals.csv`)
  t.match(refusals.headers, { 'content-type': /text\/csv/, 'content-disposition': /attachment/ })
  const lines = refusals.text.trim().split('\r\n')
  t.equal(lines[0], 'line,field,code,reason')
  t.same(
    lines.slice(1).map((line) => Number(line.split(',')[0])),
    [3, 4, 5, 6],
  )
  t.notMatch(house.logged(), /Kowalski|48500600/)
  const audit = await get(`/v1/audit?subject=campaign:${id}`)
  t.match(audit.body.entries[0], { action: 'campaign.import', details: {} })
})

t.test('the map names columns and their notation', async (t) => {
  const { id } = await furnish(house)
  const map = { external_id: 'Nr', name: 'Kto', balance: 'Ile', debt_id: 'Sprawa', phones: ['Tel B', 'Tel A'] }
  const csv = 'Nr\tKto\tTel A\tTel B\tSprawa\tIle\nm1\tJan\t500600711\t500600712\tS1\t1,234.50\n'
  const query = `?delimiter=tab&decimal=point&currency=PLN&columnMap=${encodeURIComponent(JSON.stringify(map))}`
  t.match(await upload(id, csv, query), { status: 200, body: { accepted: 1, refused: 0 } })
  const [lead] = (await get(`/v1/campaigns/${id}/leads`)).body.leads
  const story = (await get(`/v1/leads/${lead.id}`)).body
  t.match(story, {
    phones: [{ number: '+48500600712' }, { number: '+48500600711' }],
    debts: [{ currency: 'PLN', balanceMinor: 123_450 }],
  })
})

t.test('a file that cannot be read at all', async (t) => {
  const { id } = await furnish(house)
  const cases = [
    { csv: '', status: 422, detail: /empty/ },
    { csv: 'name,phone\nJan,+48500600701\n', status: 422, detail: /external_id.* missing; the columns are: name, phone/ },
    { csv: 'external_id,name,phone\n', query: '?columnMap=%7B', status: 400, detail: /columnMap/ },
    { csv: 'external_id,name,phone\n', query: '?columnMap=%7B%22colour%22:%22x%22%7D', status: 400, detail: /colour/ },
    { csv: 'external_id,name,phone\n', query: '?columnMap=%7B%22name%22:%22%22%7D', status: 400, detail: /columnMap: name/ },
    { csv: 'external_id,name,phone\n', query: '?delimiter=pipe', status: 400, detail: /query\.delimiter/ },
    { csv: 'external_id,name,phone\n', query: '?header=1', status: 400, detail: /query\.header: unknown field/ },
    {
      csv: `external_id,name,phone\n${'x,y,z\n'.repeat(uploadBytes / 6)}`,
      status: 413,
      detail: 'The list is larger than 1 MiB.',
    },
  ]
  for (const { csv, query = '', status, detail } of cases) {
    const answer = await upload(id, csv, query)
    t.match(answer, { status, body: { detail, whatToDo: /./ } }, `${csv.slice(0, 30)} ${query}`)
  }
  const states = (await get(`/v1/campaigns/${id}/imports`)).body.imports.map(({ state }: { state: string }) => state)
  t.same(states, ['failed', 'failed', 'failed'], 'failed imports stay to be seen; a refused request is none')
  const none = '00000000-0000-4000-8000-000000000000'
  t.match(await upload(none, 'a'), { status: 404, body: { detail: /campaign/ } })
  t.match(await get(`/v1/imports/${none}/refusals.csv`), { status: 404, body: { detail: /import/ } })
  const json = await request(supervisor, 'POST', `/v1/campaigns/${id}/leads`, { external_id: 1 })
  t.match(json, { status: 400, body: { detail: /text\/csv/ } })
})

t.test('the story of a lead says why it is where it is, and what the rules say now', async (t) => {
  const { id } = await furnish(house)
  await upload(id, 'external_id,name,phone\ns1,Jan,+48500600721\ns2,Ewa,+48500600722\ns3,Ola,+48500600723\n')
  const page = (await get(`/v1/campaigns/${id}/leads?limit=2`)).body.leads
  t.match(page, [{ externalId: 's1', state: 'waiting', reason: /imported/ }, { externalId: 's2' }])
  t.match((await get(`/v1/campaigns/${id}/leads?after=${page[1].id}`)).body.leads, [{ externalId: 's3' }])
  t.same((await get(`/v1/campaigns/${id}/leads?state=finished`)).body.leads, [])
  t.match((await get(`/v1/campaigns/${id}/leads?state=asleep`)).body, { errors: [{ field: 'query.state' }] })

  const story = await get(`/v1/leads/${page[0].id}`)
  t.match(story.body, { lead: { state: 'waiting' }, contact: { externalId: 's1' }, attempts: [], now: { ok: true } })
  house.clock.advance(14 * 3_600_000)
  const atNight = await get(`/v1/leads/${page[0].id}`)
  t.match(atNight.body.now, { ok: false, code: 'window_closed', reason: /the next call is possible/, notBefore: Number })
  t.match(await get('/v1/leads/999999999'), { status: 404 })
})

t.test('over a real connection', async (t) => {
  await house.api.listen({ port: 0, host: '127.0.0.1' })
  const address = house.api.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const base = `http://127.0.0.1:${port}`
  const headers = { authorization: `Bearer ${supervisor}`, 'content-type': 'text/csv' }

  await t.test('a refusal reaches the client though the file is not read to its end', async (t) => {
    const { id } = await furnish(house)
    const body = `name,phone\n${'Jan,+48500600701\n'.repeat(60_000)}`
    const answer = await fetch(`${base}/v1/campaigns/${id}/leads`, { method: 'POST', headers, body })
    t.equal(answer.status, 422)
    t.match(await answer.json(), { code: 'import_failed' })
  })

  await t.test('an upload that breaks off ends its import and is named so', async (t) => {
    const { id } = await furnish(house)
    const socket = connect(port, '127.0.0.1')
    const lines = Array.from({ length: 200 }, (_, i) => `q${i},Jan,+485006${String(i).padStart(5, '0')}`).join('\n')
    socket.write(`POST /v1/campaigns/${id}/leads HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${supervisor}\r\n`)
    socket.write(`content-type: text/csv\r\ncontent-length: 100000\r\n\r\nexternal_id,name,phone\n${lines}`)
    const imports = async () => (await get(`/v1/campaigns/${id}/imports`)).body.imports
    await until(async () => (await imports()).length === 1)
    t.match(await imports(), [{ state: 'running' }], 'seen while it runs')
    socket.destroy()
    await until(async () => (await imports())[0].state === 'failed')
    t.match(await imports(), [{ error: /broke off/ }])
  })
})

/** Asks again, turn by turn of the event loop, until it is so; ten seconds at most. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it did not come about in 10 s')
    await new Promise((next) => setImmediate(next))
  }
}
