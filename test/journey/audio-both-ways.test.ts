/**
 * What is said at one end is heard at the other: callee and agent are phones of ours that hear, between them engine and Asterisk.
 * And what must not be heard is not: an agent never listens to an answering machine.
 */
import t from 'tap'
import { tones } from '../../load-tests/audio.ts'
import { encodeAlaw, loudSeconds, tone, toneSeconds } from '../../load-tests/signal.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre } from '../support/call-centre.ts'

t.setTimeout(120_000)
t.jobs = 2
const callHertz = 880
const centre = await openCallCentre(t)
const callees = await centre.callees('callees')
await centre.carrier('carrier')

t.test('callee and agent hear each other, after the tone that announces the call', async (t) => {
  const campaign = await centre.campaign({ over: 'callees', people: [newPerson()] })
  const agent = await campaign.hire()
  agent.leg.audio.say(encodeAlaw(tone(tones.agent, 1)))
  agent.leg.audio.forget()
  await campaign.start()

  const call = await callees.called()
  call.ring()
  call.audio.say(encodeAlaw(tone(tones.callee, 1)))
  // Looked for while it comes: the callee's audio, whose RTP time is another, is laid over it in what is kept.
  const announced = agent.leg.audio.until((heard) => toneSeconds(heard, callHertz, 0.02) > 0)
  call.answer()
  await announced
  await agent.leg.audio.until((heard) => toneSeconds(heard, tones.callee) >= 1.5)
  await call.audio.until((heard) => toneSeconds(heard, tones.agent) >= 1.5)
  t.equal(toneSeconds(call.audio.heard(), callHertz, 0.02), 0, 'the callee did not')
  t.equal(toneSeconds(call.audio.heard(), tones.callee), 0, 'nobody hears himself')
  t.equal(await agent.phase(), 'talking', 'the engine says so too')

  call.hangUp()
  await agent.until('ready')
  agent.leg.audio.forget()
  const [lead] = await campaign.settled(1)
  t.match(lead?.attempts, [{ disposition: 'human_connected', endReason: 'the callee ended the talk', agentId: agent.id }])
  t.equal(toneSeconds(agent.leg.audio.heard(), tones.callee), 0, 'and nothing after the end')
  await booksBalance(t, centre, campaign)
})

t.test('a machine: hung up, and no agent has heard a sound of it', async (t) => {
  const people = [newPerson('20'), newPerson('21')]
  const campaign = await centre.campaign({ over: 'carrier', people, settings: { detection: 'asterisk' } })
  const agents = [await campaign.hire(), await campaign.hire()]
  for (const { leg } of agents) leg.audio.forget()
  await campaign.start()
  const leads = await campaign.settled(2, 20_000)
  for (const { attempts } of leads) {
    t.match(attempts, [{ disposition: 'machine', detection: 'machine', agentId: null, connectedAt: null }])
    const listened = (Number(attempts[0]?.endedAt) - Number(attempts[0]?.answeredAt)) / 1000
    t.ok(listened < 5.5, `hung up ${listened} s after the answer`)
  }
  for (const { leg } of agents) {
    t.equal(loudSeconds(leg.audio.heard()), 0, 'the line to the agent was silent')
  }
  await booksBalance(t, centre, campaign)
})
