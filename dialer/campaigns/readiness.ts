/**
 * What a campaign lacks before it can place a call, each as a part of one sentence. Pure; called by office.ts at a start,
 * so that the operator learns of everything at once and not one by one.
 */
import { machineGets } from '../messages/message.ts'
import { mayDial } from '../trunks/trunk.ts'
import type { CampaignSettings } from './settings.ts'

/** What a campaign would dial with, as campaign-store.ts finds it. */
export interface Supplies {
  /** The trunks that usable caller IDs of the pool are dialed over. */
  trunks: { id: string; host: string; enabled: boolean; callerIds: number }[]
  hasAgents: boolean
  hasLeads: boolean
}

/** What of its settings decides what it needs. */
export type Needs = Pick<CampaignSettings, 'callerIdPool' | 'callerIdBrand' | 'mode' | 'message' | 'onMachine'>

export function whatIsMissing(supplies: Supplies, needs: Needs, liveDialing: boolean): string[] {
  const { callerIdPool, callerIdBrand, mode, message } = needs
  const missing: string[] = []
  const ofBrand = callerIdBrand === null ? '' : ` of the brand "${callerIdBrand}"`
  if (supplies.trunks.length === 0)
    missing.push(`the pool "${callerIdPool}" has no active caller ID${ofBrand} whose inbound route was tested`)
  else if (!supplies.trunks.some((trunk) => trunk.enabled && mayDial(trunk.host, liveDialing))) {
    for (const trunk of supplies.trunks) {
      missing.push(
        trunk.enabled
          ? `the trunk ${trunk.id} points to ${trunk.host}, and live dialing is switched off`
          : `the trunk ${trunk.id} of the pool "${callerIdPool}" is switched off`,
      )
    }
  }
  if (mode === 'message' && !message?.person) missing.push('it has no message for a person (settings.message.person)')
  if (!message && machineGets(needs) === 'leave_message' && mode !== 'message')
    missing.push('it has no message to leave on a machine (settings.message)')
  if (!supplies.hasAgents && mode !== 'message') missing.push('no agent is assigned to it')
  if (!supplies.hasLeads) missing.push('it has no leads left to call')
  return missing
}
