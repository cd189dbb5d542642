/** SIPp's logs become calls: who dialed whom, when, and who ended it; a challenge is no answer and a repeat changes nothing. */
import t from 'tap'
import { readCalls, readRegistrations } from './wire-log.ts'

const line = (at: number, direction: 'S' | 'R', id: string, cseq: string, first: string) =>
  `2026-11-22\t14:00:00.000000\t${1_795_358_400 + at}.000000\t${direction}\t${id}\tCSeq:${cseq}\t${first}`
const second = (n: number) => (1_795_358_400 + n) * 1000

t.test('an incoming call: noted number, answer, first BYE, and by whom', async (t) => {
  const messages = [
    line(0, 'R', 'a@b', '7 INVITE', 'INVITE sip:+48501234510@127.0.0.1:5072 SIP/2.0'),
    line(1, 'S', 'a@b', '7 INVITE', 'SIP/2.0 180 Ringing'),
    line(2, 'S', 'a@b', '7 INVITE', 'SIP/2.0 200 OK'),
    line(2, 'R', 'a@b', '7 ACK', 'ACK sip:carrier SIP/2.0'),
    line(8, 'S', 'a@b', '1 BYE', 'BYE sip:outpace SIP/2.0'),
    line(9, 'R', 'a@b', '8 BYE', 'BYE sip:carrier SIP/2.0'),
  ]
  t.same(readCalls(messages.join('\n'), 'a@b called=+48501234510 caller=+48221234567 attempt=0b5e-1\n'), [
    {
      callId: 'a@b',
      called: '+48501234510',
      caller: '+48221234567',
      attemptId: '0b5e-1',
      invitedAt: second(0),
      ringingAt: second(1),
      answeredAt: second(2),
      cancelledAt: undefined,
      endedAt: second(8),
      hungUpBy: 'callee',
      status: 200,
    },
  ])
})

t.test('an outgoing call with a challenge; a cancelled one; a refused one', async (t) => {
  const messages = [
    line(0, 'S', 'o', '1 INVITE', 'INVITE sip:*10@127.0.0.1 SIP/2.0'),
    line(1, 'R', 'o', '1 INVITE', 'SIP/2.0 401 Unauthorized'),
    line(1, 'S', 'o', '2 INVITE', 'INVITE sip:*10@127.0.0.1 SIP/2.0'),
    line(2, 'R', 'o', '2 INVITE', 'SIP/2.0 200 OK'),
    line(5, 'R', 'o', '9 BYE', 'BYE sip:agent SIP/2.0'),
    line(0, 'R', 'c', '1 INVITE', 'INVITE sip:1@127.0.0.1 SIP/2.0'),
    line(3, 'R', 'c', '1 CANCEL', 'CANCEL sip:1@127.0.0.1 SIP/2.0'),
    line(3, 'S', 'c', '1 CANCEL', 'SIP/2.0 200 OK'),
    line(4, 'S', 'c', '1 INVITE', 'SIP/2.0 487 Request Terminated'),
    line(6, 'R', 'r', '1 INVITE', 'INVITE sip:1@127.0.0.1 SIP/2.0'),
    line(6, 'S', 'r', '1 INVITE', 'SIP/2.0 486 Busy Here'),
    line(6, 'R', 'q', '1 OPTIONS', 'OPTIONS sip:1@127.0.0.1 SIP/2.0'),
  ]
  t.match(readCalls(messages.join('\n'), ''), [
    { status: 200, answeredAt: second(2), endedAt: second(5), hungUpBy: 'callee' },
    { status: 487, answeredAt: undefined, cancelledAt: second(3), endedAt: second(4), hungUpBy: undefined, attemptId: undefined },
    { status: 486, answeredAt: undefined, endedAt: second(6) },
  ])
  t.equal(readCalls(messages.join('\n'), '').length, 3)
})

t.test('registrations', async (t) => {
  t.same(readRegistrations('registered ana\n\nx called=1 caller=2 attempt=\nregistered eva\n'), ['ana', 'eva'])
})
