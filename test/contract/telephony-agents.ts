/**
 * The part of the adapters' contract that is about agents' phones: accounts pushed while the switch runs, real digest
 * registration, dialing in and being rung, a phone that dies, and a switch that restarts.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { type AgentAccount, agentRealm } from '../../dialer/telephony/telephony.ts'
import { freeUdpPort } from '../support/asterisk.ts'
import { answeredPhone, call, liveChannel, rejectsAs, type Subject } from './telephony.ts'
import { observe } from './telephony-observer.ts'
import { type Credentials, dial, register, startPhone, step } from './telephony-sipp.ts'

const accountOf = ({ account, password }: Credentials): AgentAccount => ({
  account,
  digest: createHash('md5').update(`${account}:${agentRealm}:${password}`).digest('hex'),
})

export async function agentsContract(t: Test, subject: Subject): Promise<void> {
  const { sipPort } = subject
  const telephony = subject.create(3600)
  const events = observe(telephony)
  await telephony.start()

  await t.test('an account can register as soon as it is pushed, with its password only', async (t) => {
    const ana: Credentials = { account: 'ana', password: 'first' }
    await t.rejects(register(sipPort, ana, await freeUdpPort()), 'unknown before')
    await telephony.putAgentAccount(accountOf(ana))
    await t.rejects(register(sipPort, { ...ana, password: 'wrong' }, await freeUdpPort()), 'wrong password')
    t.equal(events.all('account', { account: 'ana' }).length, 0)
    await register(sipPort, ana, await freeUdpPort())
    await events.seen('account', { account: 'ana', reachable: true })

    events.clear()
    await telephony.putAgentAccount(accountOf({ ...ana, password: 'second' }))
    await t.rejects(register(sipPort, ana, await freeUdpPort()), 'the old password is void')
    const port = await freeUdpPort()
    await register(sipPort, { ...ana, password: 'second' }, port)
    t.equal(events.all('account', { account: 'ana', reachable: false }).length, 0, 'reachable all the time')
    await register(sipPort, { ...ana, password: 'second' }, port, 0)
    await events.seen('account', { account: 'ana', reachable: false })

    await telephony.removeAgentAccount('ana')
    await t.rejects(register(sipPort, { ...ana, password: 'second' }, await freeUdpPort()), 'removed')
    await telephony.removeAgentAccount('ana')
  })

  await t.test("the engine rings an agent's phone", async (t) => {
    const iva: Credentials = { account: 'iva', password: 'secret' }
    await telephony.putAgentAccount(accountOf(iva))
    const port = await freeUdpPort()
    await register(sipPort, iva, port)
    const phone = await startPhone({ steps: (audio) => step.invited + step.ring + step.answer(audio) + step.hungUpOn, port })
    const channelId = randomUUID()
    await telephony.originateAgent({ channelId, account: 'iva', ringTimeoutMs: 5000 })
    await events.seen('ringing', { channelId })
    await events.seen('answered', { channelId })
    t.match(await liveChannel(telephony, channelId), { endpoint: 'iva', state: 'up' })
    await telephony.hangUp(channelId)
    await phone.finished()
    t.equal((await events.seen('ended', { channelId })).cause, 16)
    t.equal(events.all('ended', { channelId }).length, 1)
  })

  await t.test('an agent dials a service code: answered by us, or refused by us, or refused by the switch', async (t) => {
    const eva: Credentials = { account: 'eva', password: 'secret' }
    await telephony.putAgentAccount(accountOf(eva))
    const accepted = await dial(sipPort, eva, '*1')
    const { channelId } = await events.seen('dialed_in', { account: 'eva', code: '*1' })
    t.match(await liveChannel(telephony, channelId), { endpoint: 'eva', state: 'ringing' })
    await telephony.answer(channelId)
    await accepted.audio.press('9')
    await events.seen('dtmf', { channelId, digit: '9' })
    await telephony.hangUp(channelId)
    await accepted.finished()
    await events.seen('ended', { channelId })
    t.equal(events.all('ended', { channelId }).length, 1)
    t.equal(events.all('dtmf', { channelId }).length, 1)

    const refused = await dial(sipPort, eva, '*2', 486)
    const second = await events.seen('dialed_in', { account: 'eva', code: '*2' })
    await telephony.hangUp(second.channelId, 'busy')
    await refused.finished()

    const outside = await dial(sipPort, eva, '0038515550100', 404)
    await outside.finished()
    t.equal(events.all('dialed_in').length, 2, 'no way out')
  })

  await telephony.close()

  await t.test('a phone that dies is noticed; an engine that comes back learns which phones are there', async (t) => {
    const uma: Credentials = { account: 'uma', password: 'secret' }
    const before = subject.create(1)
    const first = observe(before)
    await before.start()
    await before.putAgentAccount(accountOf(uma))
    const port = await freeUdpPort()
    await register(sipPort, uma, port)
    const phone = await startPhone({ steps: () => step.checked, port, calls: 1000 })
    await first.seen('account', { account: 'uma', reachable: true })
    await before.close()

    const after = subject.create(1)
    const second = observe(after)
    t.teardown(() => after.close())
    await after.start()
    await after.putAgentAccount(accountOf(uma))
    await second.seen('account', { account: 'uma', reachable: true })
    await phone.stop()
    await second.seen('account', { account: 'uma', reachable: false }, 10_000)
  })
}

export async function restartContract(t: Test, subject: Subject): Promise<void> {
  await t.test('a switch that goes away and comes back: down, up, and calls again', async (t) => {
    const telephony = subject.create(3600)
    const events = observe(telephony)
    t.teardown(() => telephony.close())
    await telephony.start()
    const { phone } = await answeredPhone(telephony, events)
    events.clear()
    const restarted = subject.restart()
    await events.seen('down', {}, 15_000)
    await rejectsAs(t, 'unreachable', telephony.createBridge(randomUUID()), 'asked while it is away')
    await restarted
    await events.seen('up', {}, 20_000)
    t.equal(events.all('up').length, 1)
    t.strictSame(await telephony.live(), { channels: [], bridges: [] })
    await phone.stop()
    const next = await startPhone({ steps: (audio) => step.invited + step.answer(audio) + step.hungUpOn })
    const channelId = await call(telephony, next)
    await events.seen('answered', { channelId })
    await telephony.hangUp(channelId)
    await next.finished()
  })
}
