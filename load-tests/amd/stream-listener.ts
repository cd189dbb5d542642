/**
 * The engine's whole way of audio, from the UDP socket to the detector, on the streams of stream-sender.ts; without a switch
 * and without calls. A process of its own, so that its CPU can be read. Each stream is one call after another, so that
 * detectors are always young.
 * Usage: stream-listener.ts '{"streams":…}'. Prints its port, reads the senders' ports, and prints the figures at the end.
 */
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { createDetector } from '../../dialer/amd/detector.ts'
import { createListening } from '../../dialer/calls/listening.ts'
import { systemClock as clock } from '../../dialer/clock.ts'
import { createLog } from '../../dialer/log.ts'
import { createAudioSocket } from '../../dialer/telephony/asterisk/audio-socket.ts'

const jobSchema = z.object({ warmUpSeconds: z.number(), seconds: z.number(), callSeconds: z.number() })

export interface StreamFigures {
  cores: number
  calls: number
  verdicts: Record<string, number>
  frames: number
  /** The longest from a frame's last sample to the end of the detector's work on it. */
  latestMs: number
}

const job = jobSchema.parse(JSON.parse(process.argv[2] ?? ''))
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const log = createLog('warn')
const socket = createAudioSocket({ host: '127.0.0.1', port: 0, clock, log })
process.stdout.write(`${await socket.open()}\n`)
const ports = z.array(z.number()).parse(JSON.parse((await lines.next()).value))

const verdicts: Record<string, number> = {}
let calls = 0
let frames = 0
let latestMs = 0
let counting = false

/** Lateness counts from the most punctual frame of the call: when the first one was sent is not known here. */
function timedDetector() {
  const detector = createDetector()
  const startedAt = performance.now()
  let earliest = Number.POSITIVE_INFINITY
  return {
    feed(samples: Int16Array, atMs: number) {
      const facts = detector.feed(samples, atMs)
      if (samples.length === 0) return facts
      const delay = performance.now() - startedAt - (atMs + samples.length / 8)
      earliest = Math.min(earliest, delay)
      if (counting) {
        frames += 1
        latestMs = Math.max(latestMs, delay - earliest)
      }
      return facts
    },
  }
}

const portOf = new Map<string, number>()
const listening = createListening({
  telephony: {
    listen: async (id, hear) => socket.expect(portOf.get(id) ?? 0, hear),
    stopListening: async (id) => socket.forget(portOf.get(id) ?? 0),
  },
  createDetector: timedDetector,
  clock,
  log,
})

async function callAfterCall(port: number, index: number): Promise<void> {
  await pause((index / ports.length) * job.callSeconds * 1000)
  for (let n = 0; ; n++) {
    const id = `${port}-${n}`
    portOf.set(id, port)
    const report = ({ type, ...event }: { type: string; verdict?: string }) => {
      if (type === 'detected' && counting && event.verdict) verdicts[event.verdict] = (verdicts[event.verdict] ?? 0) + 1
    }
    listening.start({ id, answeredAt: clock.now(), keepAudioMs: 0, report })
    if (counting) calls += 1
    await pause(job.callSeconds * 1000)
    listening.stop(id)
    portOf.delete(id)
  }
}

for (const [index, port] of ports.entries()) void callAfterCall(port, index)
await pause(job.warmUpSeconds * 1000)
counting = true
const cpuBefore = process.cpuUsage()
const startedAt = performance.now()
await pause(job.seconds * 1000)
const cpu = process.cpuUsage(cpuBefore)
const cores = (cpu.user + cpu.system) / 1000 / (performance.now() - startedAt)
process.stdout.write(`${JSON.stringify({ cores, calls, verdicts, frames, latestMs } satisfies StreamFigures)}\n`)
process.exit(0)
