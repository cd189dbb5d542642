/** The adapters' contract on a real Asterisk of its own, with the configuration that the engine ships. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../dialer/clock.ts'
import { createLog } from '../../dialer/log.ts'
import { createAsteriskTelephony } from '../../dialer/telephony/asterisk/asterisk.ts'
import { restartAsterisk, startAsterisk, stopAsterisk } from '../../pbx-config/asterisk-process.ts'
import { ariApplication } from '../../pbx-config/settings.ts'
import { callsContract, recordedTone } from './telephony.ts'
import { agentsContract, restartContract } from './telephony-agents.ts'
import { toneAlaw } from './telephony-audio.ts'

t.setTimeout(180_000)

const varDirectory = join(import.meta.dirname, '..', '..', 'var')
const directory = join(varDirectory, 'test-telephony')
const settings = {
  directory,
  soundsDirectory: join(directory, 'sounds'),
  rootDirectory: join(varDirectory, 'asterisk-root'),
  ariPort: 31_088,
  sipHost: '127.0.0.1',
  sipPort: 31_060,
  rtpFirstPort: 42_000,
  rtpLastPort: 42_999,
}
mkdirSync(join(settings.soundsDirectory, 'en'), { recursive: true })
writeFileSync(join(settings.soundsDirectory, 'en', 'contract-tone.alaw'), toneAlaw(recordedTone.hertz, recordedTone.durationMs))

t.teardown(() => stopAsterisk(settings))
const { ariUrl } = await startAsterisk(settings)

const subject = {
  create: (qualifySeconds: number) =>
    createAsteriskTelephony({
      url: ariUrl,
      app: ariApplication,
      clock: systemClock,
      log: createLog('fatal'),
      agentPhones: { qualifySeconds, rtpTimeoutSeconds: 30 },
    }),
  sipPort: settings.sipPort,
  recording: 'sound:contract-tone',
  async restart() {
    await restartAsterisk(settings)
  },
}

await t.test('calls', (t) => callsContract(t, subject))
await t.test("agents' phones", (t) => agentsContract(t, subject))
await t.test('a restart of the switch', (t) => restartContract(t, subject))
