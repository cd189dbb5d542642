/**
 * What must hold when a race is over, whoever won it: every attempt has one disposition with its reason, every lead waits or is
 * finished, the ledger knows who was connected and who was abandoned, each agent went from one state to another without
 * being in two, and on the switch nothing is left but the agents' legs. Reads the database and the switch, not the engine.
 */
import type { Test } from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import type { CallCentre, TestCampaign } from './call-centre.ts'

export async function booksBalance(t: Test, centre: CallCentre, campaign: TestCampaign): Promise<void> {
  await recordsBalance(t, centre, campaign)
  await onlyLegsLeft(centre)
  t.pass('nothing on the switch but the legs of agents')
}

/** The part in the database, for tests that run side by side. */
export async function recordsBalance(t: Test, centre: CallCentre, campaign: TestCampaign): Promise<void> {
  const leads = await campaign.leads()
  const attempts = leads.flatMap((lead) => lead.attempts)
  t.same(
    attempts.filter(({ disposition, endReason, endedAt }) => !disposition || !endReason || !endedAt),
    [],
    'every attempt has its end, with a reason',
  )
  t.same(
    leads.flatMap(({ lead }) => (['waiting', 'finished'].includes(lead.state) && lead.reason ? [] : [lead])),
    [],
    'every lead waits or is finished, with a reason',
  )
  const counted = leads.map((lead) => lead.attempts.filter((attempt) => attempt.counts).length)
  t.same(
    leads.map(({ lead }) => lead.attempts),
    counted,
    'attempts counted as made',
  )
  t.same(await ledger(centre, campaign), expectedLedger(attempts), 'the ledger knows who was connected and who abandoned')
  t.same(await brokenShifts(centre, campaign), [], 'no agent was in two states at once, or twice in a row in the same')
}

const expectedLedger = (attempts: { id: string; disposition: string | null }[]) =>
  Object.fromEntries(
    attempts.flatMap(({ id, disposition }) => {
      if (disposition === 'human_connected') return [[id, 'connected']]
      return disposition === 'abandoned' ? [[id, 'abandoned']] : []
    }),
  )

async function ledger({ pool }: CallCentre, { id }: TestCampaign): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ attempt_id: string; outcome: string }>(
    'select attempt_id, outcome from abandonment_ledger where campaign_id = $1',
    [id],
  )
  return Object.fromEntries(rows.map((row) => [row.attempt_id, row.outcome]))
}

/** Stretches of a shift that overlap the one before, or repeat its state (a moment ready between two reservations is not kept). */
async function brokenShifts({ pool }: CallCentre, { id }: TestCampaign): Promise<unknown[]> {
  const { rows } = await pool.query(
    `select * from (
       select s.agent_id, x.state, x.began_at, lag(x.state) over shift as state_before, lag(x.ended_at) over shift as ended_before
         from agent_stretches x join agent_sessions s on s.id = x.session_id
        where s.campaign_id = $1 window shift as (partition by x.session_id order by x.began_at)) stretches
      where began_at < ended_before or (state = state_before and state <> 'reserved' and began_at = ended_before)`,
    [id],
  )
  return rows
}

/** Waits until the switch holds one channel in one bridge for each agent on shift, and nothing else. */
export async function onlyLegsLeft({ ari, engine }: CallCentre, deadlineMs = 8000): Promise<void> {
  let last = ''
  const look = async () => {
    const { agents } = await engine.get<{ agents: { phase: string }[] }>('/v1/agents')
    const onShift = agents.filter(({ phase }) => phase !== 'logged_out').length
    const channels = await ari<{ id: string; name: string }[]>('GET', 'channels')
    const bridges = await ari<{ id: string; channels: string[] }[]>('GET', 'bridges')
    last = JSON.stringify({
      onShift,
      channels: channels.map(({ name }) => name),
      bridges: bridges.map((one) => one.channels.length),
    })
    const alone = bridges.every((bridge) => bridge.channels.length === 1)
    return alone && channels.length === onShift && bridges.length === onShift ? true : undefined
  }
  await eventually(deadlineMs, 'the switch to hold the legs of agents alone', look).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : error}: ${last}`)
  })
}
