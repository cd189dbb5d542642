/**
 * The writes of an import, each for a whole batch of lines at once: contacts, phones, debts, leads, refusals, and the
 * import's own row. One exported function per statement; called by import.ts, the reads by the API.
 * Rows come as JSON, because one parameter of any length is faster than a dozen arrays.
 */
import type { Db } from '../storage/database.ts'
import type { ImportedContact, ImportedDebt, ImportedPhone, Refusal } from './import-line.ts'

export interface ImportProgress {
  /** Lines read, without the heading. */
  lines: number
  accepted: number
  refused: number
}

export interface ImportRow extends ImportProgress {
  id: string
  campaignId: string
  fileName: string
  state: 'running' | 'done' | 'failed'
  error: string | null
  startedAt: Date
  finishedAt: Date | null
}

export interface NewImport {
  id: string
  campaignId: string
  fileName: string
  at: Date
}

export async function insertImport(db: Db, { id, campaignId, fileName, at }: NewImport): Promise<void> {
  await db.query(
    `insert into imports (id, campaign_id, file_name, state, started_at) values ($1, $2, $3, 'running', $4) on conflict (id) do nothing`,
    [id, campaignId, fileName, at],
  )
}

export async function writeProgress(db: Db, id: string, { lines, accepted, refused }: ImportProgress): Promise<void> {
  await db.query('update imports set lines = $2, accepted = $3, refused = $4 where id = $1', [id, lines, accepted, refused])
}

export async function finishImport(db: Db, id: string, { error, at }: { error: string | null; at: Date }): Promise<void> {
  await db.query(
    `update imports set state = case when $2::text is null then 'done' else 'failed' end, error = $2, finished_at = $3 where id = $1`,
    [id, error, at],
  )
}

/** Imports that an engine left running when it ended; what they had read is in. Called at start. */
export async function failInterruptedImports(db: Db, at: Date): Promise<number> {
  const { rowCount } = await db.query(
    `update imports set state = 'failed', finished_at = $1,
            error = 'the engine ended while the file was read; upload it again, what is in already is updated'
      where state = 'running'`,
    [at],
  )
  return rowCount ?? 0
}

const importColumns = `id, campaign_id as "campaignId", file_name as "fileName", state, lines, accepted, refused, error,
  started_at as "startedAt", finished_at as "finishedAt"`

export async function findImport(db: Db, id: string): Promise<ImportRow | undefined> {
  const { rows } = await db.query<ImportRow>(`select ${importColumns} from imports where id = $1`, [id])
  return rows[0]
}

export async function listImports(db: Db, campaignId: string): Promise<ImportRow[]> {
  const { rows } = await db.query<ImportRow>(
    `select ${importColumns} from imports where campaign_id = $1 order by started_at desc limit 100`,
    [campaignId],
  )
  return rows
}

/** A page of refusals in the file's order; `after` is the number of those read so far. */
export async function listRefusals(
  db: Db,
  importId: string,
  { after, limit }: { after: number; limit: number },
): Promise<Refusal[]> {
  const { rows } = await db.query<Refusal>(
    'select line, field, code, reason from import_refusals where import_id = $1 order by line, field offset $2 limit $3',
    [importId, after, limit],
  )
  return rows
}

export async function insertRefusals(db: Db, importId: string, refusals: Refusal[]): Promise<void> {
  await db.query(
    `insert into import_refusals (import_id, line, field, code, reason)
     select $1, line, field, code, reason from json_to_recordset($2) as r(line int, field text, code text, reason text)`,
    [importId, JSON.stringify(refusals)],
  )
}

/** Inserts or updates; an empty field keeps what is known. Returns the id by external id. */
export async function upsertContacts(db: Db, contacts: ImportedContact[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: number; externalId: string }>(
    `insert into contacts as c (external_id, name, company, tax_id, responsible_person, address, language, country, time_zone, consent)
     select external_id, name, company, tax_id, responsible_person, address, language, country, time_zone, coalesce(consent, 'unknown')
       from json_to_recordset($1) as r(external_id text, name text, company text, tax_id text, responsible_person text, address text,
                                       language text, country text, time_zone text, consent text)
      order by external_id
     on conflict (external_id) do update
       set name = excluded.name, company = coalesce(excluded.company, c.company), tax_id = coalesce(excluded.tax_id, c.tax_id),
           responsible_person = coalesce(excluded.responsible_person, c.responsible_person),
           address = coalesce(excluded.address, c.address), language = coalesce(excluded.language, c.language),
           country = excluded.country, time_zone = excluded.time_zone, updated_at = now(),
           -- A list does not give what the person himself has withdrawn.
           consent = case when c.consent = 'withdrawn' or excluded.consent = 'unknown' then c.consent else excluded.consent end
     returning id, external_id as "externalId"`,
    [JSON.stringify(contacts)],
  )
  return new Map(rows.map((row) => [row.externalId, row.id]))
}

/** Adds the phones that are new behind those the contact has; none is taken away. */
export async function addPhones(db: Db, phones: (ImportedPhone & { contact_id: number })[]): Promise<void> {
  await db.query(
    `insert into phones (contact_id, number, line_type, position)
     select n.contact_id, n.number, n.line_type,
            coalesce((select max(position) from phones p where p.contact_id = n.contact_id), -1)
              + row_number() over (partition by n.contact_id order by n.place)
       from rows from (json_to_recordset($1) as (contact_id bigint, number text, line_type text)) with ordinality
            as n(contact_id, number, line_type, place)
      where not exists (select 1 from phones p where p.contact_id = n.contact_id and p.number = n.number)
     on conflict (contact_id, number) do nothing`,
    [JSON.stringify(phones)],
  )
}

/**
 * Inserts or updates debts; returns the external ids written. A debt that belongs to another contact stays as it is.
 * A balance of 0 is a paid debt, a later balance opens it again; disputed and withdrawn stay so.
 */
export async function upsertDebts(db: Db, debts: (ImportedDebt & { contact_id: number })[]): Promise<Set<string>> {
  const { rows } = await db.query<{ externalId: string }>(
    `insert into debts as d (contact_id, external_id, creditor, original_creditor, contract, balance_minor, currency, due_date, reminded_on,
                             account_to_pay, state)
     select contact_id, external_id, creditor, original_creditor, contract, balance_minor, currency, due_date, reminder_date, account_to_pay,
            case when balance_minor = 0 then 'paid' else 'open' end
       from json_to_recordset($1) as r(contact_id bigint, external_id text, creditor text, original_creditor text, contract text,
                                       balance_minor bigint, currency text, due_date date, reminder_date date, account_to_pay text)
      order by external_id
     on conflict (external_id) do update
       set creditor = coalesce(excluded.creditor, d.creditor),
           original_creditor = coalesce(excluded.original_creditor, d.original_creditor),
           contract = coalesce(excluded.contract, d.contract), balance_minor = excluded.balance_minor,
           currency = excluded.currency, due_date = coalesce(excluded.due_date, d.due_date),
           reminded_on = coalesce(excluded.reminded_on, d.reminded_on),
           account_to_pay = coalesce(excluded.account_to_pay, d.account_to_pay),
           state = case when d.state in ('open', 'paid') then excluded.state else d.state end, updated_at = now()
       where d.contact_id = excluded.contact_id
     returning external_id as "externalId"`,
    [JSON.stringify(debts)],
  )
  return new Set(rows.map((row) => row.externalId))
}

export interface ImportedLead {
  contact_id: number
  priority: number | null
  next_attempt_at: string
  taken_over_at: string
  first_attempt_by: string | null
}

/** Enlists who is new in the campaign; who is in it already keeps his place and state, and takes a priority that is given. */
export async function enlist(db: Db, campaignId: string, leads: ImportedLead[]): Promise<void> {
  await db.query(
    `insert into leads as l (campaign_id, contact_id, priority, next_attempt_at, taken_over_at, first_attempt_by, reason)
     select $1, contact_id, coalesce(priority, 0), next_attempt_at, taken_over_at, first_attempt_by, 'imported, not called yet'
       from json_to_recordset($2) as r(contact_id bigint, priority smallint, next_attempt_at timestamptz, taken_over_at timestamptz,
                                       first_attempt_by timestamptz)
      order by contact_id
     on conflict (campaign_id, contact_id) do nothing`,
    [campaignId, JSON.stringify(leads)],
  )
  await db.query(
    `update leads l set priority = r.priority
       from json_to_recordset($2) as r(contact_id bigint, priority smallint)
      where l.campaign_id = $1 and l.contact_id = r.contact_id and r.priority is not null and l.priority <> r.priority`,
    [campaignId, JSON.stringify(leads.filter((lead) => lead.priority !== null))],
  )
}
