/** Watches the switch past the engine: when each caller's channel entered a bridge, by the switch's own clock. */
import WebSocket from 'ws'
import { z } from 'zod'
import type { TestAsterisk } from './asterisk.ts'

const entered = z.object({
  type: z.literal('ChannelEnteredBridge'),
  timestamp: z.string(),
  channel: z.object({ caller: z.object({ number: z.string() }) }),
})

export interface BridgeWitness {
  /** Epoch ms by the caller's number, the first time; undefined: never so far. */
  enteredAt(number: string): number | undefined
}

export async function watchBridges(
  t: { teardown(task: () => void): unknown },
  { ariUrl }: Pick<TestAsterisk, 'ariUrl'>,
): Promise<BridgeWitness> {
  const { username, password, host } = new URL(ariUrl)
  const socket = new WebSocket(`ws://${host}/ari/events?app=witness&subscribeAll=true&api_key=${username}:${password}`)
  t.teardown(() => socket.terminate())
  const seen = new Map<string, number>()
  socket.on('message', (data) => {
    const event = entered.safeParse(JSON.parse(String(data)))
    if (!event.success) return
    const { channel, timestamp } = event.data
    if (!seen.has(channel.caller.number)) seen.set(channel.caller.number, Date.parse(timestamp))
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return { enteredAt: (number) => seen.get(number) }
}
