/**
 * `make fuzz`: 100,000 spoilt SIP messages and a flood of good ones against the switch, and spoilt events into the engine's ARI
 * connection, while a campaign dials. Neither process may end, no call may be placed or lost by it: the carrier's log is the judge.
 * Report: var/reports/fuzz.json. The seed is printed; the same seed sends the same messages.
 */
import { parseArgs } from 'node:util'
import { startFaultyAri } from '../../test/support/faulty-ari.ts'
import { askAri } from '../ari.ts'
import { seeded } from '../chance.ts'
import { startEngineLoop } from '../load/engine-loop.ts'
import { openFloor } from '../load/floor.ts'
import { quantile } from '../load/loop.ts'
import { type Check, report } from '../report.ts'
import { spoiltEvent } from './ari-fuzz.ts'
import { floodMessage } from './flood.ts'
import { spoiltMessage } from './sip-fuzz.ts'
import { attack } from './strangers.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000' },
    flood: { type: 'string', default: '20000' },
    events: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '20261122' },
  },
})
const messages = Number(values.messages)
const flood = Number(values.flood)
const events = Number(values.events)
const seed = Number(values.seed)
const perSecond = 800
const callsPerSecond = 5
const agents = 30
const say = (text: string) => process.stdout.write(`${text}\n`)
const round = (value: number) => Math.round(value * 100) / 100

async function main(): Promise<boolean> {
  const between = await startFaultyAri(floor.ariUrl)
  floor.onClose(async () => between.close())
  const loop = await startEngineLoop(floor, { agents, env: { ARI_URL: between.url } })
  const startedAt = await startOfSwitch()
  const seconds = Math.ceil((messages + flood) / perSecond) + 10
  say(
    `seed ${seed}: ${messages} spoilt messages, a flood of ${flood}, ${events} spoilt events, ${callsPerSecond} calls a second for ${seconds} s`,
  )

  const dialing = loop.run({ callsPerSecond, seconds })
  const port = floor.sipPort
  const ofMessages = seeded(seed)
  const ofEvents = seeded(seed + 1)
  for (let n = 0; n < events; n++) setTimeout(() => between.inject(spoiltEvent(ofEvents, n)), (n * seconds * 900) / events)
  await attack({ port, perSecond, messages, message: (n) => spoiltMessage(ofMessages, n, port) })
  await attack({ port, perSecond, messages: flood, message: (n) => floodMessage(n, port) })
  const run = await dialing

  const channels = (await askAri<unknown[]>(floor.ariUrl, 'channels')).length
  const restarted = (await startOfSwitch()) !== startedAt
  const ready = await fetch(`${loop.engine.url}/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
  await loop.stop()
  const wanted = Math.floor(0.98 * callsPerSecond * seconds)
  const none = (name: string, value: number): Check => ({ name, value, limit: '0', ok: value === 0 })
  return report(
    'fuzz',
    {
      seed,
      'spoilt SIP messages': messages,
      'flood of well-formed ones': flood,
      'spoilt ARI events': events,
      'calls meanwhile': run.placed,
      'answer -> bridged p50 / p99 / max, ms': [0.5, 0.99, 1].map((share) => round(quantile(run.waits, share))).join(' / '),
    },
    [
      none('engine not ready at the end', ready ? 0 : 1),
      none('restarts of Asterisk', restarted ? 1 : 0),
      none('calls lost, or placed by a stranger', run.lost),
      none('channels that nobody owns', channels - agents),
      { name: 'calls placed', value: run.placed, limit: `>= ${wanted}`, ok: run.placed >= wanted },
    ],
  )
}

async function startOfSwitch(): Promise<string> {
  return (await askAri<{ status: { startup_time: string } }>(floor.ariUrl, 'asterisk/info')).status.startup_time
}

const floor = await openFloor('fuzz')
const ok = await main().catch((error: unknown) => {
  say(`The fuzz run failed: ${error instanceof Error ? error.message : error}`)
  return false
})
await floor.close()
process.exit(ok ? 0 : 1)
