/**
 * Asterisk's own record of calls (pbx-config/templates/cel_custom.conf): a line for each answer, each bridge a channel
 * enters and each end, written whether an engine listens or not. Read after a gap in the events, never while all is well.
 * Kept short here: a long file is put aside, and the one put aside before it is dropped.
 */
import { open, rename, stat } from 'node:fs/promises'
import type { ChannelRecord } from '../telephony.ts'

/** Some 70,000 calls. */
const longestBytes = 32 * 1024 * 1024
/** What is older does no harm, and a machine whose clock was set tells its time unevenly for a while. */
const overlapMs = 600_000

/** `seconds.milliseconds|EVENT|channel|JSON`; lines of other kinds, or broken off by a crash, are passed over. */
export function readRecord(
  text: string,
  since: number,
  aheadMs = 0,
  into = new Map<string, ChannelRecord>(),
): Map<string, ChannelRecord> {
  for (const line of text.split('\n')) {
    const [seconds = '', type = '', channelId = '', ...rest] = line.split('|')
    const writtenAt = Math.round(Number(seconds) * 1000)
    if (!(writtenAt >= since - overlapMs) || channelId === '') continue
    const at = writtenAt + aheadMs
    const known = into.get(channelId) ?? {}
    into.set(channelId, known)
    const extra = rest.join('|')
    const bridgeId = /"bridge_id":"([^"]+)"/.exec(extra)?.[1]
    if (type === 'ANSWER') known.answeredAt ??= at
    else if (type === 'BRIDGE_ENTER' && bridgeId !== undefined) known.bridged = { bridgeId, at }
    else if (type === 'HANGUP') known.ended ??= { at, cause: Number(/"hangupcause":(\d+)/.exec(extra)?.[1] ?? 0) }
  }
  return into
}

/** `since` by the machine's clock; what is found comes with `aheadMs` added, by ours. */
export async function readRecordFile(path: string, since: number, aheadMs = 0): Promise<Map<string, ChannelRecord>> {
  const found = new Map<string, ChannelRecord>()
  for (const file of [`${path}.before`, path]) readRecord(await endOf(file), since, aheadMs, found)
  return found
}

/** Asterisk opens the file anew for each line, so it may be moved at any time. */
export async function keepRecordShort(path: string): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }))
  if (size > longestBytes) await rename(path, `${path}.before`)
}

async function endOf(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - longestBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
