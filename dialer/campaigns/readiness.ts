/**
 * What a campaign lacks before it can place a call, each as a part of one sentence. Pure; called by office.ts at a start,
 * so that the operator learns of everything at once and not one by one.
 */
import { mayDial } from '../trunks/trunk.ts'

/** What a campaign would dial with, as campaign-store.ts finds it. */
export interface Supplies {
  /** The trunks that usable caller IDs of the pool are dialed over. */
  trunks: { id: string; host: string; enabled: boolean; callerIds: number }[]
  hasAgents: boolean
  hasLeads: boolean
}

export function whatIsMissing(supplies: Supplies, callerIdPool: string, liveDialing: boolean): string[] {
  const missing: string[] = []
  if (supplies.trunks.length === 0)
    missing.push(`the pool "${callerIdPool}" has no active caller ID whose inbound route was tested`)
  else if (!supplies.trunks.some((trunk) => trunk.enabled && mayDial(trunk.host, liveDialing))) {
    for (const trunk of supplies.trunks) {
      missing.push(
        trunk.enabled
          ? `the trunk ${trunk.id} points to ${trunk.host}, and live dialing is switched off`
          : `the trunk ${trunk.id} of the pool "${callerIdPool}" is switched off`,
      )
    }
  }
  if (!supplies.hasAgents) missing.push('no agent is assigned to it')
  if (!supplies.hasLeads) missing.push('it has no leads left to call')
  return missing
}
