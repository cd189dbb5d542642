/**
 * Asterisk dies in the middle of a campaign and comes back: the engine says that it is away, every call that was in flight
 * gets its end with a reason, leads wait their turn, and the agents' phones ring: who picks up is where he was before.
 */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { eventually, within } from '../../load-tests/deadline.ts'
import type { Json } from '../../load-tests/engine-process.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre } from '../support/call-centre.ts'

t.setTimeout(120_000)

const centre = await openCallCentre(t)
const { engine, asterisk } = centre

const isReady = async () => (await fetch(`${engine.url}/ready`)).ok

t.test('Asterisk is killed in the middle of a campaign and started again', async (t) => {
  const carrier = await centre.callees('restarted')
  const people = Array.from({ length: 8 }, () => newPerson())
  const settings = { mode: 'ratio', linesPerAgent: 2, maxLinesPerAgent: 2 }
  const campaign = await centre.campaign({ over: 'restarted', people, settings })
  const talking = await campaign.hire()
  const paused = await campaign.hire()
  for (const { phone } of [talking, paused]) await phone.register()
  await campaign.start()
  // Four lines: a talk, a phone that rings, and two of which the carrier has said nothing yet.
  const talk = await carrier.called()
  talk.ring()
  talk.answer()
  await talking.until('talking')
  const ringing = await carrier.called()
  ringing.ring()
  await carrier.called()
  await carrier.called()
  await eventually(5000, 'one call talking, one ringing, two being placed', async () => {
    const { live } = await campaign.stats()
    const { talking, ringing, placing } = live?.calls ?? {}
    return talking === 1 && ringing === 1 && placing === 2 ? true : undefined
  })
  await paused.ask('pause')
  const inFlight = (await campaign.attempts()).map(({ id }) => id)

  await asterisk.kill()
  await eventually(5000, '/ready to say that it is away', async () => ((await isReady()) ? undefined : true))
  const held = await eventually(5000, 'the runner to hold back', async () => {
    const { live } = await campaign.stats()
    return live?.lastDecision?.reason.startsWith('the switch is away') ? live.lastDecision : undefined
  })
  t.equal(held.calls, 0, 'and it places nothing')
  t.match(readFileSync(engine.logFile, 'utf8'), /"code":"switch_unavailable".*the switch is away/)

  await asterisk.restart()
  await eventually(15_000, '/ready to say that it is back', async () => ((await isReady()) ? true : undefined))
  await campaign.settled(4, 5000)
  const leads = await campaign.leads()
  const ends = leads.flatMap((lead) => lead.attempts).map(({ disposition, endReason }) => `${disposition}: ${endReason}`)
  t.match(ends.sort(), [
    // The agent's phone or the callee's: whichever is missed first.
    /^human_connected: the switch lost the call (during the talk|while waiting for another agent)$/,
    ...Array(3).fill(/^lost: the switch lost the call before anyone answered$/),
  ])
  t.same(
    leads.filter(({ lead }) => lead.state !== 'waiting' || !lead.reason),
    [],
    'every lead waits, with a reason',
  )
  t.same(
    (await campaign.attempts()).map(({ id }) => id),
    inFlight,
    'nobody was called meanwhile: no agent is there',
  )

  // The phones registered by themselves; those who were at work are called back and go on where they were.
  const legs = await Promise.all([talking, paused].map(({ phone }) => within(10_000, 'the phone to ring', phone.called())))
  for (const leg of legs) leg.answer()
  await paused.until('paused')
  await talking.until('ready')
  const next = await carrier.called()
  const other = await carrier.called()
  next.answer()
  await talking.until('talking')
  const attempts = await campaign.attempts()
  t.ok(attempts.length > inFlight.length)
  t.equal(new Set(attempts.map(({ number }) => number)).size, attempts.length, 'nobody was called twice')
  await campaign.pause()
  next.hangUp()
  other.refuse('480 Temporarily Unavailable')
  await campaign.settled(attempts.length)
  await booksBalance(t, centre, campaign)
  await talking.ask('log-out')
})

t.test('the log names nobody', async (t) => {
  const log = readFileSync(engine.logFile, 'utf8')
  t.notMatch(log, /\+48501|Person P-|Anna/, 'no number and no name')
  const lines: Json[] = log.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  t.ok(lines.length > 10)
})
