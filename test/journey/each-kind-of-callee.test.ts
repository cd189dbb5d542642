/**
 * One person for each ending that the carrier can play: what the carrier saw on the wire, what the database says of the
 * attempt, and what is planned for the person next. Everybody is dialed at once, each by an agent of his own; the tests run
 * side by side.
 */
import t, { type Test } from 'tap'
import { type Ending, endings } from '../../load-tests/endings.ts'
import type { WireCall } from '../../load-tests/wire-log.ts'
import { onlyLegsLeft, recordsBalance } from '../support/books.ts'
import { type Attempt, newPerson, openCallCentre, type Person, type TestCampaign } from '../support/call-centre.ts'

t.setTimeout(180_000)
t.jobs = 4
const minute = 60_000
const ringTimeoutMs = 15_000
const centre = await openCallCentre(t)
// All in one tick: the refusals of some slow the trunk for whoever comes after them.
const carrier = await centre.carrier('carrier', { callsPerSecond: 400 })
// The same carrier over a trunk of its own, which no refusal on the other one slows.
await centre.trunk('second', carrier.port)

/** What the network says at the end of a call that nobody answered: SIP code, or the Q.850 cause. */
const network: Partial<Record<string, { sipCode?: number; hangupCause: number }>> = {
  busy: { sipCode: 486, hangupCause: 17 },
  invalid: { sipCode: 404, hangupCause: 1 },
  congestion: { sipCode: 503, hangupCause: 34 },
  declined: { sipCode: 603, hangupCause: 21 },
  hang_up_ringing: { sipCode: 480, hangupCause: 19 },
  incomplete: { sipCode: 484, hangupCause: 28 },
  forbidden: { sipCode: 403, hangupCause: 21 },
  no_codec: { sipCode: 488, hangupCause: 58 },
  unwanted: { sipCode: 607, hangupCause: 127 },
}

/** What the default rules plan: minutes to the next attempt, and the lead's word for why. */
const next: Record<string, { minutes: number; reason: RegExp } | 'rests' | 'finished'> = {
  human_connected: 'rests',
  invalid_number: 'finished',
  machine: { minutes: 1440, reason: /^machine: again in 1440 minutes/ },
  no_answer: { minutes: 60, reason: /^no answer: again in 60 minutes/ },
  busy: { minutes: 60, reason: /^busy: again in 60 minutes$/ },
  declined: { minutes: 1440, reason: /^declined: again in 1440 minutes$/ },
  blocked: { minutes: 4320, reason: /^blocked: again in 4320 minutes/ },
  caller_hangup: { minutes: 180, reason: /^caller hangup: again in 180 minutes$/ },
  abandoned: { minutes: 4320, reason: /^abandoned: again in 4320 minutes$/ },
  congestion: { minutes: 2, reason: /^congestion, which is no attempt \(1 in a row\): again in 2 minutes$/ },
  trunk_rejected: { minutes: 2, reason: /^trunk rejected, which is no attempt \(1 in a row\): again in 2 minutes$/ },
  codec_error: { minutes: 2, reason: /^codec error, which is no attempt \(1 in a row\): again in 2 minutes$/ },
}
const noAttempts = ['congestion', 'trunk_rejected', 'codec_error']
/** Rings on, and answers against our CANCEL: that is the race of races.test.ts. */
const isCrossing = ({ plays }: Ending) => plays === 'crossing'
/** Has a test of its own. */
const isRedirect = ({ plays }: Ending) => plays === 'redirect'
/** Stay until we hang up. */
const stays = ({ talkSeconds }: Ending) => talkSeconds === 120
const isForDetection = ({ expected, plays }: Ending) =>
  expected === 'machine' || expected === 'caller_hangup' || plays === 'person' || plays === 'person_noisy'

type Cast = { ending: Ending; person: Person }[]
const personFor = (ending: Ending) => ({ ending, person: newPerson(ending.digits) })

async function dialAll(over: string, detection: 'off' | 'asterisk', cast: Cast): Promise<TestCampaign> {
  const people = cast.map(({ person }) => person)
  const campaign = await centre.campaign({ over, people, settings: { detection, ringTimeoutMs } })
  await campaign.hireOnSipp(people.length)
  await campaign.start()
  return campaign
}

const wireCall = async (attempt: Attempt): Promise<WireCall> => carrier.call((call) => call.attemptId === attempt.id)

async function tellsTheSame(t: Test, campaign: TestCampaign, { ending, person }: { ending: Ending; person: Person }) {
  const { lead, phones, attempts } = await campaign.lead(person.id)
  t.equal(attempts.length, 1, 'one attempt')
  const [attempt] = attempts
  if (!attempt) return
  const call = await wireCall(attempt)

  // What the far end saw.
  t.equal(call.called, person.phones[0])
  t.equal(call.caller, attempt.callerId, 'the chosen number was shown')
  t.ok(campaign.callerIds.includes(call.caller))
  t.equal(call.answeredAt !== undefined, ending.talkSeconds !== null, 'answered or not')
  if (call.answeredAt) t.ok(Math.abs(call.answeredAt - Number(attempt.answeredAt)) < 250, 'the engine saw the answer when it was')
  if (ending.plays === 'no_answer' || ending.plays === 'early_media') {
    const rang = Number(call.cancelledAt) - Number(call.ringingAt)
    t.ok(rang >= ringTimeoutMs && rang < ringTimeoutMs + 1000, `rang for ${rang} ms, then CANCEL`)
  }

  // What the database says of the attempt.
  t.equal(attempt.disposition, ending.expected)
  t.equal(attempt.counts, !noAttempts.includes(ending.expected))
  t.match(attempt, { ...network[ending.plays], ...(ending.expected === 'human_connected' && { agentId: String }) })
  t.equal(attempt.connectedAt !== null, ending.expected === 'human_connected', 'with an agent or not')
  t.match(attempt.reason, /^attempt 1; phone 1 of 1 \(mobile\); not seen by this contact/)

  // What is planned.
  t.match(lead, {
    disposition: ending.expected,
    attempts: attempt.counts ? 1 : 0,
    failures: attempt.counts ? 0 : 1,
    state: ending.expected === 'invalid_number' ? 'finished' : 'waiting',
  })
  t.equal(phones[0]?.state, ending.expected === 'invalid_number' ? 'invalid' : 'active')
  const plan = next[ending.expected]
  if (plan === 'finished') t.equal(lead.reason, 'invalid number: the contact has no other valid phone')
  else if (plan === 'rests') t.equal(lead.reason, 'talked to an agent, no result yet: again after 7 days of rest')
  else if (plan) {
    t.match(lead.reason, plan.reason)
    t.equal(Number(lead.nextAttemptAt) - Number(attempt.endedAt), plan.minutes * minute)
  }
}

async function sameIdsOnBothSides(t: Test, campaign: TestCampaign) {
  const attempts = await campaign.attempts()
  const invites = (await carrier.calls()).filter((call) => campaign.callerIds.includes(call.caller))
  t.same(invites.map((call) => call.attemptId).sort(), attempts.map((attempt) => attempt.id).sort(), 'attempts = INVITEs')
}

const plain = t.test('without detection: people and everything a network can say', async (t) => {
  const cast = endings
    .filter((ending) => !isCrossing(ending) && !isRedirect(ending) && (!isForDetection(ending) || ending.plays === 'person'))
    .map(personFor)
  const campaign = await dialAll('carrier', 'off', cast)

  const patient = cast.filter(({ ending }) => stays(ending)).map(({ person }) => person)
  await centre.hangUpTalks(campaign, patient)
  await campaign.settled(cast.length, 60_000)
  for (const one of cast)
    await t.test(`${one.ending.digits} ${one.ending.plays}: ${one.ending.expected}`, (t) => tellsTheSame(t, campaign, one))
  await sameIdsOnBothSides(t, campaign)
  await recordsBalance(t, centre, campaign)

  // The carrier said 403 to one of them.
  await campaign.change({ caps: { perHour: 100 } })
  await centre.makeDue(campaign)
  await centre.decision(campaign, /the trunks have room for 0$/)
  await campaign.pause()
  t.equal((await campaign.attempts()).length, cast.length, 'a trunk that rejects our calls rests')
})

const detected = t.test('with detection: people, machines, and those who do not wait for the verdict', async (t) => {
  const cast = endings.filter(isForDetection).map(personFor)
  const campaign = await dialAll('second', 'asterisk', cast)
  await campaign.settled(cast.length, 30_000)
  for (const one of cast)
    await t.test(`${one.ending.digits} ${one.ending.plays}: ${one.ending.expected}`, (t) => tellsTheSame(t, campaign, one))
  const verdicts = await campaign.attempts()
  for (const { disposition, detection } of verdicts) if (disposition === 'machine') t.equal(detection, 'machine')
  await sameIdsOnBothSides(t, campaign)
  await recordsBalance(t, centre, campaign)
})

const invalid = t.test('an invalid phone: the next one of the person is tried, and never this one again', async (t) => {
  const [invalid, good] = [newPerson('32'), newPerson('10')]
  const person = { id: invalid.id, phones: [...invalid.phones, ...good.phones] }
  const campaign = await centre.campaign({ over: 'second', people: [person] })
  await campaign.hireOnSipp(1)
  await campaign.start()
  await campaign.settled(1)
  const { lead, phones } = await campaign.lead(person.id)
  t.match(phones, [{ state: 'invalid' }, { state: 'active' }])
  t.match(lead, { state: 'waiting', reason: 'invalid number: again in 60 minutes, on the next phone' })
  await campaign.change({ caps: { perHour: 100 } })
  await centre.makeDue(campaign)
  const [story] = await campaign.settled(2, 20_000)
  t.match(story?.attempts, [{ number: person.phones[0] }, { number: person.phones[1], disposition: 'human_connected' }])
  t.match(story?.attempts[1]?.reason, /^attempt 2; phone 2 of 2 \(mobile\), by the retry rule/)
  t.not(story?.attempts[1]?.callerId, story?.attempts[0]?.callerId, 'shown another number the second time')
  await recordsBalance(t, centre, campaign)
})

const congested = t.test('congestion slows the trunk down', async (t) => {
  await centre.trunk('narrow', carrier.port, { callsPerSecond: 10 })
  const people = Array.from({ length: 9 }, () => newPerson('33'))
  const campaign = await centre.campaign({ over: 'narrow', people })
  await campaign.hireOnSipp(people.length)
  await campaign.start()
  const leads = await campaign.settled(people.length, 20_000)
  const placed = leads.flatMap(({ attempts }) => attempts.map((attempt) => Number(attempt.placedAt))).sort((a, b) => a - b)
  const span = (from: number, to: number) => Number(placed[to]) - Number(placed[from])
  // Unslowed, ten a second, the whole would take 0.9 s.
  t.ok(span(0, 8) > 2500, `nine calls took ${span(0, 8)} ms`)
  t.ok(span(5, 8) > 2 * span(0, 3), `the last ones ${span(5, 8)} ms, the first ones ${span(0, 3)} ms`)
  for (const { lead } of leads) {
    t.match(lead, { attempts: 0, failures: 1, disposition: 'congestion' })
    const { now } = await centre.engine.get<{ now: { ok: boolean } }>(`/v1/leads/${lead.id}`)
    t.equal(now.ok, true, 'no cap counts it')
  }
  await recordsBalance(t, centre, campaign)
})

const redirected = t.test('a redirection is not followed: nobody else is called', async (t) => {
  const person = newPerson('44')
  const campaign = await centre.campaign({ over: 'second', people: [person] })
  await campaign.hireOnSipp(1)
  await campaign.start()
  await campaign.settled(1)
  const [attempt] = (await campaign.lead(person.id)).attempts
  // When Asterisk is busy its own attempt to follow hides the network's answer.
  t.ok(['declined', 'failed'].includes(attempt?.disposition ?? ''), attempt?.endReason ?? '')
  const invites = (await carrier.calls()).filter((call) => campaign.callerIds.includes(call.caller))
  t.same(
    invites.map((call) => [call.called, call.status]),
    [[person.phones[0], 302]],
  )
  await recordsBalance(t, centre, campaign)
})

await Promise.all([plain, detected, invalid, congested, redirected])
t.test('nothing is left on the switch', async (t) => {
  await onlyLegsLeft(centre)
  t.pass('but the legs of agents')
})
