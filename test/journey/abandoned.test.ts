/**
 * More answers than agents: who got nobody within the grace hears who called, is hung up, and is left alone for 72 hours by
 * every mode that does not reserve an agent first. Three people answer, of three agents two went into a pause meanwhile.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { within } from '../../load-tests/deadline.ts'
import { loudSeconds } from '../../load-tests/signal.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre } from '../support/call-centre.ts'

t.setTimeout(120_000)
const graceMs = 2000
const hourMs = 3_600_000
const centre = await openCallCentre(t)
const callees = await centre.callees('callees')

t.test('no agent within the grace: message, hang-up, ledger, 72 hours', async (t) => {
  const people = [newPerson(), newPerson(), newPerson()]
  const campaign = await centre.campaign({ over: 'callees', people, settings: { caps: { perHour: 100, perDay: 100 } } })
  const agents = await Promise.all(people.map(() => campaign.hire()))
  await campaign.start()
  const calls = await Promise.all(people.map(() => callees.called()))
  for (const call of calls) call.ring()
  await campaign.pause()
  for (const agent of agents.slice(1)) await agent.ask('pause')

  // One after the other, so that it is known who gets the agent.
  const [served, ...abandoned] = calls
  if (!served) throw new Error('nobody was called')
  served.answer()
  await agents[0]?.until('talking')
  for (const call of abandoned) call.answer()
  const answeredAt = Date.now()

  await within(
    graceMs + 1500,
    'the message to begin for both',
    Promise.all(abandoned.map((call) => call.audio.until((heard) => loudSeconds(heard) > 0.1))),
  )
  const waitedMs = Date.now() - answeredAt
  t.ok(waitedMs >= graceMs, `nothing was played before the grace was over (${waitedMs} ms)`)
  await Promise.all(abandoned.map((call) => call.until('ended', 30_000)))
  const words = await secondsOfMessage()
  for (const call of abandoned) {
    const heard = loudSeconds(call.audio.heard())
    t.ok(Math.abs(heard - words) < 0.5, `the whole message was heard: ${heard.toFixed(1)} s of ${words.toFixed(1)} s`)
    t.equal(call.hungUpBy(), 'them')
  }
  t.equal(served.state(), 'up', 'the talk goes on')
  t.equal(loudSeconds(served.audio.heard()), 0, 'and who talks hears no message')
  await agents[0]?.ask('hang-up')
  await served.until('ended')

  const leads = await campaign.settled(3)
  const byNumber = new Map(leads.map((lead) => [lead.phones[0]?.number, lead]))
  for (const call of abandoned) {
    const lead = byNumber.get(call.called)
    const [attempt] = lead?.attempts ?? []
    t.match(attempt, { disposition: 'abandoned', agentId: null, connectedAt: null, counts: true })
    t.equal(attempt?.endReason, 'no agent was free within the grace; the message was played')
    t.equal(attempt?.id, call.inviteHeader('X-Outpace-Attempt'), 'the callee and the database speak of the same attempt')
    t.match(lead?.lead, { state: 'waiting', reason: /^abandoned: again in 4320 minutes/, disposition: 'abandoned' })
    const rest = Number(lead?.contact.noPredictiveUntil) - Number(attempt?.endedAt)
    t.ok(Math.abs(rest - 72 * hourMs) < 1000, 'no predictive call for 72 h')
    const next = Number(lead?.lead.nextAttemptAt) - Number(attempt?.endedAt)
    t.ok(Math.abs(next - 72 * hourMs) < 1000, 'and planned for then')
  }
  t.equal(byNumber.get(served.called)?.contact.noPredictiveUntil, null, 'who talked is under no such hold')
  const { abandonment, attempts } = await campaign.stats()
  t.match(
    abandonment.find(({ window }) => window === 'last_24_hours'),
    { connected: 1, abandoned: 2, rate: 2 / 3 },
  )
  t.match(attempts.byDisposition, { abandoned: 2, human_connected: 1 })

  const heldLead = byNumber.get(abandoned[0]?.called ?? '')
  const now = () =>
    centre.engine.get<{ now: { ok: boolean; code?: string; notBefore?: number } }>(`/v1/leads/${heldLead?.lead.id}`)
  t.match((await now()).now, { ok: true }, 'progressive reserves an agent: it may call him')
  for (const mode of ['ratio', 'predictive']) {
    await campaign.change({ mode })
    t.match(
      (await now()).now,
      { ok: false, code: 'after_abandoned_call', notBefore: Number(heldLead?.contact.noPredictiveUntil) },
      mode,
    )
  }
  await booksBalance(t, centre, campaign)
})

t.test('the callee hangs up while he waits: abandoned all the same', async (t) => {
  const campaign = await centre.campaign({ over: 'callees', people: [newPerson()] })
  const agent = await campaign.hire()
  await campaign.start()
  const call = await callees.called()
  call.ring()
  await agent.ask('pause')
  call.answer()
  await centre.liveCall(campaign, 'waiting')
  call.hangUp()
  const [lead] = await campaign.settled(1)
  t.match(lead?.attempts, [
    { disposition: 'abandoned', endReason: /^the callee hung up after \d\.\d s while no agent was free$/ },
  ])
  t.ok(lead?.contact.noPredictiveUntil)
  t.equal(loudSeconds(call.audio.heard()), 0)
  await booksBalance(t, centre, campaign)
})

t.test('the callee hangs up during the message', async (t) => {
  const campaign = await centre.campaign({ over: 'callees', people: [newPerson()] })
  const agent = await campaign.hire()
  await campaign.start()
  const call = await callees.called()
  call.ring()
  await agent.ask('pause')
  call.answer()
  await call.audio.until((heard) => loudSeconds(heard) > 0.5)
  call.hangUp()
  const [lead] = await campaign.settled(1)
  t.match(lead?.attempts, [
    {
      disposition: 'abandoned',
      endReason: /^no agent was free within the grace; (hung up during the message|the message was not played to its end)$/,
    },
  ])
  await booksBalance(t, centre, campaign)
})

/** 16 bits, 8 kHz, behind a heading of 44 bytes. */
async function secondsOfMessage(): Promise<number> {
  const wave = await readFile(join(centre.asterisk.settings.soundsDirectory, 'en', 'outpace', 'abandoned.wav'))
  const samples = new Float64Array((wave.length - 44) >> 1).map((_, n) => wave.readInt16LE(44 + 2 * n) / 32_768)
  return loudSeconds(samples)
}
