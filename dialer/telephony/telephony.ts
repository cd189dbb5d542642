/**
 * The switch as the engine sees it: a port with one adapter per switch (asterisk/, later freeswitch/).
 * Ids of channels, bridges and playbacks are ours: a repeated request is refused by the switch, not done twice.
 * What is not in it: who is called, why and when (calls/), who the agents are (agents/).
 * test/contract/telephony.ts proves each adapter against it.
 */

export type Verdict = 'human' | 'machine' | 'unsure'

/** What the switch reports. Late, doubled and unknown ids are normal; receivers ignore them with a reason. */
export type TelephonyEvent =
  /** Connected and subscribed; accounts and trunks must be pushed now, live channels compared. `startedAt`: the switch itself. */
  | { type: 'up'; at: number; startedAt: number }
  | { type: 'down'; at: number; reason: string }
  | { type: 'ringing'; channelId: string; at: number }
  /** The far end answered and the channel is in our hands. */
  | { type: 'answered'; channelId: string; at: number }
  /** Answer to `detect`; `cause` is the detector's own word for it. */
  | { type: 'detected'; channelId: string; at: number; verdict: Verdict; cause: string }
  /** An agent dialed a service code from his phone. The channel is not answered yet. */
  | { type: 'dialed_in'; channelId: string; at: number; account: string; code: string }
  /**
   * Somebody calls one of our numbers over a trunk. The channel is not answered yet. Both numbers in E.164 with '+' as far as
   * the carrier tells them so; `from` is null where the caller withholds it, or where it is no number.
   */
  | { type: 'called_in'; channelId: string; at: number; trunkId: string; from: string | null; to: string }
  | { type: 'dtmf'; channelId: string; at: number; digit: string }
  /** Somebody speaks on the channel, or has stopped a while ago; told after `listenForTalk`. */
  | { type: 'talking'; channelId: string; at: number; on: boolean }
  /** A playback came to its end (`completed`), or was stopped or failed. */
  | { type: 'played'; playbackId: string; channelId: string; at: number; completed: boolean }
  /** The channel is gone. `cause` is the Q.850 hang-up cause (0: unknown); `sipCode` where the switch tells it. */
  | { type: 'ended'; channelId: string; at: number; cause: number; sipCode?: number }
  /** An agent's phone registered, answered a qualify, or stopped doing so. */
  | { type: 'account'; account: string; at: number; reachable: boolean }

export interface TrunkConfig {
  id: string
  host: string
  port: number
  username: string | null
  password: string | null
  codecs: string[]
  numberFormat: 'plus' | 'digits'
  /** Where the caller ID stands on the INVITE. */
  presentation: 'from' | 'p_asserted_identity' | 'both' | 'remote_party_id'
  /** User of From where the caller ID stands elsewhere; null: the username. */
  fromUser: string | null
  /** null: the switch's own address. */
  fromDomain: string | null
  sendAttemptId: boolean
}

export interface AgentAccount {
  account: string
  /** MD5(account:realm:password), realm = `agentRealm`. */
  digest: string
}

/** The realm of agents' SIP accounts; part of the stored digest, so it never changes. */
export const agentRealm = 'outpace'

export interface CalleeOriginate {
  /** The attempt's id. */
  channelId: string
  trunkId: string
  /** E.164 with '+'. */
  number: string
  callerId: string
  ringTimeoutMs: number
}

/** A stretch of what the far end says: linear, 8 kHz. */
export interface HeardAudio {
  /** Epoch ms of its first sample, by the stream's own clock: what lies between two stretches was silence not sent, or lost. */
  at: number
  samples: Int16Array
  /** Packets lost just before it. */
  lost: number
}

export interface LiveChannel {
  channelId: string
  state: 'down' | 'ringing' | 'up'
  /** PJSIP endpoint: a trunk's id or an agent's account, prefixed by the adapter's own naming removed. */
  endpoint: string
}

export interface LiveBridge {
  bridgeId: string
  channelIds: string[]
}

/** What became of one channel, by the switch's own record; it tells what happened while nobody listened. */
export interface ChannelRecord {
  answeredAt?: number
  /** The last bridge it was put into. */
  bridged?: { bridgeId: string; at: number }
  ended?: { at: number; cause: number }
}

/** Why the switch did not do what it was asked. `gone`: the channel or bridge no longer exists. */
export type RefusalKind = 'duplicate' | 'gone' | 'refused' | 'unreachable'

export class TelephonyError extends Error {
  readonly kind: RefusalKind
  constructor(kind: RefusalKind, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'TelephonyError'
    this.kind = kind
  }
}

/** Every method rejects with TelephonyError only. Methods marked idempotent resolve when the thing is already so. */
export interface Telephony {
  /** Connects and keeps connected (back-off, heartbeat) until `close`; says so by `up` and `down`. Resolves at the first `up`. */
  start(): Promise<void>
  close(): Promise<void>
  /** Listener for every event; returns its removal. */
  subscribe(listener: (event: TelephonyEvent) => void): () => void

  originateCallee(call: CalleeOriginate): Promise<void>
  /** Rings an agent's phone for his leg. */
  originateAgent(call: { channelId: string; account: string; ringTimeoutMs: number }): Promise<void>
  answer(channelId: string): Promise<void>
  /** Starts the switch's own machine detection; `detected` follows, or `ended`. */
  detect(channelId: string): Promise<void>
  /**
   * From now on `hear` gets what the far end says, whatever else is done with the channel meanwhile. Resolves when the way
   * is open; audio may still fail to come. Ends with `stopListening`; the channel's end alone does not clear up.
   */
  listen(channelId: string, hear: (audio: HeardAudio) => void): Promise<void>
  /** Idempotent. */
  stopListening(channelId: string): Promise<void>
  /** From now on `talking` is told when speech begins and when it is over; of the far end only, not of what we play. */
  listenForTalk(channelId: string): Promise<void>
  /** Idempotent. */
  hangUp(channelId: string, reason?: 'normal' | 'busy' | 'no_answer' | 'unknown_number'): Promise<void>

  /** Creates the mixing bridge. Idempotent. */
  createBridge(bridgeId: string): Promise<void>
  /** Resolves when the channel is in the bridge. */
  addToBridge(bridgeId: string, channelId: string): Promise<void>
  /** Takes the channel out, also one that is just being put in. Idempotent. */
  removeFromBridge(bridgeId: string, channelId: string): Promise<void>
  /** Idempotent. */
  destroyBridge(bridgeId: string): Promise<void>

  /** `media` in the switch's notation (`sound:…`, `tone:…`); `played` follows. */
  play(playbackId: string, channelId: string, media: string[]): Promise<void>
  /** Idempotent. */
  stopPlaying(playbackId: string): Promise<void>

  live(): Promise<{ channels: LiveChannel[]; bridges: LiveBridge[] }>
  /** Audio packets from the far end so far; undefined when the channel has none, or the switch does not tell. */
  audioReceived(channelId: string): Promise<{ packets: number; lost: number } | undefined>
  /** What happened to channels since then, by channel id; empty where the switch keeps no record that we can read. */
  record(since: number): Promise<Map<string, ChannelRecord>>
  /** Every channel and bridge of ours, also those without a phone behind them. */
  ours(): Promise<{ channelIds: string[]; bridgeIds: string[] }>

  /** Appears on the switch at once, without a restart. Idempotent. */
  putTrunk(trunk: TrunkConfig): Promise<void>
  removeTrunk(trunkId: string): Promise<void>
  putAgentAccount(account: AgentAccount): Promise<void>
  removeAgentAccount(account: string): Promise<void>
}
