/**
 * Test phones and carriers: SIPp scenarios put together from steps, run as processes of their own, so that the far end
 * of every assertion is foreign software. Each phone has its audio at telephony-audio.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freeUdpPort } from '../support/asterisk.ts'
import { type AudioEnd, dtmfPayloadType, openAudio } from './telephony-audio.ts'

export interface Credentials {
  account: string
  password: string
}

const copied = '[last_Via:]\n[last_From:]\n[last_To:];tag=far[pid]x[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n'
const copiedTagged = '[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n'
const contact = 'Contact: <sip:[local_ip]:[local_port]>\n'
const telephoneEvent = `a=rtpmap:${dtmfPayloadType} telephone-event/8000\na=fmtp:${dtmfPayloadType} 0-15\n`
const sdp = (audioPort: number, keysInMedia = true) =>
  `v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\n` +
  `m=audio ${audioPort} RTP/AVP 8${keysInMedia ? ` ${dtmfPayloadType}` : ''}\na=rtpmap:8 PCMA/8000\n${keysInMedia ? telephoneEvent : ''}`
const send = (text: string, attributes = 'retrans="500"') => `<send ${attributes}><![CDATA[\n${text}\n]]></send>\n`
const withoutBody = 'Content-Length: 0\n\n'
const withSdp = (body: string) => `Content-Type: application/sdp\nContent-Length: [len]\n\n${body}`

/** What a called phone does; each is one piece of a SIPp scenario. */
export const step = {
  invited:
    '<recv request="INVITE" rrs="true"><action>' +
    '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="remote"/><ereg regexp=".*" search_in="hdr" header="To:" assign_to="local"/>' +
    '</action></recv>\n',
  ring: send(`SIP/2.0 180 Ringing\n${copied}${contact}${withoutBody}`, ''),
  /** 183 with audio before the answer. */
  earlyMedia: (audioPort: number) => send(`SIP/2.0 183 Session Progress\n${copied}${contact}${withSdp(sdp(audioPort))}`, ''),
  pause: (ms: number) => `<pause milliseconds="${ms}"/>\n`,
  answer: (audioPort: number, keysInMedia = true) =>
    `${send(`SIP/2.0 200 OK\n${copied}${contact}${withSdp(sdp(audioPort, keysInMedia))}`)}<recv request="ACK"></recv>\n`,
  refuse: (code: number, reason: string) =>
    `${send(`SIP/2.0 ${code} ${reason}\n${copied}${contact}${withoutBody}`)}<recv request="ACK"></recv>\n`,
  hungUpOn: `<recv request="BYE"></recv>\n${send(`SIP/2.0 200 OK\n${copiedTagged}${withoutBody}`, '')}`,
  /** The other side gives up before the answer. */
  cancelled:
    `<recv request="CANCEL"></recv>\n${send(`SIP/2.0 200 OK\n${copiedTagged}${withoutBody}`, '')}` +
    `${send(`SIP/2.0 487 Request Terminated\n${copied.replace('[last_CSeq:]', 'CSeq: [cseq] INVITE')}${withoutBody}`)}<recv request="ACK"></recv>\n`,
  /** The switch asks whether the phone is there. */
  checked: `<recv request="OPTIONS"></recv>\n${send(`SIP/2.0 200 OK\n${copied}${withoutBody}`, '')}`,
  hangUp: `${inDialog('BYE', 2, withoutBody)}<recv response="200"></recv>\n`,
  info: (digit: string) =>
    `${inDialog('INFO', 1, `Content-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal=${digit}\nDuration=160\n`)}<recv response="200"></recv>\n`,
}

function inDialog(method: string, cseq: number, rest: string): string {
  return send(
    `${method} [next_url] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\nFrom:[$local];tag=far[pid]x[call_number]\n` +
      `To:[$remote]\nCall-ID: [call_id]\nCSeq: ${cseq} ${method}\nMax-Forwards: 70\n${contact}${rest}`,
  )
}

/** A request that a phone makes on its own, answered to a 401 with its digest. */
function authenticated(method: string, target: string, account: string, rest: string): string {
  const request = (cseq: number, more: string) =>
    send(
      `${method} sip:${target}[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n` +
        `From: <sip:${account}@[remote_ip]>;tag=me[call_number]\nTo: <sip:${target || `${account}@`}[remote_ip]>\nCall-ID: [call_id]\n` +
        `CSeq: ${cseq} ${method}\nContact: <sip:${account}@[local_ip]:[local_port]>\nMax-Forwards: 70\n${more}${rest}`,
    )
  const acknowledge = method === 'INVITE' ? send(acknowledgement(target, account, 1, '[branch-2]'), '') : ''
  return `${request(1, '')}<recv response="401" auth="true"></recv>\n${acknowledge}${request(2, '[field0]\n')}`
}

/** The one for a refusal carries the branch of its INVITE, so many messages back. */
const acknowledgement = (target: string, account: string, cseq: number, branch = '[branch]') =>
  `ACK sip:${target}[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=${branch}\n` +
  `From: <sip:${account}@[remote_ip]>;tag=me[call_number]\nTo: <sip:${target}[remote_ip]>[peer_tag_param]\nCall-ID: [call_id]\n` +
  `CSeq: ${cseq} ACK\nMax-Forwards: 70\n${withoutBody}`

const registerSteps = (account: string, expiresSeconds: number) =>
  `${authenticated('REGISTER', '', account, `Expires: ${expiresSeconds}\n${withoutBody}`)}<recv response="200"></recv>\n`

const dialSteps = (account: string, code: string, audioPort: number, then: string) =>
  `${authenticated('INVITE', `${code}@`, account, withSdp(sdp(audioPort)))}<recv response="100" optional="true"></recv>\n${then}`
const answeredDial = (account: string, code: string) =>
  `<recv response="200"></recv>\n${send(acknowledgement(`${code}@`, account, 2), '')}${step.hungUpOn}`
const refusedDial = (account: string, code: string, status: number) =>
  `<recv response="${status}"></recv>\n${send(acknowledgement(`${code}@`, account, 2, '[branch-3]'), '')}`

/** An INVITE as a carrier passes it on: from an address that is known, without a password. */
const passedOn = (from: string, to: string, audioPort: number, more: string) =>
  send(
    `INVITE sip:${to}@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n` +
      `From: <${from}>;tag=me[call_number]\nTo: <sip:${to}@[remote_ip]>\nCall-ID: [call_id]\nCSeq: 1 INVITE\n${contact}` +
      `Max-Forwards: 70\n${more}${withSdp(sdp(audioPort))}`,
  )
const passedOnAck = (from: string, to: string, branch = '[branch]') =>
  send(
    `ACK sip:${to}@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=${branch}\n` +
      `From: <${from}>;tag=me[call_number]\nTo: <sip:${to}@[remote_ip]>[peer_tag_param]\nCall-ID: [call_id]\nCSeq: 1 ACK\n` +
      `Max-Forwards: 70\n${withoutBody}`,
    '',
  )

export interface Phone {
  port: number
  audio: AudioEnd
  /** Every SIP message it sent and received so far. */
  messages(): string
  /** Resolves when its scenario was played as written; rejects if the far end did something else. */
  finished(): Promise<void>
  /** Ends the process without a word, as a power cut would. */
  stop(): Promise<void>
}

interface PhoneOptions {
  steps(audioPort: number): string
  /** A free one unless given. */
  port?: number
  /** How often the steps are played. */
  calls?: number
  /** SIP port of the switch, for a phone that begins. */
  target?: number
  credentials?: Credentials
}

/** A phone that plays its steps once. Resolves when it listens. */
export async function startPhone({ steps, port: wanted, calls = 1, target, credentials }: PhoneOptions): Promise<Phone> {
  const port = wanted ?? (await freeUdpPort())
  const folder = mkdtempSync(join(tmpdir(), 'outpace-phone-'))
  const at = (file: string) => join(folder, file)
  const messages = () => readIfThere(at('messages.log'))
  let switchPort = 0
  const audio = await openAudio(() => {
    switchPort ||= Number(/^m=audio (\d+) RTP/m.exec(fromSwitch(messages()))?.[1] ?? 0)
    return switchPort
  })
  const text = `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="phone">\n${steps(audio.port)}</scenario>\n`
  writeFileSync(at('scenario.xml'), declared(text))
  if (credentials)
    writeFileSync(
      at('credentials.csv'),
      `SEQUENTIAL\n[authentication username=${credentials.account} password=${credentials.password}]\n`,
    )
  const options = [
    '-sf',
    at('scenario.xml'),
    '-i',
    '127.0.0.1',
    '-p',
    String(port),
    '-mi',
    '127.0.0.1',
    '-nostdin',
    '-m',
    String(calls),
    '-timeout',
    '60',
  ]
  const more = ['-trace_msg', '-message_file', at('messages.log'), ...(credentials ? ['-inf', at('credentials.csv')] : [])]
  const child = spawn('sipp', [...options, ...more, ...(target ? [`127.0.0.1:${target}`] : [])], { stdio: 'ignore', cwd: folder })
  const exited = once(child, 'exit')
  await listening(port, child)

  async function end() {
    await exited
    await audio.close()
  }
  return {
    port,
    audio,
    messages,
    async finished() {
      await end()
      const all = messages()
      rmSync(folder, { recursive: true, force: true })
      if (child.exitCode !== 0) throw new Error(`the phone's scenario failed (${child.exitCode}):\n${all}`)
    },
    async stop() {
      child.kill('SIGKILL')
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Registers a phone at `port` and leaves; rejects if the switch refuses it. */
export async function register(target: number, credentials: Credentials, port: number, expiresSeconds = 300): Promise<void> {
  const phone = await startPhone({ steps: () => registerSteps(credentials.account, expiresSeconds), port, target, credentials })
  await phone.finished()
}

/** An agent's phone dials; with `refusedBy` it expects that answer, else to be answered and hung up on. */
export function dial(target: number, credentials: Credentials, code: string, refusedBy?: number): Promise<Phone> {
  const { account } = credentials
  const then = refusedBy ? refusedDial(account, code, refusedBy) : answeredDial(account, code)
  return startPhone({ steps: (audioPort) => dialSteps(account, code, audioPort, then), target, credentials })
}

export interface PassedOn {
  /** A SIP URI. */
  from: string
  to: string
  /** Headers, each with its line end. */
  more?: string
  /** The answer that is expected; else answered and hung up on. */
  refusedBy?: number
}

/** A carrier at `port` passes a call on to the switch. */
export function passOn(target: number, port: number, { from, to, more = '', refusedBy }: PassedOn): Promise<Phone> {
  const then = refusedBy
    ? `<recv response="${refusedBy}"></recv>\n${passedOnAck(from, to, '[branch-1]')}`
    : `<recv response="200"></recv>\n${passedOnAck(from, to)}${step.hungUpOn}`
  const trying = '<recv response="100" optional="true"></recv>\n'
  return startPhone({ steps: (audioPort) => `${passedOn(from, to, audioPort, more)}${trying}${then}`, port, target })
}

/** SIPp refuses a scenario whose variables are set and never read. */
const declared = (text: string) =>
  text.includes('[$local]') || !text.includes('assign_to')
    ? text
    : text.replace('</scenario>', '<Reference variables="remote,local"/></scenario>')

/** The messages that came from the switch, in SIPp's own log. */
const fromSwitch = (log: string) =>
  log
    .split(/^-{20,}.*$/m)
    .filter((part) => part.includes('message received'))
    .join('\n')

async function listening(port: number, child: ChildProcess) {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (let waitedMs = 0; waitedMs < 5000; waitedMs += 5) {
    if (child.exitCode !== null || readFileSync('/proc/net/udp', 'utf8').includes(local)) return
    await delay(5)
  }
  throw new Error(`SIPp does not listen on ${port}`)
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8').replaceAll('\r', '')
  } catch {
    return ''
  }
}
