/**
 * Servers that go while calls are in flight, each once: PostgreSQL away, and away at the stop; a switch that is connected and
 * silent; a storm of events; a lead that cannot be read. `make faults` does the same by the hundred under load.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { freePort, startEngine } from '../../load-tests/engine-process.ts'
import { type Line, openLine } from '../../load-tests/faults/line.ts'
import { recordFileOf } from '../../pbx-config/settings.ts'
import { booksBalance, recordsBalance } from '../support/books.ts'
import { newPerson, openCallCentre, type TestCampaign } from '../support/call-centre.ts'
import { type FaultyAri, startFaultyAri } from '../support/faulty-ari.ts'

t.setTimeout(150_000)

const lines: { database?: Line; toSwitch?: Line; ari?: FaultyAri } = {}
const port = String(await freePort())
const centre = await openCallCentre(t, {
  env: { OUTPACE_API_PORT: port },
  async databaseUrl(url) {
    lines.database = await openLine(url)
    return lines.database.url
  },
  async ariUrl({ ariUrl }) {
    lines.ari = await startFaultyAri(ariUrl)
    lines.toSwitch = await openLine(lines.ari.url)
    return lines.toSwitch.url
  },
})
const { database, toSwitch, ari } = lines
if (!database || !toSwitch || !ari) throw new Error('no lines')
t.teardown(async () => {
  await Promise.all([database.close(), toSwitch.close()])
  ari.close()
})
const carrier = await centre.callees('outages')
const settings = { mode: 'ratio', linesPerAgent: 2, maxLinesPerAgent: 2 }
const open = (people: number) =>
  centre.campaign({ over: 'outages', people: Array.from({ length: people }, () => newPerson()), settings })
const dispositions = async (campaign: TestCampaign) => (await campaign.attempts()).map(({ disposition }) => disposition).sort()
const rowCount = async (sql: string, id: string) => (await centre.pool.query(sql, [id])).rowCount

/** The last decision's reason, from the log of the engine's own metrics page: the API needs the database for anything else. */
async function endWith(t: Test, campaign: TestCampaign, legs: { hangUp(): void }[]) {
  await campaign.drain()
  await booksBalance(t, centre, campaign)
  for (const leg of legs) leg.hangUp()
}

t.test('PostgreSQL is away: no new call; who answers gets an agent all the same, and it is written afterwards', async (t) => {
  const campaign = await open(4)
  const agent = await campaign.hire()
  await campaign.start()
  const [answers, rings] = [await carrier.called(), await carrier.called()]
  for (const call of [answers, rings]) call.ring()
  await centre.liveCall(campaign, 'ringing')
  await database.cut()
  answers.answer()
  await answers.audio.until((heard) => heard.length > 0, 5000)
  answers.hangUp()
  rings.refuse('486 Busy Here')
  t.equal(await rowCount('select from attempts where campaign_id = $1 and ended_at is null', campaign.id), 2, 'not written yet')
  await database.restore()
  const next = await carrier.called(20_000)
  const written = async () => ((await dispositions(campaign)).filter(Boolean).length >= 2 ? true : undefined)
  await eventually(10_000, 'both ends to be written', written)
  t.match((await dispositions(campaign)).slice(0, 2), ['busy', 'human_connected'])
  await campaign.pause()
  next.refuse('486 Busy Here')
  const other = (await campaign.attempts()).length > 3 ? await carrier.called() : undefined
  other?.refuse('486 Busy Here')
  await campaign.settled(3)
  await endWith(t, campaign, [agent.leg])
})

t.test('the switch is connected and silent: noticed, connected anew, what was missed is found', async (t) => {
  const campaign = await open(2)
  const agent = await campaign.hire()
  await campaign.start()
  const [talks, rings] = [await carrier.called(), await carrier.called()]
  talks.answer()
  await agent.until('talking')
  rings.ring()
  await centre.liveCall(campaign, 'ringing')
  toSwitch.freeze()
  talks.hangUp()
  rings.refuse('486 Busy Here')
  const away = async () => ((await fetch(`${centre.engine.url}/ready`)).ok ? undefined : true)
  await eventually(10_000, 'the silence to be noticed', away)
  toSwitch.thaw()
  await campaign.settled(2)
  t.same(await dispositions(campaign), ['busy', 'human_connected'])
  await agent.until('ready')
  await endWith(t, campaign, [agent.leg])
})

t.test('a storm of events that mean nothing: calls go on', async (t) => {
  const campaign = await open(1)
  const agent = await campaign.hire()
  await campaign.start()
  const call = await carrier.called()
  call.ring()
  for (const event of [
    '{"type":"ChannelDestroyed","cause":16,"channel":{"id":"nobody"}}',
    '{"type":"StasisStart","args":',
    'junk',
  ])
    ari.flood(event, 5000)
  call.answer()
  await agent.until('talking')
  call.hangUp()
  await campaign.settled(1)
  await endWith(t, campaign, [agent.leg])
})

t.test('a lead that no rule can read is put aside with the reason, and keeps nobody else from being called', async (t) => {
  const campaign = await open(2)
  await centre.pool.query(
    `update contacts set time_zone = 'Mars/Phobos' where id = (select min(contact_id) from leads where campaign_id = $1)`,
    [campaign.id],
  )
  const agent = await campaign.hire()
  await campaign.start()
  const call = await carrier.called()
  call.answer()
  await agent.until('talking')
  call.hangUp()
  await campaign.settled(1)
  const aside = (await campaign.leads()).find(({ attempts }) => attempts.length === 0)
  t.match(aside?.lead, { state: 'waiting', reason: /^put aside, its data cannot be used: / })
  await endWith(t, campaign, [agent.leg])
})

t.test('PostgreSQL is away at the stop: what could not be written is written by the next start', async (t) => {
  const campaign = await open(1)
  await campaign.hire()
  await campaign.start()
  const call = await carrier.called()
  call.answer()
  await call.audio.until((heard) => heard.length > 0, 5000)
  await database.cut()
  await centre.engine.stop()
  await call.until('ended')
  t.equal(await rowCount('select from attempts where campaign_id = $1 and ended_at is null', campaign.id), 1)
  await database.restore()
  const again = await startEngine({
    dataDir: join(centre.folder, 'engine'),
    env: {
      ...{ DATABASE_URL: database.url, ARI_URL: toSwitch.url, OUTPACE_API_PORT: port, OUTPACE_DRAIN_SECONDS: '0' },
      OUTPACE_CALL_RECORD: recordFileOf(centre.asterisk.settings.directory),
    },
  })
  t.teardown(() => again.stop())
  t.match(await campaign.attempts(), [{ disposition: 'human_connected', endReason: 'the engine was stopped' }])
  await recordsBalance(t, centre, campaign)
})
