import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { campaignSettingsSchema } from '../campaigns/settings.ts'
import { reopenedReason, settledReason } from '../debts/debt.ts'
import { createPseudonyms } from '../privacy/pseudonym.ts'
import type { Pool } from '../storage/database.ts'
import { importOptionsSchema } from './column-map.ts'
import { importLeads } from './import.ts'
import { findImport, listRefusals } from './import-store.ts'

const settings = campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' })

async function createCampaign(pool: Pool): Promise<string> {
  const id = randomUUID()
  await pool.query('insert into campaigns (id, name, settings) values ($1::uuid, $1::uuid::text, $2)', [id, settings])
  return id
}

async function upload(pool: Pool, campaignId: string, file: string | Buffer, options: object = {}) {
  const importId = randomUUID()
  const bytes = Buffer.from(file)
  // Chunks of odd sizes, so that letters and lines are cut anywhere.
  const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7))
  const report = await importLeads({
    pool,
    clock: createFakeClock(Date.UTC(2026, 0, 5, 22)),
    pseudonyms: createPseudonyms('a key'),
    source: Readable.from(chunks),
    importId,
    campaignId,
    settings,
    options: importOptionsSchema.parse(options),
  })
  return { ...report, refusals: await listRefusals(pool, importId, { after: 0, limit: 100 }) }
}

const rows = async (pool: Pool, sql: string) => (await pool.query(sql)).rows

t.test('every column arrives, two debts of one contact, phones of two countries', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  const report = await upload(
    pool,
    campaignId,
    [
      'External ID;Name;Company;Tax ID;Responsible person;Address;Language;Country;Phone 1;Phone 2;Debt ID;Creditor;Original creditor;Contract;Balance;Currency;Due date;Account to pay;Priority',
      'K-1;Łucja Wiśniewska;;;;"ul. Długa 1; Kraków";pl;PL;600 100 200;12 200 30 40;D-1;Fundusz A;Bank B;U/1;1.234,56;PLN;31.03.2025;PL61109010140000071219812874;5',
      'K-1;Łucja Wiśniewska;;;;"ul. Długa 1; Kraków";pl;PL;600 100 200;;D-2;Fundusz A;Bank B;U/2;99,9;PLN;2025-04-30;;5',
      'K-2;;Novák s.r.o.;CZ123;Jan Novák;Praha;cs;CZ;+420 601 123 456;;D-3;Fundusz A;;;1 500;CZK;;;',
    ].join('\r\n'),
  )
  t.match(report, { lines: 3, accepted: 3, refused: 0, refusals: [] })
  t.match(await rows(pool, 'select * from contacts order by external_id'), [
    {
      external_id: 'K-1',
      name: 'Łucja Wiśniewska',
      address: 'ul. Długa 1; Kraków',
      language: 'pl',
      country: 'PL',
      time_zone: 'Europe/Warsaw',
    },
    {
      external_id: 'K-2',
      name: 'Novák s.r.o.',
      company: 'Novák s.r.o.',
      tax_id: 'CZ123',
      responsible_person: 'Jan Novák',
      time_zone: 'Europe/Prague',
    },
  ])
  t.match(await rows(pool, 'select number, line_type, position from phones order by id'), [
    { number: '+48600100200', line_type: 'mobile', position: 0 },
    { number: '+48122003040', line_type: 'fixed', position: 1 },
    { number: '+420601123456', line_type: 'mobile', position: 0 },
  ])
  t.match(
    await rows(
      pool,
      'select external_id, balance_minor, currency, due_date, account_to_pay, original_creditor from debts order by external_id',
    ),
    [
      {
        external_id: 'D-1',
        balance_minor: 123456,
        currency: 'PLN',
        due_date: '2025-03-31',
        account_to_pay: /^PL61/,
        original_creditor: 'Bank B',
      },
      { external_id: 'D-2', balance_minor: 9990, due_date: '2025-04-30' },
      { external_id: 'D-3', balance_minor: 150000, currency: 'CZK', due_date: null },
    ],
  )
  // Imported at 23:00 in Warsaw on 5 January; the 6th is a holiday in Poland, not in Czechia.
  t.match(await rows(pool, 'select state, priority, next_attempt_at, reason from leads order by id'), [
    { state: 'waiting', priority: 5, next_attempt_at: new Date('2026-01-07T07:00:00Z'), reason: /imported/ },
    { state: 'waiting', priority: 0, next_attempt_at: new Date('2026-01-06T07:00:00Z') },
  ])
})

t.test('the take-over: now, or as the file says; the first attempt is owed a day from when he may be called', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  const lines = [
    'id;name;phone;taken over',
    '1;A;600100201;',
    '2;B;600100202;5.1.2026 9:30',
    '3;C;600100203;2025-12-01',
    '4;D;600100204;now',
  ]
  t.match(await upload(pool, campaignId, lines.join('\n')), {
    accepted: 3,
    refusals: [{ field: 'taken_over_at', code: 'date_unreadable' }],
  })
  // 5 January, 23:00 in Warsaw; the 6th is a holiday.
  t.same(await rows(pool, 'select taken_over_at as at, first_attempt_by as by, urgency from leads order by contact_id'), [
    { at: new Date('2026-01-05T22:00:00Z'), by: new Date('2026-01-08T07:00:00Z'), urgency: 10 },
    { at: new Date('2026-01-05T08:30:00Z'), by: new Date('2026-01-06T08:30:00Z'), urgency: 10 },
    { at: new Date('2025-11-30T23:00:00Z'), by: null, urgency: 0 },
  ])
})

t.test('a re-import updates, adds what is new, and leaves the leads where they are', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  const head = 'id,name,company,phone,debt_id,balance,currency\n'
  await upload(pool, campaignId, `${head}1,Anna,Firma,600100200,D1,10.00,PLN\n2,Jan,,600100201,D2,20.00,PLN\n`)
  await pool.query(`update leads set state = 'finished', attempts = 4, reason = 'promised'`)
  await pool.query(`update debts set state = 'disputed' where external_id = 'D2'`)
  const again = await upload(
    pool,
    campaignId,
    `${head}1,Anna Nowa,,600100299,D1,0,PLN\n2,Jan,,600100201,D2,25.00,PLN\n3,Ewa,,600100202,D3,5.50,PLN\n2,Jan,,600100201,D1,1.00,PLN\n`,
  )
  t.match(again, { lines: 4, accepted: 3, refused: 1, refusals: [{ line: 5, field: 'debt_id', code: 'debt_of_another' }] })
  t.match(await upload(pool, campaignId, `${head}3,Ewa,,600100202,D1,7,PLN\n`), {
    accepted: 0,
    refusals: [{ code: 'debt_of_another' }],
  })
  t.match(await rows(pool, 'select name, company from contacts order by external_id'), [
    { name: 'Anna Nowa', company: 'Firma' },
    {},
    { name: 'Ewa' },
  ])
  t.match(await rows(pool, 'select number, position from phones where contact_id = 1 order by position'), [
    { number: '+48600100200', position: 0 },
    { number: '+48600100299', position: 1 },
  ])
  t.match(await rows(pool, 'select balance_minor, state from debts order by external_id'), [
    { balance_minor: 0, state: 'paid' },
    { balance_minor: 2500, state: 'disputed' },
    { balance_minor: 550, state: 'open' },
  ])
  t.match(await rows(pool, 'select state, attempts from leads order by id'), [
    { state: 'finished', attempts: 4 },
    { state: 'finished', attempts: 4 },
    { state: 'waiting', attempts: 0 },
  ])
})

t.test('bad lines are refused one by one, with line, field and reason; the good ones are in', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  const { refusals, ...report } = await upload(
    pool,
    campaignId,
    [
      'id,name,phone1,phone2,debt_id,balance,currency,due_date,time_zone', // line 1
      '1,Good,600100200,,D1,1.50,PLN,,',
      '2,"Broken,600100201,,D2,1.50,PLN,,', // an unclosed quote takes nothing else with it
      '3,Good,600100202,,D3,1.50,PLN,,',
      '4,Good too,600100202,,D4,1.50,PLN,,', // the same phone as 3: two contacts
      `5,${'x'.repeat(10_000)},600100203,,D5,1.50,PLN,,`,
      '6,Few fields,600100203',
      '7,Bad phone,12,,D7,1.50,PLN,,',
      '8,One of two,600100204,999,D8,1.50,PLN,,',
      '9,Ambiguous,600100205,,D9,1.234,PLN,,',
      '10,Currency,600100205,,D10,1.50,XXY,,',
      '11,Date,600100205,,D11,1.50,PLN,05/06/2026,',
      '12,Zone,600100205,,D12,1.50,PLN,,Mars/Base',
      ',No id,600100205,,D13,1.50,PLN,,',
      '14,Premium,+48 70 100 0000,,D14,1.50,PLN,,',
      '15,"Two\nlines",600100206,,D15,1.50,PLN,,',
      '16,Nul\u0000,600100207,,D16,1.50,PLN,,',
      '17,"Quote" x,600100208,,D17,1.50,PLN,,',
      '18,Last,600100209,,D18,1.50,PLN,,',
    ].join('\n'),
  )
  t.match(report, { lines: 18, accepted: 6, refused: 12 })
  t.same(
    refusals.map(({ line, field, code }) => `${line} ${field} ${code}`),
    [
      '3  quotes',
      '6 name too_long',
      '7  column_count',
      '8 phone1 phone_impossible',
      '9 phone2 phone_impossible',
      '10 balance amount_ambiguous',
      '11 currency currency_unknown',
      '12 due_date date_ambiguous',
      '13 time_zone time_zone_unknown',
      '14 external_id missing',
      '15 phone1 phone_costs_extra',
      '18  control_character',
      '19  quotes',
    ],
  )
  t.match(refusals[4]?.reason, /the line is in without this phone/)
  t.match(
    (await rows(pool, 'select external_id from contacts order by external_id::int')).map((row) => row.external_id),
    ['1', '3', '4', '8', '15', '18'],
  )
})

t.test('encodings: Windows-1250 and UTF-8 are told apart, a given one holds', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  const head = 'id\tname\tphone\n'
  const latin2 = Buffer.concat([
    Buffer.from(`${head}1\tAnna\t600100200\n2\t`),
    Buffer.from([0xa3, 0xf3, 0x9f]),
    Buffer.from('\t600100201\n'),
  ])
  t.match(await upload(pool, campaignId, latin2), { accepted: 2 })
  t.match(await rows(pool, `select name from contacts where external_id = '2'`), [{ name: 'Łóź' }])
  t.match(await upload(pool, campaignId, latin2, { encoding: 'utf-8' }), {
    accepted: 1,
    refusals: [{ line: 3, code: 'encoding' }],
  })
  t.match(await upload(pool, campaignId, `\ufeff${head}3\tŽofia\t600100202\n`), { accepted: 1, refused: 0 })
  t.match(await rows(pool, `select name from contacts where external_id = '3'`), [{ name: 'Žofia' }])
  await t.rejects(upload(pool, campaignId, Buffer.from(`\ufeff${head}`, 'utf16le')), { code: 'import_failed', message: /UTF-16/ })
})

t.test('a balance of 0 finishes the leads of the contact in every campaign, a later balance makes them wait again', async (t) => {
  const { pool } = await withDatabase(t)
  const [one, two] = [await createCampaign(pool), await createCampaign(pool)]
  const owing = (balance: string) => `id,name,phone,debt_id,balance,currency\n1,Anna,600100200,D-1,${balance},PLN\n`
  const leads = () => rows(pool, 'select state, reason, finished_at is null as open from leads order by id')
  await upload(pool, one, owing('10.00'))
  await upload(pool, two, owing('10.00'))
  await upload(pool, two, owing('0.00'))
  const finished = { state: 'finished', reason: settledReason, open: false }
  t.same(await leads(), [finished, finished])
  await upload(pool, one, owing('5.00'))
  const waiting = { state: 'waiting', reason: reopenedReason, open: true }
  t.same(await leads(), [waiting, waiting])
})

t.test('a file that cannot be an import fails before anything is written', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  await t.rejects(upload(pool, campaignId, 'id,phone\n1,600100200\n'), {
    code: 'import_failed',
    message: /column name or company is missing; the columns are: id, phone/,
  })
  await t.rejects(upload(pool, campaignId, 'id,name,phone,balance\n'), { message: /debt_id or contract, currency is missing/ })
  await t.rejects(upload(pool, campaignId, ''), { message: /empty/ })
  await t.rejects(upload(pool, campaignId, 'id,name,phone\n', { columns: { creditor: 'Owner' } }), {
    message: /no column "Owner"/,
  })
  t.match(await rows(pool, 'select count(*) as n from contacts'), [{ n: 0 }])
  t.match(await rows(pool, 'select distinct state from imports'), [{ state: 'failed' }])
})

t.test('a source that breaks keeps what is in and says so', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  const importId = randomUUID()
  async function* broken() {
    yield Buffer.from('id,name,phone\n')
    for (let i = 0; i < 5000; i += 1) yield Buffer.from(`${i},Anna,60${String(1_000_000 + i)}\n`)
    throw new Error('connection lost')
  }
  const seen: number[] = []
  const request = {
    pool,
    clock: createFakeClock(),
    pseudonyms: createPseudonyms('a key'),
    source: Readable.from(broken()),
    importId,
    campaignId,
    settings,
    options: importOptionsSchema.parse({}),
  }
  await t.rejects(
    importLeads(request, ({ lines }) => seen.push(lines)),
    { code: 'import_failed', message: /connection lost/ },
  )
  t.match(await findImport(pool, importId), { state: 'failed', error: /connection lost/, lines: 4000, accepted: 4000 })
  t.same(seen, [4000])
})

t.test('consent and the day of the written reminder; what a rule had finished for want of them waits again', async (t) => {
  const { pool } = await withDatabase(t)
  const campaignId = await createCampaign(pool)
  const list = (...lines: string[]) =>
    ['external_id;name;phone;debt_id;balance;currency;consent;data wezwania', ...lines].join('\n')
  const report = await upload(
    pool,
    campaignId,
    list(
      ...['K-1;Jan;600100200;D-1;10;PLN;tak;2.01.2026', 'K-2;Ewa;600100201;D-2;10;PLN;;', 'K-3;Ala;600100202;D-3;10;PLN;nie;'],
      ...['K-4;Iza;600100203;D-4;10;PLN;maybe;', 'K-5;Ola;600100204;D-5;10;PLN;;tomorrow'],
    ),
  )
  t.match(report.refusals, [
    { line: 5, field: 'consent', code: 'consent_unknown' },
    { line: 6, field: 'reminder_date', code: 'date_unreadable' },
  ])
  const known = () =>
    rows(
      pool,
      'select c.consent, d.reminded_on as day from contacts c join debts d on d.contact_id = c.id order by c.external_id',
    )
  t.match(await known(), [
    { consent: 'given', day: '2026-01-02' },
    { consent: 'unknown', day: null },
    { consent: 'withdrawn', day: null },
  ])
  await pool.query(`update leads set state = 'finished', barred_by = 'reminder_missing' where contact_id <> 1`)
  await pool.query(`update leads set barred_by = 'suppressed_dispute' where contact_id = 3`)
  await upload(pool, campaignId, list('K-1;Jan;600100200;D-1;10;PLN;;', 'K-2;Ewa;600100201;D-2;10;PLN;yes;2026-01-03'))
  await upload(pool, campaignId, list('K-3;Ala;600100202;D-3;10;PLN;yes;2026-01-03'))
  t.match(await known(), [
    { consent: 'given', day: '2026-01-02' },
    { consent: 'given', day: '2026-01-03' },
    { consent: 'withdrawn', day: '2026-01-03' },
  ])
  t.match(await rows(pool, 'select state from leads order by contact_id'), [
    { state: 'waiting' },
    { state: 'waiting' },
    { state: 'finished' },
  ])
})
