/**
 * Our own detector on live calls: the engine listens over RTP while the callee, a phone of ours, speaks. People reach an
 * agent at once, machines do not, a beep that comes too late is told, the evidence is kept, and a call that cannot be
 * heard is never lost.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { prepareAudio } from '../../load-tests/audio.ts'
import { eventually } from '../../load-tests/deadline.ts'
import type { Json } from '../../load-tests/engine-process.ts'
import { concat, encodeAlaw, loudSeconds, silence, tone } from '../../load-tests/signal.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre, type TestCampaign } from '../support/call-centre.ts'
import { type FaultyAri, startFaultyAri } from '../support/faulty-ari.ts'

t.setTimeout(120_000)

let proxy: FaultyAri | undefined
const centre = await openCallCentre(t, {
  ariUrl: async ({ ariUrl }) => {
    proxy = await startFaultyAri(ariUrl)
    return proxy.url
  },
})
t.teardown(() => proxy?.close())
const callees = await centre.callees('callees')
const voices = await prepareAudio()
const voice = (name: string) => readFileSync(join(voices, `${name}.al`))

/** One lead, one agent, and the callee's phone rings. */
async function call(t: Test, settings: Json) {
  const campaign = await centre.campaign({ over: 'callees', people: [newPerson()], settings })
  const agent = await campaign.hire()
  t.teardown(async () => {
    agent.leg.hangUp()
    await agent.until('logged_out')
  })
  agent.leg.audio.forget()
  await campaign.start()
  const callee = await callees.called()
  callee.ring()
  return { campaign, agent, callee }
}

async function over(campaign: TestCampaign) {
  const attempt = (await campaign.settled(1, 20_000))[0]?.attempts[0]
  if (!attempt) throw new Error('no attempt')
  await booksBalance(t, centre, campaign)
  return attempt
}

const evidenceOf = (attemptId: string) =>
  eventually(5000, 'the evidence', () =>
    centre.engine
      .get<{ detections: Json[]; audioUntil: string | null }>(`/v1/attempts/${attemptId}/detection`)
      .catch(() => undefined),
  )

t.test('a person says hello and listens: an agent is there; the evidence is kept with its first seconds', async (t) => {
  const { campaign, agent, callee } = await call(t, { detection: 'outpace', evidenceAudio: { seconds: 2, days: 1 } })
  callee.audio.say(voice('person'))
  callee.answer()
  await agent.until('talking', 8000)
  await agent.leg.audio.until((heard) => loudSeconds(heard) > 0.5)
  callee.hangUp()
  const attempt = await over(campaign)
  t.match(attempt, { disposition: 'human_connected', detection: 'human', agentId: agent.id })
  const waited = Number(attempt.connectedAt) - Number(attempt.answeredAt)
  t.ok(waited < 3000, `connected ${waited} ms after the answer, hello included`)

  const { detections, audioUntil } = await evidenceOf(attempt.id)
  t.match(detections, [{ detector: 'outpace', acted: true, verdict: 'human', sample: false, lateBeep: false }])
  t.ok(audioUntil !== null)
  const wav = await fetch(`${centre.engine.url}/v1/attempts/${attempt.id}/audio`, {
    headers: { authorization: `Bearer ${centre.engine.key}` },
  })
  t.equal(wav.headers.get('content-type'), 'audio/wav')
  const alaw = Buffer.from(await wav.arrayBuffer()).subarray(46)
  t.equal(alaw.length, 16_000, 'two seconds')
  const hello = voice('person').subarray(8 * 400, 8 * 420)
  t.ok(alaw.includes(hello), 'what he said, bit by bit')
})

t.test('a machine is hung up, and no agent heard it', async (t) => {
  const { campaign, agent, callee } = await call(t, { detection: 'outpace' })
  callee.audio.say(voice('machine-long'))
  callee.answer()
  const attempt = await over(campaign)
  t.match(attempt, { disposition: 'machine', detection: 'machine', connectedAt: null })
  t.equal(loudSeconds(agent.leg.audio.heard()), 0)
  t.match((await evidenceOf(attempt.id)).audioUntil, null, 'no audio unless the campaign asks for it')
})

t.test('a machine that greeted like a person: its beep is told and counted', async (t) => {
  const { campaign, agent, callee } = await call(t, { detection: 'outpace' })
  const greeting = concat(silence(0.3), tone(300, 0.4), silence(2.5), tone(1000, 0.5), silence(20))
  callee.audio.say(Buffer.concat([voice('person').subarray(0, 8 * 1100), encodeAlaw(greeting).subarray(8 * 700)]))
  callee.answer()
  await agent.until('talking', 8000)
  await eventually(8000, 'the late beep in the metrics', async () => {
    const text = await centre.engine.get<string>('/metrics')
    return text.includes(`outpace_late_beeps_total{campaign="${campaign.id}"} 1`) ? true : undefined
  })
  callee.hangUp()
  const attempt = await over(campaign)
  t.match((await evidenceOf(attempt.id)).detections, [{ verdict: 'human', lateBeep: true }])
})

t.test('in shadow it listens and nothing follows', async (t) => {
  const { campaign, agent, callee } = await call(t, { detection: 'off', shadow: true })
  callee.audio.say(voice('machine-long'))
  callee.answer()
  await agent.until('talking', 2000)
  await eventually(10_000, 'a greeting long enough', async () => (callee.audio.packets() > 300 ? true : undefined))
  t.equal(callee.state(), 'up', 'the machine was not hung up')
  callee.hangUp()
  const attempt = await over(campaign)
  t.match(attempt, { disposition: 'human_connected', detection: null })
  t.match((await evidenceOf(attempt.id)).detections, [{ detector: 'outpace', acted: false, verdict: 'machine' }])
  t.match(await campaign.stats(), { detection: { shadow: [{ shadow: 'machine', takenFor: null, calls: 1 }] } })
})

t.test("listening cannot start: Asterisk's own detection takes its place", async (t) => {
  const spoilt = proxy?.spoil({ method: 'POST', path: /externalMedia/, how: 500, times: 1 })
  const { campaign, callee } = await call(t, { detection: 'outpace' })
  callee.audio.say(voice('machine-long'))
  callee.answer()
  await spoilt
  const attempt = await over(campaign)
  t.match(attempt, { disposition: 'machine', detection: 'machine', detectionCause: /^(MAXWORDS|LONGGREETING)/ })
  t.match((await evidenceOf(attempt.id)).detections, [{ detector: 'asterisk', acted: true, verdict: 'machine' }])
})

t.test('no audio arrives: unsure, and he has an agent', async (t) => {
  const spoilt = proxy?.spoil({ method: 'POST', path: /bridges\/listening-.*addChannel/, how: 204, times: 1 })
  const { campaign, agent, callee } = await call(t, { detection: 'outpace' })
  callee.audio.say(voice('person'))
  callee.answer()
  await spoilt
  await agent.until('talking', 5000)
  callee.hangUp()
  const attempt = await over(campaign)
  t.match(attempt, { disposition: 'human_connected', detection: 'unsure', detectionCause: 'no audio arrived' })
})
