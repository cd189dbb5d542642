/**
 * What every switch adapter must do, proven at the far end: SIPp phones and their audio on one side, the port on the
 * other. Run by telephony.asterisk.test.ts (and later by other switches'). Calls here, agents' phones in telephony-agents.ts.
 */
import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { type CalleeOriginate, type Telephony, TelephonyError, type TrunkConfig } from '../../dialer/telephony/telephony.ts'
import { toneAlaw, toneShare } from './telephony-audio.ts'
import { type Observer, observe } from './telephony-observer.ts'
import { type Phone, startPhone, step } from './telephony-sipp.ts'

export interface Subject {
  /** An adapter that is not started yet. `qualifySeconds`: how often agents' phones are checked. */
  create(qualifySeconds: number): Telephony
  sipPort: number
  /** A recording of `recordedTone.hertz`, in the switch's notation. */
  recording: string
  /** Ends the switch and starts it again. */
  restart(): Promise<void>
}

export const recordedTone = { hertz: 440, durationMs: 1000 }
/** The far end hung up: normal clearing, or no cause told. */
const hungUpCauses = [16, 0]
const callerId = '+38515550100'
const number = '+385915550123'

export const trunkTo = (phone: { port: number }, more: Partial<TrunkConfig> = {}): TrunkConfig => ({
  id: `t${phone.port}`,
  host: '127.0.0.1',
  port: phone.port,
  username: null,
  password: null,
  codecs: ['alaw', 'ulaw'],
  numberFormat: 'plus',
  presentation: 'both',
  fromUser: null,
  fromDomain: null,
  sendAttemptId: true,
  ...more,
})

/** Pushes a trunk that leads to the phone and calls it. */
export async function call(telephony: Telephony, phone: Phone, more: Partial<CalleeOriginate> = {}): Promise<string> {
  const channelId = randomUUID()
  await telephony.putTrunk(trunkTo(phone))
  await telephony.originateCallee({ channelId, trunkId: `t${phone.port}`, number, callerId, ringTimeoutMs: 20_000, ...more })
  return channelId
}

/** A phone that answers at once, already answered. */
export async function answeredPhone(telephony: Telephony, events: Observer, after: string = step.hungUpOn, keysInMedia = true) {
  const phone = await startPhone({ steps: (audio) => step.invited + step.ring + step.answer(audio, keysInMedia) + after })
  const channelId = await call(telephony, phone)
  await events.seen('answered', { channelId })
  return { phone, channelId }
}

export const liveChannel = async (telephony: Telephony, channelId: string) =>
  (await telephony.live()).channels.find((channel) => channel.channelId === channelId)

export async function rejectsAs(t: Test, kind: string, asked: Promise<unknown>, message: string) {
  const outcome = await asked.then(
    () => 'resolved',
    (error: unknown) => (error instanceof TelephonyError ? error.kind : `threw ${String(error)}`),
  )
  t.equal(outcome, kind, message)
}
export async function callsContract(t: Test, subject: Subject): Promise<void> {
  let telephony = subject.create(3600)
  let events = observe(telephony)
  await telephony.start()
  t.teardown(() => telephony.close())

  await t.test('connecting says up', async (t) => {
    t.equal(events.all('up').length, 1)
  })

  await t.test('a call rings, is answered and is hung up; the far end sees who calls', async (t) => {
    const phone = await startPhone({
      steps: (audio) => step.invited + step.ring + step.pause(50) + step.answer(audio) + step.hungUpOn,
    })
    const channelId = await call(telephony, phone)
    await events.seen('ringing', { channelId })
    await events.seen('answered', { channelId })
    const invite = phone.messages()
    t.match(invite, new RegExp(`^INVITE sip:\\${number}@127\\.0\\.0\\.1:${phone.port}`, 'm'))
    t.match(invite, new RegExp(`^From: .*<sip:\\${callerId}@`, 'm'), 'From is the caller ID')
    t.match(invite, new RegExp(`^P-Asserted-Identity: .*<sip:\\${callerId}@`, 'm'))
    t.match(invite, new RegExp(`^X-Outpace-Attempt: ${channelId}$`, 'm'), 'the attempt is in the INVITE')
    t.match(invite, /^m=audio \d+ RTP\/AVP 8 0/m, "codecs in the trunk's order")

    t.strictSame(await liveChannel(telephony, channelId), { channelId, state: 'up', endpoint: `t${phone.port}` })

    await rejectsAs(t, 'duplicate', call(telephony, phone, { channelId }), 'the same id is refused')
    await telephony.hangUp(channelId)
    const ended = await events.seen('ended', { channelId })
    t.equal(ended.cause, 16)
    await phone.finished()
    await telephony.hangUp(channelId)
    t.equal(await liveChannel(telephony, channelId), undefined)
    t.equal(events.all('answered', { channelId }).length, 1)
    t.equal(events.all('ended', { channelId }).length, 1, 'ended once')
  })

  await t.test('a trunk changed while the switch runs counts at once: digits only, no attempt, another port', async (t) => {
    const wrong = { port: 31_099 }
    const phone = await startPhone({ steps: () => step.invited + step.refuse(486, 'Busy Here') })
    await telephony.putTrunk(trunkTo(wrong, { id: 'changing', username: 'someone', password: 'secret' }))
    await telephony.putTrunk(trunkTo(phone, { id: 'changing', numberFormat: 'digits', sendAttemptId: false, codecs: ['ulaw'] }))
    const channelId = randomUUID()
    await telephony.originateCallee({ channelId, trunkId: 'changing', number, callerId, ringTimeoutMs: 5000 })
    await events.seen('ended', { channelId })
    const invite = phone.messages()
    t.match(invite, /^INVITE sip:385915550123@/m)
    t.match(invite, /^From: .*<sip:38515550100@/m)
    t.notMatch(invite, /X-Outpace-Attempt/)
    t.match(invite, /^m=audio \d+ RTP\/AVP 0 \d+$/m)
    await phone.finished()
    await telephony.removeTrunk('changing')
    const again = { channelId: randomUUID(), trunkId: 'changing', number, callerId, ringTimeoutMs: 5000 }
    await rejectsAs(t, 'refused', telephony.originateCallee(again), 'a removed trunk cannot be used')
    await telephony.removeTrunk('changing')
  })

  await t.test('hanging up while it rings cancels the call', async (t) => {
    const phone = await startPhone({ steps: () => step.invited + step.ring + step.cancelled })
    const channelId = await call(telephony, phone)
    await events.seen('ringing', { channelId })
    await telephony.hangUp(channelId)
    await events.seen('ended', { channelId })
    await phone.finished()
    t.equal(events.all('answered', { channelId }).length, 0)
  })

  await t.test('nobody answers: the ring timeout cancels the call', async (t) => {
    const phone = await startPhone({ steps: () => step.invited + step.ring + step.cancelled })
    const channelId = await call(telephony, phone, { ringTimeoutMs: 1000 })
    const { cause } = await events.seen('ended', { channelId })
    t.ok([0, 16, 19].includes(cause), `cause ${cause}`)
    await phone.finished()
  })

  for (const [code, reason, cause] of [
    [486, 'Busy Here', 17],
    [404, 'Not Found', 1],
    [503, 'Service Unavailable', 34],
    [603, 'Decline', 21],
    [480, 'Temporarily Unavailable', 19],
    [484, 'Address Incomplete', 28],
  ] as const) {
    await t.test(`${code} ${reason} ends the call with its cause and code`, async (t) => {
      const phone = await startPhone({ steps: () => step.invited + step.refuse(code, reason) })
      const channelId = await call(telephony, phone)
      const ended = await events.seen('ended', { channelId })
      t.equal(ended.cause, cause)
      t.equal(ended.sipCode, code)
      await phone.finished()
    })
  }

  await t.test('early media alone counts as ringing', async () => {
    const phone = await startPhone({ steps: (audio) => step.invited + step.earlyMedia(audio) + step.cancelled })
    const channelId = await call(telephony, phone)
    await events.seen('ringing', { channelId })
    await telephony.hangUp(channelId)
    await events.seen('ended', { channelId })
    await phone.finished()
  })

  await t.test('the far end hangs up', async (t) => {
    const { phone, channelId } = await answeredPhone(telephony, events, step.hangUp)
    t.ok(hungUpCauses.includes((await events.seen('ended', { channelId })).cause))
    await phone.finished()
  })

  await t.test('detection tells a person, a machine and silence apart', async (t) => {
    for (const [verdict, greeting] of [
      ['human', Buffer.concat([toneAlaw(0, 300), toneAlaw(400, 700), toneAlaw(0, 1500)])],
      ['machine', Buffer.concat([toneAlaw(0, 300), toneAlaw(400, 3000)])],
      ['unsure', undefined],
    ] as const) {
      const { phone, channelId } = await answeredPhone(telephony, events)
      await telephony.detect(channelId)
      if (greeting) void phone.audio.say(greeting)
      const detected = await events.seen('detected', { channelId }, 10_000)
      t.equal(detected.verdict, verdict, detected.cause)
      t.not(detected.cause, '', 'says why')
      await telephony.hangUp(channelId)
      await phone.finished()
    }
  })

  await t.test('a call that ends during detection is reported', async (t) => {
    const theirs = await answeredPhone(telephony, events, step.pause(200) + step.hangUp)
    await telephony.detect(theirs.channelId)
    t.ok(hungUpCauses.includes((await events.seen('ended', { channelId: theirs.channelId })).cause))
    await theirs.phone.finished()
    const ours = await answeredPhone(telephony, events)
    await telephony.detect(ours.channelId)
    await telephony.hangUp(ours.channelId)
    await events.seen('ended', { channelId: ours.channelId })
    await ours.phone.finished()
    t.equal(events.all('ended', { channelId: ours.channelId }).length, 1)
    t.equal(events.all('detected', { channelId: ours.channelId }).length, 0)
  })

  await t.test('keys pressed at the far end, in the media and by INFO', async () => {
    const inMedia = await answeredPhone(telephony, events)
    await inMedia.phone.audio.press('5')
    await inMedia.phone.audio.press('#')
    await events.seen('dtmf', { channelId: inMedia.channelId, digit: '5' })
    await events.seen('dtmf', { channelId: inMedia.channelId, digit: '#' })
    await telephony.hangUp(inMedia.channelId)
    await inMedia.phone.finished()
    const byInfo = await answeredPhone(telephony, events, step.info('7') + step.hungUpOn, false)
    await events.seen('dtmf', { channelId: byInfo.channelId, digit: '7' })
    await telephony.hangUp(byInfo.channelId)
    await byInfo.phone.finished()
  })

  await t.test('a call outlives its engine: the next one finds it and sees its end', async (t) => {
    const first = await answeredPhone(telephony, events)
    await telephony.close()
    await rejectsAs(t, 'unreachable', telephony.hangUp(first.channelId), 'closed')
    telephony = subject.create(3600)
    events = observe(telephony)
    await telephony.start()
    t.match(await liveChannel(telephony, first.channelId), { state: 'up' })
    await telephony.hangUp(first.channelId)
    await events.seen('ended', { channelId: first.channelId })
    await first.phone.finished()
  })

  await bridgesContract(t, telephony, events, subject)
  await refusalsContract(t, telephony, events)
}

async function bridgesContract(t: Test, telephony: Telephony, events: Observer, { recording }: Subject) {
  await t.test('two channels in a bridge hear each other; a recording is heard by one of them alone', async (t) => {
    const left = await answeredPhone(telephony, events)
    const right = await answeredPhone(telephony, events)
    const bridgeId = randomUUID()
    await telephony.createBridge(bridgeId)
    await telephony.createBridge(bridgeId)
    await telephony.addToBridge(bridgeId, left.channelId)
    await telephony.addToBridge(bridgeId, right.channelId)
    const { bridges } = await telephony.live()
    const members = bridges.find((bridge) => bridge.bridgeId === bridgeId)?.channelIds
    t.strictSame(new Set(members), new Set([left.channelId, right.channelId]))

    const talk = Promise.all([left.phone.audio.say(toneAlaw(1000, 1500)), right.phone.audio.say(toneAlaw(1700, 1500))])
    const [atRight, atLeft] = await Promise.all([right.phone.audio.hear(800), left.phone.audio.hear(800)])
    await talk
    t.ok(toneShare(atRight, 1000) > 0.8, `the right hears the left: ${toneShare(atRight, 1000)}`)
    t.ok(toneShare(atLeft, 1700) > 0.8, `the left hears the right: ${toneShare(atLeft, 1700)}`)

    const playbackId = randomUUID()
    const atBoth = Promise.all([left.phone.audio.hear(400), right.phone.audio.overhear(600)])
    await telephony.play(playbackId, left.channelId, [recording])
    const [recordingAtLeft, atRightMeanwhile] = await atBoth
    t.ok(toneShare(recordingAtLeft, recordedTone.hertz) > 0.8, 'the left hears the recording')
    t.ok(toneShare(atRightMeanwhile, recordedTone.hertz) < 0.1, 'the right does not')
    t.equal((await events.seen('played', { playbackId })).completed, true)

    const stoppedId = randomUUID()
    await telephony.play(stoppedId, left.channelId, [recording, recording])
    await telephony.stopPlaying(stoppedId)
    t.match(await events.seen('played', { playbackId: stoppedId }), { completed: false, channelId: left.channelId })
    await telephony.stopPlaying(stoppedId)

    await telephony.destroyBridge(bridgeId)
    await telephony.destroyBridge(bridgeId)
    await rejectsAs(t, 'gone', telephony.addToBridge(bridgeId, left.channelId), 'the bridge is gone')
    for (const { channelId, phone } of [left, right]) {
      await telephony.hangUp(channelId)
      await phone.finished()
    }
  })
}

async function refusalsContract(t: Test, telephony: Telephony, events: Observer) {
  await t.test('what cannot be done is refused with its kind', async (t) => {
    const { phone, channelId } = await answeredPhone(telephony, events)
    const bridgeId = randomUUID()
    const nobody = randomUUID()
    await telephony.createBridge(bridgeId)
    await rejectsAs(t, 'gone', telephony.addToBridge(randomUUID(), channelId), 'bridge unknown')
    await rejectsAs(t, 'gone', telephony.addToBridge(bridgeId, nobody), 'channel unknown')
    await rejectsAs(t, 'gone', telephony.play(randomUUID(), nobody, ['sound:x']), 'play to nobody')
    await rejectsAs(t, 'gone', telephony.detect(nobody), 'detect on nobody')
    await rejectsAs(t, 'gone', telephony.answer(nobody), 'answer nobody')
    await telephony.hangUp(nobody)
    await telephony.stopPlaying(randomUUID())
    await rejectsAs(t, 'duplicate', call(telephony, phone, { channelId }), 'a channel id in use')
    await rejectsAs(t, 'refused', call(telephony, phone, { trunkId: 'nowhere' }), 'trunk unknown')
    await rejectsAs(t, 'refused', call(telephony, phone, { number: '5/sip:5@192.0.2.1' }), 'not a number')
    const unregistered = { channelId: randomUUID(), account: 'nobody', ringTimeoutMs: 1000 }
    await rejectsAs(t, 'refused', telephony.originateAgent(unregistered), 'a phone that is not registered')
    await telephony.destroyBridge(bridgeId)
    await telephony.hangUp(channelId)
    await phone.finished()
  })
}
