/** Redis as a coordination back end: the contract, and what happens when the server is away. Starts a server of its own unless TEST_REDIS_URL names one. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import t from 'tap'
import { createRedisCoordination } from '../../dialer/cluster/redis.ts'
import { coordinationContract } from './coordination.ts'

const silent = pino({ level: 'silent' })

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function startRedis(port: number): Promise<ChildProcess> {
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'])
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.stdout?.on('data', (text: Buffer) => text.includes('Ready to accept connections') && resolve())
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
  })
  return server
}

async function stopRedis(server: ChildProcess) {
  const gone = once(server, 'exit')
  server.kill('SIGKILL')
  await gone
}

async function until(what: string, condition: () => boolean | Promise<boolean>) {
  const deadline = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}`)
    await delay(20)
  }
}

async function shared() {
  const given = process.env.TEST_REDIS_URL
  let url = given
  if (url === undefined) {
    const port = await freePort()
    const server = await startRedis(port)
    t.teardown(() => stopRedis(server))
    url = `redis://127.0.0.1:${port}`
  }
  const first = createRedisCoordination({ url, log: silent })
  const second = createRedisCoordination({ url, log: silent })
  t.teardown(() => Promise.all([first.close(), second.close()]))
  await Promise.all([first.start(), second.start()])
  await until('both connected', () => first.healthy() && second.healthy())
  return { first, second }
}

// The server's own time goes by in these cases, so it has to be waited for.
coordinationContract('redis', { ...(await shared()), passTime: async (ms) => void (await delay(ms)) })

t.test(
  'redis: absent at the start, come, gone and come back: never a grant without it, no crash, said once each time',
  async (t) => {
    const said: string[] = []
    const sink = new Writable({
      write(line: Buffer, _encoding, done) {
        said.push(String(JSON.parse(line.toString()).code ?? 'back'))
        done()
      },
    })
    const port = await freePort()
    const coordination = createRedisCoordination({ url: `redis://127.0.0.1:${port}`, log: pino(sink) })
    t.teardown(() => coordination.close())

    await coordination.start()
    await until('absence noticed', () => said.length === 1)
    t.equal(coordination.healthy(), false)
    t.equal(await coordination.takeTokens('trunk', 10, 5, 5), 0)
    t.equal(await coordination.lease('campaign', 1000), undefined)

    const server = await startRedis(port)
    t.teardown(() => server.exitCode === null && server.signalCode === null && stopRedis(server))
    await until('connected', () => coordination.healthy())
    const lease = await coordination.lease('campaign', 60_000)
    t.ok(lease)
    t.equal(await coordination.takeTokens('trunk', 10, 5, 5), 5)

    await stopRedis(server)
    t.equal(await lease?.renew(), false, 'nobody can say that we hold it')
    t.equal(await coordination.takeTokens('trunk', 10, 5, 5), 0)
    await lease?.release()
    await until('loss noticed', () => !coordination.healthy())

    const again = await startRedis(port)
    t.teardown(() => stopRedis(again))
    await until('connected again by itself', () => coordination.healthy())
    t.equal(await lease?.renew(), false, 'the new server knows nothing of the lease')
    t.ok(await coordination.lease('campaign', 1000))
    t.same(said, ['redis_unavailable', 'back', 'redis_unavailable', 'back'])
  },
)

t.test('redis: a server that hangs is given up in time and counts as away', async (t) => {
  const port = await freePort()
  const server = await startRedis(port)
  const coordination = createRedisCoordination({ url: `redis://127.0.0.1:${port}`, log: silent })
  t.teardown(async () => {
    await coordination.close()
    await stopRedis(server)
  })
  await coordination.start()
  await until('connected', () => coordination.healthy())
  server.kill('SIGSTOP')
  const began = Date.now()
  t.equal(await coordination.takeTokens('trunk', 10, 5, 5), 0)
  t.ok(Date.now() - began < 3000, 'did not wait for ever')
  t.equal(coordination.healthy(), false)
  server.kill('SIGCONT')
  await until('answers again', async () => (await coordination.takeTokens('other', 10, 5, 5)) > 0)
  t.equal(coordination.healthy(), true)
})
