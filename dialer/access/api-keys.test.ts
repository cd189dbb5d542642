/** Keys on a real database: the first one, recognising, revoking. */
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { hashKey, looksLikeKey, newKey } from './api-key.ts'
import { createApiKeys, ensureFirstKey } from './api-keys.ts'

const { pool } = await withDatabase(t)
const keys = createApiKeys({ pool })

t.test('processes that start at once make one first key between them', async (t) => {
  const made = (await Promise.all([1, 2, 3, 4].map(() => ensureFirstKey(pool)))).filter((key) => key !== undefined)
  t.equal(made.length, 1)
  const [key = ''] = made
  t.match(await keys.recognise(key), { role: 'supervisor', agentId: null })
  t.equal(await ensureFirstKey(pool), undefined)
})

t.test('whose last supervisor key is revoked gets a new one at the next start', async (t) => {
  for (const { id } of await keys.list()) await keys.revoke(id)
  await keys.create({ name: 'desk', role: 'operator', agentId: null })
  const key = await ensureFirstKey(pool)
  t.match(key && (await keys.recognise(key)), { role: 'supervisor' })
})

t.test('a revoked key is nobody, and stays revoked since the first time', async (t) => {
  const { id, key } = await keys.create({ name: 'desk', role: 'operator', agentId: null })
  t.match(await keys.recognise(key), { keyId: id, name: 'desk', role: 'operator' })
  const { revokedAt } = await keys.revoke(id)
  t.equal(await keys.recognise(key), undefined)
  t.same((await keys.revoke(id)).revokedAt, revokedAt)
})

t.test('only the hash is kept, and it is the hash of the whole key', async (t) => {
  const { key } = await keys.create({ name: 'desk', role: 'operator', agentId: null })
  const { rows } = await pool.query('select * from api_keys')
  t.notMatch(JSON.stringify(rows), key)
  t.ok(rows.some(({ hash }) => hash === hashKey(key)))
  t.ok(looksLikeKey(newKey()))
  for (const text of ['', 'op_', `${key}x`, key.slice(0, -1), `op_${"'".repeat(43)}`])
    t.equal(await keys.recognise(text), undefined)
})
