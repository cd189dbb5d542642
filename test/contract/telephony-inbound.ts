/**
 * The part of the adapters' contract that is about calls to our own numbers: only a carrier that is known by its address
 * comes in, and it comes to the engine, with what the network tells of the caller.
 */
import type { Test } from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { freeUdpPort } from '../support/asterisk.ts'
import { liveChannel, type Subject, trunkTo } from './telephony.ts'
import { observe } from './telephony-observer.ts'
import { type PassedOn, type Phone, passOn } from './telephony-sipp.ts'

const ours = '+38515550100'
const debtor = '+385915550123'

/** The phone has heard of our answer: it knows where the audio goes. */
const talking = (phone: Phone) =>
  eventually(5000, 'the answer at the phone', async () => (phone.messages().includes('SIP/2.0 200 OK') ? true : undefined))

export async function inboundContract(t: Test, subject: Subject): Promise<void> {
  const { sipPort } = subject
  let telephony = subject.create(3600)
  let events = observe(telephony)
  t.teardown(() => telephony.close())
  await telephony.start()
  const port = await freeUdpPort()
  await telephony.putTrunk(trunkTo({ port }))
  const trunkId = `t${port}`

  await t.test('a call in: both numbers, not answered until we say so, keys, and its end once', async (t) => {
    const phone = await passOn(sipPort, port, { from: `sip:${debtor}@carrier.example`, to: ours })
    const { channelId } = await events.seen('called_in', { trunkId, from: debtor, to: ours })
    t.match(await liveChannel(telephony, channelId), { endpoint: trunkId, state: 'ringing' })
    await telephony.answer(channelId)
    await talking(phone)
    await phone.audio.press('4')
    await events.seen('dtmf', { channelId, digit: '4' })
    await telephony.hangUp(channelId)
    await phone.finished()
    await events.seen('ended', { channelId })
    t.equal(events.all('ended', { channelId }).length, 1)
    t.equal(events.all('dtmf', { channelId }).length, 1)
  })

  await t.test('a call in outlives its engine: the next one sees its keys and its end', async (t) => {
    events.clear()
    const phone = await passOn(sipPort, port, { from: `sip:${debtor}@carrier.example`, to: ours })
    const { channelId } = await events.seen('called_in', { from: debtor })
    await telephony.answer(channelId)
    await talking(phone)
    await telephony.close()
    telephony = subject.create(3600)
    events = observe(telephony)
    await telephony.start()
    await telephony.putTrunk(trunkTo({ port }))
    await phone.audio.press('7')
    await events.seen('dtmf', { channelId, digit: '7' })
    await telephony.hangUp(channelId)
    await phone.finished()
    await events.seen('ended', { channelId })
    t.equal(events.all('ended', { channelId }).length, 1)
  })

  await t.test('numbers as carriers write them; a withheld one is null', async (t) => {
    const anonymous = 'sip:anonymous@anonymous.invalid'
    const told: [PassedOn, from: string | null][] = [
      [{ from: `sip:${debtor.slice(1)}@carrier.example`, to: ours.slice(1) }, debtor],
      [{ from: `sip:00${debtor.slice(1)}@carrier.example`, to: `00${ours.slice(1)}` }, debtor],
      [{ from: anonymous, to: ours, more: `Privacy: id\nP-Asserted-Identity: <sip:${debtor}@carrier.example>\n` }, null],
      [{ from: `sip:${debtor}@carrier.example`, to: ours, more: 'Privacy: user;id\n' }, null],
      [{ from: anonymous, to: ours }, null],
      [{ from: 'sip:carrier.example', to: ours }, null],
    ]
    for (const [call, from] of told) {
      events.clear()
      const phone = await passOn(sipPort, port, { ...call, refusedBy: 404 })
      const { channelId, ...seen } = await events.seen('called_in')
      t.match({ from: seen.from, to: seen.to, trunkId: seen.trunkId }, { from, to: ours, trunkId }, `${call.from} -> ${call.to}`)
      await telephony.hangUp(channelId, 'unknown_number')
      await phone.finished()
      await events.seen('ended', { channelId })
    }
  })

  await t.test('nobody else comes in: not from another port of the same host, not after the trunk is gone', async (t) => {
    events.clear()
    const call = { from: `sip:_trunk-${trunkId}@127.0.0.1`, to: ours, refusedBy: 401 }
    await (await passOn(sipPort, await freeUdpPort(), call)).finished()
    const withoutNumber = await passOn(sipPort, port, { from: `sip:${debtor}@carrier.example`, to: '*1', refusedBy: 404 })
    await withoutNumber.finished()
    await telephony.removeTrunk(trunkId)
    await (await passOn(sipPort, port, call)).finished()
    t.equal(events.all('called_in').length, 0)
    t.equal(events.all('dialed_in').length, 0, 'a service code is for agents alone')
  })
}
