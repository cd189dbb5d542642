/** The adapters' contract on a real Asterisk with the configuration that the engine ships. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../dialer/clock.ts'
import { createLog } from '../../dialer/log.ts'
import { createAsteriskTelephony } from '../../dialer/telephony/asterisk/asterisk.ts'
import { ariApplication } from '../../pbx-config/settings.ts'
import { withAsterisk } from '../support/asterisk.ts'
import { callsContract, recordedTone, type Subject } from './telephony.ts'
import { agentsContract, restartContract } from './telephony-agents.ts'
import { toneAlaw } from './telephony-audio.ts'
import { inboundContract } from './telephony-inbound.ts'
import { listeningContract } from './telephony-listening.ts'

t.setTimeout(120_000)

const { ariUrl, sipPort, settings, restart } = await withAsterisk(t)
const language = join(settings.soundsDirectory, 'en')
const recording = join(language, 'contract-tone.alaw')
mkdirSync(language, { recursive: true })
writeFileSync(recording, toneAlaw(recordedTone.hertz, recordedTone.durationMs))
t.teardown(() => rmSync(recording, { force: true }))

const subject: Subject = {
  create: (qualifySeconds) =>
    createAsteriskTelephony({
      url: ariUrl,
      app: ariApplication,
      clock: systemClock,
      log: createLog('silent'),
      agentPhones: { qualifySeconds, rtpTimeoutSeconds: 30 },
    }),
  sipPort,
  recording: 'sound:contract-tone',
  restart,
}

// Agents' phones before the trunks that stay: a port that was a carrier's is taken for the carrier.
await t.test("agents' phones", (t) => agentsContract(t, subject))
await t.test('calls to our own numbers', (t) => inboundContract(t, subject))
await t.test('calls', (t) => callsContract(t, subject))
await t.test('listening', (t) => listeningContract(t, subject))
await t.test('a restart of the switch', (t) => restartContract(t, subject))
