/**
 * One test call as the switch tells it: out over the trunk to a number of ours, and in again on it. Holds the calls that are
 * on their way, decides when each has passed or failed, and leaves no channel behind. Used by route-test.ts only.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Telephony, TelephonyError, type TelephonyEvent } from '../telephony/telephony.ts'

export type CalledIn = TelephonyEvent & { type: 'called_in' }

export interface RouteVerdict {
  passed: boolean
  reason: string
}

export interface RouteCall {
  trunkId: string
  /** Of ours: called, and shown. */
  number: string
  from: string
}

export interface RouteCalls {
  /** Rejects with TelephonyError when the switch does not place it, or goes away. */
  place(call: RouteCall): Promise<RouteVerdict>
  /** Whether this call in is the other end of a test; then it is ended here. */
  claims(event: CalledIn): boolean
  /** Whether a channel is that of a test on its way; those of a former run are nobody's and are taken down (calls/recovery.ts). */
  owns(channelId: string): boolean
}

/** From the call out to the call in: carriers take a few seconds, more over a second carrier. */
const deadlineMs = 25_000

export function createRouteCalls({ telephony, clock, log }: { telephony: Telephony; clock: Clock; log: Log }): RouteCalls {
  interface Pending extends RouteCall {
    channelId: string
    answered: boolean
    settle(verdict: RouteVerdict): void
    /** Nobody can say. */
    giveUp(error: TelephonyError): void
  }
  const pending = new Set<Pending>()
  const find = (fits: (test: Pending) => boolean) => [...pending].find(fits)

  const hangUp = (channelId: string) =>
    telephony.hangUp(channelId).catch((error) => log.warn({ err: messageOf(error) }, 'a test call could not be hung up'))

  telephony.subscribe((event) => {
    if (event.type === 'down')
      for (const test of pending) test.giveUp(new TelephonyError('unreachable', 'the switch went away meanwhile'))
    if (event.type !== 'answered' && event.type !== 'ended') return
    const test = find(({ channelId }) => channelId === event.channelId)
    if (!test) return
    if (event.type === 'answered') test.answered = true
    else test.settle({ passed: false, reason: `the carrier did not bring the call to us (${describe(event)})` })
  })

  return {
    async place(call) {
      const channelId = `route-test-${randomUUID()}`
      const test: Pending = { ...call, channelId, answered: false, settle: () => {}, giveUp: () => {} }
      const verdict = new Promise<RouteVerdict>((settle, giveUp) => {
        test.settle = settle
        test.giveUp = giveUp
      })
      pending.add(test)
      const cancelTimer = clock.after(deadlineMs, () =>
        test.settle({
          passed: false,
          reason: `nothing came in within ${deadlineMs / 1000} s${test.answered ? '; somebody else answered the call' : ''}`,
        }),
      )
      try {
        const { trunkId, number, from } = call
        const placed = telephony.originateCallee({ channelId, trunkId, number, callerId: from, ringTimeoutMs: deadlineMs })
        const [result] = await Promise.all([verdict, placed])
        return result
      } finally {
        cancelTimer()
        pending.delete(test)
        await hangUp(channelId)
      }
    },

    claims({ channelId, from, to }) {
      const test = find((one) => one.number === to && (from === null || from === one.from))
      if (!test) return false
      const shown = from === null ? 'without a number' : 'with the number shown'
      test.settle({ passed: true, reason: `a test call came in on it, ${shown}` })
      void hangUp(channelId)
      return true
    },

    owns: (channelId) => find((test) => test.channelId === channelId) !== undefined,
  }
}

function describe({ cause, sipCode }: TelephonyEvent & { type: 'ended' }): string {
  return sipCode === undefined ? `cause ${cause}` : `SIP ${sipCode}, cause ${cause}`
}
