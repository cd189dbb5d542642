/** The carrier plays what endings.ts says: each ending is dialed for real, by our own phone straight into SIPp. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { tones } from './audio.ts'
import { createPhone } from './phone.ts'
import type { PhoneCall } from './phone-call.ts'
import { loudSeconds, onset, toneSeconds } from './signal.ts'
import { startCarrier } from './world.ts'

const dir = await mkdtemp(join(tmpdir(), 'carrier-'))
const carrier = await startCarrier({ dir })
const phone = await createPhone({ port: 0, account: '+48221234567', registrar: { host: '127.0.0.1', port: carrier.port } })
t.jobs = 5
t.teardown(async () => {
  phone.close()
  await carrier.stop()
  await rm(dir, { recursive: true })
})
const dial = (digits: string) => phone.call(`+485012345${digits}`)
const logged = (call: PhoneCall) => carrier.call((one) => one.callId === call.callId && one.endedAt !== undefined)

t.test('refusals carry the status of the table', { buffered: true }, async (t) => {
  const statuses = { 30: 486, 32: 404, 33: 503, 34: 603, 35: 480, 36: 484, 37: 403, 38: 488, 39: 607 }
  await Promise.all(
    Object.entries(statuses).map(async ([digits, status]) => {
      const call = await dial(digits)
      await call.until('ended')
      t.equal(call.status(), status, digits)
      t.match(await logged(call), { called: `+485012345${digits}`, caller: '+48221234567', status, answeredAt: undefined })
    }),
  )
})

t.test('callees who hang up do so after the documented time, and it is theirs in the log', { buffered: true }, async (t) => {
  const expected = { 10: 5, 12: 5, 13: 5, 14: 0, 15: 1.2, 18: 5, 41: 5, 77: 5 }
  await Promise.all(
    Object.entries(expected).map(async ([digits, seconds]) => {
      const call = await dial(digits)
      await call.until('ended', 20_000)
      const seen = await logged(call)
      t.equal(seen?.hungUpBy, 'callee', digits)
      const talked = ((seen?.endedAt ?? 0) - (seen?.answeredAt ?? 0)) / 1000
      t.ok(Math.abs(talked - seconds) < 0.4, `${digits}: talked ${talked} s of ${seconds}`)
    }),
  )
})

t.test('ringing ends with our CANCEL, as 487', { buffered: true }, async (t) => {
  await Promise.all(
    ['31', '40', '43'].map(async (digits) => {
      const call = await dial(digits)
      if (digits !== '43') await call.until('ringing')
      call.hangUp()
      await call.until('ended')
      t.equal(call.status(), 487)
      t.match(await logged(call), { status: 487, answeredAt: undefined, cancelledAt: Number })
    }),
  )
})

t.test('an answer that crosses our CANCEL is a call to be ended', { buffered: true }, async (t) => {
  const call = await dial('42')
  await call.until('ringing')
  call.hangUp()
  await call.until('ended')
  t.match(await logged(call), { status: 200, cancelledAt: Number, hungUpBy: 'caller' })
})

t.test(
  'audio: a person says a short hello, a machine greets for 5 s and beeps, early media rings',
  { buffered: true },
  async (t) => {
    const [person, machine, early, toned] = await Promise.all(['10', '20', '40', '17'].map(dial))
    if (!person || !machine || !early || !toned) throw new Error('four calls')
    await Promise.all([person, machine].map((call) => call.until('ended', 20_000)))
    const hello = person.audio.heard().subarray(0, 8000 * 1.8)
    t.ok(loudSeconds(hello) > 0.2 && loudSeconds(hello) < 0.9, `hello of ${loudSeconds(hello)} s`)
    t.ok((onset(person.audio.heard()) ?? 9) < 0.6)
    t.ok(loudSeconds(machine.audio.heard()) > 3, 'the greeting is long')
    t.ok(Math.abs(toneSeconds(machine.audio.heard(), tones.beep) - 0.4) <= 0.2, 'one beep')
    t.ok(toneSeconds(early.audio.heard(), tones.ringback) > 1, 'ringback was heard before any answer')
    t.ok(toneSeconds(toned.audio.heard(), tones.callee) > 3, 'the marker tone')
    for (const call of [early, toned]) call.hangUp()
    await Promise.all([early, toned].map((call) => call.until('ended')))
    t.equal((await logged(toned))?.hungUpBy, 'caller')
  },
)
