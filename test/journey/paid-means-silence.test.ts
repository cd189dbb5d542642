/**
 * Paid means silence, on the real switch: the moment the last open debt of a contact is closed, a ringing phone is let go,
 * who waits hears so, a talk goes on, and nobody is called again until a debt is open again.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { settledReason } from '../../dialer/debts/debt.ts'
import { eventually } from '../../load-tests/deadline.ts'
import type { PhoneCall } from '../../load-tests/phone-call.ts'
import { loudSeconds } from '../../load-tests/signal.ts'
import { booksBalance } from '../support/books.ts'
import { newPerson, openCallCentre, type Person } from '../support/call-centre.ts'

t.setTimeout(120_000)
const silentWithinMs = 500
const centre = await openCallCentre(t)
const callees = await centre.callees('callees')
const caps = { perHour: 100, perDay: 100, per7Days: 100, restDaysAfterTalk: 0 }
const pay = (person: Person) => centre.engine.patch(`/v1/debts/D-${person.id}`, { balance: 0 })
const reopen = (person: Person) => centre.engine.patch(`/v1/debts/D-${person.id}`, { balance: '20.00' })

async function ringing(): Promise<PhoneCall> {
  const call = await callees.called()
  call.ring()
  return call
}

/** Milliseconds from now to the end of the call as the callee sees it. */
const silence = async (call: PhoneCall, from = Date.now()) => call.until('ended', 5000).then(() => Date.now() - from)

t.test('paid while it rings: CANCEL within 500 ms, in 100 of 100, one by one and in bulk', async (t) => {
  const people = Array.from({ length: 100 }, () => newPerson())
  const personOf = (call: PhoneCall) => people.find(({ phones }) => phones[0] === call.called) ?? newPerson()
  const settings = { mode: 'ratio', linesPerAgent: 10, maxLinesPerAgent: 20, caps }
  const campaign = await centre.campaign({ over: 'callees', people, settings })
  await campaign.hire()
  const agent = await campaign.hire()
  await campaign.start()
  const waits: number[] = []
  async function paidWhileRinging(): Promise<void> {
    const call = await ringing()
    const wait = silence(call)
    await pay(personOf(call))
    waits.push(await wait)
    t.same([call.hungUpBy(), call.status()], ['them', 487])
  }
  for (let round = 0; round < 9; round++) await Promise.all(Array.from({ length: 10 }, paidWhileRinging))
  const calls = await Promise.all(Array.from({ length: 10 }, ringing))
  const all = Promise.all(calls.map((call) => silence(call)))
  const csv = ['debt_id,balance', ...calls.map((call) => `D-${personOf(call).id},0.00`), 'D-unknown,0', 'D-1;nonsense'].join('\n')
  const report = await centre.engine.upload('/v1/debts/updates', csv)
  waits.push(...(await all))
  t.match(report, { changed: 10, settled: 10, refused: 2, refusals: [{ line: 12, code: 'debt_unknown' }, { line: 13 }] })
  t.ok(Math.max(...waits) <= silentWithinMs, `silent after ${Math.max(...waits)} ms at most, ${waits.length} calls`)

  const leads = await campaign.settled(100)
  t.same([...new Set(leads.map(({ lead }) => `${lead.state}: ${lead.reason}`))], [`finished: ${settledReason}`])
  t.same([...new Set(leads.flatMap(({ attempts }) => attempts.map(({ disposition }) => disposition)))], ['settled'])
  await centre.makeDue(campaign)
  await centre.decision(campaign, /no lead is due/)

  const [back] = people
  if (!back) throw new Error('nobody')
  await reopen(back)
  const again = await ringing()
  t.equal(again.called, back.phones[0], 'owes again, is called again')
  again.answer()
  await again.until('up')
  await centre.hangUpTalks(campaign, [back])
  await again.until('ended')
  t.match((await campaign.settled(101)).flatMap(({ attempts }) => attempts).length, 101, 'and nobody else is')
  await agent.ask('log-out')
  await booksBalance(t, centre, campaign)
})

t.test('an import that says the balance is 0 silences as well', async (t) => {
  const person = newPerson()
  const campaign = await centre.campaign({ over: 'callees', people: [person], settings: { caps } })
  await campaign.hire()
  await campaign.start()
  const call = await ringing()
  const wait = silence(call)
  const csv = `external_id;name;phone;debt_id;balance;currency\n${person.id};Ola;${person.phones[0]};D-${person.id};0,00;PLN\n`
  await centre.engine.upload(`/v1/campaigns/${campaign.id}/leads`, csv)
  t.ok((await wait) <= silentWithinMs * 2, 'the import and the next look')
  const [lead] = await campaign.settled(1)
  t.match(lead, { lead: { state: 'finished', reason: settledReason }, attempts: [{ disposition: 'settled' }] })
  await booksBalance(t, centre, campaign)
})

t.test('paid while he waits for an agent: he hears so, is hung up, and is not abandoned', async (t) => {
  const person = newPerson()
  const campaign = await centre.campaign({ over: 'callees', people: [person], settings: { caps } })
  const agent = await campaign.hire()
  await campaign.start()
  const call = await ringing()
  await agent.ask('pause')
  call.answer()
  await centre.liveCall(campaign, 'waiting')
  await pay(person)
  await call.until('ended', 20_000)
  const words = await secondsOf('settled')
  const heard = loudSeconds(call.audio.heard())
  t.ok(Math.abs(heard - words) < 0.5, `the whole message was heard: ${heard.toFixed(1)} s of ${words.toFixed(1)} s`)
  t.equal(call.hungUpBy(), 'them')
  const [lead] = await campaign.settled(1)
  t.match(lead?.lead, { state: 'finished', reason: settledReason })
  t.equal(lead?.contact.noPredictiveUntil, null)
  t.match(lead?.attempts, [{ disposition: 'settled', connectedAt: null, endReason: /last open debt .* the message was played$/ }])
  await booksBalance(t, centre, campaign)
})

t.test('paid while he talks: the talk goes on, the agent sees it, and it was the last call', async (t) => {
  const person = newPerson()
  const campaign = await centre.campaign({ over: 'callees', people: [person], settings: { caps } })
  const agent = await campaign.hire()
  await campaign.start()
  const call = await ringing()
  call.answer()
  await agent.until('talking')
  await pay(person)
  const shown = () => centre.engine.get<{ lead: { debts: unknown[] } | null }>(`/v1/agents/${agent.id}`)
  t.match((await shown()).lead?.debts, [{ state: 'paid', balanceMinor: 0 }])
  t.equal(call.state(), 'up')
  await agent.ask('hang-up')
  await call.until('ended')
  const finished = async () => ((await campaign.lead(person.id)).lead.state === 'finished' ? true : undefined)
  await eventually(5000, 'the lead to be finished', finished)
  const { lead, attempts } = await campaign.lead(person.id)
  t.equal(lead.reason, settledReason)
  t.match(attempts, [{ disposition: 'human_connected', endReason: 'the agent ended the talk' }])
  await booksBalance(t, centre, campaign)
})

/** 16 bits, 8 kHz, behind a heading of 44 bytes. */
async function secondsOf(sound: string): Promise<number> {
  const wave = await readFile(join(centre.asterisk.settings.soundsDirectory, 'en', 'outpace', `${sound}.wav`))
  const samples = new Float64Array((wave.length - 44) >> 1).map((_, n) => wave.readInt16LE(44 + 2 * n) / 32_768)
  return loudSeconds(samples)
}
