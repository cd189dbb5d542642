/**
 * Takes down the legs that a former run of the engine left of these accounts: nobody hears their keys or their end any more.
 * A leg with a talk in its bridge stays. Called by room.ts when the switch is up for the first time.
 */
import type { Telephony } from '../telephony/telephony.ts'

export const legBridge = (sessionId: string) => `agent-${sessionId}`

/** `isOurs`: a channel of a leg of this run. */
export async function clearLeftOverLegs(telephony: Telephony, accounts: string[], isOurs: (channelId: string) => boolean) {
  const { bridges, channels } = await telephony.live()
  const accountOf = new Map(channels.map((channel) => [channel.channelId, channel.endpoint]))
  for (const { bridgeId, channelIds } of bridges) {
    const [alone] = channelIds
    if (!bridgeId.startsWith(legBridge('')) || channelIds.length > 1) continue
    if (alone !== undefined && (isOurs(alone) || !accounts.includes(accountOf.get(alone) ?? ''))) continue
    if (alone !== undefined) await telephony.hangUp(alone)
    await telephony.destroyBridge(bridgeId)
  }
}
