/**
 * The audio of one call of our own phone: one RTP socket that sends A-law in a loop, sends keys as telephone events
 * (RFC 4733), and keeps everything it hears. Used by phone.ts; measured with signal.ts.
 */
import { createSocket } from 'node:dgram'
import { within } from './deadline.ts'
import { decodeAlaw, encodeAlaw, loudness, type Samples, silence } from './signal.ts'

export interface AudioLine {
  port: number
  /** Starts sending, or goes on to another place. */
  sendTo(place: { host: string; port: number }): void
  /** Repeated for ever; from its start. */
  say(audio: Buffer): void
  /** When the first packet of it went out, by performance.now(); undefined: not yet. */
  saidSince(): number | undefined
  /** When the first sound above the threshold came in, by performance.now(). */
  firstSoundAt(threshold?: number): number | undefined
  press(digit: string): void
  /** What was heard since the start, or since `forget`. Gaps are silence. */
  heard(): Samples
  forget(): void
  /** Resolves as soon as what was heard passes; looks at every tenth packet. */
  until(passes: (heard: Samples) => boolean, deadlineMs?: number): Promise<void>
  /** RTP packets received. */
  packets(): number
  close(): void
}

const packetSamples = 160
const digits = '0123456789*#'
/** Packets between two keys: a switch takes what comes within 45 ms for one key. */
const keyGap = 5

export async function openAudioLine(): Promise<AudioLine> {
  const socket = createSocket('udp4')
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound))
  let place: { host: string; port: number } | undefined
  let audio = encodeAlaw(silence(1))
  let offset = 0
  let saidSince: number | undefined
  let sequence = 0
  let timestamp = 0
  let gap = 0
  let keys: { digit: number; timestamp: number; sent: number }[] = []
  let pieces: { at: number; bytes: Buffer; cameAt: number }[] = []
  let received = 0
  let stream: { ssrc: number; shift: number } | undefined
  let end = 0
  const listening = new Set<() => void>()

  socket.on('message', (packet) => {
    if (packet.length < 12 || (packet[0] ?? 0) >> 6 !== 2 || ((packet[1] ?? 0) & 0x7f) !== 8) return
    received++
    const bytes = packet.subarray(12 + 4 * ((packet[0] ?? 0) & 0x0f))
    const time = packet.readUInt32BE(4)
    const ssrc = packet.readUInt32BE(8)
    let at = time + (stream?.shift ?? 0)
    // A new sender, or a jump of its clock by over 10 s: goes on where the last one stopped.
    if (stream?.ssrc !== ssrc || Math.abs(at - end) > 80_000) {
      stream = { ssrc, shift: end - time }
      at = end
    }
    if (at < 0) return
    pieces.push({ at, bytes, cameAt: performance.now() })
    end = Math.max(end, at + bytes.length)
    if (received % 10 === 0) for (const look of listening) look()
  })

  const send = (payload: Buffer, type: number, time: number, marker = false) => {
    if (!place) return
    const head = Buffer.alloc(12)
    head[0] = 0x80
    head[1] = type | (marker ? 0x80 : 0)
    head.writeUInt16BE(sequence++ & 0xffff, 2)
    head.writeUInt32BE(time >>> 0, 4)
    head.writeUInt32BE(socket.address().port, 8)
    socket.send(Buffer.concat([head, payload]), place.port, place.host)
  }
  const sendKey = (key: { digit: number; timestamp: number; sent: number }) => {
    key.sent++
    const last = key.sent > 5
    const duration = Math.min(key.sent, 5) * packetSamples
    const payload = Buffer.from([key.digit, (last ? 0x80 : 0) | 10, duration >> 8, duration & 0xff])
    // The end is said three times; audio waits while a key is down.
    for (let n = 0; n < (last ? 3 : 1); n++) send(payload, 101, key.timestamp, key.sent === 1)
    if (!last) return
    keys = keys.slice(1)
    gap = keyGap
  }
  let started = performance.now()
  let ticks = 0
  const clock = setInterval(() => {
    for (; ticks < (performance.now() - started) / 20; ticks++) {
      timestamp += packetSamples
      const key = gap > 0 ? undefined : keys[0]
      gap = Math.max(0, gap - 1)
      if (key) {
        key.timestamp ||= timestamp
        sendKey(key)
        continue
      }
      if (place) saidSince ??= performance.now()
      const next = audio.subarray(offset, offset + packetSamples)
      offset += packetSamples
      if (offset >= audio.length) offset = 0
      send(next, 8, timestamp)
    }
  }, 10)

  const heard = () => {
    const start = pieces[0]?.at ?? 0
    const bytes = Buffer.alloc(Math.max(0, end - start), 0xd5)
    for (const piece of pieces) piece.bytes.copy(bytes, Math.max(0, piece.at - start))
    return decodeAlaw(bytes)
  }

  return {
    port: socket.address().port,
    sendTo(next) {
      if (!place) {
        started = performance.now()
        ticks = 0
      }
      place = next
    },
    say(next) {
      audio = next
      offset = 0
      saidSince = undefined
    },
    saidSince: () => saidSince,
    firstSoundAt: (threshold = 0.02) =>
      pieces.find(({ bytes }) => loudness(decodeAlaw(bytes)).some((level) => level > threshold))?.cameAt,
    press(digit) {
      keys = [...keys, { digit: digits.indexOf(digit), timestamp: 0, sent: 0 }]
    },
    heard,
    forget() {
      pieces = []
    },
    until(passes, deadlineMs = 10_000) {
      let look = () => {}
      const reached = new Promise<void>((done) => {
        look = () => passes(heard()) && done()
        listening.add(look)
      })
      return within(deadlineMs, `a sound (${received} packets were heard before)`, reached).finally(() => listening.delete(look))
    },
    packets: () => received,
    close() {
      clearInterval(clock)
      socket.close()
    },
  }
}
