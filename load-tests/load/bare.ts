/** The baseline as a process of its own (bare-loop.ts), with its phones: the loop that the engine is compared with. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startAgents } from '../world.ts'
import { calleeNumber } from './callees.ts'
import type { Floor } from './floor.ts'
import type { Loop } from './loop.ts'

const script = fileURLToPath(new URL('./bare-loop.ts', import.meta.url))

export async function startBareLoop(floor: Floor, agents: number): Promise<Loop> {
  const accounts = Array.from({ length: agents }, (_, n) => ({ account: `bare${n}`, password: `bare-password-${n}` }))
  const job = { ariUrl: floor.ariUrl, carrierPort: floor.carrier.port, accounts, number: calleeNumber(0) }
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, JSON.stringify(job)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the bare loop ended early')
    return value
  }
  await nextLine()
  const phones = await startAgents({
    ...{ accounts, mode: 'wait_for_call', voice: 'none', dir: floor.dir, name: 'bare-agents' },
    registrar: { host: '127.0.0.1', port: floor.sipPort },
  })
  await nextLine()
  return {
    async run(load) {
      child.stdin.write(`${JSON.stringify(load)}\n`)
      return JSON.parse(await nextLine())
    },
    async stop() {
      child.stdin.end()
      await exited
      await phones.stop()
    },
  }
}
