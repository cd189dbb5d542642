/**
 * Sends many RTP streams of A-law at real speed to one port, each from a port of its own, as the switch would: what the
 * detector's load is measured with. A process of its own, so that its CPU is not counted.
 * Usage: stream-sender.ts '{"port":…}'. Prints the streams' ports as one line of JSON, sends, and at the end prints how late
 * it was itself.
 */
import { createSocket, type Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const jobSchema = z.object({
  /** Where to, on this machine. */
  port: z.number(),
  streams: z.number(),
  seconds: z.number(),
  /** Raw A-law, dealt out to the streams in turn and repeated. */
  recordings: z.array(z.string()),
})

const packetBytes = 160
const packetMs = 20
const header = 12

interface Stream {
  socket: Socket
  audio: Buffer
  offset: number
  packet: Buffer
}

const job = jobSchema.parse(JSON.parse(process.argv[2] ?? ''))
const recordings = job.recordings.map((file) => readFileSync(file))

async function open(n: number): Promise<Stream> {
  const socket = createSocket('udp4')
  // The listener has heard enough and is gone: what is still sent is refused.
  socket.on('error', () => {})
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound))
  await new Promise<void>((connected) => socket.connect(job.port, '127.0.0.1', connected))
  const packet = Buffer.alloc(header + packetBytes)
  packet[0] = 0x80
  packet[1] = 8
  packet.writeUInt32BE(n, 8)
  const audio = recordings[n % recordings.length] ?? Buffer.alloc(packetBytes, 0xd5)
  // Nobody begins at the same word.
  const offset = (Math.floor((n * 7919) / recordings.length) * packetBytes) % (audio.length - packetBytes)
  return { socket, audio, offset, packet }
}

function send(stream: Stream, sequence: number): void {
  const { packet, audio } = stream
  packet.writeUInt16BE(sequence & 0xffff, 2)
  packet.writeUInt32BE((sequence * packetBytes) >>> 0, 4)
  audio.copy(packet, header, stream.offset, stream.offset + packetBytes)
  stream.offset = (stream.offset + packetBytes) % (audio.length - packetBytes)
  stream.socket.send(packet)
}

const streams = await Promise.all(Array.from({ length: job.streams }, (_, n) => open(n)))
process.stdout.write(`${JSON.stringify(streams.map(({ socket }) => socket.address().port))}\n`)

const startedAt = performance.now()
const total = (job.seconds * 1000) / packetMs
const sent = new Uint32Array(streams.length)
let latestMs = 0

/** The streams' packets are spread evenly over each 20 ms. */
function sendDue(): void {
  const now = performance.now()
  let over = true
  for (const [n, stream] of streams.entries()) {
    const dueAt = startedAt + (n * packetMs) / streams.length
    for (let next = sent[n] ?? 0; next < total && dueAt + next * packetMs <= now; next++) {
      latestMs = Math.max(latestMs, now - dueAt - next * packetMs)
      send(stream, next)
      sent[n] = next + 1
    }
    if ((sent[n] ?? 0) < total) over = false
  }
  if (!over) return void setTimeout(sendDue, 1)
  process.stdout.write(`${JSON.stringify({ latestMs })}\n`)
  process.exit(0)
}
sendDue()
