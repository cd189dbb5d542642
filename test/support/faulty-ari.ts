/**
 * Stands between the engine and Asterisk's ARI and spoils what it is told to: answers a request in the switch's place, or
 * loses the switch's answer. Everything else passes unchanged: HTTP, and the WebSocket with its requests and events.
 */
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'

export interface Fault {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: RegExp
  /** The status with which the request is refused, unseen by the switch; or the switch acts and its answer is lost. */
  how: number | 'answer lost'
  /** How often; then it passes again. */
  times: number
}

export interface FaultyAri {
  /** In place of ARI's. */
  url: string
  /** Resolves when the fault has happened as often as it should. */
  spoil(fault: Fault): Promise<void>
  /** Tells the engine this, so many times. */
  flood(message: string, times: number): void
  /** The engine is sent this as if the switch had said it. */
  inject(text: string): void
  close(): void
}

interface RestRequest {
  type: string
  request_id: string
  method: string
  uri: string
}

export async function startFaultyAri(ariUrl: string): Promise<FaultyAri> {
  const behind = new URL(ariUrl)
  const faults: (Fault & { done: () => void })[] = []

  /** The fault that strikes this request, if any; used up by it. */
  function strike({ method, uri }: RestRequest): Fault['how'] | undefined {
    const fault = faults.find((one) => one.times > 0 && one.method === method && one.path.test(uri))
    if (!fault) return undefined
    fault.times -= 1
    if (fault.times === 0) fault.done()
    return fault.how
  }

  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers
    fetch(behind.origin + request.url, { headers: { authorization } })
      .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
      .catch(() => response.writeHead(502).end())
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (engine, request) => {
    const { authorization = '' } = request.headers
    const address = `ws://${behind.host}${request.url}`
    const asterisk = new WebSocket(address, { headers: { authorization }, perMessageDeflate: false })
    const opened = new Promise((open) => asterisk.once('open', open))
    const lost = new Set<string>()

    engine.on('message', async (data) => {
      await opened
      const asked: RestRequest = JSON.parse(String(data))
      const how = asked.type === 'RESTRequest' ? strike(asked) : undefined
      if (how === 'answer lost') lost.add(asked.request_id)
      if (typeof how !== 'number') return asterisk.send(String(data))
      const message_body = JSON.stringify({ message: 'spoilt by the test' })
      const answer = {
        type: 'RESTResponse',
        request_id: asked.request_id,
        status_code: how,
        reason_phrase: 'Spoilt',
        message_body,
      }
      engine.send(JSON.stringify(answer))
    })
    asterisk.on('message', (data) => {
      const text = String(data)
      if (!isLostAnswer(text, lost)) engine.send(text)
    })
    for (const [one, other] of [
      [engine, asterisk],
      [asterisk, engine],
    ] as const) {
      one.on('close', () => other.close())
      one.on('error', () => other.terminate())
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const url = new URL(ariUrl)
  url.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: url.href,
    inject(text) {
      for (const engine of sockets.clients) engine.send(text)
    },
    spoil: (fault) => new Promise((done) => faults.push({ ...fault, done })),
    flood(message, times) {
      for (const socket of sockets.clients) for (let n = 0; n < times; n++) socket.send(message)
    },
    close() {
      for (const socket of sockets.clients) socket.terminate()
      server.close()
    },
  }
}

function isLostAnswer(text: string, lost: Set<string>): boolean {
  if (lost.size === 0 || !text.includes('"RESTResponse"')) return false
  const { request_id }: { request_id: string } = JSON.parse(text)
  return lost.delete(request_id)
}
