/** The rows of shifts when PostgreSQL goes away for a while, and when it refuses one. */
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { campaignSettingsSchema } from '../campaigns/settings.ts'
import type { AgentEffect } from './agent-state.ts'
import { insertAgent } from './agent-store.ts'
import { createShiftRecord } from './shift-record.ts'

const { pool } = await withDatabase(t)
const campaignId = randomUUID()
const settings = JSON.stringify(campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' }))
await pool.query('insert into campaigns (id, name, settings) values ($1, $2, $3)', [campaignId, 'shifts', settings])

/** An agent, and the effects of a short shift of his. */
async function shift(account: string) {
  const agentId = randomUUID()
  await insertAgent(pool, { id: agentId, account, name: account, sipDigest: 'x', campaignId })
  const sessionId = randomUUID()
  const session = { sessionId, campaignId, via: 'called', channelId: 'leg', bridgeId: 'agent' } as const
  const at = Date.UTC(2026, 0, 5)
  const effects: AgentEffect[] = [
    { do: 'open_session', session, at },
    { do: 'keep_stretch', sessionId, beganAt: at, endedAt: at + 1000, phase: 'ready', reason: null },
    { do: 'close_session', sessionId, at: at + 1000, reason: 'home' },
  ]
  return { agentId, sessionId, effects }
}

async function written(sessionId: string) {
  const { rows } = await pool.query(
    `select logout_reason, (select count(*) from agent_stretches where session_id = id) as stretches from agent_sessions where id = $1`,
    [sessionId],
  )
  return rows
}

t.test('rows wait while PostgreSQL is away and are written in order afterwards', async (t) => {
  let away = true
  const query = pool.query.bind(pool)
  const unsteady = new Proxy(pool, {
    get: (target, name) =>
      name === 'query' && away
        ? () => Promise.reject(new Error('connection refused'))
        : name === 'query'
          ? query
          : Reflect.get(target, name),
  })
  const clock = createFakeClock()
  const record = createShiftRecord({ db: unsteady, clock, log: pino({ level: 'silent' }), switchName: 'main' })
  const { agentId, sessionId, effects } = await shift('anna')
  for (const effect of effects) {
    record.take({ agentId, effect })
    await record.settled()
  }
  t.same(await written(sessionId), [])
  t.equal(clock.pending(), 1, 'tries again later, once for all')
  away = false
  clock.advance(1000)
  await record.settled()
  t.same(await written(sessionId), [{ logout_reason: 'home', stretches: 1 }])
  clock.advance(10_000)
  t.equal(clock.pending(), 0, 'nothing left to try')
})

t.test('a row that PostgreSQL refuses is set aside and holds nothing up', async (t) => {
  const record = createShiftRecord({ db: pool, clock: createFakeClock(), log: pino({ level: 'silent' }), switchName: 'main' })
  const { agentId, sessionId, effects } = await shift('bert')
  const stranger: AgentEffect = {
    do: 'keep_stretch',
    sessionId: randomUUID(),
    beganAt: 0,
    endedAt: 1,
    phase: 'ready',
    reason: null,
  }
  for (const effect of [stranger, ...effects]) record.take({ agentId, effect })
  await record.settled()
  t.same(await written(sessionId), [{ logout_reason: 'home', stretches: 1 }])
})

t.test('a session is written at once, a stretch a moment later, and a moment without rows stops nothing', async (t) => {
  const clock = createFakeClock()
  const record = createShiftRecord({ db: pool, clock, log: pino({ level: 'silent' }), switchName: 'main' })
  const first = await shift('clara')
  for (const effect of first.effects.slice(0, 2)) record.take({ agentId: first.agentId, effect })
  await record.settled()
  t.match(await written(first.sessionId), [{ stretches: 1 }])
  clock.advance(1000)
  const next = await shift('dora')
  const [open] = next.effects
  if (!open) throw new Error('no effect')
  record.take({ agentId: next.agentId, effect: open })
  await record.settled()
  t.match(await written(next.sessionId), [{ logout_reason: null, stretches: 0 }])
})
