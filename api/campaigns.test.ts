/** Campaigns over the API: strict bodies, defaults, live changes, the way to a start, and errors that say what to do. */
import t from 'tap'
import { awaySwitch, createApiUnderTest, furnish } from './api-under-test.ts'

const house = await createApiUnderTest(t)
const { request, supervisor } = house
const call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: unknown) =>
  request(supervisor, method, url, body)
const debtors = 'external_id,name,phone\n1,Jan Kowalski,+48500600701\n2,Anna Nowak,+48500600702\n'

t.test('a campaign is made with its defaults, and can be found again', async (t) => {
  const made = await call('POST', '/v1/campaigns', { name: 'autumn', settings: { country: 'PL', callerIdPool: 'main' } })
  t.match(made, {
    status: 201,
    body: { state: 'draft', settings: { mode: 'progressive', ringTimeoutMs: 20_000, graceMs: 2000 } },
  })
  t.equal(made.headers.location, `/v1/campaigns/${made.body.id}`)
  t.match((await call('GET', `/v1/campaigns/${made.body.id}`)).body, { name: 'autumn', startedAt: null })
  t.match((await call('GET', '/v1/campaigns')).body.campaigns, [{ name: 'autumn' }])
  const again = await call('POST', '/v1/campaigns', { name: 'autumn', settings: { country: 'PL', callerIdPool: 'main' } })
  t.match(again, { status: 409, body: { code: 'already_exists' } })
})

t.test('what does not fit is named field by field', async (t) => {
  const settings = { country: 'PL', callerIdPool: 'main' }
  const cases = [
    { body: { name: 'x', settings, colour: 1 }, field: 'colour', problem: 'unknown field' },
    {
      body: { name: 'x', settings: { ...settings, ringTimeoutS: 20 } },
      field: 'settings.ringTimeoutS',
      problem: 'unknown field',
    },
    { body: { name: 'x', settings: { ...settings, ringTimeoutMs: 5000 } }, field: 'settings.ringTimeoutMs', problem: /15000/ },
    {
      body: { name: 'x', settings: { ...settings, windows: { monday: [{ from: '20:00', to: '08:00' }] } } },
      field: 'settings.windows.monday.0',
    },
    { body: { name: 'x', settings: { country: 'PL' } }, field: 'settings.callerIdPool' },
    { body: { settings }, field: 'name' },
    { body: [], field: 'body' },
  ]
  for (const { body, field, problem = /./ } of cases) {
    const answer = await call('POST', '/v1/campaigns', body)
    t.match(answer, { status: 400, body: { code: 'bad_request', errors: [{ field, problem }], whatToDo: /field/ } }, field)
  }
  t.match((await call('GET', '/v1/caller-ids?colour=1')).body, { errors: [{ field: 'query.colour', problem: 'unknown field' }] })
  t.match(await call('GET', '/v1/campaigns/7'), { status: 400, body: { errors: [{ field: 'params.id' }] } })
  t.match(await call('GET', '/v1/%zz'), { status: 400, body: { code: 'bad_request', whatToDo: /./ } })
  t.match(await call('GET', '/v1/nothing'), { status: 404, body: { code: 'not_found', detail: /GET \/v1\/nothing/ } })
})

t.test('a body that is no JSON, empty or too large', async (t) => {
  const send = (payload: string, type = 'application/json') =>
    house.api.inject({
      method: 'POST',
      url: '/v1/campaigns',
      payload,
      headers: { authorization: `Bearer ${supervisor}`, 'content-type': type },
    })
  for (const { payload, type, status, code } of [
    { payload: '{"name":', status: 400, code: 'bad_request' },
    { payload: '', status: 400, code: 'bad_request' },
    { payload: '<xml/>', type: 'application/xml', status: 415, code: 'unsupported_media_type' },
    { payload: JSON.stringify({ name: 'x'.repeat(2 * 1024 ** 2) }), status: 413, code: 'too_large' },
    { payload: JSON.stringify({ name: 'x'.repeat(10_000), settings: {} }), status: 400, code: 'bad_request' },
  ]) {
    const answer = await send(payload, type)
    t.match({ status: answer.statusCode, ...answer.json() }, { status, code }, payload.slice(0, 20))
    t.ok(answer.json().whatToDo)
  }
  const headers = { authorization: `Bearer ${supervisor}`, 'content-type': 'application/json' }
  const start = await house.api.inject({ method: 'POST', url: `/v1/campaigns/${supervisor}/start`, headers })
  t.match(start.json(), { errors: [{ field: 'params.id' }] }, 'where none is needed, an empty body is fine')
})

t.test('a start names everything that is missing, at once', async (t) => {
  const { body } = await call('POST', '/v1/campaigns', { name: 'empty', settings: { country: 'PL', callerIdPool: 'nowhere' } })
  const answer = await call('POST', `/v1/campaigns/${body.id}/start`)
  t.match(answer, { status: 409, body: { code: 'campaign_not_ready' } })
  t.match(
    answer.body.detail,
    /"nowhere" has no active caller ID whose inbound route was tested; no agent is assigned to it; it has no leads/,
  )
  t.equal((await call('GET', `/v1/campaigns/${body.id}`)).body.state, 'draft')
})

t.test('the whole life of a campaign', async (t) => {
  const { id, trunkId } = await furnish(house)
  const move = (step: string) => call('POST', `/v1/campaigns/${id}/${step}`)
  t.match(await move('start'), { status: 409, body: { detail: 'The campaign cannot start: it has no leads left to call.' } })
  t.match(await call('POST', `/v1/campaigns/${id}/leads`, debtors), { status: 200, body: { accepted: 2 } })

  await call('PATCH', `/v1/trunks/${trunkId}`, { enabled: false })
  t.match((await move('start')).body.detail, /trunk .* is switched off/)
  await call('PATCH', `/v1/trunks/${trunkId}`, { enabled: true })

  t.match(await move('pause'), { status: 409, body: { code: 'wrong_state', whatToDo: 'Possible from here: start.' } })
  t.match((await move('start')).body, { state: 'running', startedAt: /^2026/ })
  t.match(await move('start'), { status: 409, body: { whatToDo: 'Possible from here: pause, drain.' } })
  t.match((await move('pause')).body, { state: 'paused' })
  t.match((await move('start')).body, { state: 'running' })
  t.match((await move('drain')).body, { state: 'draining' })
  t.match((await call('GET', `/v1/campaigns/${id}/stats`)).body, {
    state: 'draining',
    leads: { total: 2, byState: { waiting: 2 } },
    attempts: { total: 0 },
    abandonment: [{ window: 'last_24_hours', rate: null }, { window: 'calendar_day' }, { window: 'last_30_days' }],
    occupancy: null,
    live: null,
  })
})

t.test('looser than the rule pack: refused without a reason; with one audited and shown', async (t) => {
  const settings = { country: 'PL', callerIdPool: 'main', caps: { perDay: 5 } }
  t.match(await call('POST', '/v1/campaigns', { name: 'loose', settings }), {
    status: 400,
    body: { code: 'looser_than_pack', detail: /settings\.caps\.perDay \(5, the pack says 3\)/, whatToDo: /looserBecause/ },
  })
  const looserBecause = 'agreed with the debtors in court'
  const made = await call('POST', '/v1/campaigns', { name: 'loose', settings: { ...settings, looserBecause } })
  const rules = { pack: 'PL', confirmed: true, looser: [{ rule: 'caps.perDay', limit: 3, set: 5 }], looserBecause }
  t.match(made, { status: 201, body: { settings: { caps: { perDay: 5 } }, rules } })
  t.match((await call('GET', `/v1/campaigns/${made.body.id}`)).body, { rules })
  const more = { settings: { caps: { perHour: 4 } } }
  t.match(await call('PATCH', `/v1/campaigns/${made.body.id}`, more), { status: 400, body: { code: 'looser_than_pack' } })
  const { entries } = (await call('GET', `/v1/audit?subject=campaign:${made.body.id}`)).body
  t.match(entries, [{ action: 'campaign.create', details: { settings: { looserBecause }, rules } }])
  t.equal(entries.length, 1)
})

t.test('the rule packs tell their rules with sources', async (t) => {
  const { rulePacks } = (await call('GET', '/v1/rule-packs')).body
  t.equal(rulePacks.length, 10)
  const greece = rulePacks.find(({ id }: { id: string }) => id === 'GR')
  t.match(
    greece.rules.find(({ rule }: { rule: string }) => rule === 'caps.daysBetween'),
    { limit: 2, source: /3758\/2009/ },
  )
  t.match(
    greece.rules.find(({ rule }: { rule: string }) => rule === 'caps.perHour'),
    { limit: 1, source: /house rule/ },
  )
})

t.test('settings are changed live, merged and judged whole', async (t) => {
  const { id } = await furnish(house)
  const change = (settings: unknown) => call('PATCH', `/v1/campaigns/${id}`, { settings })
  t.match((await change({ mode: 'ratio', caps: { perDay: 2 } })).body.settings, {
    mode: 'ratio',
    caps: { perDay: 2, perHour: 1 },
  })
  t.match(
    (await change({ caps: { perDay: null } })).body.settings,
    { mode: 'ratio', caps: { perDay: 3 } },
    'null: the default again',
  )
  t.match(await change({ caps: { perDay: 0 } }), { status: 400, body: { errors: [{ field: 'settings.caps.perDay' }] } })
  t.match(await change({ capz: {} }), { status: 400, body: { errors: [{ field: 'settings.capz', problem: 'unknown field' }] } })
  t.match(await change({ country: null }), { status: 400, body: { errors: [{ field: 'settings.country' }] } })
  t.match(
    (await call('GET', `/v1/campaigns/${id}`)).body.settings,
    { mode: 'ratio', country: 'PL' },
    'what was refused changed nothing',
  )
  t.match(await call('PATCH', `/v1/campaigns/${id}`, { state: 'running' }), {
    status: 400,
    body: { errors: [{ field: 'state' }] },
  })
  const none = '00000000-0000-4000-8000-000000000000'
  t.match(await call('PATCH', `/v1/campaigns/${none}`, {}), { status: 404, body: { detail: /no campaign/ } })
})

t.test('trunks: the safety catch, the hidden password, and a switch that is away', async (t) => {
  const trunk = { id: 'far', host: 'sip.carrier.example', maxChannels: 1, callsPerSecond: 1, username: 'u', password: 'hunter2' }
  const refused = await call('POST', '/v1/trunks', trunk)
  t.match(refused, { status: 409, body: { code: 'live_dialing_off', whatToDo: /OUTPACE_LIVE_DIALING/ } })
  const made = await call('POST', '/v1/trunks', { ...trunk, host: '127.0.0.1' })
  t.match(made, { status: 201, body: { hasPassword: true, port: 5060 } })
  t.ok(house.asked.includes('putTrunk far'), 'it is on the switch at once')
  const moved = await call('PATCH', '/v1/trunks/far', { host: '10.0.0.1' })
  t.match(moved, { status: 409, body: { code: 'live_dialing_off' } }, 'nor is it moved away')
  for (const { text } of [made, moved, await call('GET', '/v1/trunks'), await call('GET', '/v1/trunks/far')])
    t.notMatch(text, 'hunter2')
  t.notMatch(house.logged(), 'hunter2')

  house.switchFails(awaySwitch())
  t.match(
    await call('PATCH', '/v1/trunks/far', { maxChannels: 7 }),
    { status: 200, body: { maxChannels: 7 } },
    'stored for later',
  )
  house.switchFails(undefined)
  t.match(await call('DELETE', '/v1/trunks/far'), { status: 200, body: { id: 'far', removed: true } })
  t.match(await call('DELETE', '/v1/trunks/far'), { status: 404 })
  const { trunkId } = await furnish(house)
  t.match(await call('DELETE', `/v1/trunks/${trunkId}`), { status: 409, body: { code: 'still_in_use', detail: /1 caller IDs/ } })
})

t.test('caller IDs: all or none, and only whole numbers', async (t) => {
  const { trunkId } = await furnish(house)
  const create = (numbers: string[], trunk = trunkId) => call('POST', '/v1/caller-ids', { pool: 'bulk', trunkId: trunk, numbers })
  t.match(await create(['+48221239901', '221239902']), { status: 400, body: { detail: /numbers\.1/ } })
  t.match(await create(['+48221239901', '+48 22 123 99 01']), { status: 409, body: { detail: /numbers\.1/ } })
  t.match(await create(['+48221239901'], 'nobody'), { status: 404, body: { detail: /trunk nobody/ } })
  t.same((await call('GET', '/v1/caller-ids?pool=bulk')).body.callerIds, [])
  const made = await create(['+48 22 123 99 01', '+420601123456'])
  t.match(made, {
    status: 201,
    body: {
      callerIds: [
        { number: '+48221239901', country: 'PL', lineType: 'fixed' },
        { country: 'CZ', lineType: 'mobile' },
      ],
    },
  })
  const { id } = made.body.callerIds[0]
  t.match(made.body.callerIds[0], { area: '22', inboundRoute: 'untested', dailyCap: null, brand: null })
  t.match(made.body.callerIds[1], { area: null })
  const rested = await call('PATCH', `/v1/caller-ids/${id}`, { state: 'resting', reason: 'many complaints', dailyCap: 100 })
  t.match(rested.body, { state: 'resting', stateReason: 'many complaints', restUntil: null, pool: 'bulk', dailyCap: 100 })
  t.match(await call('PATCH', `/v1/caller-ids/${id}`, { inboundRouteWaived: 'short' }), { status: 400 })
  const vouched = await call('PATCH', `/v1/caller-ids/${id}`, { inboundRouteWaived: 'answered by the office of Bank A' })
  t.match(vouched.body, { inboundRoute: 'waived', inboundRouteReason: 'answered by the office of Bank A', dailyCap: 100 })
  t.match((await call('GET', '/v1/audit?limit=1')).text, 'answered by the office of Bank A', 'a waiver is on record')
  const { trunkId: other } = await furnish(house)
  t.match((await call('PATCH', `/v1/caller-ids/${id}`, { trunkId: other })).body, {
    ...{ inboundRoute: 'untested', inboundRouteReason: 'moved to another trunk' },
  })
  t.match((await call('GET', `/v1/caller-ids?pool=bulk&limit=1&after=${id}`)).body.callerIds, [{ country: 'CZ' }])
})

t.test('caller IDs: test calls, health, advice', async (t) => {
  const { trunkId } = await furnish(house)
  const added = { pool: 'proven', trunkId, numbers: ['+48221238801', '+48221238802'] }
  const [one] = (await call('POST', '/v1/caller-ids', added)).body.callerIds
  const listed = async () => (await call('GET', '/v1/caller-ids?pool=proven')).body.callerIds
  t.match(await listed(), [{ advice: /Test its inbound route/ }, { advice: /Test its inbound route/ }])
  t.match(await call('POST', `/v1/caller-ids/${one.id}/test`), { status: 200, body: { inboundRoute: 'passed' } })
  t.match(await call('POST', '/v1/caller-ids/tests', { pool: 'proven' }), { status: 202, body: { waiting: 1 } })
  t.match((await listed())[0], { advice: null })
  t.match(await call('GET', `/v1/caller-ids/${one.id}/health`), {
    status: 200,
    body: {
      ...{ callerId: { id: one.id }, advice: null, uses: { day: 0, hour: 0 }, caps: { perDay: null }, report: null },
      history: [{ what: 'inbound_route', from: 'untested', to: 'passed', reason: 'a test call came in on it' }],
    },
  })
  t.match(await call('GET', '/v1/caller-ids/999999/health'), { status: 404 })
})

t.test('the number of the next attempt, chosen by hand', async (t) => {
  const { id, pool, agent } = await furnish(house)
  const csv = 'external_id;name;phone;debt_id;balance;currency\nH-1;Jan;500600709;H-1;1,00;PLN\n'
  await call('POST', `/v1/campaigns/${id}/leads`, csv)
  const lead = (await call('GET', `/v1/campaigns/${id}/leads`)).body.leads[0].id
  const [{ number }] = (await call('GET', `/v1/caller-ids?pool=${pool}`)).body.callerIds
  t.match(await call('PUT', `/v1/leads/${lead}/caller-id`, { number }), { status: 200, body: { callerId: { number } } })
  t.match((await call('GET', `/v1/leads/${lead}`)).body.lead, { wantedCallerId: { number, by: String } })
  t.match(await call('PUT', `/v1/leads/${lead}/caller-id`, { number: null }), { status: 200, body: { callerId: null } })
  t.match(await call('PUT', `/v1/leads/${lead}/caller-id`, { number: '+48229999999' }), {
    status: 400,
    body: { detail: /not one of our/ },
  })
  const elsewhere = await furnish(house)
  const [other] = (await call('GET', `/v1/caller-ids?pool=${elsewhere.pool}`)).body.callerIds
  t.match(await call('PUT', `/v1/leads/${lead}/caller-id`, { number: other.number }), {
    status: 400,
    body: { detail: /campaign's pool/ },
  })
  t.match(await call('PUT', '/v1/leads/999999/caller-id', { number }), { status: 404 })
  t.match(await call('PUT', `/v1/agents/${agent.id}/lead/caller-id`, { number }), {
    status: 404,
    body: { detail: /on the screen of agent/ },
  })
})

t.test('agents: a password told once, steps that are not possible say what is', async (t) => {
  const { agent } = await furnish(house)
  t.ok(agent.password)
  t.notMatch((await call('GET', '/v1/agents')).text, agent.password)
  const paused = await call('POST', `/v1/agents/${agent.id}/ready`)
  t.match(paused, { status: 409, body: { code: 'wrong_state', detail: /logged out/, whatToDo: /log in/ } })
  t.match(await call('POST', `/v1/agents/${agent.id}/result`, { resultCode: 'callback' }), {
    status: 400,
    body: { errors: [{ field: 'callbackAt' }] },
  })
  t.match(await call('POST', `/v1/agents/${agent.id}/result`, { resultCode: 'no_result' }), { status: 409 })
  house.switchFails(awaySwitch())
  const unreachable = await call('POST', `/v1/agents/${agent.id}/log-in`)
  t.ok(unreachable.status >= 400 && unreachable.body.whatToDo, unreachable.text)
  house.switchFails(undefined)
  t.equal((await call('POST', `/v1/agents/${agent.id}/log-in`)).status, 200)
  t.ok(house.asked.some((asked) => asked.startsWith('originateAgent')))
  t.match(await call('POST', '/v1/agents', { account: 'Not Good', name: 'x' }), {
    status: 400,
    body: { errors: [{ field: 'account' }] },
  })
})
