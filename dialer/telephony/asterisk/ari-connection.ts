/**
 * One connection to ARI, kept for as long as it is wanted: connects, reconnects with back-off and jitter, notices a
 * socket that is open and silent, and rejects all that is pending when it is lost. Knows nothing of calls:
 * what comes in is handed to `onMessage`, what has to be set up anew is done by `prepare`.
 *
 *   waiting --timer--> connecting --prepared--> up --lost--> waiting;   close() ends it from anywhere.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Clock } from '../../clock.ts'
import { messageOf, OutpaceError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { TelephonyError } from '../telephony.ts'
import { type Request, type Requests, requestsOverHttp, requestsOverSocket } from './ari-requests.ts'
import { infoSchema, messageType, takesRequestsOverSocket } from './ari-schema.ts'

const firstRetryMs = 250
const longestRetryMs = 10_000
/** A socket silent for one whole interval after a ping is dead: noticed within 2 to 4 s. */
const heartbeatMs = 2000
/** Until the socket is open. */
const openPatienceMs = 5000
const unreadablePauseMs = 10_000
const notInCharge = 'this engine asks first whether it is still in charge of the switch'
/** How long the switch may take to say good-bye. */
const closePatienceMs = 1000

export interface AriConnection {
  /** Resolves when the connection is up for the first time. */
  start(): Promise<void>
  close(): Promise<void>
  request: Request
}

interface AriConnectionOptions {
  /** http://USER:PASSWORD@HOST:PORT */
  url: string
  apps: string[]
  clock: Clock
  log: Log
  onMessage(type: string, text: string): void
  /** Asked before each request and each connection: false while another engine may be in charge of the switch. */
  mayAct(): boolean
  /** Another connection took the application. */
  onReplaced(): void
  /** Told of each request, answered or not. */
  onRoundTrip(ms: number): void
  /** Runs on each new connection before it counts as up. */
  prepare(request: Request): Promise<void>
  /** `startedAt`: the switch itself, epoch milliseconds. */
  onUp(startedAt: number): void
  onDown(reason: string): void
}

export function createAriConnection({
  url,
  apps,
  clock,
  log,
  onMessage,
  mayAct,
  onReplaced,
  onRoundTrip,
  prepare,
  onUp,
  onDown,
}: AriConnectionOptions): AriConnection {
  const { base, events, authorization } = addressesOf(url, apps)
  let state: 'idle' | 'connecting' | 'up' | 'waiting' | 'closed' = 'idle'
  let notUp = 'not connected yet'
  let requests: Requests | undefined
  let socket: WebSocket | undefined
  let failures = 0
  let unreadable = 0
  let cancelTimer = () => {}
  let first: { resolve(): void; reject(error: Error): void } | undefined

  /** A storm of them is not made worse by the log. */
  function sayUnreadable(error: unknown) {
    unreadable += 1
    if (unreadable > 1) return
    clock.after(unreadablePauseMs, () => {
      if (unreadable > 1) log.error({ messages: unreadable - 1 }, 'more messages of the switch could not be read')
      unreadable = 0
    })
    log.error({ err: error }, 'a message of the switch could not be read')
  }

  async function connect() {
    state = 'connecting'
    try {
      if (!mayAct()) throw new Error(notInCharge)
      const { version, startedAt } = await askWhoIsThere()
      if (state !== 'connecting') return
      const opened = openSocket(takesRequestsOverSocket(version))
      await once(opened.socket, 'open')
      await prepare(opened.requests.request)
      if (state !== 'connecting' || socket !== opened.socket) return
      requests = opened.requests
      state = 'up'
      log.info({ version }, 'switch connected')
      onUp(startedAt)
      first?.resolve()
    } catch (error) {
      lost(messageOf(error))
    }
  }

  async function askWhoIsThere(): Promise<{ version: string; startedAt: number }> {
    const asking = requestsOverHttp(base, authorization, clock)
    const { status, body } = await asking.request('GET', 'asterisk/info?only=system,status')
    if (status !== 200) throw new Error(`ARI answered ${status} to asterisk/info`)
    const info = infoSchema.parse(JSON.parse(body))
    return { version: info.system.version, startedAt: Date.parse(info.status.startup_time) }
  }

  function openSocket(takesRequests: boolean) {
    const opening = new WebSocket(events, {
      headers: { authorization },
      handshakeTimeout: openPatienceMs,
      perMessageDeflate: false,
    })
    const overSocket = takesRequests ? requestsOverSocket(opening, clock) : undefined
    const openingRequests = overSocket ?? requestsOverHttp(base, authorization, clock)
    let heard = true
    let cancelHeartbeat = () => {}

    function gone(reason: string) {
      cancelHeartbeat()
      openingRequests.fail(reason)
      if (socket === opening) lost(reason)
    }
    /** What came in while this process was busy is read first: its timers run before its sockets. */
    function beat() {
      cancelHeartbeat = clock.after(0, look)
    }
    function look() {
      if (socket !== opening) return
      if (!heard) {
        gone(`the switch was silent for ${heartbeatMs} ms`)
        opening.terminate()
        return
      }
      // Only a connection that lasts ends the back-off: two engines that take the application from each other slow down.
      if (state === 'up') failures = 0
      heard = false
      opening.ping()
      cancelHeartbeat = clock.after(heartbeatMs, beat)
    }
    opening.on('open', beat)
    opening.on('pong', () => {
      heard = true
    })
    function receive(text: string) {
      const type = messageType(text)
      if (type === 'RESTResponse') overSocket?.replied(text)
      else if (type === 'ApplicationReplaced') {
        log.error('another engine took over this Stasis application')
        onReplaced()
        opening.terminate()
      } else if (type !== undefined) onMessage(type, text)
    }
    opening.on('message', (data) => {
      heard = true
      try {
        receive(data.toString())
      } catch (error) {
        sayUnreadable(error)
      }
    })
    opening.on('error', (error) => gone(messageOf(error)))
    opening.on('close', () => gone('the switch closed the connection'))
    socket = opening
    return { socket: opening, requests: openingRequests }
  }

  function lost(reason: string) {
    if (state === 'closed' || state === 'waiting') return
    const wasUp = state === 'up'
    state = 'waiting'
    notUp = reason
    requests = undefined
    socket?.terminate()
    socket = undefined
    const retryInMs = Math.round(Math.min(longestRetryMs, firstRetryMs * 2 ** failures) * (0.5 + Math.random() / 2))
    failures += 1
    const { code, message, whatToDo } = new OutpaceError('switch_unavailable', { where: base.host, problem: reason })
    log.warn({ code, problem: message, whatToDo, retryInMs }, 'switch not connected')
    cancelTimer = clock.after(retryInMs, () => void connect())
    if (wasUp) onDown(reason)
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        first = { resolve, reject }
        void connect()
      }),
    async close() {
      const closing = socket
      state = 'closed'
      notUp = 'the connection was closed'
      cancelTimer()
      requests?.fail(notUp)
      requests = undefined
      first?.reject(new TelephonyError('unreachable', notUp))
      if (!closing || closing.readyState === WebSocket.CLOSED) return
      const cancelPatience = clock.after(closePatienceMs, () => closing.terminate())
      await new Promise((resolve) => {
        closing.once('close', resolve)
        closing.close()
      })
      cancelPatience()
    },
    async request(method, path, body) {
      if (!requests) throw new TelephonyError('unreachable', notUp)
      if (!mayAct()) throw new TelephonyError('unreachable', notInCharge)
      const askedAt = clock.now()
      try {
        return await requests.request(method, path, body)
      } finally {
        onRoundTrip(clock.now() - askedAt)
      }
    },
  }
}

function addressesOf(url: string, apps: string[]) {
  const given = new URL(url)
  const credentials = `${decodeURIComponent(given.username)}:${decodeURIComponent(given.password)}`
  const base = new URL('/ari/', given)
  base.username = ''
  base.password = ''
  const events = new URL(`events?app=${apps.join(',')}`, base)
  events.protocol = given.protocol === 'https:' ? 'wss:' : 'ws:'
  return { base, events, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}
