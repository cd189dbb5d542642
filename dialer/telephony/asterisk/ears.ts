/**
 * How a callee is listened to: an ear (a snoop channel that hears what he says), a media channel that sends it to our
 * audio socket, and a bridge of the two. The callee himself stays where he is, so he is bridged, played to or put through
 * the dialplan as if nobody listened. Owned by asterisk.ts; decides nothing about what is heard.
 */
import type { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { type Telephony, TelephonyError } from '../telephony.ts'
import type { Method, Reply } from './ari-requests.ts'
import { bridgesSchema, channelsSchema, externalMediaSchema } from './ari-schema.ts'
import { createAudioSocket } from './audio-socket.ts'

export interface Ears extends Pick<Telephony, 'listen' | 'stopListening'> {
  open(): Promise<void>
  close(): void
  /** A channel came into the application; true if it is one of ours. */
  entered(channelId: string): boolean
  /** After each connection: what a former run of the engine left listening is taken down. */
  sweep(): Promise<void>
}

export interface EarsDeps {
  app: string
  /** Where the switch finds us. */
  audio: { host: string; port: number }
  clock: Clock
  log: Log
  /** Both reject with TelephonyError; `alreadySo`: statuses that mean that it was done before. */
  ask(method: Method, path: string, body?: object, ...alreadySo: number[]): Promise<Reply>
  read<T>(path: string, schema: z.ZodType<T>): Promise<T>
}

/** Both channels come into the application within milliseconds; a switch that needs longer is in trouble. */
const patienceMs = 2000

const earOf = (channelId: string) => `ear-${channelId}`
const mediaOf = (channelId: string) => `media-${channelId}`
const bridgeOf = (channelId: string) => `listening-${channelId}`
/** The callee for whom this channel or bridge was made. */
const calleeOf = (id: string) => /^(?:ear|media|listening)-(.+)$/.exec(id)?.[1]

export const isEar = (channelId: string): boolean => calleeOf(channelId) !== undefined

interface Listening {
  /** Ours that have not come into the application yet. */
  awaited: Set<string>
  allEntered: () => void
  port?: number
}

export function createEars({ app, audio, clock, log, ask, read }: EarsDeps): Ears {
  const listenings = new Map<string, Listening>()
  const socket = createAudioSocket({ ...audio, clock, log })
  let audioPort = audio.port

  /** Adding a channel to a bridge before its own StasisStart is refused (422). */
  function bothEntered(channelId: string): { entered: Promise<void>; listening: Listening } {
    const listening: Listening = { awaited: new Set([earOf(channelId), mediaOf(channelId)]), allEntered: () => {} }
    const entered = new Promise<void>((resolve, reject) => {
      const cancelTimer = clock.after(patienceMs, () =>
        reject(new TelephonyError('refused', `the media channels did not come up within ${patienceMs} ms`)),
      )
      listening.allEntered = () => {
        cancelTimer()
        resolve()
      }
    })
    return { entered, listening }
  }

  async function startMedia(channelId: string): Promise<number> {
    const query = `app=${app}&channelId=${mediaOf(channelId)}&external_host=${audio.host}:${audioPort}&format=alaw`
    const { body } = await ask('POST', `channels/externalMedia?${query}`)
    return externalMediaSchema.parse(JSON.parse(body)).channelvars.UNICASTRTP_LOCAL_PORT
  }

  async function takeDown(channelId: string): Promise<void> {
    const port = listenings.get(channelId)?.port
    if (port !== undefined) socket.forget(port)
    listenings.delete(channelId)
    await Promise.all([
      ask('DELETE', `channels/${mediaOf(channelId)}`, undefined, 404),
      ask('DELETE', `channels/${earOf(channelId)}`, undefined, 404),
      ask('DELETE', `bridges/${bridgeOf(channelId)}`, undefined, 404, 409),
    ])
  }

  return {
    async open() {
      audioPort = await socket.open()
    },
    close: () => socket.close(),

    async listen(channelId, hear) {
      if (listenings.has(channelId)) throw new TelephonyError('duplicate', `channel ${channelId} is listened to already`)
      const { entered, listening } = bothEntered(channelId)
      listenings.set(channelId, listening)
      try {
        const [port] = await Promise.all([
          startMedia(channelId),
          ask('POST', `channels/${encodeURIComponent(channelId)}/snoop/${earOf(channelId)}?spy=in&app=${app}`),
          ask('POST', `bridges/${bridgeOf(channelId)}?type=mixing`, undefined, 409),
          entered,
        ])
        if (listenings.get(channelId) !== listening) throw new TelephonyError('gone', 'nobody listens any more')
        listening.port = port
        socket.expect(port, hear)
        await ask('POST', `bridges/${bridgeOf(channelId)}/addChannel?channel=${earOf(channelId)},${mediaOf(channelId)}`)
      } catch (error) {
        await takeDown(channelId).catch((failure) =>
          log.debug({ channelId, err: messageOf(failure) }, 'an ear was not taken down'),
        )
        throw error instanceof TelephonyError ? error : new TelephonyError('refused', messageOf(error), error)
      }
    },
    async stopListening(channelId) {
      if (listenings.has(channelId)) await takeDown(channelId)
    },
    entered(id) {
      const channelId = calleeOf(id)
      if (channelId === undefined) return false
      const listening = listenings.get(channelId)
      if (listening?.awaited.delete(id) && listening.awaited.size === 0) listening.allEntered()
      return true
    },
    async sweep() {
      const [channels, bridges] = await Promise.all([read('channels', channelsSchema), read('bridges', bridgesSchema)])
      const left = new Set([...channels, ...bridges].flatMap(({ id }) => calleeOf(id) ?? []))
      for (const channelId of left) if (!listenings.has(channelId)) await takeDown(channelId)
    },
  }
}
