/**
 * Calls agents back whose legs went down with the switch: their phones ring, and who picks up is put back into the state he
 * was in. A phone that cannot be reached yet is rung when it registers, or after a while; who does not pick up is left
 * logged out. Told by leg.ts who was cut, called by room.ts.
 */
import type { Clock } from '../clock.ts'
import { messageOf, OutpaceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Telephony } from '../telephony/telephony.ts'
import type { Standing } from './agent-state.ts'
import type { Legs, PhoneOwner } from './leg.ts'

/** An agent whose phone is not there by then has gone home. */
const GIVE_UP_AFTER_MS = 5 * 60_000
const AGAIN_AFTER_MS = 3000

export interface Recall {
  callBack(owner: PhoneOwner, standing: Standing): void
  close(): void
}

interface Cut {
  owner: PhoneOwner
  standing: Standing
  giveUpAt: number
  ringing: boolean
}

export interface RecallDeps {
  telephony: Telephony
  clock: Clock
  log: Log
  callPhone: Legs['callPhone']
}

export function createRecall({ telephony, clock, log, callPhone }: RecallDeps): Recall {
  const cut = new Map<string, Cut>()

  async function ring(account: string) {
    const one = cut.get(account)
    if (!one || one.ringing) return
    one.ringing = true
    try {
      await callPhone(one.owner, one.standing)
      cut.delete(account)
    } catch (error) {
      one.ringing = false
      // He dialed in meanwhile, or was logged in.
      const isBack = error instanceof OutpaceError && error.code === 'wrong_state'
      if (isBack || clock.now() >= one.giveUpAt) {
        cut.delete(account)
        if (!isBack) log.warn({ account, reason: messageOf(error) }, 'an agent could not be called back')
      } else {
        clock.after(AGAIN_AFTER_MS, () => void ring(account))
      }
    }
  }

  const unsubscribe = telephony.subscribe((event) => {
    if (event.type === 'account' && event.reachable) void ring(event.account)
  })

  return {
    callBack(owner, standing) {
      if ('next' in standing && standing.next?.to === 'logged_out') return
      cut.set(owner.account, { owner, standing, giveUpAt: clock.now() + GIVE_UP_AFTER_MS, ringing: false })
      void ring(owner.account)
    },
    close() {
      unsubscribe()
      cut.clear()
    },
  }
}
