/**
 * `make soak`: an hour at half of what `make bench-load` found (or `--rate`), and then: has anything grown? Memory, file handles,
 * connections, channels, bridges, each as a slope with its interval, after a warm-up; and what is left on the switch at the end.
 * Report: var/reports/soak.json, with plots in soak.html.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type Check, report } from '../report.ts'
import { chartPage } from '../uplot-page.ts'
import { startEngineLoop } from './engine-loop.ts'
import { openFloor } from './floor.ts'
import { quantile } from './loop.ts'
import { trendOf } from './trend.ts'
import { lookAtVitals, type Vitals } from './vitals.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    'warm-up-minutes': { type: 'string', default: '10' },
    agents: { type: 'string', default: '150' },
    rate: { type: 'string' },
  },
})
const minutes = Number(values.minutes)
const warmUpMinutes = Number(values['warm-up-minutes'])
const agents = Number(values.agents)
const callsPerSecond = Number(values.rate ?? halfTheLimit())
const lookEveryMs = 10_000
const say = (text: string) => process.stdout.write(`${text}\n`)
const round = (value: number) => Math.round(value * 100) / 100

function halfTheLimit(): number {
  const file = 'var/reports/load.json'
  if (!existsSync(file)) throw new Error('run make bench-load first, or say --rate')
  const schema = z.object({ figures: z.object({ 'engine, calls per second': z.number() }) })
  return Math.floor(schema.parse(JSON.parse(readFileSync(file, 'utf8'))).figures['engine, calls per second'] / 2)
}

/** What must not grow, and how it is written. */
const watched: { name: string; of: (vitals: Vitals) => number }[] = [
  { name: 'memory (RSS), MB', of: ({ rssBytes }) => rssBytes / 1e6 },
  { name: 'heap, MB', of: ({ heapBytes }) => heapBytes / 1e6 },
  { name: 'file handles', of: ({ fileHandles }) => fileHandles },
  { name: 'database connections', of: ({ databaseConnections }) => databaseConnections },
  { name: 'channels', of: ({ channels }) => channels },
  { name: 'bridges', of: ({ bridges }) => bridges },
]

async function main(): Promise<boolean> {
  const loop = await startEngineLoop(floor, { agents })
  say(`${callsPerSecond} calls a second for ${minutes} minutes`)
  const looks: Vitals[] = []
  const dialing = loop.run({ callsPerSecond, seconds: minutes * 60 })
  let over = false
  void dialing.finally(() => {
    over = true
  })
  for (const end = Date.now() + minutes * 60_000; Date.now() < end && !over; await pause(lookEveryMs))
    looks.push(await lookAtVitals(floor, loop))
  const run = await dialing
  const left = await lookAtVitals(floor, loop)
  await loop.stop()

  const began = looks[0]?.at ?? 0
  const hours = ({ at }: Vitals) => (at - began) / 3_600_000
  const settled = looks.filter((look) => hours(look) * 60 >= warmUpMinutes)
  const checks: Check[] = watched.map(({ name, of }) => {
    const { perHour, low, high } = trendOf(settled.map((look) => ({ hours: hours(look), value: of(look) })))
    const value = `${round(perHour)} an hour (${round(low)} .. ${round(high)})`
    return { name: `growth of ${name}`, value, limit: 'interval reaches down to 0', ok: low <= 0 }
  })
  const none = (name: string, value: number): Check => ({ name, value, limit: '0', ok: value === 0 })
  checks.push(
    none('calls lost', run.lost),
    none('channels left over', left.channels - agents),
    none('bridges left over', left.bridges - agents),
  )
  writeFileSync('var/reports/soak.html', page(looks, hours))
  return report(
    'soak',
    {
      'calls per second, minutes': `${callsPerSecond}, ${minutes}`,
      'calls placed': run.placed,
      'answer -> bridged p50 / p99 / max, ms': [0.5, 0.99, 1].map((share) => round(quantile(run.waits, share))).join(' / '),
    },
    checks,
  )
}

const page = (looks: Vitals[], hours: (look: Vitals) => number): string =>
  chartPage(
    'Soak',
    `${callsPerSecond} calls a second for ${minutes} minutes`,
    watched.map(({ name, of }) => ({
      title: name,
      about: '',
      x: { label: 'minutes', values: looks.map((look) => hours(look) * 60) },
      y: { label: name, lines: [{ label: name, values: looks.map(of) }] },
    })),
  )

const floor = await openFloor('soak')
const ok = await main().catch((error: unknown) => {
  say(`The soak failed: ${error instanceof Error ? error.message : error}`)
  return false
})
await floor.close()
process.exit(ok ? 0 : 1)
