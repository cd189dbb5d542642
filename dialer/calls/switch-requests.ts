/**
 * What a call asks of the switch, and how the answer comes back: as an event of the call, never as an exception.
 * Decides nothing. Owned by engine.ts.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { MessageKind } from '../messages/message.ts'
import { type Telephony, TelephonyError } from '../telephony/telephony.ts'
import type { CallEvent, CallState } from './call.ts'
import type { CallPlan } from './call-plan.ts'
import { playbackOf } from './switch-events.ts'

export interface AskingCall {
  plan: CallPlan
  state: CallState
}

export interface SwitchRequests<Call extends AskingCall> {
  originate(call: Call): void
  detect(call: Call): void
  bridge(call: Call, bridgeId: string): void
  unbridge(call: Call, bridgeId: string): void
  playMessage(call: Call, message: MessageKind, take: number): void
  stopMessage(call: Call, message: MessageKind, take: number): void
  listenForTalk(call: Call): void
  hangUp(call: Call): void
  /** The end of a call did not come: is its channel still there? */
  verify(call: Call): void
}

export interface SwitchRequestsDeps<Call extends AskingCall> {
  telephony: Telephony
  clock: Clock
  log: Log
  feed(call: Call, event: CallEvent): void
}

/** The engine's own ring limit is the one that counts; the switch's is the safety net behind it. */
const ringSafetyMs = 15_000

const goneUnseen = (at: number): CallEvent => ({ type: 'ended', at, network: { cause: 0 }, unseen: true })

/** What was prepared for this contact, or the campaign's parting words. */
function mediaOf({ message: prepared, settings }: CallPlan, message: MessageKind): string[] {
  const own = prepared?.media[message]
  if (own) return own
  return message === 'settled' ? settings.settledMessage : settings.abandonedMessage
}

const isKind = (error: unknown, kind: TelephonyError['kind']) => error instanceof TelephonyError && error.kind === kind

export function createSwitchRequests<Call extends AskingCall>({
  telephony,
  clock,
  log,
  feed,
}: SwitchRequestsDeps<Call>): SwitchRequests<Call> {
  function ask(
    call: Call,
    request: Promise<void>,
    failed?: (error: unknown) => CallEvent | undefined,
    done?: () => CallEvent,
  ): void {
    request.then(
      () => done && feed(call, done()),
      (error: unknown) => {
        // A callee who hangs up just then is no news; the call's end is told by its own event.
        const level = isKind(error, 'gone') ? 'debug' : 'warn'
        log[level]({ attemptId: call.plan.id, state: call.state.name, err: messageOf(error) }, 'the switch refused a request')
        const event = failed?.(error)
        if (event) feed(call, event)
      },
    )
  }

  async function verify(call: Call): Promise<void> {
    const { channels } = await telephony.live()
    if (channels.some((channel) => channel.channelId === call.plan.id)) hangUp(call)
    else feed(call, goneUnseen(clock.now()))
  }

  const hangUp = (call: Call) => ask(call, telephony.hangUp(call.plan.id))

  return {
    originate(call) {
      const { id: channelId, trunkId, phone, callerId, settings } = call.plan
      const ringTimeoutMs = settings.ringTimeoutMs + ringSafetyMs
      const request = telephony.originateCallee({
        channelId,
        trunkId,
        number: phone.number,
        callerId: callerId.number,
        ringTimeoutMs,
      })
      ask(call, request, (error) => {
        // 'duplicate': the channel exists already, so our own earlier request was heard.
        if (isKind(error, 'duplicate')) return undefined
        if (isKind(error, 'unreachable')) return { type: 'unconfirmed', at: clock.now() }
        return { type: 'refused', at: clock.now(), why: messageOf(error) }
      })
    },
    detect: (call) =>
      ask(call, telephony.detect(call.plan.id), () => ({
        type: 'detected',
        at: clock.now(),
        verdict: 'unsure',
        cause: 'detection could not start',
      })),
    unbridge: (call, bridgeId) => ask(call, telephony.removeFromBridge(bridgeId, call.plan.id)),
    bridge: (call, bridgeId) =>
      ask(
        call,
        telephony.addToBridge(bridgeId, call.plan.id),
        () => ({ type: 'bridge_failed', at: clock.now() }),
        () => ({ type: 'bridged', at: clock.now() }),
      ),
    playMessage(call, message, take) {
      const { id } = call.plan
      const notPlayed = (): CallEvent => ({ type: 'message_played', at: clock.now(), message, take, completed: false })
      ask(call, telephony.play(playbackOf(id, message, take), id, mediaOf(call.plan, message)), notPlayed)
    },
    stopMessage: (call, message, take) => ask(call, telephony.stopPlaying(playbackOf(call.plan.id, message, take))),
    listenForTalk: (call) => ask(call, telephony.listenForTalk(call.plan.id)),
    hangUp,
    verify(call) {
      // No answer now: the deadline of the state comes again.
      verify(call).catch((error) =>
        log.warn({ attemptId: call.plan.id, err: messageOf(error) }, 'cannot verify the end of a call'),
      )
    },
  }
}
