/** Who may not be called, over the API: lists in and lifted, consent, reminders; and "why not, and when?" rule by rule. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { claimDueLeads, releaseLeads } from '../dialer/leads/lead-store.ts'
import { createApiUnderTest, furnish } from './api-under-test.ts'

const house = await createApiUnderTest(t)
const { request, supervisor, pool, clock } = house
const operator = String((await request(supervisor, 'POST', '/v1/api-keys', { name: 'o', role: 'operator' })).body.key)
const ask = (method: 'GET' | 'POST' | 'PATCH', url: string, body?: unknown) => request(operator, method, url, body)

let people = 0
/** A campaign with one person, who owes something; `wait` are its waits. */
async function person(waits?: object) {
  const { id: campaignId } = await furnish(house)
  if (waits) await ask('PATCH', `/v1/campaigns/${campaignId}`, { settings: { waits } })
  people += 1
  const externalId = `K-${people}`
  const phone = `+4850060${String(7000 + people)}`
  const csv = `external_id;name;phone;debt_id;creditor;balance;currency\n${externalId};Jan;${phone};D-${people};Bank A;10,00;PLN\n`
  const { body } = await ask('POST', `/v1/campaigns/${campaignId}/leads`, csv)
  t.match(body, { accepted: 1 })
  const leads = await ask('GET', `/v1/campaigns/${campaignId}/leads`)
  const leadId = Number(leads.body.leads[0].id)
  return {
    campaignId,
    externalId,
    phone,
    leadId,
    debtId: `D-${people}`,
    why: async () => (await ask('GET', `/v1/leads/${leadId}/eligibility`)).body,
  }
}

/** As the runner does with a lead that a rule has finished. */
async function bar(campaignId: string, leadId: number, code: string) {
  await claimDueLeads(pool, { campaignId, limit: 9, owner: 'test', leaseMs: 1000, at: new Date(clock.now()) })
  const nextAttemptAt = new Date(clock.now())
  await releaseLeads(pool, [{ leadId, nextAttemptAt, reason: 'barred', state: 'finished', barredBy: code }])
}

const stateOf = async (leadId: number) => (await ask('GET', `/v1/leads/${leadId}`)).body.lead.state

t.test('suppressed by person and by phone, looked up, and lifted by a supervisor with a reason', async (t) => {
  const { externalId, phone, campaignId, leadId, why } = await person()
  t.match(await why(), { mayBeCalled: true, sentence: /may be called now.*The campaign is draft/, notBefore: null })
  const made = await ask('POST', '/v1/suppressions', { contact: externalId, reason: 'asked by letter' })
  t.match(made, { status: 201, body: { list: 'internal', externalId, kind: 'do_not_call', until: null } })
  t.match(await why(), {
    mayBeCalled: false,
    sentence: 'The contact must not be called (asked by letter). The campaign is draft: no calls are placed.',
    checks: [{ rule: 'suppressed_do_not_call', passed: false, until: null, source: /suppression lists/ }],
  })
  await bar(campaignId, leadId, 'suppressed_do_not_call')
  t.equal(await stateOf(leadId), 'finished')
  const lift = { reason: 'the letter was withdrawn' }
  t.match(await ask('POST', `/v1/suppressions/${made.body.id}/lift`, lift), { status: 403 })
  t.match(await request(supervisor, 'POST', `/v1/suppressions/${made.body.id}/lift`, {}), { status: 400 })
  t.match(await request(supervisor, 'POST', `/v1/suppressions/${made.body.id}/lift`, lift), { body: { liftReason: lift.reason } })
  t.match(await request(supervisor, 'POST', `/v1/suppressions/${made.body.id}/lift`, lift), { status: 404 }, 'it stands no more')
  t.equal(await stateOf(leadId), 'waiting', 'and the lead waits again')
  t.match(await why(), { mayBeCalled: true })

  t.match(await ask('POST', '/v1/suppressions', { phone, kind: 'wrong_person', until: '2026-01-06', reason: 'moved' }), {
    status: 201,
  })
  t.match(await why(), { mayBeCalled: false, notBefore: '2026-01-07T12:00:00.000Z' })
  const list = async (query: string) => (await ask('GET', `/v1/suppressions?${query}`)).body.suppressions
  t.match(await list(`phone=${encodeURIComponent(phone)}`), [{ kind: 'wrong_person' }])
  t.match(await list(`contact=${externalId}&lifted=true`), [{ liftReason: lift.reason }])
  t.same(await list(`contact=${externalId}`), [])
  t.match(await ask('POST', '/v1/suppressions', { phone: '1', reason: 'x' }), { status: 400, body: { detail: /phone/ } })
  t.match(await ask('POST', '/v1/suppressions', { reason: 'x' }), { status: 400, body: { errors: [{ field: 'phone' }] } })

  const { entries } = (await request(supervisor, 'GET', '/v1/audit')).body
  const [lifted] = entries.filter(({ action }: { action: string }) => action === 'suppression.lift')
  t.match(lifted, { subject: `suppression:${made.body.id}`, details: { fields: ['reason'] } })
  t.notMatch(JSON.stringify(entries), externalId, 'the audit names no person')
})

t.test("a client's list as CSV and as an array, sent again, with bad lines reported", async (t) => {
  const { externalId, why } = await person()
  const csv = `contact;reason\n${externalId};complaint\nnot-known-yet;complaint\n;nobody\n`
  const send = (body: unknown) =>
    ask('POST', '/v1/suppressions/import?list=bank-a&creditor=BANK%20A&country=PL&reason=listed', body)
  t.match(await send(csv), { body: { lines: 3, taken: 2, refused: 1, refusals: [{ line: 4, field: 'phone' }] } })
  t.match((await why()).sentence, /must not be called for BANK A \(complaint\)/)
  t.match(await send([{ contact: externalId }, { contact: externalId, reason: 'again' }, 7]), { body: { taken: 2, refused: 1 } })
  const { suppressions } = (await ask('GET', '/v1/suppressions?list=bank-a')).body
  t.same(suppressions.map((one: { externalId: string; reason: string }) => [one.externalId, one.reason]).sort(), [
    [externalId, 'again'],
    ['not-known-yet', 'complaint'],
  ])
  t.match(await ask('POST', '/v1/suppressions/import?country=XX', []), {
    status: 400,
    body: { errors: [{ field: 'query.country' }] },
  })
  t.match(await ask('POST', '/v1/suppressions/import', { contact: 'x' }), { status: 400 })
})

t.test('consent withdrawn, and given', async (t) => {
  const { externalId, campaignId, leadId, why } = await person()
  const url = `/v1/contacts/${externalId}`
  t.match(await ask('PATCH', url, { consent: 'withdrawn' }), { body: { consent: 'withdrawn' } })
  t.match(await why(), { mayBeCalled: false, notBefore: null, sentence: /withdrawn his consent/ })
  await bar(campaignId, leadId, 'consent_withdrawn')
  await ask('PATCH', url, { consent: 'given' })
  t.equal(await stateOf(leadId), 'waiting')
  t.match(await why(), { mayBeCalled: true })
  t.match(await ask('PATCH', '/v1/contacts/nobody', { consent: 'given' }), { status: 404 })
  t.match(await ask('PATCH', url, { consent: 'maybe' }), { status: 400 })
})

t.test('the written reminder, by the debt, and what lets a lead wait again', async (t) => {
  const { campaignId, leadId, debtId, why } = await person({ afterReminderDays: 4 })
  t.match(await why(), { mayBeCalled: false, notBefore: null, sentence: /No written reminder of an open debt is recorded/ })
  await bar(campaignId, leadId, 'reminder_missing')
  t.match(await ask('PATCH', `/v1/debts/${debtId}`, { remindedOn: '2026-01-04' }), {
    body: { remindedOn: '2026-01-04', state: 'open' },
  })
  t.equal(await stateOf(leadId), 'waiting')
  const answer = await why()
  t.match(answer, { mayBeCalled: false, notBefore: '2026-01-08T07:00:00.000Z', rules: { pack: 'PL', confirmed: true } })
  const reminder = answer.checks.find(({ rule }: { rule: string }) => rule === 'after_reminder')
  t.match(reminder, {
    passed: false,
    finding: 'reminded on 2026-01-04',
    until: '2026-01-07T23:00:00.000Z',
    source: /the campaign, within/,
  })
  t.match(await ask('POST', '/v1/debts/updates', 'debt_id;reminder_date\nD-0;2026-01-01\n'), { body: { refused: 1 } })
  t.match(await ask('POST', '/v1/debts/updates', `debt_id;reminder_date\n${debtId};2026-01-01\n`), { body: { changed: 1 } })
  t.match(await why(), { mayBeCalled: true })
})

t.test('planned for later, closed, being called, finished', async (t) => {
  const { leadId, why } = await person()
  await pool.query(`update leads set next_attempt_at = $2, reason = 'busy: again in 60 minutes' where id = $1`, [
    leadId,
    new Date(clock.now() + 3_600_000),
  ])
  t.match(await why(), {
    sentence: /^The next call is planned for later \(busy: again in 60 minutes\); .* Mon 5 Jan 2026 12:00/,
    notBefore: '2026-01-05T11:00:00.000Z',
  })
  await pool.query(`update contacts set time_zone = 'Pacific/Auckland' where id = (select contact_id from leads where id = $1)`, [
    leadId,
  ])
  const night = await why()
  t.match(
    night,
    { sentence: /It is Monday 23:00 for the contact/, notBefore: '2026-01-06T19:00:00.000Z' },
    'Tuesday is a holiday',
  )
  t.match(night.checks.at(-1), { rule: 'window_closed', passed: false, source: /the campaign, within: KPF/ })
  await pool.query(`update leads set state = 'in_call' where id = $1`, [leadId])
  t.match(await why(), { mayBeCalled: false, sentence: 'The contact is being called now.' })
  await pool.query(`update leads set state = 'finished', reason = 'The contact promised to pay' where id = $1`, [leadId])
  t.match(await why(), { mayBeCalled: false, notBefore: null, sentence: 'The lead is finished: The contact promised to pay' })
  t.match(await ask('GET', '/v1/leads/999999/eligibility'), { status: 404 })
})

t.test('an attempt is explained afterwards', async (t) => {
  const { leadId, campaignId } = await person()
  const attempt = (version: string) =>
    pool.query(
      `insert into attempts (id, lead_id, campaign_id, contact_id, number, trunk_id, caller_id_id, mode, reason, placed_at, ended_at,
                             rule_pack, rule_pack_version, checks, debt_ids)
       select $1, id, campaign_id, contact_id, '+48500600700', (select min(id) from trunks), (select min(id) from caller_ids), 'ratio',
              'attempt 1; phone 1 of 1', $2, $2, 'PL', $3, '{"cap_hour": "0 of 1 in an hour", "open_debt": "1 of 1 debts open"}',
              array(select id from debts where contact_id = leads.contact_id)
         from leads where id = $4 and campaign_id = $5`,
      [randomUUID(), new Date(clock.now()), version, leadId, campaignId],
    )
  await attempt('2026-11.1')
  await attempt('2020-01.1')
  const { attempts } = (await ask('GET', `/v1/leads/${leadId}`)).body
  t.match(attempts, [
    {
      ...{ rulePack: 'PL', rulePackVersion: '2026-11.1', reason: 'attempt 1; phone 1 of 1', debts: [/^D-/] },
      checks: [
        { rule: 'cap_hour', passed: true, finding: '0 of 1 in an hour', source: /house rule/ },
        { rule: 'open_debt', passed: true, source: /what is known/ },
      ],
    },
    { rulePackVersion: '2020-01.1', checks: [{ rule: 'cap_hour', source: null }, {}] },
  ])
})
