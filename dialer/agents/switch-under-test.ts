/** A switch for tests of this room that writes down what it is asked and does nothing; what happens on it is told by the test. */
import type { Telephony, TelephonyError, TelephonyEvent } from '../telephony/telephony.ts'

type Happening = TelephonyEvent extends infer E ? (E extends TelephonyEvent ? Omit<E, 'at'> : never) : never

export function createScriptedSwitch(failing: Partial<Record<keyof Telephony, TelephonyError>> = {}) {
  const asked: unknown[][] = []
  const listeners: ((event: TelephonyEvent) => void)[] = []
  let recorded: Awaited<ReturnType<Telephony['record']>> = new Map()
  let live: Awaited<ReturnType<Telephony['live']>> = { channels: [], bridges: [] }
  const request =
    (name: keyof Telephony) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args])
      const failure = failing[name]
      if (failure) throw failure
    }
  const telephony: Telephony = {
    start: request('start'),
    close: request('close'),
    subscribe(listener) {
      listeners.push(listener)
      return () => {}
    },
    originateCallee: request('originateCallee'),
    originateAgent: request('originateAgent'),
    answer: request('answer'),
    detect: request('detect'),
    listen: request('listen'),
    stopListening: request('stopListening'),
    listenForTalk: request('listenForTalk'),
    hangUp: request('hangUp'),
    createBridge: request('createBridge'),
    addToBridge: request('addToBridge'),
    removeFromBridge: request('removeFromBridge'),
    destroyBridge: request('destroyBridge'),
    play: request('play'),
    stopPlaying: request('stopPlaying'),
    live: async () => live,
    audioReceived: async () => undefined,
    record: async () => recorded,
    ours: async () => ({
      channelIds: live.channels.map(({ channelId }) => channelId),
      bridgeIds: live.bridges.map(({ bridgeId }) => bridgeId),
    }),
    putTrunk: request('putTrunk'),
    removeTrunk: request('removeTrunk'),
    putAgentAccount: request('putAgentAccount'),
    removeAgentAccount: request('removeAgentAccount'),
  }
  /** Lets promises that can settle do so. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    telephony,
    asked,
    settle,
    async happen(event: Happening, at = 0) {
      for (const listener of listeners) listener({ ...event, at })
      await settle()
    },
    show(now: typeof live, record: typeof recorded = new Map()) {
      live = now
      recorded = record
    },
  }
}
