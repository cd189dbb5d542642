/**
 * The engine is killed in the middle of a campaign and started again: talks go on as if nothing had been, with their audio; what
 * was left open is adopted or closed with a reason; nobody is dialed twice; no lead stays claimed or in a call.
 */
import { join } from 'node:path'
import t from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { freePort, startEngine } from '../../load-tests/engine-process.ts'
import { encodeAlaw, tone, toneSeconds } from '../../load-tests/signal.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre, type TestAgent } from '../support/call-centre.ts'

t.setTimeout(120_000)

const hertz = 1004
// The second engine listens where the first one did, so that the call centre goes on.
const env = { OUTPACE_API_PORT: String(await freePort()), OUTPACE_DRAIN_SECONDS: '0' }
const centre = await openCallCentre(t, { env })
const { engine, asterisk, pool } = centre

t.test('the engine is killed in the middle of a campaign and started again', async (t) => {
  const carrier = await centre.callees('killed')
  const people = Array.from({ length: 8 }, () => newPerson())
  const settings = { mode: 'ratio', linesPerAgent: 2, maxLinesPerAgent: 2 }
  const campaign = await centre.campaign({ over: 'killed', people, settings })
  const first = await campaign.hire()
  const second = await campaign.hire()
  await campaign.start()

  const talks = [await carrier.called(), await carrier.called()]
  for (const talk of talks) {
    talk.audio.say(encodeAlaw(tone(hertz, 1)))
    talk.answer()
  }
  await Promise.all([first.until('talking'), second.until('talking')])
  const ringing = await carrier.called()
  ringing.ring()
  await carrier.called()
  await eventually(5000, 'two talks, one phone that rings, one call being placed', async () => {
    const { calls } = (await campaign.stats()).live ?? {}
    return calls?.talking === 2 && calls.ringing === 1 && calls.placing === 1 ? true : undefined
  })
  const placed = (await campaign.attempts()).map(({ id }) => id)

  await engine.kill()
  // What a death between the claim and the attempt leaves.
  await pool.query(
    `update leads set state = 'claimed', claimed_by = 'a dead engine', claimed_until = now() + interval '2 seconds'
     where id = (select min(id) from leads where state = 'waiting' and campaign_id = $1)`,
    [campaign.id],
  )
  const talksGoOn = async (when: string) => {
    for (const leg of [first.leg, second.leg]) leg.audio.forget()
    for (const leg of [first.leg, second.leg]) await leg.audio.until((heard) => toneSeconds(heard, hertz) >= 0.5, 5000)
    for (const call of [...talks, first.leg, second.leg]) t.equal(call.state(), 'up', when)
  }
  await talksGoOn('without an engine')

  const again = await startEngine({
    dataDir: join(centre.folder, 'engine'),
    env: { ...env, DATABASE_URL: String(pool.options.connectionString), ARI_URL: asterisk.ariUrl },
  })
  t.teardown(() => again.stop())
  await ringing.until('ended')
  await eventually(5000, 'what nobody had answered to be closed', async () => {
    const open = (await campaign.attempts()).filter(({ endedAt }) => !endedAt)
    return open.length === 2 ? true : undefined
  })
  await talksGoOn('under the new engine')
  const closed = (await campaign.attempts()).filter(({ endedAt }) => endedAt)
  t.match(closed, Array(2).fill({ disposition: 'lost', endReason: 'the engine was restarted before anyone answered' }))
  const { live } = await campaign.stats()
  t.match(live?.calls, { talking: 2 }, "the talks are the new engine's")

  // One ends as talks do; in the other the agent's phone goes, and nobody else is there: the person hears the message.
  talks[0]?.hangUp()
  const over = (agent: TestAgent) => agent.leg.until('ended').then(() => agent)
  const free = await Promise.race([over(first), over(second)])
  const other = free === first ? second : first
  other.leg.hangUp()
  await talks[1]?.until('ended', 30_000)
  await campaign.settled(4)
  const connected = (await campaign.attempts()).filter(({ disposition }) => disposition === 'human_connected')
  t.same(connected.map(({ endReason }) => endReason).sort(), [
    'no agent was free within the grace; the message was played',
    'the callee ended the talk',
  ])
  t.same(
    (await campaign.attempts()).map(({ id }) => id),
    placed,
    'nobody was dialed twice',
  )
  await eventually(10_000, 'the claim of the dead engine to run out', async () => {
    const { rowCount } = await pool.query(`select from leads where state in ('claimed', 'in_call')`)
    return rowCount === 0 ? true : undefined
  })
  await booksBalance(t, centre, campaign)

  // And the campaign goes on with whoever logs in.
  const leg = await free.phone.call('*10')
  await leg.until('up')
  const next = await carrier.called()
  next.answer()
  await free.until('talking')
  const numbers = (await campaign.attempts()).map(({ number }) => number)
  t.equal(new Set(numbers).size, numbers.length, 'nobody was called twice')
  next.hangUp()
  await campaign.pause()
})
