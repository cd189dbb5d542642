/**
 * An agent's shift on a real Asterisk with real phones: both ways to log in, keys, tones heard at the phone,
 * and each way a phone can leave, with what is noticed and how soon.
 */
import { randomUUID } from 'node:crypto'
import t, { type Test as TapTest } from 'tap'
import type { AgentState } from '../../dialer/agents/agent-state.ts'
import { createAgentRoom } from '../../dialer/agents/room.ts'
import { campaignSettingsSchema } from '../../dialer/campaigns/settings.ts'
import { systemClock } from '../../dialer/clock.ts'
import { createLog } from '../../dialer/log.ts'
import { createAsteriskTelephony } from '../../dialer/telephony/asterisk/asterisk.ts'
import { within } from '../../load-tests/deadline.ts'
import { createPhone, type Phone } from '../../load-tests/phone.ts'
import type { PhoneCall } from '../../load-tests/phone-call.ts'
import { toneSeconds } from '../../load-tests/signal.ts'
import { ariApplication } from '../../pbx-config/settings.ts'
import { withAsterisk } from '../support/asterisk.ts'
import { withDatabase } from '../support/database.ts'

t.setTimeout(120_000)

const readyHertz = 440
const callHertz = 880
const log = createLog('fatal')
const asterisk = await withAsterisk(t)
const { pool } = await withDatabase(t)
const campaignId = randomUUID()
await pool.query('insert into campaigns (id, name, settings) values ($1, $2, $3)', [
  campaignId,
  'journey',
  JSON.stringify(campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' })),
])
/** The part of an engine that is tried here. */
function createEngine() {
  const telephony = createAsteriskTelephony({
    url: asterisk.ariUrl,
    app: ariApplication,
    clock: systemClock,
    log,
    // A dead phone that is registered is noticed by its qualify, well before the missing audio would tell.
    agentPhones: { qualifySeconds: 1, rtpTimeoutSeconds: 8 },
  })
  const deps = { pool, clock: systemClock, holidays: () => undefined, log, switchName: 'main' }
  return { telephony, room: createAgentRoom({ ...deps, telephony, wrapUpMs: () => 200 }) }
}
const { telephony, room } = createEngine()
telephony.subscribe((event) => event.type === 'up' && void room.pushAccounts())
const { agents, desk } = room
const lost: { agentId: string; callId: string; reason: string }[] = []
agents.onLost((loss) => lost.push(loss))
await telephony.start()
t.teardown(async () => {
  await room.close()
  await telephony.close()
})

/** Resolves when the agent is in the phase, at once if he is already. */
function until(agentId: string, phase: AgentState['phase'], deadlineMs = 5000): Promise<void> {
  const reached = new Promise<void>((resolve) => {
    const look = () => agents.state(agentId).phase === phase && resolve()
    agents.onChange(look)
    look()
  })
  return within(deadlineMs, `agent ${phase}`, reached)
}

async function hire(t: TapTest) {
  const { agent, password } = await desk.create({ account: `agent-${randomUUID().slice(0, 8)}`, name: 'Anna', campaignId })
  const registrar = { host: asterisk.sipHost, port: asterisk.sipPort }
  const phone = await createPhone({ port: 0, account: agent.account, password, registrar })
  t.teardown(() => phone.close())
  return { id: agent.id, account: agent.account, phone }
}

async function dialIn(id: string, phone: Phone): Promise<PhoneCall> {
  const leg = await phone.call('*10')
  await leg.until('up')
  await until(id, 'ready')
  return leg
}

async function calledIn(id: string, phone: Phone): Promise<PhoneCall> {
  const asked = desk.logIn(id)
  const leg = await phone.called()
  leg.ring()
  await asked
  leg.answer()
  await until(id, 'ready')
  return leg
}

/** Asks again until the account is back on the switch, as a phone does. */
const registered = (phone: Phone): Promise<void> => phone.register().catch(() => registered(phone))

const press = (leg: PhoneCall, keys: string) => {
  for (const key of keys) leg.audio.press(key)
}
/** Channel and bridge of the leg are taken down at once, but nobody waits for it: asks until they are gone. */
async function noTrace(t: TapTest, account: string) {
  const left = async (): Promise<void> => {
    const { bridges, channels } = await telephony.live()
    const channel = channels.some(({ endpoint }) => endpoint === account)
    if (channel || bridges.some(({ channelIds }) => channelIds.length === 0)) return left()
  }
  await within(2000, 'channel and bridge to go', left())
  t.pass('no channel and no bridge left')
}

t.test('called by the engine: the sounds, the keys, the log-out by hanging up', async (t) => {
  const { id, account, phone } = await hire(t)
  await phone.register()
  const leg = await calledIn(id, phone)
  t.ok(toneSeconds(leg.audio.heard(), readyHertz) >= 0.1, 'heard that he is ready')
  press(leg, '*2')
  await until(id, 'paused')
  press(leg, '*1')
  await until(id, 'ready')
  leg.audio.forget()
  const reserved = agents.reserve(campaignId, 'call-1')
  t.equal(reserved?.agentId, id)
  agents.connected(id, 'call-1')
  const endAsked = new Promise<string>((resolve) => agents.onHangUpAsked(({ callId }) => resolve(callId)))
  press(leg, '*3')
  t.equal(await within(3000, 'the end of the talk asked', endAsked), 'call-1')
  t.ok(toneSeconds(leg.audio.heard(), callHertz, 0.02) > 0, 'heard the tone that announces a call')
  agents.finished(id, 'call-1')
  await until(id, 'wrap_up')
  await until(id, 'ready')
  leg.hangUp()
  await until(id, 'logged_out')
  t.match(await desk.get(id), { reason: 'the phone hung up' })
  await noTrace(t, account)
})

t.test('dialed in, without registering: stays for the shift, logs out by keys', async (t) => {
  const { id, account, phone } = await hire(t)
  const leg = await dialIn(id, phone)
  press(leg, '*0')
  await leg.until('ended')
  t.equal(leg.hungUpBy(), 'them')
  await until(id, 'logged_out')
  await noTrace(t, account)
})

t.test('log-out asked during a talk comes after it', async (t) => {
  const { id, phone } = await hire(t)
  const leg = await dialIn(id, phone)
  agents.reserve(campaignId, 'call-2')
  agents.connected(id, 'call-2')
  await desk.logOut(id)
  t.equal(leg.state(), 'up')
  agents.finished(id, 'call-2')
  await leg.until('ended')
  t.equal(agents.state(id).phase, 'logged_out')
})

t.test('a second dial-in replaces the leg, and is refused during a talk', async (t) => {
  const { id, phone } = await hire(t)
  const first = await dialIn(id, phone)
  const second = await phone.call('*10')
  await second.until('up')
  await first.until('ended')
  await until(id, 'ready')
  agents.reserve(campaignId, 'call-3')
  agents.connected(id, 'call-3')
  const third = await phone.call('*10')
  await third.until('ended')
  t.equal(third.status(), 486)
  t.equal(second.state(), 'up')
  second.hangUp()
  await until(id, 'logged_out')
  t.match(lost.pop(), { agentId: id, callId: 'call-3', reason: 'the phone hung up' })
})

t.test('a disabled agent, a phone nobody registered, and one that refuses', async (t) => {
  const { id, phone } = await hire(t)
  await t.rejects(desk.logIn(id), { code: 'phone_unreachable' }, 'not registered')
  await phone.register()
  const asked = t.rejects(desk.logIn(id), { code: 'phone_unreachable' })
  const leg = await phone.called()
  leg.refuse('486 Busy Here')
  await asked
  t.equal(agents.state(id).phase, 'logged_out')
  await desk.change(id, { enabled: false })
  const refused = await phone.call('*10')
  await refused.until('ended')
  t.ok(refused.status() >= 400)
})

t.test('a phone that loses its power is noticed by its silence to the switch', async (t) => {
  const { id, account, phone } = await hire(t)
  await phone.register()
  await calledIn(id, phone)
  agents.reserve(campaignId, 'call-4')
  agents.connected(id, 'call-4')
  phone.close()
  await until(id, 'logged_out', 12_000)
  t.same(lost.pop(), { agentId: id, callId: 'call-4', reason: 'the phone stopped answering' })
  await noTrace(t, account)
})

t.test('a phone that is not registered and dies is noticed by the missing audio', async (t) => {
  const { id, phone } = await hire(t)
  await dialIn(id, phone)
  phone.close()
  await until(id, 'logged_out', 12_000)
  t.match(await desk.get(id), { reason: 'no more audio from the phone' })
})

t.test('the switch restarts: logged out, and called back as soon as the phone is registered again', async (t) => {
  const { id, phone } = await hire(t)
  await dialIn(id, phone)
  await asterisk.restart()
  await until(id, 'logged_out', 30_000)
  t.match(await desk.get(id), { reason: /^(the phone hung up|the switch was restarted)$/ })
  await within(10_000, 'registration', registered(phone))
  const leg = await within(5000, 'the phone to ring', phone.called())
  leg.answer()
  await until(id, 'ready')
  await desk.logOut(id)
})
