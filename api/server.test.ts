/** The server around the routes: liveness, readiness, metrics, the OpenAPI page, limits, faults that give nothing away. */
import t from 'tap'
import { errorRegistry, OutpaceError } from '../dialer/errors.ts'
import { createApiUnderTest } from './api-under-test.ts'
import type { Part } from './deps.ts'
import { toProblem } from './problems.ts'

let parts: Part[] = []
let metrics = async () => 'outpace_up 1\n'
const house = await createApiUnderTest(t, {
  readiness: async () => parts,
  metrics: () => metrics(),
  limits: { requestsPerMinute: 40 },
})
const { request, supervisor } = house

t.test('alive and ready are two things', async (t) => {
  parts = [
    { part: 'postgresql', ready: true, sentence: 'answers' },
    { part: 'asterisk', ready: false, sentence: 'Asterisk at 127.0.0.1 does not answer.' },
  ]
  t.match(await request(undefined, 'GET', '/health'), { status: 200, body: { status: 'alive' } })
  t.match(await request(undefined, 'GET', '/ready'), { status: 503, body: { status: 'not ready', parts } })
  parts = parts.map((part) => ({ ...part, ready: true }))
  t.match(await request(undefined, 'GET', '/ready'), { status: 200, body: { status: 'ready' } })
})

t.test('metrics are plain text', async (t) => {
  const answer = await request(undefined, 'GET', '/metrics')
  t.match(answer.headers['content-type'], 'text/plain; version=0.0.4')
  t.equal(answer.text, 'outpace_up 1\n')
})

t.test('a fault gives a reference and nothing else', async (t) => {
  metrics = async () => {
    throw new Error('the secret is hunter2')
  }
  const answer = await request(undefined, 'GET', '/metrics')
  t.match(answer, { status: 500, body: { code: 'internal', reference: answer.headers['x-request-id'] } })
  t.notMatch(answer.text, 'hunter2')
  t.match(house.logged(), String(answer.headers['x-request-id']))
})

t.test('a row quoted by PostgreSQL does not reach the log', async (t) => {
  metrics = async () => {
    await house.pool.query(`insert into contacts (external_id, name, country, time_zone) values ('1', 'Kowalski', 'POLAND', 'x')`)
    return ''
  }
  t.equal((await request(undefined, 'GET', '/metrics')).status, 500)
  t.notMatch(house.logged(), /Kowalski|POLAND/)
})

t.test('a database that is away is said so, and may be tried again', async (t) => {
  for (const error of [
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }),
    new Error('Connection terminated unexpectedly'),
    Object.assign(new Error('shutting down'), { code: '57P01' }),
  ]) {
    t.match(toProblem(error, 'r'), { status: 503, code: 'database_unavailable', retryable: true })
  }
})

t.test('the OpenAPI page holds every route, with its body', async (t) => {
  const { body } = await request(undefined, 'GET', '/openapi.json')
  t.equal(body.openapi, '3.1.0')
  t.ok(body.paths['/v1/campaigns'].post.requestBody.content['application/json'].schema.properties.settings.properties.mode)
  for (const [path, operations] of Object.entries(body.paths)) {
    for (const [method, operation] of Object.entries(Object(operations))) {
      t.ok(Reflect.get(Object(operation), 'summary'), `${method} ${path} says what it does`)
    }
  }
})

t.test('every problem has all its parts', async (t) => {
  for (const code of Object.keys(errorRegistry)) {
    if (!(code in errorRegistry)) continue
    const problem = toProblem(new OutpaceError(code as keyof typeof errorRegistry), 'r')
    t.match(problem, { type: `urn:outpace:problem:${code}`, title: /^[A-Z]/, detail: /./, whatToDo: /./, reference: 'r' })
  }
})

t.test('too many requests are told when to come back; watchdogs are not', async (t) => {
  let last = await request(supervisor, 'GET', '/v1/me')
  for (let i = 0; i < 60 && last.status === 200; i++) last = await request(supervisor, 'GET', '/v1/me')
  t.match(last, { status: 429, body: { code: 'too_many_requests', retryable: true, whatToDo: /Wait .*minute|Wait .*second/ } })
  t.equal((await request(undefined, 'GET', '/health')).status, 200)
})
