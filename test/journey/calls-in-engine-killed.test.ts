/**
 * The engine dies while one caller talks and another waits in the line: under the next engine the talk goes on with its agent,
 * and the one in the line is not left in silence.
 */
import { join } from 'node:path'
import t from 'tap'
import { tones } from '../../load-tests/audio.ts'
import { eventually } from '../../load-tests/deadline.ts'
import { freePort, startEngine } from '../../load-tests/engine-process.ts'
import { encodeAlaw, loudSeconds, tone, toneSeconds } from '../../load-tests/signal.ts'
import { newPerson, openCallCentre } from '../support/call-centre.ts'

t.setTimeout(120_000)
const env = { OUTPACE_API_PORT: String(await freePort()), OUTPACE_DRAIN_SECONDS: '0' }
const centre = await openCallCentre(t, { env })

t.test('an engine is killed under a talk and a caller who waits', async (t) => {
  const carrier = await centre.callees('carrier')
  const [talker, waiter] = [newPerson(), newPerson()]
  const campaign = await centre.campaign({ over: 'carrier', people: [talker, waiter] })
  const agent = await campaign.hire()
  const [ours = ''] = campaign.callerIds
  const outcomeOf = async ({ phones }: typeof talker) => {
    const { rows } = await centre.pool.query('select outcome, end_reason, connected_at from inbound_calls where number = $1', [
      phones[0],
    ])
    return rows[0]
  }
  const talk = await carrier.call(ours, talker.phones[0])
  talk.audio.say(encodeAlaw(tone(tones.callee, 1)))
  await talk.until('up')
  await agent.until('talking')
  await eventually(5000, 'the talk in the books', async () => (await outcomeOf(talker))?.connected_at ?? undefined)
  const wait = await carrier.call(ours, waiter.phones[0])
  await wait.until('up')

  await centre.engine.kill()
  const again = await startEngine({
    dataDir: join(centre.folder, 'engine'),
    env: { ...env, DATABASE_URL: String(centre.pool.options.connectionString), ARI_URL: centre.asterisk.ariUrl },
  })
  t.teardown(() => again.stop())
  await agent.until('talking')
  agent.leg.audio.forget()
  await agent.leg.audio.until((heard) => toneSeconds(heard, tones.callee) >= 0.5)
  wait.audio.forget()
  await wait.until('ended', 30_000)
  t.equal(wait.hungUpBy(), 'them')
  t.ok(loudSeconds(wait.audio.heard()) > 2, 'he was asked to call again')
  t.match(await outcomeOf(waiter), { outcome: 'lost', end_reason: /restarted while the caller waited/ })
  talk.hangUp()
  const written = async () => ((await outcomeOf(talker))?.outcome === 'talked' ? true : undefined)
  await eventually(15_000, 'the end of the talk', written)
  t.not(await agent.phase(), 'talking', 'the agent is free again')
})
