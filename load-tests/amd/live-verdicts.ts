/**
 * Does the detector say the same on the live way (SIPp callee, RTP, Asterisk, snoop, external media, our socket) as on the
 * bytes in the file? Items of the corpus are played by callees and heard by calls/listening.ts, as every call of the engine is.
 * Called by bench-amd-live.ts.
 */
import { randomUUID } from 'node:crypto'
import { createDetector, type DetectorFact } from '../../dialer/amd/detector.ts'
import { linearToAlaw } from '../../dialer/amd/g711.ts'
import { createListening } from '../../dialer/calls/listening.ts'
import { systemClock as clock } from '../../dialer/clock.ts'
import { createLog } from '../../dialer/log.ts'
import { createAsteriskTelephony } from '../../dialer/telephony/asterisk/asterisk.ts'
import { within } from '../deadline.ts'
import { type ItemCallees, startItemCallees } from './item-callees.ts'
import type { CorpusPart, Item } from './items.ts'

type Verdict = Omit<Extract<DetectorFact, { type: 'verdict' }>, 'type'>

export interface Compared {
  item: Item
  /** On the bytes of the file. */
  offline: Verdict
  /** On the call; undefined: there was none in time. */
  live: Verdict | undefined
}

const atOnce = 20
const verdictDeadlineMs = 20_000
/** Silence after the recording, in which a late verdict falls. */
const silenceMs = 9000
const trunkOf = (port: number) => `recordings-${port}`

function offlineVerdict(part: CorpusPart, item: Item): Verdict {
  const detector = createDetector()
  const found = (facts: DetectorFact[]) => facts.find((fact) => fact.type === 'verdict')
  for (const { samples, atMs } of part.packets(item)) {
    const verdict = found(detector.feed(samples, atMs))
    if (verdict) return verdict
  }
  const endMs = item.length / 8
  for (let atMs = endMs; atMs < endMs + silenceMs; atMs += 100) {
    const verdict = found(detector.feed(new Int16Array(0), atMs))
    if (verdict) return verdict
  }
  throw new Error(`the detector has no verdict on item ${item.id}`)
}

/** Evenly out of the part. SIPp plays files whole, so only items whose packets all arrived. */
export function chosenItems(part: CorpusPart, count: number): Item[] {
  const whole = part.items.filter(({ label, lost }) => label !== 'other' && lost.length === 0)
  const step = whole.length / count
  return Array.from({ length: count }, (_, n) => whole[Math.floor(n * step)]).filter((item) => item !== undefined)
}

export async function compareLive(options: {
  part: CorpusPart
  items: Item[]
  ariUrl: string
  dir: string
}): Promise<Compared[]> {
  const { part, items, ariUrl, dir } = options
  const log = createLog('warn')
  const telephony = createAsteriskTelephony({
    ...{ url: ariUrl, app: 'outpace', clock, log, agentPhones: { qualifySeconds: 60, rtpTimeoutSeconds: 0 } },
  })
  await telephony.start()
  const listening = createListening({ telephony, createDetector, clock, log })
  const recordings = items.map((item) => ({
    id: item.id,
    alaw: Buffer.concat(part.packets(item).map(({ samples }) => linearToAlaw(samples))),
  }))
  const callees = await startItemCallees({ recordings, dir })

  async function liveVerdict(item: Item, callees: ItemCallees): Promise<Verdict | undefined> {
    const channelId = randomUUID()
    const decided = new Promise<void>((resolve) => {
      const unsubscribe = telephony.subscribe((event) => {
        if (!('channelId' in event) || event.channelId !== channelId) return
        if (event.type === 'ended') unsubscribe()
        if (event.type !== 'answered') return
        const report = ({ type }: { type: string }) => (type === 'detected' || type === 'listening_failed') && resolve()
        listening.start({ id: channelId, answeredAt: event.at, keepAudioMs: 0, report })
      })
    })
    const { number, port } = callees.callee(item.id)
    const call = { channelId, trunkId: trunkOf(port), number, callerId: '+48223000010' }
    await telephony.originateCallee({ ...call, ringTimeoutMs: 20_000 })
    await within(verdictDeadlineMs, `a verdict on item ${item.id}`, decided).catch(() => {})
    const heard = listening.stop(channelId)
    await telephony.hangUp(channelId)
    return heard?.verdict
  }

  try {
    const shown = { presentation: 'both', fromUser: null, fromDomain: null } as const
    for (const port of callees.ports)
      await telephony.putTrunk({
        ...{ id: trunkOf(port), host: '127.0.0.1', port, username: null, password: null, codecs: ['alaw'] },
        ...{ ...shown, numberFormat: 'plus', sendAttemptId: false },
      })
    const waiting = [...items]
    const compared: Compared[] = []
    const caller = async () => {
      for (let item = waiting.pop(); item; item = waiting.pop())
        compared.push({ item, offline: offlineVerdict(part, item), live: await liveVerdict(item, callees) })
    }
    await Promise.all(Array.from({ length: atOnce }, caller))
    return compared
  } finally {
    listening.close()
    await callees.stop()
    await telephony.close()
  }
}
