/**
 * The baseline of the throughput benchmarks: the least an ARI program can do. Ring agents' phones once, put each in a bridge;
 * then originate, add to an agent's bridge at the answer, forget at the end. No database, no rules, no reasons.
 * A process of its own, so that its CPU can be read; talks to the switch by the same adapter as the engine.
 * Usage: bare-loop.ts '{"ariUrl":…}'. Prints a line when the phones may register, and at the end one line of JSON.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { systemClock as clock } from '../dialer/clock.ts'
import { createLog } from '../dialer/log.ts'
import { createAsteriskTelephony } from '../dialer/telephony/asterisk/asterisk.ts'
import { agentRealm } from '../dialer/telephony/telephony.ts'

const jobSchema = z.object({
  ariUrl: z.string(),
  carrierPort: z.number(),
  accounts: z.array(z.object({ account: z.string(), password: z.string() })),
  callsPerSecond: z.number(),
  seconds: z.number(),
  /** Of the seconds, those before the CPU is counted. */
  warmUpSeconds: z.number(),
  /** Ends in the digits of the callee that is wanted. */
  number: z.string(),
})

export interface BareLoopResult {
  calls: number
  bridged: number
  /** After the warm-up. */
  cpuMsPerCall: number
  /** Answer event to bridged, sorted milliseconds. */
  waits: number[]
}

const job = jobSchema.parse(JSON.parse(process.argv[2] ?? ''))
const phones = { rtpTimeoutSeconds: 0, qualifySeconds: 60 }
const telephony = createAsteriskTelephony({
  url: job.ariUrl,
  app: 'outpace',
  clock,
  log: createLog('silent'),
  agentPhones: phones,
})
await telephony.start()

const trunk = { id: 'bare', host: '127.0.0.1', port: job.carrierPort, username: null, password: null }
const shown = { presentation: 'both', fromUser: null, fromDomain: null } as const
await telephony.putTrunk({ ...trunk, ...shown, codecs: ['alaw'], numberFormat: 'plus', sendAttemptId: false })

const free: string[] = []
const bridgeOf = new Map<string, string>()
const waits: number[] = []
let placed = 0
let open = 0
let allEnded = () => {}
let legUp = () => {}

telephony.subscribe((event) => {
  if (event.type === 'answered') {
    if (event.channelId.startsWith('leg-')) {
      const bridge = `bridge-${event.channelId}`
      void telephony
        .createBridge(bridge)
        .then(() => telephony.addToBridge(bridge, event.channelId))
        .then(() => {
          free.push(bridge)
          legUp()
        })
      return
    }
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
    open--
    if (open === 0) allEnded()
  }
})

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
process.stdout.write('accounts are there\n')
await registered
for (const { account } of job.accounts) {
  const up = new Promise<void>((resolve) => {
    legUp = resolve
  })
  await telephony.originateAgent({ channelId: `leg-${account}`, account, ringTimeoutMs: 20_000 })
  await up
}

let cpuBefore = process.cpuUsage()
const warmUpCalls = job.callsPerSecond * job.warmUpSeconds
const total = job.callsPerSecond * job.seconds
await new Promise<void>((resolve) => {
  allEnded = () => placed === total && resolve()
  const timer = setInterval(() => {
    if (placed === total) return clearInterval(timer)
    if (placed === warmUpCalls) cpuBefore = process.cpuUsage()
    placed++
    open++
    const call = { channelId: `call-${process.pid}-${placed}`, trunkId: 'bare', number: job.number, callerId: '+48223000010' }
    void telephony.originateCallee({ ...call, ringTimeoutMs: 20_000 })
  }, 1000 / job.callsPerSecond)
})
const cpu = process.cpuUsage(cpuBefore)
for (const { account } of job.accounts) await telephony.hangUp(`leg-${account}`)
for (const { account } of job.accounts) await telephony.destroyBridge(`bridge-leg-${account}`)
await telephony.close()
const result: BareLoopResult = {
  calls: placed,
  bridged: waits.length,
  cpuMsPerCall: (cpu.user + cpu.system) / 1000 / (total - warmUpCalls),
  waits: waits.sort((a, b) => a - b),
}
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(0)
