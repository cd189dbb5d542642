/**
 * Two engines, one database, one Redis, one switch: the second stands by. A rolling restart hands calls and agents over as they
 * stand; an engine that slept does nothing when it wakes, and goes; one that is killed is replaced within seconds.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually, within } from '../../load-tests/deadline.ts'
import { freePort, type LaunchedEngine, launchEngine } from '../../load-tests/engine-process.ts'
import { recordFileOf } from '../../pbx-config/settings.ts'
import { newPerson, openCallCentre } from '../support/call-centre.ts'
import { redisUrl } from '../support/redis.ts'

t.setTimeout(150_000)

// All listen at one address, one after the other: the call centre goes on asking there.
const env = { OUTPACE_API_PORT: String(await freePort()), REDIS_URL: await redisUrl(t), OUTPACE_SWITCH: `t-${process.pid}` }
const centre = await openCallCentre(t, { env })

/** Its API is elsewhere until it is in charge; `url` is where it says what it waits for. */
async function launch(t: Test, name: string): Promise<LaunchedEngine> {
  const engine = await launchEngine({
    dataDir: join(centre.folder, name),
    env: {
      ...{ ...env, DATABASE_URL: String(centre.pool.options.connectionString), ARI_URL: centre.asterisk.ariUrl },
      OUTPACE_CALL_RECORD: recordFileOf(centre.asterisk.settings.directory),
      OUTPACE_API_PORT: String(await freePort()),
    },
  })
  t.teardown(async () => {
    engine.signal('SIGKILL')
    await engine.exited
  })
  return engine
}

const isReady = async ({ url }: { url: string }) => (await fetch(`${url}/ready`).catch(() => undefined))?.ok === true
const standsBy = (engine: LaunchedEngine) =>
  eventually(20_000, 'the engine to stand by', async () => {
    const response = await fetch(`${engine.url}/ready`).catch(() => undefined)
    return (await response?.text())?.includes('stands by') ? true : undefined
  })
const inCharge = (engine: { url: string }) =>
  eventually(20_000, 'the engine to be in charge', async () => ((await isReady(engine)) ? true : undefined))

t.test('a rolling restart, a sleep and a death: talks go on, nobody is dialed twice', async (t) => {
  const carrier = await centre.callees('two')
  const people = Array.from({ length: 12 }, () => newPerson())
  const settings = { mode: 'ratio', linesPerAgent: 2, maxLinesPerAgent: 2 }
  const campaign = await centre.campaign({ over: 'two', people, settings })
  const agent = await campaign.hire()
  await campaign.start()
  const talk = await carrier.called()
  talk.answer()
  await agent.until('talking')
  const ringing = await carrier.called()
  ringing.ring()

  const second = await launch(t, 'second')
  await standsBy(second)
  const stopped = within(20_000, 'the first engine to go', centre.engine.stop())
  await inCharge(second)
  await stopped
  t.equal(talk.state(), 'up', 'the talk goes on')
  t.equal(ringing.state(), 'ringing', 'the phone rings on')
  t.equal(agent.leg.state(), 'up', 'the agent stays logged in')
  talk.hangUp()
  ringing.answer()
  const phase = async () => {
    const { rows } = await centre.pool.query('select from attempts where connected_at is not null')
    return rows.length >= 2 ? true : undefined
  }
  await eventually(10_000, 'the next talk, under the second engine', phase)
  await carrier.called(10_000)

  // The second sleeps; the third takes over; the second wakes up and goes without a word to the switch.
  const third = await launch(t, 'third')
  await standsBy(third)
  second.signal('SIGSTOP')
  await inCharge(third)
  const calls = async () => (await centre.pool.query('select id from attempts')).rows.length
  await eventually(15_000, 'the third engine to dial', async () => ((await calls()) >= 3 ? true : undefined))
  second.signal('SIGCONT')
  t.equal(await within(10_000, 'the engine that slept to go', second.exited), 75)
  t.equal(ringing.state(), 'up', 'it cut no talk')
  t.equal(await isReady(third), true)

  // The third is killed; a fourth, which stood by, takes over.
  const fourth = await launch(t, 'fourth')
  await standsBy(fourth)
  third.signal('SIGKILL')
  await inCharge(fourth)
  t.equal(ringing.state(), 'up')
  t.equal(agent.leg.state(), 'up')
  const { rows } = await centre.pool.query<{ number: string }>('select number from attempts')
  t.equal(new Set(rows.map(({ number }) => number)).size, rows.length, 'nobody was dialed twice')

  // Nobody waits: the fourth leaves everything as it is, and the next start goes on with it.
  fourth.signal('SIGUSR2')
  t.equal(await within(15_000, 'the fourth engine to go', fourth.exited), 0)
  t.equal(ringing.state(), 'up')
  t.equal(agent.leg.state(), 'up')
  const fifth = await launch(t, 'fifth')
  await inCharge(fifth)
  t.equal(ringing.state(), 'up')
  ringing.hangUp()
  const over = async () =>
    (await centre.pool.query(`select from attempts where end_reason = 'the callee ended the talk'`)).rows.length >= 2
      ? true
      : undefined
  await eventually(10_000, 'the fifth engine to see the end of the talk', over)
  fifth.signal('SIGTERM')
  await fifth.exited
})
