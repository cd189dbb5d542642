/**
 * Invented debtors of six countries as a CSV, the same ones for the same seed. Phone numbers are valid in their country's
 * plan and end as endings.ts says, so that the whole list is played by the carrier. Nobody in it exists. Pure.
 */
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { seeded } from './chance.ts'
import { type Ending, endings, otherwise } from './endings.ts'

export interface PeopleOptions {
  people: number
  seed?: number
  /** Lines besides that an import must refuse, each for another reason. */
  brokenLines?: number
  /** Endings in place of the demo's mix, dealt out in turn. */
  only?: string[]
  /** Before a person's number in his id; another one makes other people of them. */
  idPrefix?: string
}

interface Country {
  code: CountryCode
  calling: string
  /** What national numbers are written with. */
  trunkPrefix: string
  mobile: string[]
  fixed: string[]
  /** Digits of a national number, by kind. */
  lengths: { mobile: number; fixed: number }
  language: string
  zone: string
  currency: string
  thousands: string
  first: string[]
  last: string[]
  city: string[]
  street: string[]
}

const countries: Country[] = [
  {
    ...{ code: 'PL', calling: '48', trunkPrefix: '', mobile: ['501', '602', '693', '784'], fixed: ['22', '12', '71'] },
    ...{ lengths: { mobile: 9, fixed: 9 }, language: 'pl', zone: 'Europe/Warsaw', currency: 'PLN', thousands: ' ' },
    first: ['Łucja', 'Zdzisław', 'Grażyna', 'Wacław', 'Żaneta', 'Bożydar'],
    last: ['Testowska', 'Przykładek', 'Wymyślony', 'Źródlak', 'Nibylandzka', 'Próbny'],
    ...{ city: ['00-001 Warszawa', '30-001 Kraków', '50-001 Wrocław'], street: ['ul. Zmyślona', 'ul. Próbna'] },
  },
  {
    ...{ code: 'CZ', calling: '420', trunkPrefix: '', mobile: ['602', '731', '776'], fixed: ['234', '541'] },
    ...{ lengths: { mobile: 9, fixed: 9 }, language: 'cs', zone: 'Europe/Prague', currency: 'CZK', thousands: ' ' },
    first: ['Zdeněk', 'Růžena', 'Bořivoj', 'Květa', 'Přemysl'],
    last: ['Zkušební', 'Příkladný', 'Vymyšlená', 'Neznámý', 'Řádková'],
    ...{ city: ['110 00 Praha', '602 00 Brno'], street: ['Zkušební', 'Vzorová'] },
  },
  {
    ...{ code: 'SK', calling: '421', trunkPrefix: '0', mobile: ['905', '911', '948'], fixed: ['2'] },
    ...{ lengths: { mobile: 9, fixed: 9 }, language: 'sk', zone: 'Europe/Bratislava', currency: 'EUR', thousands: ' ' },
    first: ['Ľudmila', 'Žigmund', 'Blažena', 'Čestmír'],
    last: ['Skúšobný', 'Vymyslená', 'Príkladný', 'Ďurová'],
    ...{ city: ['811 01 Bratislava', '040 01 Košice'], street: ['Skúšobná', 'Vzorová'] },
  },
  {
    ...{ code: 'HU', calling: '36', trunkPrefix: '06', mobile: ['20', '30', '70'], fixed: ['1'] },
    ...{ lengths: { mobile: 9, fixed: 8 }, language: 'hu', zone: 'Europe/Budapest', currency: 'HUF', thousands: ' ' },
    first: ['Gyöngyi', 'Szörény', 'Őrs', 'Tünde', 'Bendegúz'],
    last: ['Próba', 'Példás', 'Kitalált', 'Tűzkő'],
    ...{ city: ['1011 Budapest', '6720 Szeged'], street: ['Próba utca', 'Minta tér'] },
  },
  {
    ...{ code: 'SI', calling: '386', trunkPrefix: '0', mobile: ['31', '40', '51'], fixed: ['1'] },
    ...{ lengths: { mobile: 8, fixed: 8 }, language: 'sl', zone: 'Europe/Ljubljana', currency: 'EUR', thousands: '.' },
    first: ['Črtomir', 'Špela', 'Živa', 'Matjaž'],
    last: ['Preizkušenj', 'Izmišljena', 'Vzorčni', 'Žagarič'],
    ...{ city: ['1000 Ljubljana'], street: ['Preizkusna ulica', 'Vzorčna pot'] },
  },
  {
    ...{ code: 'DE', calling: '49', trunkPrefix: '0', mobile: ['151', '160', '175'], fixed: ['30', '89'] },
    ...{ lengths: { mobile: 11, fixed: 10 }, language: 'de', zone: 'Europe/Berlin', currency: 'EUR', thousands: '.' },
    first: ['Jörg', 'Bärbel', 'Günther', 'Käthe'],
    last: ['Mustermann', 'Beispiel', 'Erfunden', 'Prüfling', 'Strauß'],
    ...{ city: ['10115 Berlin', '80331 München'], street: ['Musterstraße', 'Prüfweg'] },
  },
]

export const peopleColumns = [
  ...['external_id', 'name', 'company', 'tax_id', 'responsible_person', 'address', 'language', 'country', 'time_zone'],
  ...['phone1', 'phone2', 'phone3', 'debt_id', 'creditor', 'original_creditor', 'contract', 'balance', 'currency'],
  ...['due_date', 'account_to_pay', 'priority'],
] as const

type Line = Record<(typeof peopleColumns)[number], string>

/** Heading and lines, semicolons between the fields, UTF-8. */
export function peopleCsv(options: PeopleOptions): string {
  const random = seeded(options.seed ?? 2026)
  const dealt = options.only
    ? Array.from({ length: options.people }, (_, n) => options.only?.[n % options.only.length] ?? otherwise.digits)
    : shuffled(dealOut(options.people), random)
  const used = new Set<string>()
  const personOf = (n: number, digits: string) =>
    person(`${options.idPrefix ?? ''}${String(n).padStart(5, '0')}`, n, digits, random, used)
  const lines = dealt.map((digits, n) => csvLine(personOf(n + 1, digits)))
  for (let n = 0; n < (options.brokenLines ?? 5); n++) {
    const broken = breakages[n % breakages.length]?.(personOf(options.people + n + 1, otherwise.digits))
    lines.splice(Math.floor(random() * lines.length), 0, broken ?? '')
  }
  return `${[peopleColumns.join(';'), ...lines].join('\n')}\n`
}

/** Each ending as often as its share of the list says, by largest remainder. */
function dealOut(people: number): string[] {
  const parts = endings.reduce((sum, ending: Ending) => sum + ending.demoParts, 0)
  const shares = endings.map((ending: Ending) => ({ digits: ending.digits, share: (people * ending.demoParts) / parts }))
  const whole = shares.flatMap(({ digits, share }) => Array.from({ length: Math.floor(share) }, () => digits))
  const remainders = shares.toSorted((a, b) => (b.share % 1) - (a.share % 1))
  return [...whole, ...remainders.slice(0, people - whole.length).map(({ digits }) => digits)]
}

/** Broken lines of a real file: no phone, no number at all, no amount, unknown currency, too few fields. */
const breakages: ((line: Line) => string)[] = [
  (line) => csvLine({ ...line, phone1: '', phone2: '', phone3: '' }),
  (line) => csvLine({ ...line, phone1: 'see file', phone2: '', phone3: '' }),
  (line) => csvLine({ ...line, balance: 'about a thousand' }),
  (line) => csvLine({ ...line, currency: 'ZLOTY' }),
  (line) => csvLine(line).split(';').slice(0, 7).join(';'),
]

function person(id: string, n: number, digits: string, random: () => number, used: Set<string>): Line {
  const pick = <T>(list: readonly T[]): T => {
    const one = list[Math.floor(random() * list.length)]
    if (one === undefined) throw new Error('an empty list')
    return one
  }
  const country = pick(countries)
  const number = (end: string, position: number) => written(newNumber(country, end, random, used), country, position + n)
  const name = `${pick(country.first)} ${pick(country.last)}`
  const isCompany = random() < 0.15
  const more = random()
  return {
    external_id: `C-${id}`,
    name,
    company: isCompany ? `${pick(country.last)} & ${pick(country.last)}; Test` : '',
    tax_id: isCompany ? digitsOf(10, random) : '',
    responsible_person: isCompany ? `${pick(country.first)} ${pick(country.last)}` : '',
    address: `${pick(country.street)} ${1 + Math.floor(random() * 99)}, ${pick(country.city)}`,
    language: country.language,
    country: country.code,
    time_zone: n % 5 === 0 ? country.zone : '',
    phone1: number(digits, 0),
    phone2: more < 0.3 ? number(pick(['10', '20', '31']), 1) : '',
    phone3: more < 0.1 ? number(pick(['10', '30', '32']), 2) : '',
    debt_id: `D-${id}`,
    creditor: pick(['Example Finance', 'Invented Energy', 'Sample Telecom']),
    original_creditor: pick(['Example Bank', 'Sample Mobile', '']),
    contract: `${country.code}/${2020 + (n % 6)}/${digitsOf(6, random)}`,
    balance: amount(5000 + Math.floor(random() ** 3 * 2_000_000), country.thousands),
    currency: country.currency,
    due_date: `202${4 + (n % 2)}-${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + (n % 28)).padStart(2, '0')}`,
    account_to_pay: `${country.code}${digitsOf(20, random)}`,
    priority: String(Math.floor(random() * 10)),
  }
}

/** A valid number nobody in the list has yet. */
function newNumber(country: Country, end: string, random: () => number, used: Set<string>): string {
  for (;;) {
    const kind = random() < 0.7 ? 'mobile' : 'fixed'
    const prefix = country[kind][Math.floor(random() * country[kind].length)] ?? ''
    const national = prefix + digitsOf(country.lengths[kind] - prefix.length - end.length, random) + end
    const e164 = `+${country.calling}${national}`
    if (!used.has(e164) && parsePhoneNumberFromString(e164)?.isValid()) {
      used.add(e164)
      return e164
    }
  }
}

/** Numbers as people write them: with the plus, with 00, or as at home with spaces. */
function written(e164: string, country: Country, n: number): string {
  const national = e164.slice(country.calling.length + 1)
  if (n % 3 === 0) return e164
  if (n % 3 === 1) return `00${country.calling} ${national}`
  return `${country.trunkPrefix}${national.replace(/(\d{3})(?=\d)/g, '$1 ')}`
}

function amount(minor: number, thousands: string): string {
  const whole = String(Math.floor(minor / 100)).replace(/\B(?=(\d{3})+$)/g, thousands)
  return `${whole},${String(minor % 100).padStart(2, '0')}`
}

function digitsOf(length: number, random: () => number): string {
  return Array.from({ length }, () => Math.floor(random() * 10)).join('')
}

function csvLine(line: Line): string {
  return peopleColumns
    .map((column) => (/[;"\n]/.test(line[column]) ? `"${line[column].replaceAll('"', '""')}"` : line[column]))
    .join(';')
}

function shuffled<T>(items: T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}
