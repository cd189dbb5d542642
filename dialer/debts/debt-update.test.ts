import t from 'tap'
import { readCsvUpdates, readUpdates } from './debt-update.ts'

async function csv(text: string) {
  const read = []
  async function* source() {
    yield text
  }
  for await (const update of readCsvUpdates(source())) read.push(update)
  return read
}

t.test('JSON: each item for itself', async (t) => {
  const items = [
    { debtId: 'A', balance: 12.5 },
    { debtId: 'B', balance: '0', state: 'paid' },
    { debtId: 'C' },
    'nonsense',
    { debtId: 'D', state: 'gone' },
  ]
  t.match(
    [...readUpdates([...items, { debtId: 'E', balance: 1, colour: 'red' }])],
    [
      { line: 1, debtId: 'A', balance: '12.5' },
      { line: 2, debtId: 'B', balance: '0', state: 'paid' },
      {
        line: 3,
        debtId: 'C',
        field: 'balance',
        code: 'unreadable',
        reason: 'a balance, a state or the day of a reminder is needed',
      },
      { line: 4, debtId: null, code: 'unreadable' },
      { line: 5, debtId: 'D', field: 'state', code: 'unreadable' },
      { line: 6, debtId: 'E', code: 'unreadable' },
    ],
  )
})

t.test('CSV: columns in any order, others passed over, empty fields say nothing', async (t) => {
  t.same(await csv('name;state;debt_id;balance\nJan;;A;1 200,50\nOla;disputed;B;\n;;;\n"x;;C;1\nZoe;;D;0\n'), [
    { line: 2, debtId: 'A', balance: '1 200,50' },
    { line: 3, debtId: 'B', state: 'disputed' },
    { line: 4, debtId: null, field: 'debtId', code: 'unreadable', reason: 'Invalid input: expected string, received undefined' },
    { line: 5, debtId: null, field: '', code: 'quotes', reason: 'a quote is opened and not closed' },
    { line: 6, debtId: 'D', balance: '0' },
  ])
})

t.test('a file without the needed columns is refused whole', async (t) => {
  await t.rejects(csv('debt_id;amount\nA;1\n'), { code: 'import_failed', message: /debt_id, and balance or state/ })
  await t.rejects(csv(''), { code: 'import_failed', message: /empty/ })
})
