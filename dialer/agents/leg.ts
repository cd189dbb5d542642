/**
 * The agent's leg: his one call to the switch, standing in a bridge of its own for the whole shift.
 * Makes it (the engine rings his phone, or he dials the log-in code), listens to its keys, announces calls in it,
 * notices when it dies, and takes it down. What any of this means for the agent is decided by his machine, in the pool.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { messageOf, OutpaceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Telephony, TelephonyError, type TelephonyEvent } from '../telephony/telephony.ts'
import type { Session, Standing } from './agent-state.ts'
import { createKeyReader, LOGIN_CODE } from './phone-codes.ts'
import type { Agents } from './pool.ts'
import { standingAfterCut } from './standing.ts'

const RING_TIMEOUT_MS = 30_000
/** The agent is ready after the sound at the latest now, even if the switch never says that it ended. */
const CONFIRMATION_LIMIT_MS = 3000
/** A phone that re-registers is unreachable for a moment; after this it counts as dead. */
const UNREACHABLE_CONFIRM_MS = 2000

/** So long before it goes a switch hangs up its calls. */
const LAST_WORDS_MS = 3000

const CONFIRMATION = ['sound:outpace/ready']
const CALL_TONE = ['sound:outpace/call']

/** Who may log in: an enabled agent and the campaign he works for. */
export interface PhoneOwner {
  agentId: string
  account: string
  campaignId: string
}

export interface LegDeps {
  telephony: Telephony
  agents: Agents
  clock: Clock
  log: Log
  /** The owner of a phone that dialed in; undefined when he may not log in. */
  ownerOf(account: string): Promise<PhoneOwner | undefined>
  /** His leg went down with the switch. */
  onCut(owner: PhoneOwner, standing: Standing): void
  wrapUpMs(campaignId: string): number
}

export interface Legs {
  /** A leg that stands since a former run of the engine; without its bridge it gets a new one. */
  adopt(owner: PhoneOwner, session: Session, inBridge: boolean): void
  has(channelId: string): boolean
  /** Rings the phone; resolves when it rings or answers, rejects with `phone_unreachable` when it does neither. */
  callPhone(owner: PhoneOwner, standing?: Standing): Promise<void>
  /** Ends every leg and its shift, and waits until the switch has taken them down. */
  close(reason: string): Promise<void>
}

interface Leg {
  owner: PhoneOwner
  session: Session
  beganAt: number
  readKey: ReturnType<typeof createKeyReader>
  /** Answered: being put into its bridge, or standing there. */
  up: boolean
  /** Known before the switch reports the end. */
  endReason?: string
  /** Settles `callPhone`: undefined when the phone rings, or why it will not. */
  reached: (failure?: string) => void
  stopWaiting?: () => void
}

/** Q.850 cause with which the switch ends a call that it hears nothing from any more. */
const CAUSE_NO_AUDIO = 44

function whyEnded(wasUp: boolean, cause: number): string {
  if (!wasUp) return `the phone did not answer (cause ${cause})`
  return cause === CAUSE_NO_AUDIO ? 'no more audio from the phone' : 'the phone hung up'
}

export function createAgentLegs({ telephony, agents, clock, log, ownerOf, onCut, wrapUpMs }: LegDeps): Legs {
  const legs = new Map<string, Leg>()
  /** Legs that ended a moment ago: a switch that is stopped in good order hangs them up before it goes. */
  let justEnded: { leg: Leg; at: number; standing: Standing }[] = []
  let switchWentAt = 0
  const takingDown = new Set<Promise<unknown>>()

  const unsubscribe = telephony.subscribe((event) => {
    if (event.type === 'dialed_in') dialedIn(event.channelId, event.account, event.code)
    else if (event.type === 'account') accountChanged(event.account, event.reachable)
    else if (event.type === 'up') void compareWithSwitch(event.startedAt)
    else if (event.type === 'down') switchWentAt = event.at
    else if ('channelId' in event) {
      const leg = legs.get(event.channelId)
      if (leg) legEvent(leg, event)
    }
  })

  agents.onEffect(({ agentId, effect }) => {
    if (effect.do === 'announce_call') play(`call-${effect.callId}`, effect.session.channelId, CALL_TONE)
    else if (effect.do === 'close_leg') takeDown(agentId, effect.session)
    else if (effect.do === 'restore_bridge') void restoreBridge(effect.session)
  })

  function newLeg(owner: PhoneOwner, via: Session['via'], channelId: string, reached: Leg['reached']): Leg {
    const sessionId = randomUUID()
    const session = { sessionId, campaignId: owner.campaignId, via, channelId, bridgeId: `agent-${sessionId}` }
    return { owner, session, beganAt: clock.now(), readKey: createKeyReader(), up: false, reached }
  }

  async function callPhone(owner: PhoneOwner, standing?: Standing): Promise<void> {
    let reached: Leg['reached'] = () => {}
    const failed = new Promise<string | undefined>((resolve) => {
      reached = resolve
    })
    const leg = newLeg(owner, 'called', `leg-${randomUUID()}`, reached)
    const refused = agents.tell(owner.agentId, { type: 'log_in', session: leg.session, ...(standing && { standing }) })
    if (refused !== undefined) {
      throw new OutpaceError('wrong_state', { what: 'agent', state: refused, action: 'log in', possible: 'log out first' })
    }
    legs.set(leg.session.channelId, leg)
    const { channelId } = leg.session
    telephony
      .originateAgent({ channelId, account: owner.account, ringTimeoutMs: RING_TIMEOUT_MS })
      .catch((error: unknown) => lost(leg, messageOf(error)))
    const failure = await failed
    if (failure !== undefined) throw new OutpaceError('phone_unreachable', { account: owner.account, reason: failure })
  }

  async function dialedIn(channelId: string, account: string, code: string) {
    try {
      const owner = code === LOGIN_CODE ? await ownerOf(account) : undefined
      if (!owner) return await refuse(channelId, account, 'no enabled agent with a campaign, or an unknown code')
      const leg = newLeg(owner, 'dialed_in', channelId, () => {})
      const refused = agents.tell(owner.agentId, { type: 'log_in', session: leg.session })
      if (refused !== undefined) return await refuse(channelId, account, refused)
      legs.set(channelId, leg)
      await telephony.answer(channelId).catch((error: unknown) => lost(leg, messageOf(error)))
      await standUp(leg)
    } catch (error) {
      log.error({ err: error, account }, 'log-in from a phone failed')
      await telephony.hangUp(channelId).catch(() => {})
    }
  }

  async function refuse(channelId: string, account: string, reason: string) {
    log.warn({ account, reason }, 'log-in from a phone refused')
    await telephony.hangUp(channelId, 'busy')
  }

  /** Answered: into its bridge, a short sound, ready. Runs once for a leg, whoever notices the answer first. */
  async function standUp(leg: Leg) {
    const { session } = leg
    if (leg.up || !legs.has(session.channelId)) return
    leg.up = true
    try {
      await telephony.createBridge(session.bridgeId)
      await telephony.addToBridge(session.bridgeId, session.channelId)
    } catch (error) {
      return lost(leg, messageOf(error))
    }
    leg.stopWaiting = clock.after(CONFIRMATION_LIMIT_MS, () => legUp(leg))
    play(`ready-${session.sessionId}`, session.channelId, CONFIRMATION, () => legUp(leg))
  }

  /** Somebody took the bridge away: the leg gets it again, or its shift ends here and the agent dials in anew. */
  async function restoreBridge({ bridgeId, channelId }: Session) {
    try {
      await telephony.createBridge(bridgeId)
      await telephony.addToBridge(bridgeId, channelId)
    } catch (error) {
      // A switch that is away tells nothing of the leg; it is compared when the switch is back.
      if (error instanceof TelephonyError && error.kind === 'unreachable') return
      const leg = legs.get(channelId)
      if (leg) lost(leg, `the bridge could not be made again: ${messageOf(error)}`)
    }
  }

  function legUp(leg: Leg) {
    leg.stopWaiting?.()
    agents.tell(leg.owner.agentId, { type: 'leg_up', channelId: leg.session.channelId })
  }

  function legEvent(leg: Leg, event: TelephonyEvent) {
    const { agentId } = leg.owner
    if (event.type === 'ringing') leg.reached()
    else if (event.type === 'answered') {
      leg.reached()
      void standUp(leg)
    } else if (event.type === 'played') {
      if (event.playbackId === `ready-${leg.session.sessionId}`) legUp(leg)
    } else if (event.type === 'ended') {
      rememberEnd(leg)
      lost(leg, leg.endReason ?? whyEnded(leg.up, event.cause))
    } else if (event.type === 'dtmf') {
      const command = leg.readKey(event.digit, event.at)
      if (command === 'ready') agents.tell(agentId, { type: 'ready' })
      else if (command === 'pause') agents.tell(agentId, { type: 'pause', reason: 'phone' })
      else if (command === 'end_talk') agents.tell(agentId, { type: 'hang_up' })
      else if (command === 'log_out') agents.tell(agentId, { type: 'log_out', reason: 'asked by phone' })
    }
  }

  /** The leg is gone or never came to be. */
  function lost(leg: Leg, reason: string) {
    if (!legs.has(leg.session.channelId)) return
    leg.reached(reason)
    agents.tell(leg.owner.agentId, { type: 'leg_lost', channelId: leg.session.channelId, reason })
    forget(leg)
  }

  function rememberEnd(leg: Leg) {
    const at = clock.now()
    const standing = standingAfterCut(agents.state(leg.owner.agentId), at, wrapUpMs(leg.owner.campaignId))
    justEnded = justEnded.filter((one) => one.at > at - LAST_WORDS_MS)
    if (standing && leg.up && !leg.endReason) justEnded.push({ leg, at, standing })
  }

  /** After a restart of the switch: who was hung up by it, not by himself. */
  function callBackJustEnded(switchStartedAt: number) {
    for (const { leg, at, standing } of justEnded.splice(0))
      if (switchStartedAt > at && at > switchWentAt - LAST_WORDS_MS) onCut(leg.owner, standing)
  }

  /** Gone while nobody listened; with the whole switch, or he hung up. */
  function cutOff(leg: Leg, switchStartedAt: number) {
    const { agentId, campaignId } = leg.owner
    const standing = standingAfterCut(agents.state(agentId), clock.now(), wrapUpMs(campaignId))
    if (switchStartedAt <= leg.beganAt || !leg.up) return lost(leg, 'the switch lost the call')
    lost(leg, 'the switch was restarted')
    if (standing) onCut(leg.owner, standing)
  }

  function forget(leg: Leg) {
    leg.stopWaiting?.()
    legs.delete(leg.session.channelId)
  }

  function takeDown(agentId: string, { channelId, bridgeId }: Session) {
    const leg = legs.get(channelId)
    if (leg) {
      leg.reached('logged out before the phone answered')
      forget(leg)
    }
    const failed = (error: unknown) => log.warn({ agentId, reason: messageOf(error) }, 'leg could not be taken down')
    const done = Promise.all([telephony.hangUp(channelId), telephony.destroyBridge(bridgeId)])
      .catch(failed)
      .finally(() => takingDown.delete(done))
    takingDown.add(done)
  }

  /** The switch lost sight of the phone: after a moment without news the leg is hung up, and its end logs the agent out. */
  function accountChanged(account: string, reachable: boolean) {
    for (const leg of legs.values()) {
      if (leg.owner.account !== account || !leg.up) continue
      delete leg.endReason
      if (reachable) continue
      leg.endReason = 'the phone stopped answering'
      clock.after(UNREACHABLE_CONFIRM_MS, () => {
        if (leg.endReason) telephony.hangUp(leg.session.channelId).catch(() => lost(leg, 'the phone stopped answering'))
      })
    }
  }

  /** After a gap in the events: legs that the switch no longer has are lost, answers that were missed are made up for. */
  async function compareWithSwitch(switchStartedAt: number) {
    callBackJustEnded(switchStartedAt)
    const known = [...legs.values()]
    if (known.length === 0) return
    try {
      const { channels } = await telephony.live()
      const stateOf = new Map(channels.map((channel) => [channel.channelId, channel.state]))
      for (const leg of known) {
        const state = stateOf.get(leg.session.channelId)
        if (state === undefined) cutOff(leg, switchStartedAt)
        else if (state === 'up') void standUp(leg)
      }
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'legs could not be compared with the switch')
    }
  }

  /** A sound that cannot be played never holds anything up. */
  function play(playbackId: string, channelId: string, media: string[], otherwise?: () => void) {
    telephony.play(playbackId, channelId, media).catch((error: unknown) => {
      log.warn({ channelId, reason: messageOf(error) }, 'sound could not be played to an agent')
      otherwise?.()
    })
  }

  async function close(reason: string) {
    unsubscribe()
    for (const leg of [...legs.values()]) lost(leg, reason)
    await Promise.allSettled(takingDown)
  }

  return {
    callPhone,
    adopt(owner, session, inBridge) {
      const leg: Leg = { ...{ owner, session, beganAt: clock.now(), readKey: createKeyReader() }, up: inBridge, reached() {} }
      legs.set(session.channelId, leg)
      if (!inBridge) void standUp(leg)
    },
    has: (channelId) => legs.has(channelId),
    close,
  }
}
