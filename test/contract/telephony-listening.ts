/** The contract's part on listening: what the far end says is heard here, beside whatever else is done with the channel. */
import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { linearToAlaw } from '../../dialer/amd/g711.ts'
import type { HeardAudio, Telephony } from '../../dialer/telephony/telephony.ts'
import { within } from '../../load-tests/deadline.ts'
import { answeredPhone, rejectsAs, type Subject, trunkTo } from './telephony.ts'
import { toneAlaw, toneShare } from './telephony-audio.ts'
import { observe } from './telephony-observer.ts'
import { step } from './telephony-sipp.ts'

/** What was heard of one channel, and a way to wait for more of it. */
function createListener() {
  const pieces: HeardAudio[] = []
  let look = () => {}
  const alaw = () => Buffer.concat(pieces.map(({ samples }) => linearToAlaw(samples)))
  return {
    pieces,
    alaw,
    hear(audio: HeardAudio) {
      pieces.push(audio)
      look()
    },
    /** Resolves when the last `durationMs` that were heard are this tone. */
    tone: (hertz: number, durationMs: number) =>
      within(
        5000,
        `a tone of ${hertz} Hz among ${pieces.length} packets`,
        new Promise<void>((resolve) => {
          look = () => toneShare(alaw().subarray(-durationMs * 8), hertz) > 0.8 && resolve()
          look()
        }),
      ),
  }
}

const bridgesOn = async (telephony: Telephony) => (await telephony.live()).bridges.map(({ bridgeId }) => bridgeId)

export async function listeningContract(t: Test, subject: Subject): Promise<void> {
  let telephony = subject.create(3600)
  let events = observe(telephony)
  await telephony.start()
  t.teardown(() => telephony.close())

  await t.test('what the callee says is heard, in order and by the clock, wherever he is put', async (t) => {
    const { phone, channelId } = await answeredPhone(telephony, events)
    const listener = createListener()
    const before = Date.now()
    await telephony.listen(channelId, listener.hear)
    await rejectsAs(t, 'duplicate', telephony.listen(channelId, listener.hear), 'listened to already')
    const saying = phone.audio.say(toneAlaw(700, 4000))
    await listener.tone(700, 300)

    const bridgeId = randomUUID()
    await telephony.createBridge(bridgeId)
    await telephony.addToBridge(bridgeId, channelId)
    await telephony.play(randomUUID(), channelId, [subject.recording])
    await events.seen('played', { channelId })
    await listener.tone(700, 600)
    await saying

    const [first] = listener.pieces
    t.ok(first && first.at >= before - 100, 'the first packet is no older than the request')
    const steps = listener.pieces.slice(1).map(({ at }, index) => at - (listener.pieces[index]?.at ?? 0))
    t.ok(steps.every((ms) => ms > 0))
    t.ok(steps.filter((ms) => ms === 20).length > 0.95 * steps.length, 'packet follows packet')

    await telephony.stopListening(channelId)
    await telephony.stopListening(channelId)
    t.notOk(
      (await bridgesOn(telephony)).some((id) => id.includes(channelId)),
      'nothing is left on the switch',
    )
    t.match(await telephony.live(), { channels: [{ channelId, state: 'up' }] }, 'the callee is still there')
    const silent = listener.pieces.length
    await phone.audio.say(toneAlaw(700, 200))
    t.ok(listener.pieces.length <= silent + 2, 'nothing is heard any more')
    await telephony.destroyBridge(bridgeId)
    await telephony.hangUp(channelId)
    await phone.finished()
    t.equal(events.all('ended').length, 1, "only the callee's end is told")
  })

  await t.test('one socket hears many, each for himself; µ-law too; the detection of the switch works meanwhile', async (t) => {
    const left = await answeredPhone(telephony, events)
    const right = await answeredPhone(telephony, events)
    const ears = [createListener(), createListener()] as const
    await Promise.all([telephony.listen(left.channelId, ears[0].hear), telephony.listen(right.channelId, ears[1].hear)])
    await telephony.detect(right.channelId)
    const talk = Promise.all([left.phone.audio.say(toneAlaw(500, 2500)), right.phone.audio.say(toneAlaw(1300, 2500))])
    await Promise.all([ears[0].tone(500, 400), ears[1].tone(1300, 400)])
    t.equal((await events.seen('detected', { channelId: right.channelId }, 10_000)).verdict, 'machine')
    await talk
    for (const { channelId, phone } of [left, right]) {
      await telephony.stopListening(channelId)
      await telephony.hangUp(channelId)
      await phone.finished()
    }
  })

  await t.test('speech and its end are told, also while something is played to him', async (t) => {
    const { phone, channelId } = await answeredPhone(telephony, events)
    await telephony.listenForTalk(channelId)
    void phone.audio.say(Buffer.concat([toneAlaw(500, 600), toneAlaw(0, 2500), toneAlaw(500, 400), toneAlaw(0, 2500)]))
    const over = await events.seen('talking', { channelId, on: false })
    events.clear()
    await telephony.play(randomUUID(), channelId, [subject.recording])
    const again = await events.seen('talking', { channelId, on: true })
    t.ok(again.at > over.at)
    await events.seen('talking', { channelId, on: false })
    await telephony.hangUp(channelId)
    await phone.finished()
    await rejectsAs(t, 'gone', telephony.listenForTalk(channelId), 'nobody there')
  })

  await t.test('a callee who is gone, or goes meanwhile, leaves nothing behind', async (t) => {
    await rejectsAs(
      t,
      'gone',
      telephony.listen(randomUUID(), () => {}),
      'nobody there',
    )
    const { phone, channelId } = await answeredPhone(telephony, events, step.pause(300) + step.hangUp)
    const listener = createListener()
    await telephony.listen(channelId, listener.hear)
    await events.seen('ended', { channelId })
    await telephony.stopListening(channelId)
    await phone.finished()
    t.strictSame(await bridgesOn(telephony), [])
  })

  await t.test('what a crashed engine left listening is taken down by the next one', async (t) => {
    const { phone, channelId } = await answeredPhone(telephony, events)
    await telephony.listen(channelId, () => {})
    t.equal((await bridgesOn(telephony)).length, 1)
    await telephony.close()
    telephony = subject.create(3600)
    events = observe(telephony)
    await telephony.start()
    await telephony.putTrunk(trunkTo(phone))
    await within(
      5000,
      'the ear of the former engine to go',
      (async () => {
        while ((await bridgesOn(telephony)).length > 0);
      })(),
    )
    t.match(await telephony.live(), { channels: [{ channelId }] })
    await telephony.hangUp(channelId)
    await phone.finished()
  })
}
