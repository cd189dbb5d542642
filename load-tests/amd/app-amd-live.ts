/**
 * Is our port of app_amd the real thing? Items of the test part are played over RTP by SIPp callees to a private
 * Asterisk that runs AMD() on them, and its verdicts are compared with the port's. Called by bench.ts.
 */
import { rm } from 'node:fs/promises'
import { linearToAlaw } from '../../dialer/amd/g711.ts'
import { systemClock } from '../../dialer/clock.ts'
import { createLog } from '../../dialer/log.ts'
import { createAsteriskTelephony } from '../../dialer/telephony/asterisk/asterisk.ts'
import type { Telephony } from '../../dialer/telephony/telephony.ts'
import { startAsterisk } from '../../pbx-config/asterisk-process.ts'
import { newTestAsterisk, removeTestAsterisk } from '../../test/support/asterisk.ts'
import { type AmdVerdict, appAmd, levelsOf } from './app-amd.ts'
import { type ItemCallees, startItemCallees } from './item-callees.ts'
import type { CorpusPart, Item } from './items.ts'

export interface LiveComparison {
  items: number
  /** The same status from both. */
  agree: number
  /** Real status against the port's, where they differ. */
  differences: { id: number; kind: string; real: string; port: string }[]
}

const atOnce = 6
const deadlineMs = 30_000

export async function compareWithAsterisk(part: CorpusPart, count: number): Promise<LiveComparison> {
  const settings = await newTestAsterisk()
  const { ariUrl } = await startAsterisk(settings)
  const log = createLog('silent')
  const agentPhones = { rtpTimeoutSeconds: 0, qualifySeconds: 60 }
  const telephony = createAsteriskTelephony({ url: ariUrl, app: 'outpace', clock: systemClock, log, agentPhones })
  await telephony.start()
  const dir = 'var/corpus/app-amd-live'
  const waiting = chosen(part.items, count)
  const callees = await startItemCallees({ recordings: waiting.map((item) => ({ id: item.id, alaw: alawOf(part, item) })), dir })
  const shown = { presentation: 'both', fromUser: null, fromDomain: null, numberFormat: 'plus', sendAttemptId: false } as const
  for (const port of callees.ports)
    await telephony.putTrunk({
      id: `items-${port}`,
      host: '127.0.0.1',
      port,
      username: null,
      password: null,
      codecs: ['alaw'],
      ...shown,
    })
  try {
    const result: LiveComparison = { items: 0, agree: 0, differences: [] }
    const worker = async () => {
      for (let item = waiting.pop(); item; item = waiting.pop()) {
        const port = appAmd(levelsOf(part.packets(item)))
        const real = await verdictOf(telephony, callees, item)
        result.items++
        if (real === statusWord[port.status]) result.agree++
        else result.differences.push({ id: item.id, kind: item.kind, real, port: `${port.status} ${port.cause}` })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    return result
  } finally {
    await callees.stop()
    await telephony.close()
    await removeTestAsterisk(settings)
    await rm(dir, { recursive: true, force: true })
  }
}

const statusWord: Record<AmdVerdict['status'], string> = {
  HUMAN: 'human',
  MACHINE: 'machine',
  NOTSURE: 'unsure',
  HANGUP: 'ended',
}

/** SIPp plays whole files, so only items whose packets all arrived; evenly out of the part, both labels. */
function chosen(items: readonly Item[], count: number): Item[] {
  const whole = items.filter(({ label, lost }) => label !== 'other' && lost.length === 0)
  const step = whole.length / count
  return Array.from({ length: count }, (_, n) => whole[Math.floor(n * step)]).filter((item) => item !== undefined)
}

function alawOf(part: CorpusPart, item: Item): Uint8Array {
  return Buffer.concat(part.packets(item).map(({ samples }) => linearToAlaw(samples)))
}

/** One call, one verdict of the real AMD(). */
async function verdictOf(telephony: Telephony, callees: ItemCallees, { id }: Item): Promise<string> {
  // Asterisk takes an id for a duplicate if another begins with it.
  const channelId = `item-${id}-call`
  let unsubscribe = () => {}
  let timer: NodeJS.Timeout | undefined
  const verdict = new Promise<string>((settle) => {
    timer = setTimeout(() => settle('nothing'), deadlineMs)
    unsubscribe = telephony.subscribe((event) => {
      if (!('channelId' in event) || event.channelId !== channelId) return
      if (event.type === 'answered') void telephony.detect(channelId)
      if (event.type === 'detected') settle(event.verdict)
      if (event.type === 'ended') settle('ended')
    })
  })
  try {
    const { number, port } = callees.callee(id)
    await telephony.originateCallee({
      ...{ channelId, trunkId: `items-${port}`, number, callerId: '+48223000010', ringTimeoutMs: 20_000 },
    })
    return await verdict
  } finally {
    unsubscribe()
    clearTimeout(timer)
    await telephony.hangUp(channelId)
  }
}
