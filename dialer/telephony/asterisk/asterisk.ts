/**
 * Asterisk (>= 20) behind the port: each method is one ARI request where that is possible, each event one message.
 * Two Stasis applications share the connection: calls, and the reachability of agents' phones. Were the phones
 * watched by the first one, every event of an agent's call would come twice.
 */
import type { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { type CalleeOriginate, type Telephony, TelephonyError, type TelephonyEvent, type TrunkConfig } from '../telephony.ts'
import { createAriConnection } from './ari-connection.ts'
import type { Method, Reply, Request } from './ari-requests.ts'
import {
  applicationSchema,
  bridgesSchema,
  type CallEvent,
  callEventSchema,
  callEventTypes,
  channelsSchema,
  contactEventSchema,
  endpointSchema,
  rtpSchema,
} from './ari-schema.ts'

import { createEars, isEar } from './ears.ts'

import { keepRecordShort, readRecordFile } from './event-record.ts'

import { answeredArgument, toTelephonyEvent } from './events.ts'
import {
  type AgentPhoneRules,
  agentCodecs,
  agentObjects,
  endpointOfChannel,
  type PjsipObject,
  trunkEndpoint,
  trunkObjects,
} from './pjsip-objects.ts'
import { createReachability } from './reachability.ts'

export interface AsteriskOptions {
  /** http://USER:PASSWORD@HOST:PORT of ARI. */
  url: string
  /** The Stasis application; the dialplan names it too. One engine at a time may hold it. */
  app: string
  clock: Clock
  /** The machine's time, by which Asterisk goes; absent: the clock's. */
  wall?: () => number
  log: Log
  agentPhones: AgentPhoneRules
  /** Where the switch sends what callees say: an address of this machine, and its port (0: any free one). */
  audio?: { host: string; port: number }
  /** Asterisk's own record of calls, where it is a file that we can read. */
  recordFile?: string | undefined
  /** False while another engine may be in charge of the switch: nothing is asked of it then. */
  mayAct?: () => boolean
  /** Another engine took the application. */
  onReplaced?: () => void
  /** How long each request took. */
  onRoundTrip?: (ms: number) => void
}

/** Dialplan context with the machine detection (pbx-config/templates/extensions.conf). */
const detectContext = 'detect'
/** No native bridging: keys, tones and recordings of one side need the media in Asterisk's hands. */
const bridgeType = 'mixing,dtmf_events'
/** Milliseconds of silence that end a speech, and the loudness that is one (TALK_DETECT; a pause between two sentences is shorter). */
const talkDetection = '1500,256'
/** Q.850 causes; the channel's driver makes the SIP status of them. */
const hangUpCauses = { normal: 16, busy: 17, no_answer: 19, unknown_number: 1 } as const

const thisMachine = { host: '127.0.0.1', port: 0 }

export function createAsteriskTelephony(options: AsteriskOptions): Telephony {
  const { url, app, clock, log, agentPhones, audio = thisMachine, recordFile } = options
  const phonesApp = `${app}-phones`
  const listeners = new Set<(event: TelephonyEvent) => void>()
  /** Dialing needs a trunk's codecs, number format and header; kept from putTrunk. */
  const trunks = new Map<string, TrunkConfig>()
  /** Asterisk calls a stopped playback done; these were not heard to the end. */
  const stopped = new Set<string>()
  const reachability = createReachability()
  const ears = createEars({ app, audio, clock, log, ask, read })

  const connection = createAriConnection({
    url,
    apps: [app, phonesApp],
    clock,
    log,
    onMessage: receive,
    mayAct: options.mayAct ?? (() => true),
    onReplaced: options.onReplaced ?? (() => {}),
    onRoundTrip: options.onRoundTrip ?? (() => {}),
    async prepare(request) {
      await allowOnly(request, app, callEventTypes)
      await allowOnly(request, phonesApp, ['ContactStatusChange'])
      await followArrived(request, app)
    },
    onUp(startedAt) {
      emit({ type: 'up', at: clock.now(), startedAt: startedAt + aheadMs() })
      ears.sweep().catch((error) => log.warn({ err: messageOf(error) }, 'ears of a former run were not taken down'))
    },
    onDown(reason) {
      reachability.clear()
      stopped.clear()
      emit({ type: 'down', at: clock.now(), reason })
    },
  })

  /** Our clock never goes back, the machine's may have been set back. */
  const aheadMs = () => Math.max(0, clock.now() - (options.wall ?? clock.now)())

  function emit(event: TelephonyEvent) {
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (error) {
        log.error({ err: error, event: event.type }, 'a listener of the switch failed')
      }
    }
  }

  function receive(type: string, text: string) {
    if (type === 'ContactStatusChange') {
      const event = contactEventSchema.safeParse(JSON.parse(text))
      if (!event.success) return
      const { aor, uri, contact_status } = event.data.contact_info
      const reachable = reachability.contactChanged(aor, uri, contact_status)
      if (reachable !== undefined) emit({ type: 'account', account: aor, at: clock.now(), reachable })
    } else if (callEventTypes.includes(type)) {
      const { data } = callEventSchema.safeParse(JSON.parse(text))
      if (!data || ('channel' in data && heardByEars(data))) return
      const event = toTelephonyEvent(data, clock.now())
      if (event?.type === 'played') emit(stopped.delete(event.playbackId) ? { ...event, completed: false } : event)
      else if (event?.type === 'dialed_in' || event?.type === 'called_in') void admit(event)
      else if (event) emit(event)
    }
  }

  /** What happens to the channels that listen is nobody else's news. */
  function heardByEars({ type, channel }: CallEvent & { channel: { id: string } }): boolean {
    if (type === 'StasisStart') ears.entered(channel.id)
    return isEar(channel.id)
  }

  /** Asterisk follows the channels it originated for us to their end; one that came by itself has to be asked for. */
  async function admit(arrived: TelephonyEvent & { type: 'dialed_in' | 'called_in' }) {
    const source = `eventSource=channel:${encodeURIComponent(arrived.channelId)}`
    try {
      await ask('POST', `applications/${app}/subscription?${source}`)
      emit(arrived)
    } catch (error) {
      log.info({ channelId: arrived.channelId, event: arrived.type, reason: messageOf(error) }, 'came in and gone again')
    }
  }

  /** Asks, and rejects unless the switch did it; `alreadySo`: each status that means that it was done before. */
  async function ask(method: Method, path: string, body?: object, ...alreadySo: number[]): Promise<Reply> {
    const reply = await connection.request(method, path, body)
    if (reply.status < 300 || alreadySo.includes(reply.status)) return reply
    throw refusal(`${method} ${path}`, reply)
  }

  async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const { body } = await ask('GET', path)
    try {
      return schema.parse(JSON.parse(body))
    } catch (error) {
      throw new TelephonyError('refused', `GET ${path}: not the reply that was expected: ${messageOf(error)}`, error)
    }
  }

  async function originate(channelId: string, call: object, ringTimeoutMs: number) {
    const path = `channels/${encodeURIComponent(channelId)}`
    const timeout = Math.max(1, Math.ceil(ringTimeoutMs / 1000))
    const reply = await connection.request('POST', path, { app, appArgs: answeredArgument, timeout, ...call })
    if (reply.status < 300) return
    // Asterisk may answer 409 to any failed originate that follows a real duplicate on the same connection
    // (its channel errno is never cleared): only a channel that is there makes it a duplicate.
    const duplicate = reply.status === 409 && (await connection.request('GET', path)).status === 200
    throw duplicate ? new TelephonyError('duplicate', `channel ${channelId} exists`) : refusal(`POST ${path}`, reply)
  }

  const isRefused = (error: unknown) => error instanceof TelephonyError && error.kind === 'refused'
  const endpointState = async (account: string) =>
    (await read(`endpoints/PJSIP/${encodeURIComponent(account)}`, endpointSchema)).state

  async function put({ kind, id, attributes }: PjsipObject) {
    const fields = Object.entries(attributes).map(([attribute, value]) => ({ attribute, value }))
    await ask('PUT', objectPath(kind, id), { fields })
  }
  const remove = (kind: PjsipObject['kind'], id: string) => ask('DELETE', objectPath(kind, id), undefined, 404)

  return {
    async start() {
      await ears.open()
      await connection.start()
    },
    async close() {
      ears.close()
      await connection.close()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    async originateCallee(call) {
      const trunk = trunks.get(call.trunkId)
      if (!trunk) throw new TelephonyError('refused', `trunk ${call.trunkId} was not pushed to the switch`)
      await originate(call.channelId, calleeCall(call, trunk), call.ringTimeoutMs)
    },
    async originateAgent({ channelId, account, ringTimeoutMs }) {
      try {
        await originate(channelId, { endpoint: `PJSIP/${account}`, formats: agentCodecs.join(',') }, ringTimeoutMs)
      } catch (error) {
        // Asterisk says "Allocation failed" to a phone without an address.
        if (!isRefused(error) || (await endpointState(account).catch(() => undefined)) === 'online') throw error
        throw new TelephonyError('refused', 'the phone is not registered', error)
      }
    },
    async answer(channelId) {
      await ask('POST', `channels/${encodeURIComponent(channelId)}/answer`)
    },
    async detect(channelId) {
      await ask('POST', `channels/${encodeURIComponent(channelId)}/continue?context=${detectContext}&extension=s&priority=1`)
    },
    async listenForTalk(channelId) {
      await ask('POST', `channels/${encodeURIComponent(channelId)}/variable`, {
        variable: 'TALK_DETECT(set)',
        value: talkDetection,
      })
    },
    async hangUp(channelId, reason = 'normal') {
      await ask('DELETE', `channels/${encodeURIComponent(channelId)}?reason_code=${hangUpCauses[reason]}`, undefined, 404)
    },

    listen: ears.listen,
    stopListening: ears.stopListening,

    async createBridge(bridgeId) {
      await ask('POST', `bridges/${encodeURIComponent(bridgeId)}?type=${bridgeType}`, undefined, 409)
    },
    async addToBridge(bridgeId, channelId) {
      await ask('POST', `bridges/${encodeURIComponent(bridgeId)}/addChannel?channel=${encodeURIComponent(channelId)}`)
    },
    async removeFromBridge(bridgeId, channelId) {
      // 400, 409, 422: it is not there, or in no bridge.
      const path = `bridges/${encodeURIComponent(bridgeId)}/removeChannel?channel=${encodeURIComponent(channelId)}`
      await ask('POST', path, undefined, 404, 400, 409, 422)
    },
    async destroyBridge(bridgeId) {
      // 409: it is being dissolved.
      await ask('DELETE', `bridges/${encodeURIComponent(bridgeId)}`, undefined, 404, 409)
    },

    async play(playbackId, channelId, media) {
      const path = `channels/${encodeURIComponent(channelId)}/play/${encodeURIComponent(playbackId)}`
      await ask('POST', path, { media })
    },
    async stopPlaying(playbackId) {
      stopped.add(playbackId)
      const { status } = await ask('DELETE', `playbacks/${encodeURIComponent(playbackId)}`, undefined, 404)
      if (status === 404) stopped.delete(playbackId)
    },

    async live() {
      const [channels, bridges] = await Promise.all([read('channels', channelsSchema), read('bridges', bridgesSchema)])
      return {
        channels: channels.flatMap(({ id, name, state }) => {
          const endpoint = endpointOfChannel(name)
          return endpoint === undefined ? [] : [{ channelId: id, endpoint, state: channelState(state) }]
        }),
        bridges: bridges.map((bridge) => ({ bridgeId: bridge.id, channelIds: bridge.channels })),
      }
    },

    async audioReceived(channelId) {
      const { status, body } = await connection.request('GET', `channels/${encodeURIComponent(channelId)}/rtp_statistics`)
      const { data } = rtpSchema.safeParse(status === 200 ? JSON.parse(body) : undefined)
      return data && { packets: data.rxcount, lost: data.rxploss }
    },
    async record(since) {
      if (recordFile === undefined) return new Map()
      const ahead = aheadMs()
      const record = await readRecordFile(recordFile, since - ahead, ahead)
      await keepRecordShort(recordFile)
      return record
    },
    async ours() {
      const { channel_ids, bridge_ids } = await read(`applications/${app}`, applicationSchema)
      return { channelIds: channel_ids.filter((id) => !isEar(id)), bridgeIds: bridge_ids }
    },

    async putTrunk(trunk) {
      await remove('aor', trunkEndpoint(trunk.id))
      for (const object of trunkObjects(trunk)) await put(object)
      trunks.set(trunk.id, trunk)
    },
    async removeTrunk(trunkId) {
      trunks.delete(trunkId)
      for (const kind of ['identify', 'endpoint', 'aor', 'auth'] as const) await remove(kind, trunkEndpoint(trunkId))
    },
    async putAgentAccount(account) {
      for (const object of agentObjects(account, agentPhones)) await put(object)
      const name = encodeURIComponent(account.account)
      await ask('POST', `applications/${phonesApp}/subscription?eventSource=endpoint:PJSIP/${name}`)
      // The phone may have registered long ago: the switch tells changes only.
      if ((await endpointState(account.account)) === 'online' && reachability.found(account.account))
        emit({ type: 'account', account: account.account, at: clock.now(), reachable: true })
    },
    async removeAgentAccount(account) {
      const source = `eventSource=endpoint:PJSIP/${encodeURIComponent(account)}`
      // 422: it was not watched, or is gone.
      await ask('DELETE', `applications/${phonesApp}/subscription?${source}`, undefined, 422)
      for (const kind of ['endpoint', 'aor', 'auth'] as const) await remove(kind, account)
      reachability.forget(account)
    },
  }
}

/** Channels that came by themselves while another connection had the application: their end would not be told to this one. */
async function followArrived(request: Request, app: string) {
  const { body } = await request('GET', 'channels')
  const arrived = channelsSchema
    .parse(JSON.parse(body))
    .filter(({ id, name }) => /^\d+\.\d+$/.test(id) && endpointOfChannel(name))
  // One that is gone by now is told so.
  for (const { id } of arrived)
    await request('POST', `applications/${app}/subscription?eventSource=channel:${encodeURIComponent(id)}`)
}

async function allowOnly(request: Request, app: string, types: readonly string[]) {
  const allowed = [...types, 'RESTResponse', 'ApplicationReplaced'].map((type) => ({ type }))
  const reply = await request('PUT', `applications/${app}/eventFilter`, { allowed })
  if (reply.status >= 300) throw refusal('the event filter', reply)
}

function calleeCall(call: CalleeOriginate, trunk: TrunkConfig) {
  const number = dialable(call.number, trunk)
  return {
    endpoint: `PJSIP/${number}@${trunkEndpoint(trunk.id)}`,
    callerId: dialable(call.callerId, trunk),
    formats: trunk.codecs.join(','),
    ...(trunk.sendAttemptId && { variables: { 'PJSIP_HEADER(add,X-Outpace-Attempt)': call.channelId } }),
  }
}

/** Nothing but an E.164 number may become part of a dial string: a SIP address in it would lead past the trunk. */
function dialable(number: string, { numberFormat }: TrunkConfig): string {
  if (!/^\+[1-9]\d{2,14}$/.test(number)) throw new TelephonyError('refused', 'not an E.164 number')
  return numberFormat === 'plus' ? number : number.slice(1)
}

const objectPath = (kind: PjsipObject['kind'], id: string) =>
  `asterisk/config/dynamic/res_pjsip/${kind}/${encodeURIComponent(id)}`

function channelState(state: string) {
  if (state === 'Up') return 'up'
  return state === 'Down' ? 'down' : 'ringing'
}

/** What tells besides 404 that it is gone: the second, while a bridge is being dissolved. */
const goneTexts = ['Channel not found', 'Bridge not in Stasis application']

function refusal(asked: string, { status, body }: Reply): TelephonyError {
  const gone = status === 404 || goneTexts.some((text) => body.includes(text))
  return new TelephonyError(gone ? 'gone' : 'refused', `${asked}: ${status} ${body}`)
}
