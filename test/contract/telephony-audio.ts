/**
 * The ears and mouth of a test phone: one UDP socket that sends and receives G.711 A-law over RTP, and the measure of
 * a tone in what was heard (Goertzel). SIPp does the signalling (telephony-sipp.ts) and names this socket in its SDP.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const samplesPerSecond = 8000
const samplesPerPacket = 160
const packetMs = 20
const alawPayloadType = 8
const patienceMs = 5000
export const dtmfPayloadType = 101

/** One second-aligned stretch of a tone (or silence, hertz 0) as A-law. */
export function toneAlaw(hertz: number, durationMs: number, amplitude = 8000): Buffer {
  const samples = Buffer.alloc((durationMs * samplesPerSecond) / 1000)
  for (let i = 0; i < samples.length; i += 1)
    samples[i] = linearToAlaw(hertz === 0 ? 0 : Math.round(amplitude * Math.sin((2 * Math.PI * hertz * i) / samplesPerSecond)))
  return samples
}

/** Share (0..1) of the audio's energy that lies at `hertz`; 0 for silence. */
export function toneShare(alaw: Buffer, hertz: number): number {
  const step = 2 * Math.cos((2 * Math.PI * hertz) / samplesPerSecond)
  let [before, last, energy] = [0, 0, 0]
  for (const byte of alaw) {
    const sample = alawToLinear(byte)
    energy += sample * sample
    const next = sample + step * last - before
    before = last
    last = next
  }
  const quietest = alaw.length * 64 * 64
  if (energy <= quietest) return 0
  return (2 * (last * last + before * before - step * last * before)) / (alaw.length * energy)
}

export interface AudioEnd {
  port: number
  /** Resolves at the end of the audio. */
  say(alaw: Buffer): Promise<void>
  press(digit: string): Promise<void>
  /** The next stretch of audio that arrives, silence by lost packets left out. */
  hear(durationMs: number): Promise<Buffer>
  /** What arrives within this time, be it nothing. */
  overhear(windowMs: number): Promise<Buffer>
  close(): Promise<void>
}

/** `remotePort`: where to send, known only once the far end's SDP is there. */
export async function openAudio(remotePort: () => number): Promise<AudioEnd> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  let sequence = 0
  let timestamp = 0
  let closed = false

  function send(payloadType: number, payload: Buffer, marker: boolean) {
    const header = Buffer.alloc(12)
    header[0] = 0x80
    header[1] = payloadType | (marker ? 0x80 : 0)
    header.writeUInt16BE(sequence & 0xffff, 2)
    header.writeUInt32BE(timestamp, 4)
    header.writeUInt32BE(0x6f757470, 8)
    sequence += 1
    socket.send([header, payload], remotePort(), '127.0.0.1')
  }
  /** Packet by packet against the wall clock, so that a busy machine delays packets but loses no time. */
  async function paced(count: number, each: (index: number) => void) {
    const startedAt = performance.now()
    for (let i = 0; i < count && !closed; i += 1) {
      each(i)
      const waitMs = startedAt + (i + 1) * packetMs - performance.now()
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
  const collect = (windowMs: number, wanted: number) =>
    new Promise<Buffer>((resolve) => {
      const heard: Buffer[] = []
      let length = 0
      const finish = () => {
        clearTimeout(deadline)
        socket.off('message', onPacket)
        resolve(Buffer.concat(heard))
      }
      const deadline = setTimeout(finish, windowMs)
      const onPacket = (packet: Buffer) => {
        if (((packet[1] ?? 0) & 0x7f) !== alawPayloadType) return
        heard.push(packet.subarray(12))
        length += packet.length - 12
        if (length >= wanted) finish()
      }
      socket.on('message', onPacket)
    })
  return {
    port: socket.address().port,
    say: (alaw) =>
      paced(Math.floor(alaw.length / samplesPerPacket), (i) => {
        send(alawPayloadType, alaw.subarray(i * samplesPerPacket, (i + 1) * samplesPerPacket), i === 0)
        timestamp += samplesPerPacket
      }),
    async press(digit) {
      const event = '0123456789*#'.indexOf(digit)
      const steps = 6
      await paced(steps + 2, (i) => {
        const isEnd = i >= steps - 1
        const payload = Buffer.from([event, (isEnd ? 0x80 : 0) | 10, 0, 0])
        payload.writeUInt16BE(Math.min(i + 1, steps) * samplesPerPacket, 2)
        send(dtmfPayloadType, payload, i === 0)
      })
      timestamp += steps * samplesPerPacket
    },
    async hear(durationMs) {
      const wanted = (durationMs * samplesPerSecond) / 1000
      const audio = await collect(durationMs + patienceMs, wanted)
      if (audio.length < wanted) throw new Error(`heard ${audio.length / 8} ms of ${durationMs} ms within the deadline`)
      return audio.subarray(0, wanted)
    },
    overhear: (windowMs) => collect(windowMs, Number.POSITIVE_INFINITY),
    async close() {
      if (closed) return
      closed = true
      const done = once(socket, 'close')
      socket.close()
      await done
    },
  }
}

function linearToAlaw(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0
  let magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 32_767) >> 3
  if (magnitude < 0) magnitude = 0
  let exponent = 0
  while (exponent < 7 && magnitude >> (exponent + 5) > 0) exponent += 1
  const mantissa = (exponent === 0 ? magnitude >> 1 : magnitude >> exponent) & 0x0f
  return (sign | (exponent << 4) | mantissa) ^ 0x55
}

function alawToLinear(byte: number): number {
  const value = byte ^ 0x55
  const exponent = (value >> 4) & 0x07
  const mantissa = ((value & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return value & 0x80 ? magnitude : -magnitude
}
