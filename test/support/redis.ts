/** A real Redis for a test file: the one that test/run.ts started for all, or one of its own that ends with it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freeTcpPort } from './asterisk.ts'

export async function redisUrl(t: { teardown(task: () => Promise<void>): unknown }): Promise<string> {
  const shared = process.env.TEST_REDIS_URL
  if (shared) return shared
  const port = await freeTcpPort()
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'])
  t.teardown(async () => {
    server.kill('SIGKILL')
    await once(server, 'exit')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.stdout.on('data', (text: Buffer) => text.includes('Ready to accept connections') && resolve())
  })
  return `redis://127.0.0.1:${port}`
}
