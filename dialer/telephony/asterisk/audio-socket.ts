/**
 * The one UDP socket to which the switch sends what callees say, A-law or µ-law over RTP. Streams are told apart by the
 * port that the switch sends from. What comes from a port that nobody expects is dropped. Owned by ears.ts.
 */
import { createSocket, type Socket } from 'node:dgram'
import { alawToLinear, ulawToLinear } from '../../amd/g711.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { HeardAudio } from '../telephony.ts'
import { createRtpClock, parseRtp } from './rtp.ts'

export interface AudioSocket {
  /** Resolves with the port when it listens. */
  open(): Promise<number>
  /** From now on what comes from this port is heard by `hear`; a stream before it is forgotten. */
  expect(port: number, hear: (audio: HeardAudio) => void): void
  forget(port: number): void
  close(): void
}

/** Static payload types of RFC 3551. */
const decoders: Readonly<Record<number, (payload: Uint8Array) => Int16Array>> = { 0: ulawToLinear, 8: alawToLinear }
/** A second of audio of 300 callees fits in; a busy moment of the process loses nothing. */
const receiveBufferBytes = 4 * 1024 * 1024

export function createAudioSocket(options: { host: string; port: number; clock: Clock; log: Log }): AudioSocket {
  const { host, clock, log } = options
  const streams = new Map<number, (packet: Buffer) => void>()
  let socket: Socket | undefined

  function streamOf(hear: (audio: HeardAudio) => void) {
    const rtp = createRtpClock()
    return (bytes: Buffer) => {
      const packet = parseRtp(bytes)
      const decode = packet && decoders[packet.payloadType]
      const placed = decode && rtp.place(packet, clock.now())
      if (placed) hear({ ...placed, samples: decode(packet.payload) })
    }
  }

  return {
    open: () =>
      new Promise((resolve, reject) => {
        const opening = createSocket({ type: 'udp4', recvBufferSize: receiveBufferBytes })
        opening.once('error', reject)
        opening.on('message', (packet, { port }) => streams.get(port)?.(packet))
        opening.bind(options.port, host, () => {
          opening.off('error', reject)
          opening.on('error', (error) => log.error({ err: error }, 'the audio socket failed'))
          const bytes = opening.getRecvBufferSize()
          if (bytes < receiveBufferBytes)
            log.info({ bytes }, 'the system gives audio a small buffer: docs/detection.md, "Many calls at once"')
          socket = opening
          resolve(opening.address().port)
        })
      }),
    expect: (port, hear) => void streams.set(port, streamOf(hear)),
    forget: (port) => void streams.delete(port),
    close() {
      streams.clear()
      socket?.close()
      socket = undefined
    },
  }
}
