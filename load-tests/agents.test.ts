/** Agents' phones on a real Asterisk: they register, answer, dial in and die as told; and what is said on one end is heard on the other. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../dialer/clock.ts'
import { createLog } from '../dialer/log.ts'
import { createAsteriskTelephony } from '../dialer/telephony/asterisk/asterisk.ts'
import { agentRealm, type TelephonyEvent } from '../dialer/telephony/telephony.ts'
import { ariApplication } from '../pbx-config/settings.ts'
import { withAsterisk } from '../test/support/asterisk.ts'
import { tones } from './audio.ts'
import { eventually, within } from './deadline.ts'
import { createPhone } from './phone.ts'
import { encodeAlaw, tone, toneLevel, toneSeconds } from './signal.ts'
import { startAgents, startCarrier } from './world.ts'

t.setTimeout(120_000)
const asterisk = await withAsterisk(t)
const telephony = createAsteriskTelephony({
  url: asterisk.ariUrl,
  app: ariApplication,
  clock: systemClock,
  log: createLog('fatal'),
  agentPhones: { qualifySeconds: 2, rtpTimeoutSeconds: 30 },
})
await telephony.start()

const registrar = { host: asterisk.sipHost, port: asterisk.sipPort }
const dir = await mkdtemp(join(tmpdir(), 'agents-'))
t.teardown(async () => {
  await telephony.close()
  await rm(dir, { recursive: true })
})
const happened = createWaiter()
telephony.subscribe(happened.note)

async function newAccounts(prefix: string, count: number) {
  const accounts = Array.from({ length: count }, (_, n) => ({ account: `${prefix}${n + 1}`, password: `secret-${n + 1}` }))
  for (const { account, password } of accounts) {
    const digest = createHash('md5').update(`${account}:${agentRealm}:${password}`).digest('hex')
    await telephony.putAgentAccount({ account, digest })
  }
  return accounts
}

async function answeredAgent(account: string): Promise<string> {
  const channelId = randomUUID()
  await telephony.originateAgent({ channelId, account, ringTimeoutMs: 5000 })
  await happened.seen((event) => event.type === 'answered' && event.channelId === channelId)
  return channelId
}

async function trunkTo(port: number): Promise<string> {
  const id = `trunk-${port}`
  const common = { username: null, password: null, codecs: ['alaw'], numberFormat: 'plus' as const, sendAttemptId: true }
  const shown = { presentation: 'both', fromUser: null, fromDomain: null } as const
  await telephony.putTrunk({ id, host: '127.0.0.1', port, ...shown, ...common })
  return id
}

async function bridged(...channels: string[]): Promise<void> {
  const bridgeId = randomUUID()
  await telephony.createBridge(bridgeId)
  for (const channel of channels) await telephony.addToBridge(bridgeId, channel)
}

await t.test('ten phones of one process register, and each answers its own call', async (t) => {
  const accounts = await newAccounts('wait', 10)
  const agents = await startAgents({ accounts, registrar, dir, name: 'waiting', mode: 'wait_for_call', voice: 'tone' })
  t.teardown(() => agents.stop())
  const channels = await Promise.all(accounts.map(({ account }) => answeredAgent(account)))
  const calls = await agents.calls()
  t.same(calls.map((call) => call.called).sort(), accounts.map(({ account }) => account).sort())
  t.ok(calls.every((call) => call.answeredAt !== undefined && call.status === 200))

  await Promise.all(channels.map((channel) => telephony.hangUp(channel)))
  await Promise.all(channels.map((channel) => happened.seen((event) => event.type === 'ended' && event.channelId === channel)))
  await eventually(5000, 'ten BYEs', async () => (await agents.calls()).every((call) => call.hungUpBy === 'caller') || undefined)
})

await t.test('phones that dial the log-in code stay in the call; one that loses power says no goodbye', async (t) => {
  const accounts = await newAccounts('dial', 3)
  const stop = telephony.subscribe((event) => {
    if (event.type === 'dialed_in') void telephony.answer(event.channelId)
  })
  const agents = await startAgents({ accounts, registrar, dir, name: 'dialing', mode: 'dial_in', loginCode: '*10' })
  stop()
  const calls = await agents.calls()
  t.same(calls.map((call) => call.caller).sort(), ['dial1', 'dial2', 'dial3'])
  t.ok(calls.every((call) => call.called === '*10'))
  await agents.stop()
  t.ok((await agents.calls()).every((call) => call.endedAt === undefined))
  const { channels } = await telephony.live()
  for (const { channelId, endpoint } of channels) if (endpoint.startsWith('dial')) await telephony.hangUp(channelId)
})

await t.test('an agent who hangs up after his shift sends the BYE himself', async (t) => {
  const accounts = await newAccounts('short', 1)
  const agents = await startAgents({ accounts, registrar, dir, name: 'short', mode: 'wait_for_call', hangUpAfterMs: 300 })
  t.teardown(() => agents.stop())
  const channel = await answeredAgent('short1')
  await happened.seen((event) => event.type === 'ended' && event.channelId === channel)
  const hungUp = async () => (await agents.calls()).find((call) => call.called === 'short1' && call.hungUpBy === 'callee')
  await eventually(5000, 'his BYE', hungUp)
})

await t.test('audio passes both ways between a callee and an agent', async (t) => {
  const [account] = await newAccounts('hearing', 1)
  if (!account) throw new Error('one account')
  const agent = await createPhone({ port: 0, ...account, registrar })
  const callee = await createPhone({ port: 0, account: 'callee' })
  t.teardown(() => {
    agent.close()
    callee.close()
  })
  await agent.register()
  const leg = answeredAgent('hearing1')
  const atAgent = await agent.called()
  atAgent.ring()
  atAgent.answer()

  const trunkId = await trunkTo(callee.port)
  const channelId = randomUUID()
  await telephony.originateCallee({ channelId, trunkId, number: '+48501234599', callerId: '+48221234567', ringTimeoutMs: 15_000 })
  const atCallee = await callee.called()
  t.equal(atCallee.called, '+48501234599')
  t.equal(atCallee.caller, '+48221234567')
  t.equal(atCallee.inviteHeader('X-Outpace-Attempt'), channelId)
  atCallee.ring()
  atCallee.answer()
  await happened.seen((event) => event.type === 'answered' && event.channelId === channelId)
  atCallee.audio.say(encodeAlaw(tone(tones.callee, 1)))
  atAgent.audio.say(encodeAlaw(tone(tones.agent, 1)))
  await bridged(await leg, channelId)

  await atAgent.audio.until((heard) => toneSeconds(heard, tones.callee) >= 1)
  await atCallee.audio.until((heard) => toneSeconds(heard, tones.agent) >= 1)
  t.equal(toneSeconds(atAgent.audio.heard(), tones.agent), 0, 'the agent does not hear himself')
  const last = atCallee.audio.heard().slice(-4000)
  t.ok(Math.abs(toneLevel(last, tones.agent) - 0.3) < 0.05, `level ${toneLevel(last, tones.agent)} of 0.3`)

  atAgent.audio.press('5')
  await happened.seen((event) => event.type === 'dtmf' && event.digit === '5')
  atCallee.hangUp()
  await happened.seen((event) => event.type === 'ended' && event.channelId === channelId)
})

await t.test('a SIPp callee is heard at our phone, a SIPp agent at our callee', async (t) => {
  const carrier = await startCarrier({ dir })
  const [account] = await newAccounts('ear', 1)
  if (!account) throw new Error('one account')
  const ear = await createPhone({ port: 0, ...account, registrar })
  const speaking = await startAgents({
    ...{ accounts: await newAccounts('mouth', 1), registrar, dir, name: 'mouth' },
    ...{ mode: 'wait_for_call', voice: 'tone' },
  })
  const callee = await createPhone({ port: 0, account: 'callee' })
  t.teardown(async () => {
    ear.close()
    callee.close()
    await Promise.all([carrier.stop(), speaking.stop()])
  })
  await ear.register()
  const legs = Promise.all([answeredAgent('ear1'), answeredAgent('mouth1')])
  const atEar = await ear.called()
  atEar.answer()
  const [earLeg, mouthLeg] = await legs
  const calls = [
    { channelId: randomUUID(), trunkId: await trunkTo(carrier.port), number: '+48501234517' },
    { channelId: randomUUID(), trunkId: await trunkTo(callee.port), number: '+48501234598' },
  ] as const
  for (const call of calls) await telephony.originateCallee({ ...call, callerId: '+48221234567', ringTimeoutMs: 15_000 })
  const atCallee = await callee.called()
  atCallee.answer()
  for (const { channelId } of calls) await happened.seen((event) => event.type === 'answered' && event.channelId === channelId)
  await bridged(earLeg, calls[0].channelId)
  await bridged(mouthLeg, calls[1].channelId)
  await atEar.audio.until((heard) => toneSeconds(heard, tones.callee) >= 1)
  await atCallee.audio.until((heard) => toneSeconds(heard, tones.agent) >= 1)
  t.match(await carrier.calls(), [{ called: '+48501234517', attemptId: calls[0].channelId, status: 200 }])
  for (const channel of [earLeg, mouthLeg, ...calls.map((call) => call.channelId)]) await telephony.hangUp(channel)
})

/** Events so far, and the promise of one that fits. */
function createWaiter() {
  const events: TelephonyEvent[] = []
  const waiting = new Set<() => void>()
  return {
    note(event: TelephonyEvent) {
      events.push(event)
      for (const look of waiting) look()
    },
    seen(fits: (event: TelephonyEvent) => boolean): Promise<void> {
      const found = new Promise<void>((done) => {
        const look = () => {
          if (!events.some(fits)) return
          waiting.delete(look)
          done()
        }
        waiting.add(look)
        look()
      })
      return within(10_000, 'an event of the switch', found)
    },
  }
}
