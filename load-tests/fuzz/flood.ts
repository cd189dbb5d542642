/** A flood: well-formed OPTIONS, REGISTER and INVITE of somebody whom the switch does not know, each a dialog of its own. Pure. */
const methods = ['OPTIONS', 'REGISTER', 'INVITE'] as const

export function floodMessage(n: number, port: number): Buffer {
  const method = methods[n % methods.length]
  const user = n % 2 ? '+48223000010' : 'agent1'
  return Buffer.from(
    [
      `${method} sip:${user}@127.0.0.1:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.66:5060;branch=z9hG4bKflood${n};rport`,
      'Max-Forwards: 70',
      `From: <sip:stranger${n}@127.0.0.66>;tag=${n}`,
      `To: <sip:${user}@127.0.0.1>`,
      `Call-ID: flood-${n}@127.0.0.66`,
      `CSeq: 1 ${method}`,
      'Contact: <sip:stranger@127.0.0.66:5060>',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  )
}
