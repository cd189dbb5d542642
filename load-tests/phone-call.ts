/**
 * One call of our own phone: the dialog from INVITE to BYE, both ways, and its audio line.
 * Moves from new to ringing, up, ended, and never back. Made by phone.ts, which owns the socket.
 */
import type { AudioLine } from './audio-line.ts'
import { within } from './deadline.ts'
import {
  audioPlace,
  credentials,
  header,
  methodOf,
  placeIn,
  respond,
  type SipMessage,
  sessionDescription,
  statusOf,
  uriIn,
} from './sip-message.ts'

export interface PhoneOptions {
  /** Local SIP port; 0: any. */
  port: number
  account: string
  password?: string
  /** Registrar and way out. Absent: a phone that is only called, as a carrier's callee. */
  registrar?: { host: string; port: number }
  /** Takes every call to this phone, instead of `called`. */
  onCall?: (call: PhoneCall) => void
}

export type CallState = 'new' | 'ringing' | 'up' | 'ended'

export interface PhoneCall {
  callId: string
  /** User part called, and of whom it comes. */
  called: string
  caller: string
  /** Headers of the INVITE, by name. */
  inviteHeader(name: string): string
  audio: AudioLine
  state(): CallState
  /** Final status of the INVITE; 0 before. */
  status(): number
  hungUpBy(): 'us' | 'them' | undefined
  until(state: CallState, deadlineMs?: number): Promise<void>
  ring(): void
  answer(): void
  refuse(status: string): void
  /** BYE, or CANCEL while it rings. */
  hangUp(): void
}

/** A call as its phone drives it. */
export type Line = PhoneCall & { receive(message: SipMessage): void; drop(): void }

export interface Dialog {
  callId: string
  outgoing: boolean
  called: string
  caller: string
  invite: SipMessage | undefined
  local: string
  remote: string
  target: string
  next: { host: string; port: number }
  tag: string
}

export function incomingDialog(invite: SipMessage, tag: string): Dialog {
  const target = uriIn(header(invite, 'Contact'))
  const userIn = (text: string) => /sip:([^@;>]*)@/.exec(text)?.[1] ?? ''
  return {
    callId: header(invite, 'Call-ID'),
    outgoing: false,
    called: userIn(invite.first),
    caller: userIn(header(invite, 'From')),
    invite,
    local: `${header(invite, 'To')};tag=${tag}`,
    remote: header(invite, 'From'),
    target,
    next: placeIn(target),
    tag,
  }
}

interface LineDeps {
  audio: AudioLine
  dialog: Dialog
  contact: string
  via: () => string
  request: (message: SipMessage, to: { host: string; port: number }, onAnswer: (answer: SipMessage) => void) => void
  send: (message: SipMessage, to: { host: string; port: number }) => void
  reply: (request: SipMessage, response: SipMessage) => void
  options: PhoneOptions
}

export function createLine({ audio, dialog, contact, via, request, send, reply, options }: LineDeps): Line {
  let state: CallState = 'new'
  let status = 0
  let hungUpBy: 'us' | 'them' | undefined
  let sequence = 0
  let inviteVia = ''
  let waiting: { state: CallState; done: () => void; failed: (error: Error) => void }[] = []
  const order: CallState[] = ['new', 'ringing', 'up', 'ended']

  const enter = (next: CallState) => {
    if (order.indexOf(next) <= order.indexOf(state)) return
    state = next
    if (next === 'ended') audio.close()
    const reached = waiting.filter((one) => one.state === next || next === 'ended')
    waiting = waiting.filter((one) => !reached.includes(one))
    for (const one of reached) {
      if (one.state === next) one.done()
      else one.failed(new Error(`the call ended (${status}) before it was ${one.state}`))
    }
  }
  const hear = (body: string) => {
    const place = audioPlace(body)
    if (place) audio.sendTo(place)
  }
  const build = (method: string, number: number, body = '', extra: [string, string][] = []): SipMessage => ({
    first: `${method} ${dialog.target} SIP/2.0`,
    headers: [
      ['Via', method === 'CANCEL' ? inviteVia : via()],
      ['From', dialog.local],
      ['To', dialog.remote],
      ['Call-ID', dialog.callId],
      ['CSeq', `${number} ${method}`],
      ['Contact', contact],
      ['Max-Forwards', '70'],
      ...extra,
      ...(body ? [['Content-Type', 'application/sdp'] satisfies [string, string]] : []),
    ],
    body,
  })
  /** Who answered may not say BYE before he has seen the ACK (RFC 3261, 15). */
  let acknowledged = dialog.outgoing
  let leaving = false
  const bye = () => {
    leaving = true
    if (acknowledged) request(build('BYE', ++sequence), dialog.next, () => enter('ended'))
  }
  const invite = (extra: [string, string][] = []) => {
    const message = build('INVITE', ++sequence, sessionDescription(audio.port), extra)
    inviteVia = header(message, 'Via')
    request(message, dialog.next, (answer) => inviteAnswered(message, answer))
  }
  const inviteAnswered = (message: SipMessage, answer: SipMessage) => {
    const code = statusOf(answer) ?? 0
    if (code >= 180 && code < 200) enter('ringing')
    if (code < 300) hear(answer.body)
    if (code < 200) return
    const bare = dialog.remote
    dialog.remote = header(answer, 'To')
    const number = Number(header(answer, 'CSeq').split(' ')[0])
    const ack = build('ACK', number)
    if (code < 300) dialog.target = uriIn(header(answer, 'Contact')) || dialog.target
    else ack.headers[0] = ['Via', header(message, 'Via')]
    ack.first = `ACK ${dialog.target} SIP/2.0`
    send(ack, dialog.next)
    if ((code === 401 || code === 407) && sequence === 1) {
      dialog.remote = bare
      const user = { account: options.account, password: options.password ?? '' }
      const challenge = header(answer, code === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate')
      invite([[code === 401 ? 'Authorization' : 'Proxy-Authorization', credentials(challenge, user, 'INVITE', dialog.target)]])
      return
    }
    const first = status === 0
    status ||= code
    if (code >= 300) enter('ended')
    else if (hungUpBy === 'us' && first) bye()
    else enter('up')
  }
  const answerWith = (line: string, sdp: boolean) => {
    if (!dialog.invite) throw new Error('only an incoming call can be answered')
    const extra: [string, string][] = [
      ['Contact', contact],
      ...(sdp ? [['Content-Type', 'application/sdp'] satisfies [string, string]] : []),
    ]
    reply(dialog.invite, respond(dialog.invite, line, extra, sdp ? sessionDescription(audio.port) : '', dialog.tag))
  }
  if (dialog.outgoing) invite()

  return {
    callId: dialog.callId,
    called: dialog.called,
    caller: dialog.caller,
    inviteHeader: (name) => (dialog.invite ? header(dialog.invite, name) : ''),
    audio,
    state: () => state,
    status: () => status,
    hungUpBy: () => hungUpBy,
    until(wanted, deadlineMs = 10_000) {
      if (state === wanted || (state !== 'ended' && order.indexOf(state) > order.indexOf(wanted))) return Promise.resolve()
      if (state === 'ended') return Promise.reject(new Error(`the call ended (${status}) before it was ${wanted}`))
      const reached = new Promise<void>((done, failed) => waiting.push({ state: wanted, done, failed }))
      return within(deadlineMs, `the call to be ${wanted} (it is ${state})`, reached)
    },
    ring() {
      answerWith('180 Ringing', false)
      enter('ringing')
    },
    answer() {
      hear(dialog.invite?.body ?? '')
      status = 200
      answerWith('200 OK', true)
      enter('up')
    },
    refuse(line) {
      status = Number(line.slice(0, 3))
      answerWith(line, false)
      enter('ended')
    },
    hangUp() {
      if (state === 'ended') return
      hungUpBy ??= 'us'
      if (state === 'up') bye()
      else if (dialog.outgoing) request(build('CANCEL', sequence), dialog.next, () => undefined)
      else this.refuse('480 Temporarily Unavailable')
    },
    receive(message) {
      const method = methodOf(message)
      if (method === 'ACK') {
        if (!acknowledged && state === 'up') {
          acknowledged = true
          if (leaving) bye()
        }
        return
      }
      if (method === 'INVITE') {
        // A change of the running session; its body tells where the audio goes now.
        hear(message.body)
        const extra: [string, string][] = [
          ['Contact', contact],
          ['Content-Type', 'application/sdp'],
        ]
        reply(message, respond(message, '200 OK', extra, sessionDescription(audio.port), dialog.tag))
        return
      }
      reply(message, respond(message, '200 OK', [], '', dialog.tag))
      if (method === 'CANCEL' && state !== 'up' && state !== 'ended') {
        hungUpBy ??= 'them'
        status = 487
        answerWith('487 Request Terminated', false)
        enter('ended')
      } else if (method === 'BYE') {
        hungUpBy ??= 'them'
        enter('ended')
      }
    },
    drop: () => enter('ended'),
  }
}
