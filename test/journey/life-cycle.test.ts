/** A campaign's life as a supervisor leads it: what is missing is said, each state does what it promises, changes act on the next calls. */
import { setTimeout as pass } from 'node:timers/promises'
import t from 'tap'
import { ApiFailure, type Json } from '../../load-tests/engine-process.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre } from '../support/call-centre.ts'

t.setTimeout(120_000)
/** Ticks of the runner come four times a second: after this, nothing was placed. */
const severalTicksMs = 1500
const centre = await openCallCentre(t)
const callees = await centre.callees('callees')

async function refusal(asked: Promise<unknown>): Promise<{ status: number; problem: Json }> {
  return asked.then(
    () => ({ status: 200, problem: {} }),
    (error) => {
      if (error instanceof ApiFailure) return { status: error.status, problem: error.problem }
      throw error
    },
  )
}

t.test('a campaign that lacks something is refused, with everything that is missing in one sentence', async (t) => {
  const settings = { country: 'PL', callerIdPool: 'nowhere' }
  const { id } = await centre.engine.post<{ id: string }>('/v1/campaigns', { name: 'bare', settings })
  const start = () => refusal(centre.engine.post(`/v1/campaigns/${id}/start`))
  t.match(await start(), {
    status: 409,
    problem: {
      code: 'campaign_not_ready',
      detail:
        'The campaign cannot start: the pool "nowhere" has no active caller ID whose inbound route was tested; no agent is assigned to it; it has no leads left to call.',
      whatToDo: 'Add what is missing and start it again.',
    },
  })
  await centre.trunk('off', callees.port)
  const added = { pool: 'nowhere', trunkId: 'off', numbers: ['+48221234567'] }
  const { callerIds } = await centre.engine.post<{ callerIds: { id: number }[] }>('/v1/caller-ids', added)
  t.match(
    (await start()).problem.detail,
    /has no active caller ID whose inbound route was tested/,
    'nobody knows who answers on it',
  )
  const waiver = { inboundRouteWaived: 'nobody calls back in this test' }
  await centre.engine.patch(`/v1/caller-ids/${callerIds[0]?.id}`, waiver)
  await centre.engine.patch('/v1/trunks/off', { enabled: false })
  t.match(
    (await start()).problem.detail,
    /the trunk off of the pool "nowhere" is switched off; no agent is assigned to it; it has no leads/,
  )
  await centre.engine.patch('/v1/trunks/off', { enabled: true })
  t.match((await start()).problem.detail, /cannot start: no agent is assigned to it; it has no leads left to call\.$/)
  await centre.engine.post('/v1/agents', { account: 'nobody', name: 'Nobody', campaignId: id })
  t.match((await start()).problem.detail, /cannot start: it has no leads left to call\.$/)
  t.match(await centre.engine.get(`/v1/campaigns/${id}`), { state: 'draft' })
})

t.test('draft, running, paused, running, draining, finished, and once more', async (t) => {
  const people = Array.from({ length: 4 }, () => newPerson())
  const campaign = await centre.campaign({ over: 'callees', people })
  const agent = await campaign.hire()
  const placed = async () => (await campaign.attempts()).length
  const nothingIsPlaced = async (why: string) => {
    const before = await placed()
    await pass(severalTicksMs)
    t.equal(await placed(), before, why)
  }
  await nothingIsPlaced('a draft places nothing')

  await campaign.start()
  const first = await callees.called()
  await campaign.pause()
  first.ring()
  first.answer()
  await agent.until('talking')
  t.pass('paused: what rang is still answered and joined')
  first.hangUp()
  await agent.until('ready')
  await nothingIsPlaced('paused: no further call, though an agent is free')
  await campaign.until('paused')

  await campaign.start()
  const second = await callees.called()
  second.ring()
  second.answer()
  await agent.until('talking')
  await campaign.drain()
  await campaign.until('draining')
  t.match(await campaign.stats(), { state: 'draining', live: { calls: { talking: 1 } } })
  const wrong = await refusal(centre.engine.post(`/v1/campaigns/${campaign.id}/drain`))
  t.match(wrong, { status: 409, problem: { code: 'wrong_state' } })
  second.hangUp()
  await campaign.until('finished')
  await agent.until('ready')
  await nothingIsPlaced('finished: no further call')
  const over = await refusal(centre.engine.post(`/v1/campaigns/${campaign.id}/pause`))
  t.match(over, { status: 409, problem: { code: 'wrong_state' } })

  await campaign.start()
  const third = await callees.called()
  third.refuse('486 Busy Here')
  const fourth = await callees.called()
  await campaign.drain()
  await campaign.until('draining')
  fourth.refuse('486 Busy Here')
  await campaign.until('finished')
  await campaign.settled(4)
  await booksBalance(t, centre, campaign)
  const { rows } = await centre.pool.query('select state, started_at, finished_at from campaigns where id = $1', [campaign.id])
  t.match(rows, [{ state: 'finished', started_at: Date, finished_at: Date }])
})

t.test('changed settings act on the next calls, and not on those in flight', async (t) => {
  const people = Array.from({ length: 6 }, () => newPerson())
  const campaign = await centre.campaign({ over: 'callees', people, settings: { detection: 'asterisk' } })
  const agents = [await campaign.hire(), await campaign.hire()]
  await campaign.start()
  const [first, second] = await Promise.all([callees.called(), callees.called()])
  second.refuse('486 Busy Here')
  const third = await callees.called()
  const rule = { delaysMinutes: [7], nextPhone: false }
  await campaign.change({ detection: 'off', retry: { rules: { busy: rule } }, wrapUpMs: 60_000 })

  third.refuse('486 Busy Here')
  const fourth = await callees.called()
  fourth.refuse('486 Busy Here')
  const fifth = await callees.called()
  first.answer()
  await centre.liveCall(campaign, 'detecting')
  t.pass('the call placed before is listened to')
  fifth.answer()
  await centre.liveCall(campaign, 'talking')
  t.pass('the one placed after is not')
  first.hangUp()
  fifth.hangUp()
  await Promise.any(agents.map((agent) => agent.until('wrap_up')))
  t.pass('the new wrap-up holds')

  const sixth = await callees.called()
  sixth.refuse('486 Busy Here')
  await campaign.settled(6)
  const reasonOf = async (call: { called: string }) => {
    const lead = (await campaign.leads()).find(({ phones }) => phones[0]?.number === call.called)
    return lead?.lead.reason
  }
  t.equal(await reasonOf(third), 'busy: again in 60 minutes', 'placed under the old rule')
  t.equal(await reasonOf(fourth), 'busy: again in 7 minutes', 'placed under the new one')
  await booksBalance(t, centre, campaign)
})

t.test('a campaign with idle agents and nobody to call leaves the trunk to the others', async (t) => {
  const narrow = await centre.callees('narrow')
  await centre.engine.patch('/v1/trunks/narrow', { callsPerSecond: 4 })
  const done = await centre.campaign({ over: 'narrow', people: [newPerson()] })
  await done.hireOnSipp(8)
  await done.start()
  const last = await narrow.called()
  last.refuse('486 Busy Here')
  await done.settled(1)

  const people = Array.from({ length: 6 }, () => newPerson())
  const next = await centre.campaign({ over: 'narrow', people })
  await next.hireOnSipp(people.length)
  const startedAt = Date.now()
  await next.start()
  for (const _ of people) (await narrow.called(4000)).refuse('486 Busy Here')
  const tookMs = Date.now() - startedAt
  t.ok(tookMs < 4000, `six calls at four a second took ${tookMs} ms`)
  await next.settled(people.length)
  await booksBalance(t, centre, next)
})

t.test('a change that makes no sense is refused whole', async (t) => {
  const campaign = await centre.campaign({ over: 'callees', people: [newPerson()] })
  const change = { ringTimeoutMs: 5000, colour: 'red', wrapUpMs: 1000 }
  const answer = await refusal(centre.engine.patch(`/v1/campaigns/${campaign.id}`, { settings: change }))
  t.match(answer, {
    status: 400,
    problem: { code: 'bad_request', errors: [{ field: 'settings.ringTimeoutMs' }, { field: 'settings.colour' }] },
  })
  t.match(await centre.engine.get(`/v1/campaigns/${campaign.id}`), { settings: { ringTimeoutMs: 20_000, wrapUpMs: 0 } })
})
