/**
 * SIP messages as data: reading, writing, digest credentials, and the one session description our phone offers
 * (G.711 A-law and telephone events). Pure. Used by phone.ts.
 */
import { createHash } from 'node:crypto'

export interface SipMessage {
  /** Request line or status line. */
  first: string
  /** In order, as written; read by `header`. */
  headers: [name: string, value: string][]
  body: string
}

export function readSip(data: Buffer): SipMessage | undefined {
  const [head = '', ...rest] = data.toString('latin1').split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  if (!/ SIP\/2\.0$|^SIP\/2\.0 \d{3}/.test(first)) return undefined
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
  })
  return { first, headers, body: rest.join('\r\n\r\n') }
}

export function writeSip({ first, headers, body }: SipMessage): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  return Buffer.from([first, ...lines, `Content-Length: ${Buffer.byteLength(body, 'latin1')}`, '', body].join('\r\n'), 'latin1')
}

/** First value of a header, '' where it is missing. */
export function header(message: SipMessage, name: string): string {
  return message.headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1] ?? ''
}

/** Status of a response, undefined for a request. */
export function statusOf(message: SipMessage): number | undefined {
  const status = /^SIP\/2\.0 (\d{3})/.exec(message.first)?.[1]
  return status === undefined ? undefined : Number(status)
}

export function methodOf(message: SipMessage): string {
  return statusOf(message) === undefined ? (message.first.split(' ')[0] ?? '') : (header(message, 'CSeq').split(' ')[1] ?? '')
}

export function uriIn(value: string): string {
  return /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0] ?? ''
}

export function tagIn(value: string): string | undefined {
  return /;tag=([^;>]+)/.exec(value)?.[1]
}

export function branchOf(message: SipMessage): string {
  return /;branch=([^;,]+)/.exec(header(message, 'Via'))?.[1] ?? ''
}

/** Where a Via wants its answers. */
export function placeIn(uri: string): { host: string; port: number } {
  const [, host = '127.0.0.1', port = '5060'] = /(?:sip:)?(?:[^@\s]*@)?([\d.]+)(?::(\d+))?/.exec(uri) ?? []
  return { host, port: Number(port) }
}

export function respond(
  request: SipMessage,
  status: string,
  extra: [string, string][] = [],
  body = '',
  tag?: string,
): SipMessage {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    request.headers
      .filter(([one]) => one.toLowerCase() === name.toLowerCase())
      .map(([, value]): [string, string] => [name, name === 'To' && tag && !tagIn(value) ? `${value};tag=${tag}` : value]),
  )
  return { first: `SIP/2.0 ${status}`, headers: [...copied, ...extra], body }
}

/** Answer to a digest challenge (RFC 2617, MD5, with or without qop=auth). */
export function credentials(challenge: string, user: { account: string; password: string }, method: string, uri: string): string {
  const field = (name: string) => new RegExp(`${name}="?([^",]+)"?`, 'i').exec(challenge)?.[1] ?? ''
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  const realm = field('realm')
  const nonce = field('nonce')
  const secret = md5(`${user.account}:${realm}:${user.password}`)
  const action = md5(`${method}:${uri}`)
  const opaque = field('opaque')
  const common = `Digest username="${user.account}",realm="${realm}",nonce="${nonce}",uri="${uri}",algorithm=MD5${opaque ? `,opaque="${opaque}"` : ''}`
  if (!/qop/i.test(challenge)) return `${common},response="${md5(`${secret}:${nonce}:${action}`)}"`
  const cnonce = md5(nonce).slice(0, 16)
  return `${common},qop=auth,nc=00000001,cnonce="${cnonce}",response="${md5(`${secret}:${nonce}:00000001:${cnonce}:auth:${action}`)}"`
}

export function sessionDescription(mediaPort: number): string {
  const lines = ['v=0', 'o=phone 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
  const audio = [
    `m=audio ${mediaPort} RTP/AVP 8 101`,
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
  ]
  return [...lines, ...audio, 'a=ptime:20', 'a=sendrecv', ''].join('\r\n')
}

/** Where the other side wants its audio. */
export function audioPlace(body: string): { host: string; port: number } | undefined {
  const host = /^c=IN IP4 ([\d.]+)/m.exec(body)?.[1]
  const port = /^m=audio (\d+)/m.exec(body)?.[1]
  return host && port && port !== '0' ? { host, port: Number(port) } : undefined
}
