/**
 * Send-outs of a voice message on the real switch: what a person hears and may press, what a machine gets and when, and what
 * is planned next. The far ends are phones of ours; the speech is espeak-ng's.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import type { PhoneCall } from '../../load-tests/phone-call.ts'
import { concat, encodeAlaw, loudSeconds, noise, onset, silence, tone } from '../../load-tests/signal.ts'
import { onlyLegsLeft, recordsBalance } from '../support/books.ts'
import { type CampaignPlan, newPerson, openCallCentre, type Person, type TestCampaign } from '../support/call-centre.ts'

t.setTimeout(180_000)
t.jobs = 5
const minute = 60_000
const centre = await openCallCentre(t)

const text = 'Dzień dobry, {name}. Do zapłaty jest {amount}. Aby rozmawiać z nami, naciśnij jeden. Dziękujemy i do widzenia.'
const message = { person: { pl: [{ say: text }] }, keys: { agent: '1', repeat: '2', confirm: '3', optOut: '9' }, keyWaitMs: 1500 }
const sendOut = { mode: 'message', message, brand: { name: 'Agencja' } }

let lines = 0
/** A send-out to one person, whose phone is behind a trunk of its own: the tests run side by side. */
async function open(person: Person, settings: CampaignPlan['settings'] = {}) {
  const over = `line-${++lines}`
  const phone = await centre.callees(over)
  const campaign = await centre.campaign({ over, people: [person], settings: { ...sendOut, ...settings } })
  return { ...campaign, phone }
}
const over: Promise<unknown>[] = []
const test = (name: string, run: (t: Test) => Promise<void>) => over.push(t.test(name, run))
type SendOut = Awaited<ReturnType<typeof open>>

/** For bodies and answers that are sound. */
async function exchange(method: string, path: string, body?: { type: string; content: string | Buffer }): Promise<Buffer> {
  const response = await fetch(centre.engine.url + path, {
    method,
    headers: { authorization: `Bearer ${centre.engine.key}`, ...(body && { 'content-type': body.type }) },
    ...(body && { body: body.content }),
  })
  const answer = Buffer.from(await response.arrayBuffer())
  if (!response.ok) throw new Error(`${method} ${path}: ${answer}`)
  return answer
}

/** The message as the API speaks it for a lead of the campaign, in seconds that are not silence. */
async function secondsOfMessage(campaign: TestCampaign, to: 'person' | 'machine'): Promise<number> {
  const [lead] = await campaign.leads()
  const wish = JSON.stringify({ to, leadId: lead?.lead.id })
  const wave = await exchange('POST', `/v1/campaigns/${campaign.id}/message/preview`, { type: 'application/json', content: wish })
  const samples = new Float64Array((wave.length - 44) >> 1).map((_, n) => wave.readInt16LE(44 + 2 * n) / 32_768)
  return loudSeconds(samples)
}

async function answered(campaign: SendOut): Promise<PhoneCall> {
  await campaign.start()
  const call = await campaign.phone.called()
  call.ring()
  call.answer()
  return call
}

const heardSome = (call: PhoneCall) => call.audio.until((heard) => loudSeconds(heard) > 0.5, 15_000)
const only = async (campaign: TestCampaign) => {
  const [story] = await campaign.settled(1, 30_000)
  if (!story?.attempts[0]) throw new Error('no attempt')
  return { lead: story.lead, attempt: story.attempts[0], suppressions: story.suppressions }
}

test('a person hears the message to its end, without any agent, and is left alone', async (t) => {
  const campaign = await open(newPerson())
  const seconds = await secondsOfMessage(campaign, 'person')
  const call = await answered(campaign)
  await call.until('ended', 40_000)
  const heard = call.audio.heard()
  t.ok(Math.abs(loudSeconds(heard) - seconds) < 0.5, `heard ${loudSeconds(heard)} s of ${seconds} s`)
  t.equal(call.hungUpBy(), 'them')
  const { lead, attempt } = await only(campaign)
  t.match(attempt, { mode: 'message', disposition: 'message_heard', agentId: null, counts: true, messageBegunAt: Date })
  t.match(lead, { state: 'finished', reason: /^message heard: the retry rule allows no further attempt/ })
  await recordsBalance(t, centre, campaign)
})

test('hung up in the middle: heard in part, again in an hour, with the reason', async (t) => {
  const campaign = await open(newPerson())
  const call = await answered(campaign)
  await heardSome(call)
  call.hangUp()
  const { lead, attempt } = await only(campaign)
  t.match(attempt, {
    disposition: 'message_heard_in_part',
    endReason: /a person heard a part of the message; (the callee hung up|it broke off before its end)/,
  })
  t.match(lead, { state: 'waiting', reason: /^message heard in part: again in 60 minutes/ })
  t.equal(Number(lead.nextAttemptAt) - Number(attempt.endedAt), 60 * minute)
  await recordsBalance(t, centre, campaign)
})

test('the key to opt out: barred in this moment, not only at the end of the call', async (t) => {
  const person = newPerson()
  const campaign = await open(person)
  const call = await answered(campaign)
  await heardSome(call)
  call.audio.press('9')
  const barred = async () => ((await campaign.lead(person.id)).suppressions.length === 2 ? true : undefined)
  await eventually(3000, 'the suppressions', barred)
  t.equal(call.state(), 'up', 'he is still told so')
  await call.until('ended', 20_000)
  const { lead, attempt, suppressions } = await only(campaign)
  t.match(attempt, { disposition: 'opted_out' })
  t.match(lead, { state: 'finished', reason: /asked by a key not to be called any more/ })
  t.match(suppressions, [{ kind: 'do_not_call' }, { kind: 'do_not_call' }])
  t.ok(suppressions.some(({ number }) => number === person.phones[0]))
  t.ok(
    suppressions.every(({ createdAt }) => createdAt < (attempt.endedAt ?? 0)),
    'before the call was over',
  )
  await recordsBalance(t, centre, campaign)
})

test('the key for an agent: bridged to one who is free', async (t) => {
  const campaign = await open(newPerson())
  const agent = await campaign.hire()
  const call = await answered(campaign)
  await heardSome(call)
  call.audio.press('1')
  await agent.until('talking')
  call.audio.forget()
  await agent.ask('hang-up')
  await call.until('ended')
  t.ok(loudSeconds(call.audio.heard()) < 0.3, 'the message was stopped')
  const { attempt } = await only(campaign)
  t.match(attempt, { disposition: 'human_connected', agentId: agent.id })
  await recordsBalance(t, centre, campaign)
})

test('the key for an agent, and none is there: told so, and called back', async (t) => {
  const campaign = await open(newPerson())
  const call = await answered(campaign)
  await heardSome(call)
  call.audio.press('1')
  await call.until('ended', 20_000)
  const { lead, attempt } = await only(campaign)
  t.match(attempt, {
    disposition: 'callback_asked',
    endReason: /asked for an agent by a key; no agent was free within the grace/,
  })
  t.match(lead, { state: 'waiting', callbackAt: Date, reason: /asked by a key for an agent and none was free: called back/ })
  await recordsBalance(t, centre, campaign)
})

test('once more by key, and confirmed', async (t) => {
  const campaign = await open(newPerson())
  const seconds = await secondsOfMessage(campaign, 'person')
  const call = await answered(campaign)
  await heardSome(call)
  call.audio.press('2')
  call.audio.press('3')
  await call.until('ended', 40_000)
  t.ok(loudSeconds(call.audio.heard()) > seconds + 0.3, 'from the start, to its end')
  const { lead, attempt } = await only(campaign)
  t.match(attempt, { disposition: 'message_confirmed' })
  t.match(lead, { state: 'finished' })
  await recordsBalance(t, centre, campaign)
})

/** A greeting of this length, a pause, the beep, and a machine that records. */
const mailbox = (greetingSeconds: number) =>
  concat(silence(0.3), noise(greetingSeconds, 0.3), silence(0.4), tone(1000, 0.4, 0.5), silence(60))

test("a machine gets limited content after the beep, by Asterisk's own detection; an agent campaign's machine too", async (t) => {
  const plans = [{ detection: 'asterisk' }, { mode: 'progressive', detection: 'asterisk', onMachine: 'leave_message' }]
  for (const settings of plans) {
    const campaign = await open(newPerson(), settings)
    if (settings.mode) await campaign.hireOnSipp(1)
    const seconds = await secondsOfMessage(campaign, 'machine')
    await campaign.start()
    const call = await campaign.phone.called()
    call.ring()
    call.audio.say(encodeAlaw(mailbox(6)))
    call.answer()
    const answeredAt = Date.now()
    await call.audio.until((heard) => loudSeconds(heard) > 0.2, 25_000)
    const begunMs = Date.now() - answeredAt
    t.ok(begunMs > 7100, `not over the greeting or the beep: begun after ${begunMs} ms`)
    t.equal((await campaign.stats()).live?.agents.talking, 0, 'no agent is held')
    await call.until('ended', 60_000)
    t.ok(Math.abs(loudSeconds(call.audio.heard()) - seconds) < 0.6, 'the whole of it')
    const { lead, attempt } = await only(campaign)
    t.match(attempt, { disposition: 'message_left', detection: 'machine' })
    t.match(lead, { state: 'waiting', reason: /^message left: again in 1440 minutes/ })
    await recordsBalance(t, centre, campaign)
  }
})

test('what lacks for a contact keeps him back, and says so', async (t) => {
  const person = newPerson()
  const needs = { person: { pl: [{ say: 'Do zapłaty do {due_date}.' }] } }
  const campaign = await open(person, { message: needs })
  await campaign.start()
  const reason = async () => {
    const { lead } = await campaign.lead(person.id)
    return lead.reason.startsWith('no message for this contact') ? lead.reason : undefined
  }
  t.match(await eventually(8000, 'the reason', reason), /the message says \{due_date\}, and no open debt has a due date/)
  t.same(await campaign.attempts(), [])
  await campaign.pause()
})

test('the recording of the brand is heard on the line', async (t) => {
  const wav = await readFile(join(centre.asterisk.settings.soundsDirectory, 'en', 'outpace', 'ready.wav'))
  const name = `brand-${Date.now()}`
  await exchange('POST', `/v1/recordings?name=${name}`, { type: 'audio/wav', content: wav })
  try {
    const campaign = await open(newPerson(), { message: { person: { pl: [{ play: name }] }, keys: {} } })
    const call = await answered(campaign)
    await call.until('ended', 20_000)
    t.ok(onset(call.audio.heard()) !== undefined)
    t.match((await only(campaign)).attempt, { disposition: 'message_heard' })
  } finally {
    await exchange('DELETE', `/v1/recordings/${name}`)
  }
})

await Promise.all(over)
t.test('nothing is left on the switch', async (t) => {
  await onlyLegsLeft(centre)
  t.pass('but the legs of agents')
})
