/** Data requests on a real database: nothing of a person is missing in the export, nothing is left after the erasure but the proof. */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { settleSettings } from '../campaigns/campaign-rules.ts'
import { importOptionsSchema } from '../leads/column-map.ts'
import { importLeads } from '../leads/import.ts'
import { claimDueLeads, readLead } from '../leads/lead-store.ts'
import type { Pool } from '../storage/database.ts'
import { createDataRequests } from './data-requests.ts'
import { personalTables } from './export-store.ts'
import { createPseudonyms } from './pseudonym.ts'

const own = { country: 'PL', callerIdPool: 'main' }
const { settings } = settleSettings(own)
const pseudonyms = createPseudonyms('a key that is in no database at all')
const head =
  'external_id;name;company;tax_id;responsible_person;address;phone1;phone2;debt_id;contract;account_to_pay;balance;currency'
const jan =
  'REF-77;Jan Zamojski;Młyn Zamojski;5210001122;Ewa Zamojska;Lipowa 9;600 100 201;600 100 202;SPR-1;UM-5;PL61109010140000071219812874;100,00;PLN'
/** What must not be found anywhere when he is erased. */
const traces = /REF-77|Zamojsk|5210001122|Lipowa|600100201|600100202|SPR-1|UM-5|10901014|angry/

async function setUp(t: Parameters<typeof withDatabase>[0]) {
  const { pool } = await withDatabase(t)
  const clock = createFakeClock()
  const campaignId = randomUUID()
  await pool.query(`insert into campaigns (id, name, settings) values ($1, 'c', $2)`, [campaignId, own])
  await pool.query(`insert into trunks (id, host, max_channels, calls_per_second) values ('t', '127.0.0.1', 10, 10)`)
  await pool.query(
    `insert into caller_ids (number, pool, trunk_id, country, line_type) values ('+48221000000', 'main', 't', 'PL', 'fixed')`,
  )
  const upload = async (...lines: string[]) => {
    const source = Readable.from([[head, ...lines].join('\n')])
    const options = importOptionsSchema.parse({})
    await importLeads({ pool, clock, pseudonyms, source, importId: randomUUID(), campaignId, settings, options })
  }
  const leadOf = async (externalId: string) => {
    const { rows } = await pool.query<{ id: number }>(
      'select l.id from leads l join contacts c on c.id = l.contact_id where c.external_id = $1',
      [externalId],
    )
    const lead = await readLead(pool, rows[0]?.id ?? 0, new Date(clock.now()))
    if (!lead) throw new Error(`no lead of ${externalId}`)
    return lead
  }
  /** A call of ours so many hours ago. */
  const call = async (externalId: string, phone: number, hoursAgo: number, more: Record<string, unknown> = {}) => {
    const { leadId, contactId, phones, openDebts } = await leadOf(externalId)
    const at = new Date(clock.now() - hoursAgo * 3_600_000)
    const row = {
      ...{ id: randomUUID(), lead_id: leadId, campaign_id: campaignId, contact_id: contactId, number: phones[phone]?.number },
      ...{
        phone_id: phones[phone]?.id,
        trunk_id: 't',
        caller_id_id: 1,
        mode: 'ratio',
        reason: 'attempt 1; phone 1 of 2',
        placed_at: at,
      },
      ...{ ended_at: at, disposition: 'no_answer', result_note: 'angry', debt_ids: openDebts.map(({ id }) => id), ...more },
    }
    const names = Object.keys(row)
    await pool.query(
      `insert into attempts (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
      Object.values(row),
    )
    return row.id
  }
  const requests = createDataRequests({ pool, clock, pseudonyms })
  return { pool, clock, campaignId, upload, leadOf, call, requests }
}

/** All that the database holds, as text. */
async function everything(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  const tables = await Promise.all(
    rows.map(({ name }) => pool.query<{ row: string }>(`select '${name} ' || t::text as row from ${name} t`)),
  )
  return tables.flatMap((table) => table.rows.map(({ row }) => row)).join('\n')
}

t.test('the export holds every table that speaks of a person, and his rows whole', async (t) => {
  const { pool, upload, call, requests } = await setUp(t)
  await upload(jan)
  const attemptId = await call('REF-77', 0, 3)
  await pool.query(`insert into suppressions (number, kind, reason) values ('+48600100202', 'do_not_call', 'letter')`)
  await pool.query(
    `insert into audit (actor, action, subject) values ('key', 'callback.change', 'callback:1'), ('key', 'x', 'lead:2')`,
  )
  const { rows } = await pool.query<{ name: string }>(
    `with recursive about (name) as (
       select 'contacts'::regclass union
       select conrelid::regclass from pg_constraint join about on confrelid = about.name where contype = 'f')
     select name::text from about`,
  )
  t.same(
    rows.map(({ name }) => name).filter((name) => !(name in personalTables)),
    [],
    'every table that refers to a contact',
  )
  const { tables } = await requests.export('REF-77')
  t.match(tables, {
    contacts: [{ name: 'Jan Zamojski', tax_id: '5210001122', address: 'Lipowa 9' }],
    phones: [{ number: '+48600100201' }, { number: '+48600100202' }],
    debts: [{ external_id: 'SPR-1', balance_minor: 10000 }],
    leads: [{ state: 'waiting' }],
    attempts: [{ id: attemptId, result_note: 'angry', reason: /attempt 1/ }],
    suppressions: [{ number: '+48600100202' }],
    audit: [{ subject: 'callback:1' }],
  })
  t.match(await requests.find({ externalId: null, number: '+48600100202' }), [{ externalId: 'REF-77', phones: { length: 2 } }])
  await t.rejects(requests.export('nobody'), { code: 'not_found' })
})

t.test('after the erasure nothing of the person is left, and the proof of calls is', async (t) => {
  const { pool, clock, upload, call, requests, campaignId, leadOf } = await setUp(t)
  await upload(jan)
  const attemptId = await call('REF-77', 0, 30)
  await call('REF-77', 1, 3)
  await pool.query(`insert into detection_audio values ($1, 'voice', now())`, [attemptId])
  const { contactId, leadId } = await leadOf('REF-77')
  for (const known of [contactId, null])
    await pool.query(
      `insert into inbound_calls (id, switch, channel_id, trunk_id, caller_id_id, number, contact_id, arrived_at, ended_at, result_note)
       values (gen_random_uuid(), 's', 'c', 't', 1, '+48600100201', $1, now(), now(), $2)`,
      [known, known && 'angry'],
    )
  for (const wish of [{ contact_id: contactId }, { number: '+48600100202' }, { external_id: 'REF-77' }])
    await pool.query(
      `insert into suppressions (${Object.keys(wish)}, kind, reason) values ($1, 'dispute', 'Jan Zamojski wrote')`,
      Object.values(wish),
    )
  const erased = await requests.erase('REF-77')
  t.match(erased, { id: contactId, attemptsKept: 2 })
  t.notMatch(await everything(pool), traces)
  const { rows } = await pool.query('select placed_at, disposition, number, reason from attempts order by placed_at')
  t.match(rows, [
    { disposition: 'no_answer', number: /^#/, placed_at: new Date(clock.now() - 30 * 3_600_000), reason: /attempt 1/ },
    { disposition: 'no_answer', number: /^#/ },
  ])
  t.same((await pool.query('select from detection_audio')).rows, [])
  t.same(await claimDueLeads(pool, { campaignId, limit: 10, owner: 'x', leaseMs: 1, at: new Date(clock.now() + 9e8) }), [])
  t.equal(await readLead(pool, leadId, new Date(clock.now())), undefined)
  await t.rejects(requests.erase('REF-77'), { code: 'not_found' }, 'he is not there any more')
})

t.test('imported again he has his history: limits go on, a wrong number stays wrong, wishes hold', async (t) => {
  const { pool, upload, call, requests, leadOf } = await setUp(t)
  await upload(jan)
  for (const hours of [30, 60, 90]) await call('REF-77', 0, hours)
  await call('REF-77', 1, 5)
  const before = await leadOf('REF-77')
  await pool.query(`update phones set state = 'wrong_person' where number = '+48600100202'`)
  await pool.query(`insert into suppressions (contact_id, kind, reason) values ($1, 'legal_hold', 'court')`, [before.contactId])
  await requests.erase('REF-77')
  await upload(jan)
  const after = await leadOf('REF-77')
  t.equal(after.contactId, before.contactId)
  t.same(after.recentAttempts, before.recentAttempts, 'on the phones that were called, about the debt that was called about')
  t.match(after.phones, [
    { number: '+48600100201', state: 'active' },
    { number: '+48600100202', state: 'wrong_person' },
  ])
  t.match(after.suppressions, [{ kind: 'legal_hold', number: null, reason: 'kept when the person was erased' }])
  t.match(after.openDebts, before.openDebts)
  const { rows } = await pool.query('select state, reason, erased_at from leads join contacts c on c.id = contact_id')
  t.match(rows, [{ state: 'waiting', reason: /imported again/, erased_at: null }])
  await requests.erase('REF-77')
  t.notMatch(await everything(pool), traces, 'and can be erased again')
  await upload(jan)
  t.same((await leadOf('REF-77')).recentAttempts, before.recentAttempts)
})

t.test('under another id he is known by his number: all calls to him count, and whoever shares the number', async (t) => {
  const { pool, upload, call, requests, leadOf } = await setUp(t)
  await upload(jan, 'SHARED;Anna;;;;;600 100 201;;S1;;;5,00;PLN')
  await call('REF-77', 0, 30)
  await call('REF-77', 1, 5)
  await pool.query(
    `insert into suppressions (contact_id, kind, reason) select contact_id, 'do_not_call', 'said so' from phones where number = '+48600100202'`,
  )
  await requests.erase('REF-77')
  await upload('OTHER;J. Z.;;;;;600 100 202;;X9;;;7,00;PLN')
  const other = await leadOf('OTHER')
  t.equal(other.recentAttempts.length, 2, 'over all his phones, also the one that is not imported again')
  t.match(other.recentAttempts.map(({ number }) => number).sort(), [/^#/, '+48600100202'])
  t.match(other.suppressions, [{ kind: 'do_not_call', number: '+48600100202' }])
  const shared = await leadOf('SHARED')
  t.match(shared.recentAttempts.map(({ number }) => number).sort(), [/^#/, '+48600100201'])
  t.match(shared.suppressions, [{ kind: 'do_not_call', number: '+48600100201' }])
})

t.test('not while he is in a call; not under another key', async (t) => {
  const { pool, clock, upload, call, requests } = await setUp(t)
  await upload(jan, 'B;Anna;;;;;600 100 301;;S1;;;5,00;PLN')
  const attemptId = await call('REF-77', 0, 0, { ended_at: null })
  await t.rejects(requests.erase('REF-77'), { code: 'wrong_state' })
  await pool.query('update attempts set ended_at = placed_at where id = $1', [attemptId])
  await pool.query(`update leads set state = 'claimed'`)
  await t.rejects(requests.erase('REF-77'), { code: 'wrong_state' })
  await pool.query(`update leads set state = 'waiting'`)
  await requests.erase('REF-77')
  const stranger = createDataRequests({ pool, clock, pseudonyms: createPseudonyms('another key') })
  await t.rejects(stranger.erase('B'), { code: 'erasure_key_differs' })
})
