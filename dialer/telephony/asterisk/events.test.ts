import t from 'tap'
import { callEventSchema, messageType, takesRequestsOverSocket } from './ari-schema.ts'
import { toTelephonyEvent } from './events.ts'

const channel = {
  id: 'c1',
  name: 'PJSIP/_trunk-main-0000001f',
  state: 'Up',
  caller: { name: '', number: '+385915550123' },
  dialplan: { context: 'inbound', exten: '38515550100', priority: 1 },
}
const read = (event: object) => toTelephonyEvent(callEventSchema.parse({ timestamp: 'x', application: 'outpace', ...event }), 5)
const at = { channelId: 'c1', at: 5 }

t.test('an answered channel, and the dialplan telling what it found', async (t) => {
  const entered = (...args: string[]) => read({ type: 'StasisStart', args, channel })
  t.strictSame(entered('answered'), { type: 'answered', ...at })
  t.strictSame(entered('detected', 'HUMAN', 'HUMAN-800-800'), {
    type: 'detected',
    ...at,
    verdict: 'human',
    cause: 'HUMAN-800-800',
  })
  t.match(entered('detected', 'MACHINE', 'MAXWORDS-5-5'), { verdict: 'machine' })
  for (const status of ['NOTSURE', 'HANGUP', '']) t.match(entered('detected', status, ''), { verdict: 'unsure' })
  t.match(entered('detected'), { verdict: 'unsure', cause: '' })
  t.strictSame(entered('dialed-in', 'ana', '*1'), { type: 'dialed_in', ...at, account: 'ana', code: '*1' })
  t.equal(entered('something-else'), undefined)
  t.equal(entered(), undefined)
})

t.test('a call in: who calls, unless he withholds it, and which of our numbers', async (t) => {
  const calledIn = (number: string, ...args: string[]) =>
    read({ type: 'StasisStart', args: ['called-in', ...args], channel: { ...channel, caller: { name: '', number } } })
  t.strictSame(calledIn('+385915550123', 'allowed_not_screened', ''), {
    ...{ type: 'called_in', ...at, trunkId: 'main' },
    ...{ from: '+385915550123', to: '+38515550100' },
  })
  for (const number of ['385915550123', '00385915550123']) t.match(calledIn(number, 'allowed', ''), { from: '+385915550123' })
  for (const number of ['', 'anonymous', '0915550123', '+0', '123abc']) t.match(calledIn(number, 'allowed', ''), { from: null })
  t.match(calledIn('+385915550123', 'prohib_not_screened', ''), { from: null })
  t.match(calledIn('+385915550123', 'allowed', 'user;id'), { from: null })
  t.match(calledIn('+385915550123', 'allowed', 'none'), { from: '+385915550123' })
  const local = { ...channel, name: 'Local/38515550100@inbound-00000001;2' }
  t.equal(read({ type: 'StasisStart', args: ['called-in', 'allowed', ''], channel: local }), undefined, 'not over a trunk')
})

t.test('ringing is told by 180 and by early media', async (t) => {
  const dialing = (dialstatus: string) => read({ type: 'Dial', dialstatus, peer: channel })
  t.strictSame(dialing('RINGING'), { type: 'ringing', ...at })
  t.match(dialing('PROGRESS'), { type: 'ringing' })
  for (const status of ['', 'ANSWER', 'BUSY']) t.equal(dialing(status), undefined)
})

t.test('keys, playbacks and ends', async (t) => {
  t.strictSame(read({ type: 'ChannelDtmfReceived', digit: '#', duration_ms: 80, channel }), { type: 'dtmf', ...at, digit: '#' })
  const finished = (state: string, target_uri: string) =>
    read({ type: 'PlaybackFinished', playback: { id: 'p1', target_uri, state } })
  t.strictSame(finished('done', 'channel:c1'), { type: 'played', playbackId: 'p1', ...at, completed: true })
  t.match(finished('failed', 'channel:c1'), { completed: false })
  t.equal(finished('done', 'bridge:b1'), undefined)
  t.strictSame(read({ type: 'ChannelDestroyed', cause: 17, tech_cause: 486, channel }), {
    type: 'ended',
    ...at,
    cause: 17,
    sipCode: 486,
  })
  t.strictSame(read({ type: 'ChannelDestroyed', cause: 16, channel }), { type: 'ended', ...at, cause: 16 })
  t.notOk(callEventSchema.safeParse({ type: 'ChannelVarset', channel }).success)
})

t.test('the type of a message without parsing it', async (t) => {
  t.equal(messageType('{"type":"Dial","timestamp":"x","peer":{"type":"Nested"}}'), 'Dial')
  t.equal(messageType('{\n  "type": "StasisStart"'), 'StasisStart')
  t.equal(messageType('{"duration":2824,"type":"ChannelTalkingFinished","timestamp":"x"'), 'ChannelTalkingFinished')
  for (const text of ['', 'nonsense', '{"timestamp":"x","type":"Dial"}']) t.equal(messageType(text), undefined)
})

t.test('which Asterisk takes requests over the WebSocket', async (t) => {
  for (const version of ['20.14.0', '20.19.1', '21.9.0', '22.4.0', '22.10.1+dfsg+~cs6.17', '23.0.0', '24.1.0'])
    t.ok(takesRequestsOverSocket(version), version)
  for (const version of ['18.26.4', '20.6.0~dfsg', '20.13.0', '21.8.0', '22.3.0', 'GIT-master-abc', ''])
    t.notOk(takesRequestsOverSocket(version), version)
})
