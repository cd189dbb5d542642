/** The voices of the carrier, heard by Asterisk's own machine detection: people are taken for people, greetings for machines. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../dialer/clock.ts'
import { createLog } from '../dialer/log.ts'
import { createAsteriskTelephony } from '../dialer/telephony/asterisk/asterisk.ts'
import type { Verdict } from '../dialer/telephony/telephony.ts'
import { ariApplication } from '../pbx-config/settings.ts'
import { withAsterisk } from '../test/support/asterisk.ts'
import { within } from './deadline.ts'
import { startCarrier } from './world.ts'

t.setTimeout(90_000)

t.test('who is there?', async (t) => {
  const asterisk = await withAsterisk(t)
  const telephony = createAsteriskTelephony({
    url: asterisk.ariUrl,
    app: ariApplication,
    clock: systemClock,
    log: createLog('fatal'),
    agentPhones: { qualifySeconds: 60, rtpTimeoutSeconds: 0 },
  })
  await telephony.start()
  t.teardown(() => telephony.close())
  const dir = await mkdtemp(join(tmpdir(), 'detection-'))
  const carrier = await startCarrier({ dir })
  t.teardown(async () => {
    await carrier.stop()
    await rm(dir, { recursive: true })
  })
  await telephony.putTrunk({
    ...{ id: 'carrier', host: '127.0.0.1', port: carrier.port, username: null, password: null },
    ...{ codecs: ['alaw'], numberFormat: 'plus', sendAttemptId: true },
    ...{ presentation: 'both', fromUser: null, fromDomain: null },
  })
  const expected: [digits: string, verdict: Verdict][] = [
    ['10', 'human'],
    ['11', 'human'],
    ['12', 'human'],
    ['13', 'human'],
    ['17', 'human'],
    ['41', 'human'],
    ['20', 'machine'],
    ['21', 'machine'],
  ]
  const verdictOf = (digits: string) =>
    new Promise<string>((done) => {
      const channelId = randomUUID()
      telephony.subscribe((event) => {
        if (!('channelId' in event) || event.channelId !== channelId) return
        if (event.type === 'answered') void telephony.detect(channelId)
        if (event.type === 'detected') {
          t.comment(`${digits}: ${event.verdict} (${event.cause})`)
          void telephony.hangUp(channelId)
          done(event.verdict)
        }
        if (event.type === 'ended') done('hung up before the verdict')
      })
      const call = { channelId, trunkId: 'carrier', number: `+485012346${digits}`, callerId: '+48221234567' }
      void telephony.originateCallee({ ...call, ringTimeoutMs: 20_000 })
    })
  await Promise.all(
    expected.map(async ([digits, verdict]) => {
      t.equal(await within(30_000, `a verdict on ${digits}`, verdictOf(digits)), verdict, digits)
    }),
  )
})
