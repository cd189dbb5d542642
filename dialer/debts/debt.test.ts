import fc from 'fast-check'
import t from 'tap'
import { changeDebt, type Debt, debtStates } from './debt.ts'

const open: Debt = { balanceMinor: 12_050, currency: 'PLN', state: 'open', remindedOn: null }
const paid: Debt = { ...open, balanceMinor: 0, state: 'paid' }
const disputed: Debt = { ...open, state: 'disputed' }
const withdrawn: Debt = { ...open, state: 'withdrawn' }

t.test('a balance alone opens and closes; disputed and withdrawn stay', async (t) => {
  t.same(changeDebt(open, { balance: '100.00' }), { ...open, balanceMinor: 10_000 })
  t.same(changeDebt(open, { balance: '0' }), paid)
  t.same(changeDebt(paid, { balance: '5.50' }), { ...open, balanceMinor: 550 })
  t.same(changeDebt(disputed, { balance: '0' }), { ...disputed, balanceMinor: 0 })
  t.same(changeDebt(withdrawn, { balance: '7' }), { ...withdrawn, balanceMinor: 700 })
})

t.test('a named state holds', async (t) => {
  t.same(changeDebt(open, { state: 'paid' }), paid)
  t.same(changeDebt(open, { state: 'disputed' }), disputed, 'the balance stays')
  t.same(changeDebt(disputed, { state: 'open' }), open)
  t.same(changeDebt(withdrawn, { state: 'open', balance: '1.00' }), { ...open, balanceMinor: 100 })
  t.same(changeDebt(disputed, { state: 'paid' }), paid)
})

t.test('what does not fit is refused with its field', async (t) => {
  t.match(changeDebt(open, { balance: '10.00', currency: 'EUR' }), { field: 'currency', code: 'currency_differs', reason: /PLN/ })
  t.match(changeDebt(open, { balance: 'much' }), { field: 'balance', code: 'amount_unreadable' })
  t.match(changeDebt(open, { balance: '-1' }), { field: 'balance', code: 'amount_negative' })
  t.match(changeDebt(open, { balance: '1.234' }), { field: 'balance', code: 'amount_ambiguous' })
  t.match(changeDebt(open, { balance: '1.234', currency: 'PLN' }, ','), { balanceMinor: 123_400 })
  t.match(changeDebt(open, { state: 'paid', balance: '1.00' }), { field: 'state', code: 'paid_with_balance' })
  t.match(changeDebt(paid, { state: 'open' }), { field: 'state', code: 'open_without_balance' })
})

const seed = 20261122
t.test(
  `whatever comes: open owes something, paid owes nothing, and the same news twice changes nothing (seed ${seed})`,
  async () => {
    const amount = fc.integer({ min: 0, max: 10_000_000 }).map((minor) => (minor / 100).toFixed(2))
    const change = fc.record({
      balance: fc.option(amount, { nil: undefined }),
      state: fc.option(fc.constantFrom(...debtStates), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        let debt = open
        for (const one of changes) {
          const next = changeDebt(debt, one)
          if ('code' in next) continue
          if ((next.state === 'open' && next.balanceMinor === 0) || (next.state === 'paid' && next.balanceMinor > 0))
            throw new Error(`${next.state} with ${next.balanceMinor}`)
          const again = changeDebt(next, one)
          if ('code' in again || again.state !== next.state || again.balanceMinor !== next.balanceMinor)
            throw new Error('not the same')
          debt = next
        }
      }),
      { seed, numRuns: 2000 },
    )
  },
)
