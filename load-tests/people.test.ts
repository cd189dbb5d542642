/** The demo's list: the importer takes every person and refuses every broken line, and each ending is in it. */
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { importOptionsSchema, mapColumns } from '../dialer/leads/column-map.ts'
import { readLine } from '../dialer/leads/import-line.ts'
import { type Ending, endings } from './endings.ts'
import { peopleColumns, peopleCsv } from './people.ts'

const options = importOptionsSchema.parse({})

const read = (csv: string) => {
  const [heading = [], ...lines] = parse(csv, { delimiter: ';', relax_column_count: true })
  const map = mapColumns(heading, options)
  const results = lines.map((fields, n) => readLine({ map, options, country: 'PL' }, n + 2, fields))
  return {
    lines: results.flatMap((result) => ('contact' in result ? [result] : [])),
    refused: results.flatMap((result) => ('contact' in result ? [] : [result])),
  }
}

t.test('300 people of six countries and 5 broken lines', async (t) => {
  const { lines, refused } = read(peopleCsv({ people: 300 }))
  t.equal(lines.length, 300)
  t.same(refused.map(({ field }) => field).sort(), ['', 'balance', 'currency', 'phone1', 'phone1'])
  t.same([...new Set(lines.map(({ contact }) => contact.country))].sort(), ['CZ', 'DE', 'HU', 'PL', 'SI', 'SK'])
  t.ok(lines.every(({ leftOut, debt }) => leftOut.length === 0 && debt !== undefined))
  const numbers = lines.flatMap(({ phones }) => phones.map(({ number }) => number))
  t.equal(new Set(numbers).size, numbers.length, 'nobody shares a phone')
  t.ok(lines.some(({ phones }) => phones.length === 3))
})

t.test('every column is filled for somebody', async (t) => {
  const [, ...lines] = parse(peopleCsv({ people: 300, brokenLines: 0 }), { delimiter: ';' })
  for (const [index, column] of peopleColumns.entries())
    t.ok(
      lines.some((fields) => fields[index]),
      column,
    )
})

t.test('endings are dealt out by their shares', async (t) => {
  const { lines } = read(peopleCsv({ people: 300, brokenLines: 0 }))
  const parts = endings.reduce((sum, ending: Ending) => sum + ending.demoParts, 0)
  for (const ending of endings) {
    const dealt = lines.filter(({ phones }) => phones[0]?.number.endsWith(ending.digits)).length
    t.ok(Math.abs(dealt - (300 * ending.demoParts) / parts) <= 1, `${ending.plays}: ${dealt}`)
  }
})

t.test('the same seed gives the same list, another one another; `only` decides the endings', async (t) => {
  t.equal(peopleCsv({ people: 20 }), peopleCsv({ people: 20 }))
  t.not(peopleCsv({ people: 20, seed: 1 }), peopleCsv({ people: 20, seed: 2 }))
  const { lines } = read(peopleCsv({ people: 4, brokenLines: 0, only: ['18', '30'] }))
  t.same(
    lines.map(({ phones }) => phones[0]?.number.slice(-2)),
    ['18', '30', '18', '30'],
  )
})
