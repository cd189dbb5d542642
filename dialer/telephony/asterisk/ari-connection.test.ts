/** Against a stand-in for ARI on loopback: what a real Asterisk cannot be made to do at will (silence, delay, old age). */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import t, { type Test } from 'tap'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { createFakeClock } from '../../../test/support/fake-clock.ts'
import { createLog } from '../../log.ts'
import { TelephonyError } from '../telephony.ts'
import { createAriConnection } from './ari-connection.ts'
import { replyTimeoutMs } from './ari-requests.ts'

const requestSchema = z.object({ type: z.literal('RESTRequest'), request_id: z.string(), method: z.string(), uri: z.string() })

/** Answers REST requests with 204, except those under `silent/`, which it only counts. */
const startup_time = '2026-11-22T17:18:04.123+0000'

async function standIn(version: string, port = 0) {
  const server: Server = createServer((request, response) => {
    asked.push(`HTTP ${request.method} ${request.url}`)
    if (request.headers.authorization !== `Basic ${Buffer.from('me:secret').toString('base64')}`)
      return void response.writeHead(401).end()
    if (request.url?.includes('/silent/')) return
    const isInfo = request.url?.startsWith('/ari/asterisk/info')
    response
      .writeHead(isInfo ? 200 : 204)
      .end(isInfo ? JSON.stringify({ system: { version }, status: { startup_time } }) : undefined)
  })
  const asked: string[] = []
  const sockets: WebSocket[] = []
  const events = new WebSocketServer({ server, path: '/ari/events', autoPong: false })
  events.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('message', (data) => {
      const { request_id, method, uri } = requestSchema.parse(JSON.parse(data.toString()))
      asked.push(`${method} ${uri}`)
      if (uri.startsWith('silent/')) return
      socket.send(JSON.stringify({ type: 'RESTResponse', request_id, status_code: 204, reason_phrase: 'No Content', uri }))
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const actualPort = typeof address === 'object' && address ? address.port : 0
  return {
    asked,
    sockets,
    port: actualPort,
    close: async () => {
      for (const socket of sockets) socket.terminate()
      events.close()
      server.closeAllConnections()
      server.close()
      if (server.listening) await once(server, 'close')
    },
  }
}

async function isUnreachable(t: Test, asked: Promise<unknown>, message = 'unreachable') {
  const error = await asked.catch((thrown: unknown) => thrown)
  t.ok(error instanceof TelephonyError && error.kind === 'unreachable', message)
}

function connect(port: number, url = `http://me:secret@127.0.0.1:${port}`) {
  const clock = createFakeClock()
  const messages: string[] = []
  const states: string[] = []
  const waiting: { state: string; resolve(): void }[] = []
  const told = (state: string) => {
    states.push(state)
    for (const one of waiting) if (state.startsWith(one.state)) one.resolve()
  }
  const connection = createAriConnection({
    ...{
      url,
      apps: ['app', 'app-phones'],
      clock,
      log: createLog('silent'),
      onRoundTrip() {},
      onReplaced() {},
      mayAct: () => true,
    },
    onMessage: (type) => void messages.push(type),
    prepare: async (request) => void (await request('PUT', 'prepared')),
    onUp: () => told('up'),
    onDown: (reason) => told(`down: ${reason}`),
  })
  const becomes = (state: string) => new Promise<void>((resolve) => waiting.push({ state, resolve }))
  return { connection, clock, messages, states, becomes }
}

t.test('up after the preparation; requests over the same socket, events to the listener', async (t) => {
  const ari = await standIn('22.4.0')
  const { connection, messages, states } = connect(ari.port)
  await connection.start()
  t.strictSame(states, ['up'])
  t.strictSame(await connection.request('POST', 'bridges/b1'), { status: 204, body: 'No Content' })
  t.strictSame(ari.asked, ['HTTP GET /ari/asterisk/info?only=system,status', 'PUT prepared', 'POST bridges/b1'])
  ari.sockets[0]?.send('{"type":"Dial"}')
  ari.sockets[0]?.send('nonsense')
  ari.sockets[0]?.send('{"type":"RESTResponse"')
  ari.sockets[0]?.send('{"type":"RESTResponse","request_id":"99","status_code":200,"reason_phrase":"OK"}')
  await connection.request('GET', 'after-the-events')
  t.strictSame(messages, ['Dial'])
  await connection.close()
  await isUnreachable(t, connection.request('GET', 'x'))
  t.strictSame(states, ['up'], 'closing is not a loss')
  await ari.close()
})

t.test('an older switch is asked over HTTP', async (t) => {
  const ari = await standIn('20.6.0')
  const { connection, clock } = connect(ari.port)
  await connection.start()
  t.strictSame(await connection.request('POST', 'bridges/b1'), { status: 204, body: '' })
  t.match(ari.asked.at(-1), 'HTTP POST /ari/bridges/b1')
  const unanswered = connection.request('GET', 'silent/x')
  clock.advance(replyTimeoutMs)
  await isUnreachable(t, unanswered)
  await connection.close()
  await ari.close()
})

t.test('no reply in time is unreachable, and a reply that comes after is nobody’s', async (t) => {
  const ari = await standIn('22.4.0')
  const { connection, clock } = connect(ari.port)
  await connection.start()
  const unanswered = isUnreachable(t, connection.request('GET', 'silent/x'))
  // What is answered meanwhile shows that the socket lives.
  for (let passed = 0; passed < replyTimeoutMs; passed += 1000) {
    clock.advance(1000)
    await connection.request('GET', 'x')
  }
  await unanswered
  await connection.close()
  t.equal(clock.pending(), 0, 'no timer is left')
  await ari.close()
})

t.test('a lost connection rejects what is pending, says down, comes back and says up', async (t) => {
  const ari = await standIn('22.4.0')
  const { connection, clock, states, becomes } = connect(ari.port)
  await connection.start()
  const pending = connection.request('GET', 'silent/x')
  const down = becomes('down')
  ari.sockets[0]?.terminate()
  await isUnreachable(t, pending)
  await down
  await isUnreachable(t, connection.request('GET', 'x'), 'at once while it is down')
  const up = becomes('up')
  clock.advance(250)
  await up
  t.match(states, ['up', /^down: /, 'up'])
  t.equal(ari.asked.filter((one) => one === 'PUT prepared').length, 2, 'prepared anew')
  await connection.close()
  await ari.close()
})

t.test('a socket that is open and silent counts as lost', async (t) => {
  const ari = await standIn('22.4.0')
  const { connection, clock, becomes, states } = connect(ari.port)
  await connection.start()
  const down = becomes('down')
  clock.advance(5000)
  clock.advance(5000)
  await down
  t.match(states, ['up', /silent/])
  await connection.close()
  await ari.close()
})

t.test('a switch that is not there yet is tried again until it comes', async (t) => {
  const ari = await standIn('22.4.0')
  await ari.close()
  const { connection, clock, states } = connect(ari.port)
  const started = connection.start()
  const waits = async () => {
    while (clock.pending() !== 1 || states.length > 0) await new Promise(setImmediate)
  }
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await waits()
    clock.advance(10_000)
  }
  t.strictSame(states, [])
  const back = await standIn('22.4.0', ari.port)
  const come = started.then(() => 'up')
  while ((await Promise.race([come, new Promise(setImmediate)])) !== 'up') clock.advance(back.sockets.length > 0 ? 0 : 100)
  t.strictSame(states, ['up'])
  await connection.close()
  await back.close()
})

t.test('closing before the first connection ends the wait', async (t) => {
  const ari = await standIn('22.4.0')
  const { connection, clock } = connect(ari.port, `http://me:wrong@127.0.0.1:${ari.port}`)
  const rejected = isUnreachable(t, connection.start())
  await connection.close()
  await rejected
  t.equal(ari.sockets.length, 0)
  t.ok(clock.pending() <= 1, 'at most the reply that is under way')
  await ari.close()
})
