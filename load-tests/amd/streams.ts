/** 300 (or so) streams of speech at real speed through the engine's way of audio; what that costs. Called by bench-amd-load. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { prepareAudio } from '../audio.ts'
import type { StreamFigures } from './stream-listener.ts'

const warmUpSeconds = 10
/** A call in which a person is found at once is listened to for longer, one in which a machine is found ends sooner. */
const callSeconds = 8

function start(script: string, job: object) {
  const file = fileURLToPath(new URL(`./${script}.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', file, JSON.stringify(job)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    async nextLine(): Promise<string> {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${script} ended early`)
      return value
    },
  }
}

export async function runStreams({ streams, seconds }: { streams: number; seconds: number }) {
  const voices = await prepareAudio()
  const recordings = readdirSync(voices)
    .filter((name) => /^(person|machine).*\.al$/.test(name))
    .map((name) => join(voices, name))
  const listener = start('stream-listener', { warmUpSeconds, seconds, callSeconds })
  try {
    const port = Number(await listener.nextLine())
    const sender = start('stream-sender', { port, streams, seconds: warmUpSeconds + seconds + callSeconds + 2, recordings })
    try {
      listener.child.stdin.write(`${await sender.nextLine()}\n`)
      const figures: StreamFigures = JSON.parse(await listener.nextLine())
      const { latestMs }: { latestMs: number } = JSON.parse(await sender.nextLine())
      return { ...figures, senderLatestMs: latestMs }
    } finally {
      sender.child.kill()
    }
  } finally {
    listener.child.kill()
  }
}
