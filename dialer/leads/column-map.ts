/**
 * Which column of a file is what. Common headings are known in several languages; a map given with the upload names others.
 * A file without a column that every contact needs is refused here, before anything is written. Pure.
 */
import { z } from 'zod'
import { OutpaceError } from '../errors.ts'
import { isCurrency } from './money.ts'

export const importFields = [
  'external_id',
  'name',
  'company',
  'tax_id',
  'responsible_person',
  'address',
  'language',
  'country',
  'time_zone',
  'consent',
  'debt_id',
  'creditor',
  'original_creditor',
  'contract',
  'balance',
  'currency',
  'due_date',
  'reminder_date',
  'account_to_pay',
  'priority',
  'taken_over_at',
] as const
export type ImportField = (typeof importFields)[number]

const heading = z.string().min(1).max(200)

export const importOptionsSchema = z.strictObject({
  /** Headings of the file by field; fields not named are looked for under their usual headings. */
  columns: z.partialRecord(z.enum(importFields), heading).default({}),
  /** Headings of the phone columns, in the order in which the phones are to be tried. */
  phones: z.array(heading).min(1).max(20).optional(),
  delimiter: z.enum([',', ';', '\t']).optional(),
  encoding: z.enum(['utf-8', 'windows-1250']).optional(),
  /** The decimal mark of amounts; without it 1.234 is refused as ambiguous. */
  decimal: z.enum([',', '.']).optional(),
  /** Currency of a file without a currency column. */
  currency: z.string().refine(isCurrency, 'must be a currency code such as EUR').optional(),
})
export type ImportOptions = z.infer<typeof importOptionsSchema>

/** Where the fields stand in a line. */
export interface ColumnMap {
  columns: number
  fields: Partial<Record<ImportField, number>>
  phones: { index: number; heading: string }[]
}

/** Usual headings, as `normalize` writes them. A field's own name comes first. */
const usual: Readonly<Record<ImportField, string>> = {
  external_id:
    'external_id id contact_id customer_id client_id debtor_id customer_number case_id id_klienta id_dluznika klient_id ugyfelszam',
  name: 'name full_name debtor debtor_name contact_name customer_name imie_i_nazwisko nazwisko dluznik jmeno jmeno_a_prijmeni meno meno_a_priezvisko nev ime ime_in_priimek onoma onomateponymo',
  company: 'company company_name firma nazwa_firmy spolecnost spolocnost ceg cegnev podjetje etaireia',
  tax_id: 'tax_id tax_number vat_id nip ic ico dic adoszam davcna_stevilka afm',
  responsible_person:
    'responsible_person contact_person responsible osoba_kontaktowa kontaktni_osoba kontaktna_osoba kapcsolattarto',
  address: 'address adres adresa cim naslov dieythynsi',
  language: 'language lang jezyk jazyk nyelv jezik glossa',
  country: 'country country_code kraj zeme krajina orszag drzava chora',
  time_zone: 'time_zone timezone tz strefa_czasowa casove_pasmo idozona casovni_pas',
  consent: 'consent zgoda souhlas suhlas hozzajarulas soglasje synainesi',
  debt_id:
    'debt_id debt_number case_number loan_id invoice invoice_number nr_sprawy id_dlugu cislo_pripadu cislo_faktury ugyszam',
  creditor: 'creditor wierzyciel veritel hitelezo upnik pistotis',
  original_creditor: 'original_creditor wierzyciel_pierwotny puvodni_veritel povodny_veritel eredeti_hitelezo',
  contract:
    'contract contract_number contract_id agreement umowa nr_umowy smlouva cislo_smlouvy zmluva cislo_zmluvy szerzodes szerzodesszam pogodba',
  balance:
    'balance amount amount_due debt saldo kwota kwota_zadluzenia dluzna_castka castka dlzna_suma suma osszeg tartozas znesek poso',
  currency: 'currency currency_code waluta mena penznem valuta nomisma',
  due_date: 'due_date due date_due termin_platnosci splatnost datum_splatnosti esedekesseg rok_placila',
  reminder_date:
    'reminder_date reminded_on reminder date_of_reminder data_wezwania data_monitu datum_upominky datum_upomienky felszolitas_datuma datum_opomina',
  account_to_pay: 'account_to_pay account iban bank_account rachunek numer_rachunku ucet cislo_uctu szamlaszam trr',
  priority: 'priority priorytet priorita prioritas prioriteta',
  taken_over_at:
    'taken_over_at taken_over take_over_date assigned_at data_przejecia datum_prevzeti datum_prevzatia atvetel_datuma datum_prevzema',
}

const usualPhone =
  /^(phone|telephone|tel|mobile|cell|telefon|telefon_komorkowy|komorka|mobil|telefonszam|gsm|tilefono|kinito)(_(number|no|numer|cislo))?_?\d{0,2}$/

/** 'Imię i nazwisko' -> 'imie_i_nazwisko' */
export const normalize = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ł', 'l')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')

const failed = (problem: string) => new OutpaceError('import_failed', { problem })

export function mapColumns(headings: string[], options: ImportOptions): ColumnMap {
  const names = headings.map(normalize)
  const found = headings.map((heading) => heading.trim().slice(0, 40)).join(', ')
  const indexOf = (wanted: string): number => {
    const index = names.indexOf(normalize(wanted))
    if (index < 0) throw failed(`there is no column "${wanted}"; the columns are: ${found}`)
    return index
  }
  const fields: Partial<Record<ImportField, number>> = {}
  for (const field of importFields) {
    const given = options.columns[field]
    if (given !== undefined) fields[field] = indexOf(given)
  }
  const taken = new Set([...Object.values(fields), ...(options.phones ?? []).map(indexOf)])
  for (const field of importFields) {
    const index = usual[field]
      .split(' ')
      .map((name) => names.indexOf(name))
      .find((index) => index >= 0 && !taken.has(index))
    if (fields[field] === undefined && index !== undefined) fields[field] = index
  }
  const phones = (options.phones?.map(indexOf) ?? names.flatMap((name, index) => (usualPhone.test(name) ? [index] : []))).map(
    (index) => ({
      index,
      heading: headings[index]?.trim() ?? '',
    }),
  )
  demandColumns(fields, phones.length, options, found)
  return { columns: headings.length, fields, phones }
}

function demandColumns(fields: ColumnMap['fields'], phones: number, options: ImportOptions, found: string): void {
  const missing: string[] = []
  if (fields.external_id === undefined) missing.push('external_id')
  if (fields.name === undefined && fields.company === undefined) missing.push('name or company')
  if (phones === 0) missing.push('phone')
  if (fields.balance !== undefined) {
    if (fields.debt_id === undefined && fields.contract === undefined) missing.push('debt_id or contract')
    if (fields.currency === undefined && options.currency === undefined) missing.push('currency')
  }
  if (missing.length > 0) throw failed(`the column ${missing.join(', ')} is missing; the columns are: ${found}`)
}
