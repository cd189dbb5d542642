/**
 * The engine is killed in the middle of a campaign and started again: talks go on as if nothing had been, with their audio, and
 * their agents stay logged in; a phone that rings rings on and its owner gets an agent; what ended while no engine was there is
 * found; nobody is dialed twice; no lead stays claimed or in a call.
 */
import { join } from 'node:path'
import t from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { freePort, startEngine } from '../../load-tests/engine-process.ts'
import { encodeAlaw, tone, toneSeconds } from '../../load-tests/signal.ts'
import { recordFileOf } from '../../pbx-config/settings.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre } from '../support/call-centre.ts'

t.setTimeout(120_000)

const hertz = 1004
// The second engine listens where the first one did, so that the call centre goes on.
const env = { OUTPACE_API_PORT: String(await freePort()), OUTPACE_DRAIN_SECONDS: '0' }
const centre = await openCallCentre(t, { env })
const { engine, asterisk, pool } = centre

t.test('the engine is killed in the middle of a campaign and started again', async (t) => {
  const carrier = await centre.callees('killed')
  const people = Array.from({ length: 9 }, () => newPerson())
  const settings = { mode: 'ratio', linesPerAgent: 2, maxLinesPerAgent: 2 }
  const campaign = await centre.campaign({ over: 'killed', people, settings })
  const agents = [await campaign.hire(), await campaign.hire(), await campaign.hire()]
  const [first, second, third] = agents
  if (!first || !second || !third) throw new Error('no agents')
  await campaign.start()

  // Two talks, and four calls of which nobody has answered yet.
  const talks = [await carrier.called(), await carrier.called()]
  for (const talk of talks) {
    talk.audio.say(encodeAlaw(tone(hertz, 1)))
    talk.answer()
  }
  const inTalk = await eventually(5000, 'two agents who talk', async () => {
    const phases = await Promise.all(agents.map(async (agent) => ({ agent, phase: await agent.phase() })))
    const talking = phases.filter(({ phase }) => phase === 'talking').map(({ agent }) => agent)
    return talking.length === 2 ? talking : undefined
  })
  const idle = agents.find((agent) => !inTalk.includes(agent)) ?? first
  await idle.ask('pause')
  const ringing = await carrier.called()
  const answering = await carrier.called()
  const refusing = await carrier.called()
  const silent = await carrier.called()
  for (const call of [ringing, answering, refusing]) call.ring()
  await eventually(5000, 'three phones that ring, one call being placed', async () => {
    const { calls } = (await campaign.stats()).live ?? {}
    return calls?.talking === 2 && calls.ringing === 3 && calls.placing === 1 ? true : undefined
  })
  const placed = (await campaign.attempts()).map(({ id }) => id)

  await engine.kill()
  // What a death between the claim and the attempt leaves.
  await pool.query(
    `update leads set state = 'claimed', claimed_by = 'a dead engine', claimed_until = now() + interval '2 seconds'
     where id = (select min(id) from leads where state = 'waiting' and campaign_id = $1)`,
    [campaign.id],
  )
  // Asterisk lets go at once of whom nobody takes.
  answering.answer()
  refusing.refuse('486 Busy Here')
  const talksGoOn = async (when: string) => {
    for (const { leg } of inTalk) leg.audio.forget()
    for (const { leg } of inTalk) await leg.audio.until((heard) => toneSeconds(heard, hertz) >= 0.5, 5000)
    for (const call of [...talks, ...agents.map(({ leg }) => leg)]) t.equal(call.state(), 'up', when)
  }
  await talksGoOn('without an engine')

  const again = await startEngine({
    dataDir: join(centre.folder, 'engine'),
    env: {
      ...{ ...env, DATABASE_URL: String(pool.options.connectionString), ARI_URL: asterisk.ariUrl },
      OUTPACE_CALL_RECORD: recordFileOf(asterisk.settings.directory),
    },
  })
  t.teardown(() => again.stop())
  await Promise.all(inTalk.map((agent) => agent.until('talking')))
  await idle.until('paused')
  await answering.until('ended')
  await talksGoOn('under the new engine')
  for (const call of [ringing, silent]) t.not(call.state(), 'ended', 'a phone that rings rings on')
  const closed = async () => (await campaign.attempts()).filter(({ endedAt }) => endedAt)
  await eventually(5000, 'two ends', async () => ((await closed()).length === 2 ? true : undefined))
  t.same(
    (await closed()).map(({ disposition, endReason }) => `${disposition}: ${endReason}`).sort(),
    ['abandoned: the switch lost the call after 0.0 s while no agent was free', 'busy: the line was busy (cause 17)'],
    'what happened in between is known',
  )

  // The agents work as before: one talk ends and its agent gets the person whose phone rang all the while.
  await campaign.pause()
  talks[0]?.hangUp()
  const free = await Promise.race(inTalk.map((agent) => agent.until('ready').then(() => agent)))
  ringing.answer()
  await free.until('talking')
  // In the other talk the agent's phone goes, and nobody else is there: the person hears the message.
  const other = inTalk.find((agent) => agent !== free) ?? first
  other.leg.hangUp()
  await talks[1]?.until('ended', 30_000)
  ringing.hangUp()
  silent.refuse('480 Temporarily Unavailable')
  await campaign.settled(6)
  const connected = (await campaign.attempts()).filter(({ disposition }) => disposition === 'human_connected')
  t.same(connected.map(({ endReason }) => endReason).sort(), [
    'no agent was free within the grace; the message was played',
    'the callee ended the talk',
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

  // And the campaign goes on.
  await campaign.start()
  const next = await carrier.called()
  next.answer()
  await free.until('talking')
  const numbers = (await campaign.attempts()).map(({ number }) => number)
  t.equal(new Set(numbers).size, numbers.length, 'nobody was called twice')
  next.hangUp()
  await campaign.pause()
})
