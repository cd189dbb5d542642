/**
 * The baseline of the throughput benchmarks: the least an ARI program can do. Ring agents' phones once, put each in a bridge;
 * then originate, add to an agent's bridge at the answer, forget at the end. No database, no rules, no reasons.
 * A process of its own, so that its CPU can be read; talks to the switch by the same adapter as the engine.
 * Usage: bare-loop.ts '{"ariUrl":…}'. Prints a line when the phones may register and one when their legs are up; then answers each
 * line of standard input (a load) with one line (what came of it), and ends with its input. Started by bare.ts.
 */
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { systemClock as clock } from '../../dialer/clock.ts'
import { createLog } from '../../dialer/log.ts'
import { createAsteriskTelephony } from '../../dialer/telephony/asterisk/asterisk.ts'
import { agentRealm } from '../../dialer/telephony/telephony.ts'
import type { LoadRun } from './loop.ts'

const jobSchema = z.object({
  ariUrl: z.string(),
  carrierPort: z.number(),
  accounts: z.array(z.object({ account: z.string(), password: z.string() })),
  /** Ends in the digits of the callee that is wanted. */
  number: z.string(),
})
const loadSchema = z.object({ callsPerSecond: z.number(), seconds: z.number() })

const job = jobSchema.parse(JSON.parse(process.argv[2] ?? ''))
const say = (line: string) => process.stdout.write(`${line}\n`)
const telephony = createAsteriskTelephony({
  url: job.ariUrl,
  app: 'outpace',
  clock,
  log: createLog('silent'),
  agentPhones: { rtpTimeoutSeconds: 0, qualifySeconds: 60 },
})

const free: string[] = []
const bridgeOf = new Map<string, string>()
let waits: number[] = []
let placed = 0
let open = 0
let callEnded = () => {}
let legUp = () => {}

telephony.subscribe((event) => {
  if (event.type === 'answered' && event.channelId.startsWith('leg-')) return void nailUp(event.channelId)
  if (event.type === 'answered') {
    const bridge = free.shift()
    if (!bridge) return void telephony.hangUp(event.channelId)
    bridgeOf.set(event.channelId, bridge)
    void telephony.addToBridge(bridge, event.channelId).then(
      () => waits.push(clock.now() - event.at),
      () => {},
    )
  }
  if (event.type === 'ended' && event.channelId.startsWith('call-')) {
    const bridge = bridgeOf.get(event.channelId)
    if (bridge) free.push(bridge)
    bridgeOf.delete(event.channelId)
    open--
    callEnded()
  }
})

async function nailUp(leg: string): Promise<void> {
  const bridge = `bridge-${leg}`
  await telephony.createBridge(bridge)
  await telephony.addToBridge(bridge, leg)
  free.push(bridge)
  legUp()
}

async function agentsLogIn(): Promise<void> {
  const missing = new Set(job.accounts.map(({ account }) => account))
  const registered = new Promise<void>((resolve) => {
    telephony.subscribe((event) => {
      if (event.type !== 'account' || !event.reachable) return
      missing.delete(event.account)
      if (missing.size === 0) resolve()
    })
  })
  for (const { account, password } of job.accounts) {
    const digest = createHash('md5').update(`${account}:${agentRealm}:${password}`).digest('hex')
    await telephony.putAgentAccount({ account, digest })
  }
  say('accounts are there')
  await registered
  for (const { account } of job.accounts) {
    const up = new Promise<void>((resolve) => {
      legUp = resolve
    })
    await telephony.originateAgent({ channelId: `leg-${account}`, account, ringTimeoutMs: 20_000 })
    await up
  }
}

const tickMs = 20

async function run({ callsPerSecond, seconds }: z.infer<typeof loadSchema>): Promise<LoadRun> {
  waits = []
  const before = { placed, cpu: process.cpuUsage() }
  const total = callsPerSecond * seconds
  const began = clock.now()
  await new Promise<void>((resolve) => {
    const over = () => placed - before.placed >= total && open === 0 && resolve()
    callEnded = over
    const timer = setInterval(() => {
      const due = Math.min(total, ((clock.now() - began) / 1000) * callsPerSecond)
      while (placed - before.placed < due) place()
      if (placed - before.placed >= total) clearInterval(timer)
    }, tickMs)
  })
  const cpu = process.cpuUsage(before.cpu)
  return {
    placed: total,
    lost: total - waits.length,
    waits: waits.sort((a, b) => a - b),
    cpuMsPerCall: (cpu.user + cpu.system) / 1000 / total,
  }
}

function place(): void {
  placed++
  open++
  const channelId = `call-${process.pid}-${placed}`
  telephony
    .originateCallee({ channelId, trunkId: 'bare', number: job.number, callerId: '+48223000010', ringTimeoutMs: 20_000 })
    .catch(() => {
      open--
      callEnded()
    })
}

await telephony.start()
const trunk = { id: 'bare', host: '127.0.0.1', port: job.carrierPort, username: null, password: null }
const shown = { presentation: 'both', fromUser: null, fromDomain: null } as const
await telephony.putTrunk({ ...trunk, ...shown, codecs: ['alaw'], numberFormat: 'plus', sendAttemptId: false })
await agentsLogIn()
say('legs are up')
for await (const line of createInterface({ input: process.stdin }))
  say(JSON.stringify(await run(loadSchema.parse(JSON.parse(line)))))
for (const { account } of job.accounts) {
  await telephony.hangUp(`leg-${account}`)
  await telephony.destroyBridge(`bridge-leg-${account}`)
}
await telephony.close()
process.exit(0)
