/**
 * Bad input over the real API to a real engine, while a campaign with a talk runs beside it: each gets an error that says what is
 * wrong and what to do, and harms nothing: what was good in a file is in, what was there stays, the talk goes on.
 */
import t, { type Test } from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { ApiFailure, type Json } from '../../load-tests/engine-process.ts'
import { newNumber, newPerson, openCallCentre } from '../support/call-centre.ts'

t.setTimeout(120_000)

const centre = await openCallCentre(t)
const { engine } = centre
const callees = await centre.callees('good')
const beside = await centre.campaign({ over: 'good', people: [newPerson()] })
const agent = await beside.hire()
await beside.start()
const talk = await callees.called()
talk.answer()
await agent.until('talking')

/** A test after which everything beside it is as it was. */
const harmless = (name: string, test: (t: Test) => Promise<unknown>) =>
  t.test(name, async (t) => {
    await test(t)
    t.equal(talk.state(), 'up', 'the talk beside it goes on')
    t.equal(await agent.phase(), 'talking')
    t.ok((await fetch(`${engine.url}/ready`)).ok, 'the engine is ready')
  })

/** The problem that the request is answered with. */
async function problemOf(request: Promise<unknown>): Promise<Json> {
  const failure = await request.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(failure instanceof ApiFailure)) throw new Error(`no problem, but ${failure}`)
  return { ...failure.problem, status: failure.status }
}

interface Report {
  id: string
  lines: number
  accepted: number
  refused: number
}

let campaigns = 0
async function newCampaign(settings: Json = {}) {
  const name = `bad input ${++campaigns}`
  const { id } = await engine.post<{ id: string }>('/v1/campaigns', {
    name,
    settings: { country: 'PL', callerIdPool: name, ...settings },
  })
  const path = `/v1/campaigns/${id}`
  return {
    id,
    path,
    pool: name,
    upload: (csv: string | Buffer) => engine.upload<Report>(`${path}/leads`, csv),
    /** Line, field, code and reason of each. */
    async refusals(importId: string) {
      const csv = await engine.get<string>(`/v1/imports/${importId}/refusals.csv`)
      return csv.replaceAll('"', '').trim().split('\r\n').slice(1)
    },
    async names() {
      const { leads } = await engine.get<{ leads: { id: number }[] }>(`${path}/leads`)
      const all = await Promise.all(leads.map(({ id }) => engine.get<{ contact: { name: string } }>(`/v1/leads/${id}`)))
      return all.map(({ contact }) => contact.name)
    },
  }
}

let people = 0
const heading = 'external_id;name;phone;debt_id;balance;currency'
/** A line of a new debtor. */
function line(name: string, phone?: string): string {
  const n = ++people
  return `B-${n};${name};${phone ?? `+4860122${String(n).padStart(4, '0')}`};BD-${n};10,00;PLN`
}

harmless('a CSV with broken lines: the good ones are in, the others come back with line, field and reason', async (t) => {
  const campaign = await newCampaign()
  const csv = [heading, line('Anna'), 'B-x;"Jan;501', 'only;two', line('Zły numer', '12'), line('Ewa')].join('\n')
  const report = await campaign.upload(csv)
  t.match(report, { lines: 5, accepted: 2, refused: 3 })
  t.same(await campaign.refusals(report.id), [
    '3,,quotes,a quote is opened and not closed',
    '4,,column_count,the line has 2 fields, the heading 6',
    '5,phone,phone_impossible,the numbering plan of PL has no such number',
  ])
  t.same((await campaign.names()).sort(), ['Anna', 'Ewa'])
})

harmless('the wrong encoding: lines are refused, not taken with broken letters; UTF-16 fails as a whole', async (t) => {
  const campaign = await newCampaign()
  const mixed = Buffer.concat([
    Buffer.from(`${heading}\n${line('Łucja')}\n`),
    Buffer.from([...Buffer.from(line('X')), 10].map((byte) => (byte === 'X'.charCodeAt(0) ? 0xb3 : byte))),
    Buffer.from(line('Żaneta')),
  ])
  const report = await campaign.upload(mixed)
  t.match(report, { accepted: 2, refused: 1 })
  t.match(await campaign.refusals(report.id), [/^3,,encoding,the line is not in UTF-8/])
  t.same((await campaign.names()).sort(), ['Łucja', 'Żaneta'])

  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${heading}\n${line('Anna')}`, 'utf16le')])
  const problem = await problemOf(campaign.upload(utf16))
  t.match(problem, { status: 422, code: 'import_failed', detail: /UTF-16; save it as "CSV UTF-8"/ })
  t.equal((await campaign.names()).length, 2)
})

harmless('a missing column: nothing of the file is in', async (t) => {
  const campaign = await newCampaign()
  const problem = await problemOf(campaign.upload('external_id;name;balance\n1;Jan;10,00'))
  t.match(problem, {
    status: 422,
    detail:
      'The file could not be read: the column phone, debt_id or contract, currency is missing; the columns are: external_id, name, balance.',
    whatToDo: /Correct the file or the column map/,
  })
  t.same(await campaign.names(), [])
  t.match(await problemOf(campaign.upload('')), { status: 422, detail: /the file is empty/ })
  t.match(await engine.get(`${campaign.path}/imports`), { imports: [{ state: 'failed' }, { state: 'failed' }] })
})

harmless('a field of 10,000 characters costs its own line', async (t) => {
  const campaign = await newCampaign()
  const report = await campaign.upload([heading, line('a'.repeat(10_000)), line('Ola'), line('b'.repeat(200_000))].join('\n'))
  t.match(report, { accepted: 1, refused: 2 })
  t.same(await campaign.refusals(report.id), [
    '2,name,too_long,the field has 10000 characters, at most 500 fit',
    '4,,line_too_long,the line is longer than 100000 bytes',
  ])
  t.same(await campaign.names(), ['Ola'])
})

harmless('two contacts with one phone: both are in, and one call at a time', async (t) => {
  const shared = newNumber()
  const people = ['S-1', 'S-2'].map((id) => ({ id, phones: [shared] }))
  const settings = { mode: 'ratio', linesPerAgent: 2, caps: { perHour: 5 } }
  const campaign = await centre.campaign({ over: 'good', people, settings })
  t.equal((await campaign.leads()).length, 2)
  const agent = await campaign.hire()
  await campaign.start()
  const call = await callees.called()
  t.equal(call.called, shared)
  call.answer()
  await agent.until('talking')
  const other = await eventually(5000, 'the other one to be put back', async () =>
    (await campaign.leads()).find(({ lead }) => lead.reason === 'this person or number is in another call just now'),
  )
  t.equal(other.lead.state, 'waiting')
  t.equal((await campaign.attempts()).length, 1)
  await campaign.pause()
  call.hangUp()
})

harmless('a campaign without caller ID, trunk, agents or leads: everything it lacks is said at once', async (t) => {
  const campaign = await newCampaign()
  const start = () => problemOf(engine.post(`${campaign.path}/start`))
  t.match(await start(), {
    status: 409,
    code: 'campaign_not_ready',
    detail: `The campaign cannot start: the pool "${campaign.pool}" has no active caller ID whose inbound route was tested; no agent is assigned to it; it has no leads left to call.`,
    whatToDo: 'Add what is missing and start it again.',
  })
  await campaign.upload([heading, line('Anna')].join('\n'))
  await engine.post('/v1/agents', { account: 'lonely', name: 'Lonely', campaignId: campaign.id })
  t.match(await start(), {
    detail: `The campaign cannot start: the pool "${campaign.pool}" has no active caller ID whose inbound route was tested.`,
  })

  const numbers = ['+48223888801']
  t.match(await problemOf(engine.post('/v1/caller-ids', { pool: campaign.pool, trunkId: 'nowhere', numbers })), {
    status: 404,
    detail: 'There is no trunk nowhere.',
  })
  await engine.post('/v1/trunks', { id: 'off', host: '127.0.0.1', port: 5999, maxChannels: 1, callsPerSecond: 1, enabled: false })
  await engine.post('/v1/caller-ids', { pool: campaign.pool, trunkId: 'off', numbers, inboundRouteWaived: 'only a test' })
  t.match(await start(), { detail: /the trunk off of the pool ".*" is switched off\.$/ })
  t.match(await engine.get(campaign.path), { state: 'draft' })
})

harmless('a trunk that leaves this machine is refused while live dialing is off, and so is moving one there', async (t) => {
  const trunk = { id: 'outside', port: 5060, maxChannels: 1, callsPerSecond: 1 }
  for (const host of ['sip.example.com', '203.0.113.7', '127.0.0.1.example.com', '0177.0.0.1', '[2001:db8::1]'])
    t.match(await problemOf(engine.post('/v1/trunks', { ...trunk, host })), { status: 409, code: 'live_dialing_off' }, host)
  const problem = await problemOf(engine.patch('/v1/trunks/good', { host: '203.0.113.7' }))
  t.match(problem, { code: 'live_dialing_off', whatToDo: /Set OUTPACE_LIVE_DIALING=on/ })
  const { trunks } = await engine.get<{ trunks: { id: string; host: string }[] }>('/v1/trunks')
  t.same(new Set(trunks.map(({ host }) => host)), new Set(['127.0.0.1']))
  const objects = await centre.ari<{ resource: string }[]>('GET', 'endpoints')
  t.notOk(
    objects.some(({ resource }) => resource.includes('outside')),
    'the switch has not heard of it',
  )
})

harmless('unknown fields and wrong values in JSON are named, each of them', async (t) => {
  const cases: [request: () => Promise<unknown>, fields: string[]][] = [
    [
      () => engine.post('/v1/campaigns', { name: 'x', settings: { country: 'PL', callerIdPool: 'x', dialFaster: true } }),
      ['settings.dialFaster'],
    ],
    [() => engine.post('/v1/campaigns', { name: 'x', setings: {} }), ['settings', 'setings']],
    [() => engine.patch(`/v1/campaigns/${beside.id}`, { settings: { ringTimeoutMs: 3000 } }), ['settings.ringTimeoutMs']],
    [() => engine.patch(`/v1/campaigns/${beside.id}`, { settings: { caps: { perMinute: 1 } } }), ['settings.caps.perMinute']],
    [() => engine.post('/v1/agents', { account: 'a b', name: 'x', campaignId: beside.id, admin: true }), ['account', 'admin']],
    [
      () => engine.post('/v1/trunks', { id: 't', host: '127.0.0.1', maxChannels: 0, callsPerSecond: 1, dtmf: 'x' }),
      ['maxChannels', 'dtmf'],
    ],
    [() => engine.post('/v1/caller-ids', { pool: 'x', trunkId: 'good', numbers: ['123'] }), []],
    [() => engine.get('/v1/campaigns/not-a-uuid'), ['params.id']],
  ]
  for (const [request, fields] of cases) {
    const problem = await problemOf(request())
    t.match(problem, { status: 400, code: 'bad_request', detail: /\S/, whatToDo: /\S/, reference: /\S/ })
    const errors = Array.isArray(problem.errors) ? problem.errors.map(({ field }) => field) : []
    t.same(errors.sort(), fields.sort(), String(problem.detail))
  }
  const settings = (await engine.get<{ settings: Json }>(`/v1/campaigns/${beside.id}`)).settings
  t.match(settings, { ringTimeoutMs: 20_000 })

  const raw = (body: string, contentType = 'application/json') =>
    fetch(`${engine.url}/v1/campaigns`, {
      method: 'POST',
      headers: { authorization: `Bearer ${engine.key}`, 'content-type': contentType },
      body,
    })
  for (const [body, type, status] of [
    ['{"name": ', 'application/json', 400],
    ['[]', 'application/json', 400],
    ['x'.repeat(2 * 1024 ** 2), 'application/json', 413],
    ['<a/>', 'text/xml', 415],
  ] as const) {
    const response = await raw(body, type)
    t.equal(response.status, status)
    t.match(await response.json(), { detail: /\S/, whatToDo: /\S/ })
  }
})
