/** The leg against a scripted switch: order of requests, failures, keys. On real Asterisk: test/journey/agent-shift.test.ts. */
import { pino } from 'pino'
import t from 'tap'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { type Telephony, TelephonyError } from '../telephony/telephony.ts'
import { createAgentLegs, type PhoneOwner } from './leg.ts'
import { createAgentPool } from './pool.ts'
import { createScriptedSwitch } from './switch-under-test.ts'

const log = pino({ level: 'silent' })
const owner: PhoneOwner = { agentId: 'a', account: 'anna', campaignId: 'c1' }
const other: PhoneOwner = { agentId: 'b', account: 'bert', campaignId: 'c1' }

function setUp(failing: Partial<Record<keyof Telephony, TelephonyError>> = {}) {
  const clock = createFakeClock()
  const { telephony, asked: requests, settle, happen: tell, show } = createScriptedSwitch(failing)
  /** What was asked since the last look, each as words. */
  const asked = () => requests.splice(0).map((request) => request.filter((word) => typeof word === 'string').join(' '))
  const agents = createAgentPool({ clock, log, wrapUpMs: () => 15_000 })
  const owners = new Map([owner, other].map((one) => [one.account, one]))
  const cut: unknown[] = []
  const cutting = { onCut: (...who: unknown[]) => void cut.push(who), wrapUpMs: () => 15_000 }
  const legs = createAgentLegs({ telephony, agents, clock, log, ownerOf: async (account) => owners.get(account), ...cutting })
  const happen: typeof tell = (event) => tell(event, clock.now())
  const session = (agentId = 'a') => {
    const state = agents.state(agentId)
    if (!('session' in state)) throw new Error(`${agentId} is ${state.phase}`)
    return state.session
  }
  const confirm = (agentId = 'a') => {
    const { sessionId, channelId } = session(agentId)
    return happen({ type: 'played', playbackId: `ready-${sessionId}`, channelId, completed: true })
  }
  /** Dialed in and ready; the channel is `phone-1`. */
  const dialedIn = async () => {
    await happen({ type: 'dialed_in', channelId: 'phone-1', account: 'anna', code: '*10' })
    await confirm()
  }
  const press = async (keys: string, channelId = 'phone-1') => {
    for (const digit of keys) await happen({ type: 'dtmf', channelId, digit })
  }
  return { clock, asked, agents, legs, happen, settle, session, confirm, dialedIn, press, show, cut }
}
const refused = (kind: TelephonyError['kind']) => new TelephonyError(kind, `scripted: ${kind}`)

t.test('he dials in: answered, into his bridge, a sound, ready', async (t) => {
  const { asked, agents, happen, session, confirm } = setUp()
  await happen({ type: 'dialed_in', channelId: 'phone-1', account: 'anna', code: '*10' })
  const { bridgeId, sessionId } = session()
  t.equal(bridgeId, `agent-${sessionId}`)
  t.same(asked(), [
    'answer phone-1',
    `createBridge ${bridgeId}`,
    `addToBridge ${bridgeId} phone-1`,
    `play ready-${sessionId} phone-1`,
  ])
  t.equal(agents.state('a').phase, 'calling', 'not before the sound has ended')
  await happen({ type: 'answered', channelId: 'phone-1' })
  t.same(asked(), [], 'the answer that the switch reports too changes nothing')
  await confirm()
  t.equal(agents.state('a').phase, 'ready')
})

t.test('the engine calls him: settled when the phone rings, ready after the sound or without it', async (t) => {
  const { clock, agents, legs, happen, session } = setUp()
  const called = legs.callPhone(owner)
  const { channelId } = session()
  await happen({ type: 'ringing', channelId })
  await called
  t.equal(agents.state('a').phase, 'calling')
  await t.rejects(legs.callPhone(owner), { code: 'wrong_state' })
  await happen({ type: 'answered', channelId })
  clock.advance(3000)
  t.equal(agents.state('a').phase, 'ready', 'the switch never said that the sound ended')
  t.equal(clock.pending(), 0)
})

t.test('a sound that cannot be played holds nothing up', async (t) => {
  const { agents, asked, dialedIn, happen, session } = setUp({ play: refused('refused') })
  await happen({ type: 'dialed_in', channelId: 'phone-1', account: 'anna', code: '*10' })
  t.equal(agents.state('a').phase, 'ready')
  await dialedIn().catch(() => {})
  agents.reserve('c1', 'x')
  agents.connected('a', 'x')
  t.equal(agents.state('a').phase, 'talking')
  t.ok(asked().includes(`play call-x ${session().channelId}`))
})

t.test('a phone that cannot be reached is said so, and he may try again', async (t) => {
  const gone = setUp({ originateAgent: refused('refused') })
  await t.rejects(gone.legs.callPhone(owner), {
    code: 'phone_unreachable',
    fields: { account: 'anna', reason: 'scripted: refused' },
  })
  t.match(gone.agents.state('a'), { phase: 'logged_out', reason: 'scripted: refused' })

  const { agents, legs, happen, session } = setUp()
  const called = t.rejects(legs.callPhone(owner), { code: 'phone_unreachable' })
  await happen({ type: 'ended', channelId: session().channelId, cause: 20 })
  await called
  const again = t.rejects(legs.callPhone(owner), { code: 'phone_unreachable' })
  t.equal(agents.state('a').phase, 'calling')
  agents.tell('a', { type: 'log_out', reason: 'changed his mind' })
  await again
})

t.test('refused with busy: unknown phones, unknown codes, a second phone during a talk', async (t) => {
  const { agents, asked, dialedIn, happen } = setUp()
  await happen({ type: 'dialed_in', channelId: 'p', account: 'nobody', code: '*10' })
  await happen({ type: 'dialed_in', channelId: 'q', account: 'anna', code: '*99' })
  t.same(asked(), ['hangUp p busy', 'hangUp q busy'])
  await dialedIn()
  agents.reserve('c1', 'x')
  agents.connected('a', 'x')
  asked()
  await happen({ type: 'dialed_in', channelId: 'r', account: 'anna', code: '*10' })
  t.same(asked(), ['hangUp r busy'])
  t.match(agents.state('a'), { phase: 'talking', session: { channelId: 'phone-1' } })
})

t.test('a second dial-in while free replaces the leg; the end of the old one is not the end of the shift', async (t) => {
  const { agents, asked, confirm, dialedIn, happen, session } = setUp()
  await dialedIn()
  const old = session().bridgeId
  await happen({ type: 'dialed_in', channelId: 'phone-2', account: 'anna', code: '*10' })
  const requests = asked()
  t.ok(requests.includes('hangUp phone-1'))
  t.ok(requests.includes(`destroyBridge ${old}`))
  await happen({ type: 'ended', channelId: 'phone-1', cause: 16 })
  await confirm()
  t.match(agents.state('a'), { phase: 'ready', session: { channelId: 'phone-2' } })
})

t.test('keys: two in time are a command, others are not', async (t) => {
  const { clock, agents, dialedIn, press } = setUp()
  const ends: string[] = []
  agents.onHangUpAsked(({ callId }) => ends.push(callId))
  await dialedIn()
  await press('2')
  t.equal(agents.state('a').phase, 'ready', 'no star')
  await press('*7*')
  clock.advance(3001)
  await press('2')
  t.equal(agents.state('a').phase, 'ready', 'too late')
  await press('**2')
  t.match(agents.state('a'), { phase: 'paused', reason: 'phone' })
  await press('*1')
  t.equal(agents.state('a').phase, 'ready')
  agents.reserve('c1', 'x')
  agents.connected('a', 'x')
  await press('*3')
  t.same(ends, ['x'])
  agents.finished('a', 'x')
  await press('*1*0')
  t.match(agents.state('a'), { phase: 'logged_out', reason: 'asked by phone' })
})

t.test('the phone hangs up while a call is with him: logged out, the call given back, the bridge gone', async (t) => {
  const { agents, asked, dialedIn, happen, session } = setUp()
  const lost: unknown[] = []
  agents.onLost((loss) => lost.push(loss))
  await dialedIn()
  const { bridgeId } = session()
  agents.reserve('c1', 'x')
  await happen({ type: 'ended', channelId: 'phone-1', cause: 16 })
  t.same(lost, [{ agentId: 'a', callId: 'x', reason: 'the phone hung up' }])
  t.ok(asked().includes(`destroyBridge ${bridgeId}`))
  await happen({ type: 'ended', channelId: 'phone-1', cause: 16 })
  t.equal(lost.length, 1)
})

t.test('a phone that stops answering is hung up, unless it is back at once', async (t) => {
  const { clock, agents, asked, dialedIn, happen } = setUp()
  await dialedIn()
  await happen({ type: 'account', account: 'anna', reachable: false })
  clock.advance(1000)
  await happen({ type: 'account', account: 'anna', reachable: true })
  clock.advance(60_000)
  t.notOk(asked().includes('hangUp phone-1'), 'it had only registered anew')
  await happen({ type: 'account', account: 'bert', reachable: false })
  clock.advance(60_000)
  t.notOk(asked().includes('hangUp phone-1'), "somebody else's phone")
  await happen({ type: 'account', account: 'anna', reachable: false })
  clock.advance(2000)
  t.ok(asked().includes('hangUp phone-1'))
  await happen({ type: 'ended', channelId: 'phone-1', cause: 16 })
  t.match(agents.state('a'), { phase: 'logged_out', reason: 'the phone stopped answering' })
})

t.test('after a gap: legs the switch lost are logged out, the others stay, missed answers are made up for', async (t) => {
  const { agents, dialedIn, happen, legs, session, settle, show, confirm } = setUp()
  await dialedIn()
  void legs.callPhone(other)
  const second = session('b').channelId
  await happen({ type: 'down', reason: 'scripted' })
  t.equal(agents.state('a').phase, 'ready', 'nobody knows yet')
  show({ channels: [{ channelId: second, state: 'up', endpoint: 'bert' }], bridges: [] })
  await happen({ type: 'up', startedAt: 0 })
  await settle()
  t.match(agents.state('a'), { phase: 'logged_out', reason: 'the switch lost the call' })
  await confirm('b')
  t.equal(agents.state('b').phase, 'ready')
})

t.test('legs that went down with the switch: their agents are named with what they come back to', async (t) => {
  const { agents, clock, cut, dialedIn, happen, settle } = setUp()
  await dialedIn()
  agents.tell('a', { type: 'pause', reason: 'lunch' })
  await happen({ type: 'down', reason: 'scripted' })
  clock.advance(1000)
  await happen({ type: 'up', startedAt: clock.now() })
  await settle()
  t.match(agents.state('a'), { phase: 'logged_out', reason: 'the switch was restarted' })
  t.same(cut, [[owner, { phase: 'paused', reason: 'lunch' }]])
})

t.test('a leg of a former run is listened to; without its bridge it gets it again', async (t) => {
  const { agents, asked, happen, legs, press } = setUp()
  const session = { sessionId: 's', campaignId: 'c1', via: 'called', channelId: 'phone-1', bridgeId: 'agent-s' } as const
  legs.adopt(owner, session, true)
  agents.tell('a', { type: 'resume', session, standing: { phase: 'working' } })
  await press('*2')
  t.equal(agents.state('a').phase, 'paused')
  await happen({ type: 'ended', channelId: 'phone-1', cause: 16 })
  t.match(agents.state('a'), { phase: 'logged_out', reason: 'the phone hung up' })
  asked()

  agents.tell('b', {
    type: 'log_in',
    session: { ...session, channelId: 'phone-2' },
    standing: { phase: 'paused', reason: 'lunch' },
  })
  legs.adopt(other, { ...session, channelId: 'phone-2' }, false)
  await happen({ type: 'played', playbackId: 'ready-s', channelId: 'phone-2', completed: true })
  t.same(asked().slice(0, 2), ['createBridge agent-s', 'addToBridge agent-s phone-2'])
  t.match(agents.state('b'), { phase: 'paused', reason: 'lunch' })
})

t.test('a bridge that failed is made again; if it cannot be, the shift ends', async (t) => {
  const { agents, asked, dialedIn, session } = setUp()
  await dialedIn()
  const { bridgeId } = session()
  asked()
  agents.reserve('c1', 'call-1')
  agents.release('a', 'call-1', 'bridge_failed')
  await new Promise(setImmediate)
  t.same(asked(), [`createBridge ${bridgeId}`, `addToBridge ${bridgeId} phone-1`])
  t.equal(agents.state('a').phase, 'ready')
})

t.test('closing ends every shift and waits for the switch', async (t) => {
  const { agents, asked, dialedIn, legs, session } = setUp()
  await dialedIn()
  const { bridgeId } = session()
  await legs.close('stopped')
  t.match(agents.state('a'), { phase: 'logged_out', reason: 'stopped' })
  t.same(asked().slice(-2), ['hangUp phone-1', `destroyBridge ${bridgeId}`])
})
