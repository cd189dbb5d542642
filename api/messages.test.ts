/** Recordings and previews over the API, spoken by the real espeak-ng and turned into telephone sound by sox. */
import { execFileSync } from 'node:child_process'
import t from 'tap'
import { samplesOf, secondsOf } from '../dialer/messages/wav.ts'
import { createApiUnderTest, furnish } from './api-under-test.ts'

const api = await createApiUnderTest(t)
const { request, supervisor } = api
/** Two seconds of a studio's stereo. */
const studio = execFileSync('sox', ['-n', '-r', '44100', '-c', '2', '-b', '24', '-t', 'wav', '-', 'synth', '2', 'sine', '500'])
const secondsIn = (wav: Buffer) => secondsOf(samplesOf(wav) ?? Buffer.alloc(0))

t.test('a recording goes in as any WAV and comes out as telephone sound', async (t) => {
  const put = await request(supervisor, 'POST', '/v1/recordings?name=bank-name', studio)
  t.match(put, { status: 201, body: { name: 'bank-name', seconds: 2 }, headers: { location: '/v1/recordings/bank-name' } })
  t.match((await request(supervisor, 'GET', '/v1/recordings')).body, { recordings: [{ name: 'bank-name', seconds: 2 }] })
  const { headers, bytes } = await request(supervisor, 'GET', '/v1/recordings/bank-name')
  t.equal(headers['content-type'], 'audio/wav')
  t.equal(secondsIn(bytes), 2)
})

t.test('what is no sound, or no name, is refused', async (t) => {
  const put = (name: string, body: Buffer | string) => request(supervisor, 'POST', `/v1/recordings?name=${name}`, body)
  t.match(await put('x', Buffer.from('RIFF and nothing more')), {
    status: 400,
    body: { detail: /not a WAV file that can be read/ },
  })
  t.match(await put('x', studio.subarray(0, 100)), { status: 400 })
  t.match(await put('x', 'a;b'), { status: 415 })
  for (const name of ['..%2Fetc', 'A', 'a.wav', ''])
    t.match(await put(name, studio), { status: 400, body: { errors: [{ field: 'query.name' }] } }, name)
  t.match(await request(supervisor, 'GET', '/v1/recordings/none'), { status: 404 })
  t.match(await request(supervisor, 'DELETE', '/v1/recordings/none'), { status: 404 })
})

const text = 'Dzień dobry, tu {brand}. {name}, do zapłaty jest {amount} do {due_date}.'

t.test('a preview is spoken, in the language of the contact, with the recordings between', async (t) => {
  const { id } = await furnish(api)
  const preview = (wish: unknown) => request(supervisor, 'POST', `/v1/campaigns/${id}/message/preview`, wish)
  t.match(await preview({}), { status: 400, body: { detail: /the campaign has no message for a person/ } })
  const message = { person: { pl: [{ say: text }], en: [{ say: 'Hello {name}.' }] } }
  const change = await request(supervisor, 'PATCH', `/v1/campaigns/${id}`, { settings: { message, brand: { name: 'Agencja' } } })
  t.equal(change.status, 200, change.text)
  const polish = await preview({})
  t.match(polish, { status: 200, headers: { 'content-type': 'audio/wav' } })
  t.ok(secondsIn(polish.bytes) > 4, `${secondsIn(polish.bytes)} s`)
  const english = await preview({ sample: { language: 'en' } })
  t.ok(secondsIn(english.bytes) < secondsIn(polish.bytes) / 2)
  const machine = await preview({ to: 'machine' })
  t.ok(secondsIn(machine.bytes) > 4, 'limited content is there without being written')

  await request(supervisor, 'PATCH', `/v1/campaigns/${id}`, { settings: { brand: { recording: 'bank-name' } } })
  t.ok(secondsIn((await preview({})).bytes) > secondsIn(polish.bytes) + 1, "the brand's own voice is longer than its name")
  await request(supervisor, 'DELETE', '/v1/recordings/bank-name')
  t.match(await preview({}), { status: 400, body: { detail: /the recording "bank-name" was not uploaded/ } })
  t.match(await preview({ sample: { debts: [] } }), {
    status: 400,
    body: { detail: /says \{amount\}, and the contact has no open debt/ },
  })
  t.match(await preview({ leadId: 12_345 }), { status: 404 })
})

t.test('a lead of the campaign is its own sample', async (t) => {
  const { id } = await furnish(api)
  const csv = 'external_id;name;phone;debt_id;balance;currency\nM-1;Anna Nowak;500 600 799;MD-1;10,00;PLN\n'
  await request(supervisor, 'POST', `/v1/campaigns/${id}/leads`, csv)
  const { body } = await request(supervisor, 'GET', `/v1/campaigns/${id}/leads`)
  const leadId = body.leads[0].id
  const message = { person: { pl: [{ say: '{name}, {amount}, {due_date}' }] } }
  await request(supervisor, 'PATCH', `/v1/campaigns/${id}`, { settings: { message } })
  const asked = await request(supervisor, 'POST', `/v1/campaigns/${id}/message/preview`, { leadId })
  t.match(asked, { status: 400, body: { detail: /says \{due_date\}, and no open debt has a due date/ } })
})

t.test('settings that could not be said are refused at once, by field', async (t) => {
  const { id } = await furnish(api)
  const change = (settings: unknown) => request(supervisor, 'PATCH', `/v1/campaigns/${id}`, { settings })
  const wrong: [unknown, string][] = [
    [{ message: { person: { pl: [{ say: 'You owe {amout}' }] } } }, 'settings.message.person.pl.0'],
    [{ message: { keys: { agent: '12' } } }, 'settings.message.keys.agent'],
    [{ message: { person: {} } }, 'settings.message.person'],
    [{ brand: { name: '' } }, 'settings.brand.name'],
    [{ maxConcurrentCalls: 0 }, 'settings.maxConcurrentCalls'],
  ]
  for (const [settings, field] of wrong) {
    const { status, body } = await change(settings)
    t.equal(status, 400)
    t.ok(
      body.errors.some((error: { field: string }) => error.field.startsWith(field)),
      `${field}: ${JSON.stringify(body.errors)}`,
    )
  }
})

t.test('a send-out is told what it lacks; agents it needs none', async (t) => {
  const { id, agent } = await furnish(api)
  await request(supervisor, 'PATCH', `/v1/agents/${agent.id}`, { campaignId: null })
  await request(supervisor, 'PATCH', `/v1/campaigns/${id}`, { settings: { mode: 'message' } })
  const { body } = await request(supervisor, 'POST', `/v1/campaigns/${id}/start`)
  t.match(body, { detail: /it has no message for a person/ })
  t.notMatch(body, { detail: /agent/ })
})
