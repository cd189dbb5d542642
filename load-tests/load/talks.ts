/**
 * Agents in simultaneous talks, audio flowing both ways: what each channel on the switch sent and received in a while, by the
 * switch's own RTP statistics. A talk counts when all four streams ran at their 50 packets a second.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { askAri } from '../ari.ts'
import { eventually } from '../deadline.ts'
import type { Stats } from '../live-table.ts'
import type { EngineLoop } from './engine-loop.ts'
import type { Floor } from './floor.ts'

export interface TalksRun {
  asked: number
  /** With audio both ways. */
  flowing: number
  /** Of the packets that the switch should have received, percent. */
  lostPercent: number
}

/** person_patient of endings.ts: stays, and speaks all the time. */
const patientDigits = '16'
const lookMs = 20_000
const packetsPerSecond = 50
/** Share of the packets that must have come for a stream to count as flowing. */
const flowingShare = 0.97

interface RtpStatistics {
  txcount: number
  rxcount: number
  rxploss: number
}

export async function holdTalks(floor: Floor, loop: EngineLoop, agents: number): Promise<TalksRun> {
  const { engine, campaignPath } = loop
  await loop.enlist(agents, patientDigits)
  await engine.patch('/v1/trunks/carrier', { callsPerSecond: 20 })
  await engine.post(`${campaignPath}/start`)
  const talking = async () => (await engine.get<Stats>(`${campaignPath}/stats`)).live?.calls.talking ?? 0
  await eventually(60_000, `${agents} talks`, async () => ((await talking()) >= agents ? true : undefined))
  await engine.post(`${campaignPath}/pause`)

  const channels = (await askAri<{ id: string }[]>(floor.ariUrl, 'channels')).map(({ id }) => id)
  const bridges = (await askAri<{ channels: string[] }[]>(floor.ariUrl, 'bridges')).filter(
    (bridge) => bridge.channels.length === 2,
  )
  const before = await statisticsOf(floor, channels)
  const began = Date.now()
  await pause(lookMs)
  const after = await statisticsOf(floor, channels)
  const due = ((Date.now() - began) / 1000) * packetsPerSecond
  const received = new Map(channels.map((id) => [id, (after.get(id)?.rxcount ?? 0) - (before.get(id)?.rxcount ?? 0)]))
  const sent = new Map(channels.map((id) => [id, (after.get(id)?.txcount ?? 0) - (before.get(id)?.txcount ?? 0)]))
  const runs = (id: string) => (received.get(id) ?? 0) >= flowingShare * due && (sent.get(id) ?? 0) >= flowingShare * due
  const all = [...received.values()].reduce((sum, packets) => sum + packets, 0)
  return {
    asked: agents,
    flowing: bridges.filter((bridge) => bridge.channels.every(runs)).length,
    lostPercent: Math.max(0, 100 * (1 - all / (due * 2 * agents))),
  }
}

async function statisticsOf(floor: Floor, channels: string[]): Promise<Map<string, RtpStatistics>> {
  const found = new Map<string, RtpStatistics>()
  for (const id of channels)
    found.set(id, await askAri<RtpStatistics>(floor.ariUrl, `channels/${encodeURIComponent(id)}/rtp_statistics`))
  return found
}
