/**
 * SIP messages as no phone should send them: good ones of every method, spoilt in one to three ways each. Seeded and pure, so that
 * a message that hurts can be made again from the seed and its number.
 */
import { pick, type Random } from '../chance.ts'

const methods = [
  'INVITE',
  'REGISTER',
  'OPTIONS',
  'BYE',
  'CANCEL',
  'ACK',
  'INFO',
  'UPDATE',
  'REFER',
  'SUBSCRIBE',
  'NOTIFY',
  'MESSAGE',
  'PRACK',
]

/** Lines of the head, then the body. */
interface Message {
  head: string[]
  body: string
}

function wellFormed(random: Random, n: number, port: number): Message {
  const method = pick(random, methods)
  const user = pick(random, ['+48223000010', 'agent1', '*10', 'nobody', '%s%n%x', ''])
  const body =
    random() < 0.5
      ? ''
      : 'v=0\r\no=- 1 1 IN IP4 127.0.0.66\r\ns=-\r\nc=IN IP4 127.0.0.66\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0 101\r\n'
  return {
    head: [
      `${method} sip:${user}@127.0.0.1:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.66:5060;branch=z9hG4bKfuzz${n};rport`,
      'Max-Forwards: 70',
      `From: "x" <sip:stranger@127.0.0.66>;tag=f${n}`,
      `To: <sip:${user}@127.0.0.1>`,
      `Call-ID: fuzz-${n}@127.0.0.66`,
      `CSeq: ${n % 1000} ${method}`,
      'Contact: <sip:stranger@127.0.0.66:5060>',
      ...(body ? ['Content-Type: application/sdp'] : []),
      `Content-Length: ${body.length}`,
    ],
    body,
  }
}

const anyLine = (random: Random, { head }: Message) => Math.floor(random() * head.length)
const junk = (random: Random, length: number) =>
  Array.from({ length }, () => String.fromCharCode(Math.floor(random() * 256))).join('')
const withLine = (message: Message, at: number, line: string | undefined): Message => ({
  ...message,
  head: message.head.flatMap((old, n) => (n !== at ? [old] : line === undefined ? [] : [line])),
})
const headerAt = (message: Message, name: string) => message.head.findIndex((line) => line.startsWith(`${name}:`))

/** One way each to spoil a message. */
const spoilers: ((message: Message, random: Random) => Message)[] = [
  (message, random) => withLine(message, anyLine(random, message), undefined),
  (message, random) => {
    const at = anyLine(random, message)
    return withLine(message, at, `${message.head[at]}\r\n${message.head[at]}`)
  },
  (message, random) => withLine(message, anyLine(random, message), junk(random, 1 + Math.floor(random() * 200))),
  (message, random) => {
    const at = anyLine(random, message)
    return withLine(
      message,
      at,
      `${message.head[at]}${pick(random, [';', '<', '"', '(', '\\', '\0'])}${'A'.repeat(Math.floor(random() * 8000))}`,
    )
  },
  (message, random) =>
    withLine(
      message,
      headerAt(message, 'Content-Length'),
      `Content-Length: ${pick(random, ['-1', '99999999', '1e9', '', 'banana', '4294967296'])}`,
    ),
  (message, random) =>
    withLine(
      message,
      headerAt(message, 'CSeq'),
      `CSeq: ${pick(random, ['-1 INVITE', '4294967296 BYE', 'INVITE', '1', '1 1 1', '0x1 ACK'])}`,
    ),
  (message, random) =>
    withLine(message, headerAt(message, 'Max-Forwards'), `Max-Forwards: ${pick(random, ['0', '-5', '256', 'x'])}`),
  (message, random) =>
    withLine(
      message,
      headerAt(message, 'Via'),
      `Via: ${pick(random, ['SIP/9.9/UDP x', 'SIP/2.0/UDP [::1', 'SIP/2.0/TCP 127.0.0.66:99999', ',,,,', 'SIP/2.0/UDP 127.0.0.66;branch='])}`,
    ),
  (message, random) =>
    withLine(message, 0, pick(random, ['SIP/2.0 200', 'SIP/2.0 999 ?', 'GET / HTTP/1.1', '', 'INVITE', 'INVITE sip: SIP/2.0'])),
  (message, random) =>
    withLine(message, 0, `${message.head[0]}`.replace('sip:', pick(random, ['sips:', 'tel:', 'sip:%00', 'sip:@', 'http://']))),
  (message, random) => ({ ...message, body: junk(random, Math.floor(random() * 3000)) }),
  (message, random) => ({ ...message, body: message.body.replace(/\d+/g, () => pick(random, ['-1', '999999999999', '', '٣'])) }),
  (message) => ({ ...message, body: `${message.body}${'a=rtpmap:8 PCMA/8000\r\n'.repeat(400)}` }),
  (message) => ({ ...message, head: [...message.head, ...Array.from({ length: 150 }, (_, n) => `X-Header-${n}: ${n}`)] }),
  (message) => ({ ...message, head: message.head.map((line) => line.replace(': ', ' \t : \r\n ')) }),
]

/** UDP has room for so much. */
const longest = 60_000

/** The n-th message for a switch that listens on `port`. */
export function spoiltMessage(random: Random, n: number, port: number): Buffer {
  let message = wellFormed(random, n, port)
  const times = 1 + Math.floor(random() * 3)
  for (let i = 0; i < times; i++) message = pick(random, spoilers)(message, random)
  const text = `${message.head.join(pick(random, ['\r\n', '\r\n', '\r\n', '\n', '\r']))}\r\n\r\n${message.body}`
  const whole = Buffer.from(text, random() < 0.5 ? 'latin1' : 'utf8').subarray(0, longest)
  return random() < 0.1 ? whole.subarray(0, Math.floor(random() * whole.length)) : whole
}
