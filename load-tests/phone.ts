/**
 * One SIP phone for tests that must hear: SIPp sends audio but cannot listen, this one does both.
 * Registers with digest, calls, is called, holds several calls, says A-law audio, presses keys, and tells what it heard.
 * Every step is a promise of a typed event with a deadline. It never decides anything: the test says when to ring,
 * answer, refuse or hang up, to the millisecond. UDP on loopback, one transaction at a time per call; load is SIPp's work.
 */
import { createSocket } from 'node:dgram'
import { openAudioLine } from './audio-line.ts'
import { within } from './deadline.ts'
import { createLine, type Dialog, incomingDialog, type Line, type PhoneCall, type PhoneOptions } from './phone-call.ts'
import {
  branchOf,
  credentials,
  header,
  methodOf,
  placeIn,
  readSip,
  respond,
  type SipMessage,
  statusOf,
  writeSip,
} from './sip-message.ts'

export interface Phone {
  port: number
  register(deadlineMs?: number): Promise<void>
  /** `from`: as whom, where it is not the account, as a carrier passes on calls of others. */
  call(user: string, from?: string): Promise<PhoneCall>
  /** The next call to this phone. */
  called(deadlineMs?: number): Promise<PhoneCall>
  /** Gone without a goodbye: no BYE, no audio, no answers. */
  close(): void
}

export async function createPhone(options: PhoneOptions): Promise<Phone> {
  const socket = createSocket('udp4')
  await new Promise<void>((bound) => socket.bind(options.port, '127.0.0.1', bound))
  const port = socket.address().port
  const contact = `<sip:${options.account}@127.0.0.1:${port}>`
  const lines = new Map<string, Line>()
  const arrived = createQueue<PhoneCall>()
  const answers = new Map<string, (message: SipMessage) => void>()
  const said = new Map<string, Buffer>()
  let counter = 0
  let closed = false
  const unique = () => `${process.pid}x${port}x${++counter}`

  const send = (message: SipMessage, to: { host: string; port: number }) => {
    if (!closed) socket.send(writeSip(message), to.port, to.host)
  }
  const reply = (request: SipMessage, response: SipMessage) => {
    said.set(`${branchOf(request)} ${methodOf(request)}`, writeSip(response))
    send(response, placeIn(header(request, 'Via').replace(/^SIP\/2\.0\/UDP /, '')))
  }
  /** Sends a request until something answers it; every answer goes to the listener. */
  const request = (message: SipMessage, to: { host: string; port: number }, onAnswer: (answer: SipMessage) => void) => {
    const key = `${branchOf(message)} ${methodOf(message)}`
    let left = 10
    const again = setInterval(() => (left-- > 0 ? send(message, to) : clearInterval(again)), 500)
    again.unref()
    answers.set(key, (answer) => {
      clearInterval(again)
      onAnswer(answer)
    })
    send(message, to)
  }
  const via = () => `SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${unique()}`

  const newLine = async (dialog: Dialog): Promise<Line> => {
    const audio = await openAudioLine()
    return createLine({ audio, dialog, contact, via, request, send, reply, options })
  }

  socket.on('message', (data) => {
    const message = readSip(data)
    if (!message || closed) return
    if (statusOf(message) !== undefined) {
      answers.get(`${branchOf(message)} ${methodOf(message)}`)?.(message)
      return
    }
    const repeated = said.get(`${branchOf(message)} ${methodOf(message)}`)
    if (repeated) {
      const to = placeIn(header(message, 'Via').replace(/^SIP\/2\.0\/UDP /, ''))
      socket.send(repeated, to.port, to.host)
      return
    }
    const line = lines.get(header(message, 'Call-ID'))
    if (line) line.receive(message)
    else if (methodOf(message) === 'INVITE') {
      reply(message, respond(message, '100 Trying'))
      void newLine(incomingDialog(message, unique())).then((fresh) => {
        lines.set(fresh.callId, fresh)
        if (options.onCall) options.onCall(fresh)
        else arrived.put(fresh)
      })
    } else if (methodOf(message) !== 'ACK') reply(message, respond(message, '200 OK', [], '', unique()))
  })

  return {
    port,
    async register(deadlineMs = 5000) {
      const registrar = needed(options.registrar)
      const uri = `sip:${registrar.host}:${registrar.port}`
      const own = `<sip:${options.account}@${registrar.host}>`
      const callId = unique()
      const attempt = (sequence: number, extra: [string, string][]) =>
        new Promise<SipMessage>((answered) => {
          const headers: [string, string][] = [
            ['Via', via()],
            ['From', `${own};tag=${callId}`],
            ['To', own],
            ['Call-ID', callId],
            ['CSeq', `${sequence} REGISTER`],
            ['Contact', contact],
            ['Expires', '3600'],
            ['Max-Forwards', '70'],
            ...extra,
          ]
          request({ first: `REGISTER ${uri} SIP/2.0`, headers, body: '' }, registrar, (answer) => {
            if ((statusOf(answer) ?? 0) >= 200) answered(answer)
          })
        })
      const accepted = async () => {
        let answer = await attempt(1, [])
        if (statusOf(answer) === 401) {
          const user = { account: options.account, password: options.password ?? '' }
          const said = credentials(header(answer, 'WWW-Authenticate'), user, 'REGISTER', uri)
          answer = await attempt(2, [['Authorization', said]])
        }
        if (statusOf(answer) !== 200) throw new Error(`registration of ${options.account} was refused: ${answer.first}`)
      }
      await within(deadlineMs, `registration of ${options.account}`, accepted())
    },
    async call(user, from = options.account) {
      const registrar = needed(options.registrar)
      const line = await newLine({
        callId: unique(),
        outgoing: true,
        called: user,
        caller: from,
        invite: undefined,
        local: `<sip:${from}@${registrar.host}>;tag=${unique()}`,
        remote: `<sip:${user}@${registrar.host}>`,
        target: `sip:${user}@${registrar.host}:${registrar.port}`,
        next: registrar,
        tag: '',
      })
      lines.set(line.callId, line)
      return line
    },
    called: (deadlineMs = 10_000) => within(deadlineMs, `a call to ${options.account}`, arrived.take()),
    close() {
      if (closed) return
      closed = true
      for (const line of lines.values()) line.drop()
      socket.close()
    },
  }
}

function createQueue<T>(): { put(item: T): void; take(): Promise<T> } {
  const items: T[] = []
  const takers: ((item: T) => void)[] = []
  return {
    put(item) {
      const taker = takers.shift()
      if (taker) taker(item)
      else items.push(item)
    },
    take() {
      const item = items.shift()
      return item === undefined ? new Promise((taken) => takers.push(taken)) : Promise.resolve(item)
    },
  }
}

function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('this phone has no registrar')
  return value
}
