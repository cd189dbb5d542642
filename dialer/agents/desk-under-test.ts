/** The agents' room on a real database, with two campaigns, for the tests of the desk and of talk results. */
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { campaignSettingsSchema } from '../campaigns/settings.ts'
import type { Pool } from '../storage/database.ts'
import { createAgentRoom } from './room.ts'
import { createScriptedSwitch } from './switch-under-test.ts'

export async function prepareDesk(pool: Pool) {
  const log = pino({ level: 'silent' })

  const settings = JSON.stringify(campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' }))
  const campaigns = { first: randomUUID(), second: randomUUID() }
  for (const [name, id] of Object.entries(campaigns)) {
    await pool.query('insert into campaigns (id, name, settings) values ($1, $2, $3)', [id, name, settings])
  }
  await pool.query(`insert into trunks (id, host, max_channels, calls_per_second) values ('main', '127.0.0.1', 10, 10)`)
  await pool.query(
    `insert into caller_ids (number, pool, trunk_id, country, line_type) values ('+48221000000', 'main', 'main', 'PL', 'fixed')`,
  )

  let accounts = 0
  function setUp() {
    const clock = createFakeClock()
    const { telephony, asked, happen, settle } = createScriptedSwitch()
    const room = createAgentRoom({
      pool,
      telephony,
      clock,
      holidays: () => undefined,
      log,
      switchName: 'main',
      wrapUpMs: () => 15_000,
    })
    const hire = async (campaignId: string | null = campaigns.first) => {
      const { agent } = await room.desk.create({ account: `agent-${++accounts}`, name: 'Anna Nowak', campaignId })
      return agent
    }
    /** Rings his phone, answers, and lets the sound's limit pass. */
    const logIn = async (id: string) => {
      const called = room.desk.logIn(id)
      const ready = new Promise<void>((resolve) =>
        room.agents.onChange((change) => change.agentId === id && change.phase === 'ready' && resolve()),
      )
      while (room.agents.state(id).phase !== 'calling') await settle()
      const state = room.agents.state(id)
      if (!('session' in state)) throw new Error('not calling')
      await happen({ type: 'answered', channelId: state.session.channelId })
      await called
      await settle()
      clock.advance(3000)
      await ready
      return state.session
    }
    return { clock, asked, room, desk: room.desk, agents: room.agents, hire, logIn }
  }

  /** A contact with one phone and one debt, and a talk of this agent with him. */
  async function talkOf(agentId: string, at: number, ended: boolean) {
    const unique = randomUUID()
    const number = `+4860${String(Math.trunc(Number.parseInt(unique.slice(0, 8), 16) % 10_000_000)).padStart(7, '0')}`
    const { rows } = await pool.query<{ contact: number; phone: number; lead: number }>(
      `with c as (insert into contacts (external_id, name, country, time_zone) values ($1, 'Jan Kowalski', 'PL', 'Europe/Warsaw') returning id),
       p as (insert into phones (contact_id, number, line_type, position) select id, $2, 'mobile', 0 from c returning id),
       d as (insert into debts (contact_id, external_id, balance_minor, currency) select id, $1, 12345, 'PLN' from c),
       l as (insert into leads (campaign_id, contact_id, state, attempts, next_attempt_at, reason)
             select $3, id, $4, 1, now(), 'test' from c returning id)
     select c.id as contact, p.id as phone, l.id as lead from c, p, l`,
      [unique, number, campaigns.first, ended ? 'waiting' : 'in_call'],
    )
    const row = rows[0]
    if (!row) throw new Error('no rows')
    const attemptId = randomUUID()
    await pool.query(
      `insert into attempts (id, lead_id, campaign_id, contact_id, phone_id, number, trunk_id, caller_id_id, mode, reason, placed_at,
       agent_id, connected_at, ended_at)
     values ($1, $2, $3, $4, $5, $6, 'main', (select min(id) from caller_ids), 'progressive', 'test', $7, $8, $7, $9)`,
      [
        attemptId,
        row.lead,
        campaigns.first,
        row.contact,
        row.phone,
        number,
        new Date(at),
        agentId,
        ended ? new Date(at + 1) : null,
      ],
    )
    return { ...row, attemptId, number }
  }

  return { campaigns, setUp, talkOf }
}
