/** Proves the lines of docs/api.md against the routes: each address exists, with the method and the kind of body it is called with. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createApiUnderTest } from './api-under-test.ts'

const guide = readFileSync(join(import.meta.dirname, '..', 'docs', 'api.md'), 'utf8')
const { request } = await createApiUnderTest(t)
const { body } = await request(undefined, 'GET', '/openapi.json')
/** Whatever a part of an address is called, here it is the id. */
const paths = Object.fromEntries(
  Object.entries<Record<string, { requestBody?: { content: Record<string, unknown> } }>>(body.paths).map(([path, operations]) => [
    path.replaceAll(/\{\w+\}/g, '{id}'),
    operations,
  ]),
)

/** `api -X POST $API/v1/campaigns/$CAMPAIGN/start` -> POST /v1/campaigns/{id}/start */
const calls = [...guide.matchAll(/```sh\n(.*?)```/gs)]
  .flatMap(([, block = '']) => block.split('\n'))
  .flatMap((line) => {
    const address = line.match(/\$API(\/v1[^\s"?]*)/)?.[1]
    if (!address) return []
    const method = line.match(/-X ([A-Z]+)/)?.[1] ?? (/ -d | --data/.test(line) ? 'POST' : 'GET')
    return [{ line, method, path: address.replaceAll(/\$[A-Z]+/g, '{id}'), sendsJson: line.includes(' -d ') }]
  })

t.test('the guide calls the API as it is', async (t) => {
  t.ok(calls.length >= 15, `${calls.length} lines`)
  for (const { line, method, path, sendsJson } of calls) {
    const operation = paths[path]?.[method.toLowerCase()]
    t.ok(operation, `${method} ${path}`)
    if (sendsJson) t.ok(operation?.requestBody?.content['application/json'], `a body: ${line}`)
  }
})

t.test('every other address named in the guide exists', async (t) => {
  const named = [...guide.matchAll(/`(GET|POST|PATCH|DELETE) (\/v1[^`]*)`/g)]
  for (const [, method = '', path = ''] of named) t.ok(paths[path]?.[method.toLowerCase()], `${method} ${path}`)
})
