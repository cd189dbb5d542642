/**
 * What a new balance or a new state makes of a debt. Pure.
 *
 *   open       is owed: its contact may be called.                paid      the balance is 0.
 *   disputed   the contact contests it.                           withdrawn the creditor took it back.
 *
 * A balance alone moves a debt between open and paid; disputed and withdrawn stay until a state is named, as in an import.
 * Called by debts.ts; what is made of the contact's leads and calls lies in debt-store.ts and calls/call.ts.
 */
import { type DecimalMark, parseAmount } from '../leads/money.ts'

export const debtStates = ['open', 'paid', 'disputed', 'withdrawn'] as const
export type DebtState = (typeof debtStates)[number]

/** Why a contact is not called; eligibility.ts says it too. */
export const noOpenDebt = 'All debts of the contact are paid, disputed or withdrawn'
/** The reason of a lead that is finished for it, and that waits again when a debt is open again. */
export const settledReason = `${noOpenDebt}.`
export const reopenedReason = 'a debt of the contact is open again'

export interface Debt {
  balanceMinor: number
  currency: string
  state: DebtState
  /** Day of the last written reminder. */
  remindedOn: string | null
}

export interface DebtChange {
  /** As people write amounts, in the debt's currency. */
  balance?: string | undefined
  /** Refused where it is not the debt's own. */
  currency?: string | undefined
  state?: DebtState | undefined
  remindedOn?: string | undefined
}

export interface ChangeRefused {
  field: 'balance' | 'currency' | 'state'
  code: string
  reason: string
}

export function changeDebt(
  debt: Debt,
  { balance, currency, state, remindedOn }: DebtChange,
  decimal?: DecimalMark,
): Debt | ChangeRefused {
  if (currency !== undefined && currency !== debt.currency)
    return { field: 'currency', code: 'currency_differs', reason: `the debt is in ${debt.currency}` }
  const amount = balance === undefined ? undefined : parseAmount(balance, debt.currency, decimal)
  if (amount && 'code' in amount) return { field: 'balance', ...amount }
  const balanceMinor = amount?.minor ?? (state === 'paid' ? 0 : debt.balanceMinor)
  if (state === 'paid' && balanceMinor > 0)
    return { field: 'state', code: 'paid_with_balance', reason: 'a paid debt has the balance 0' }
  if (state === 'open' && balanceMinor === 0)
    return { field: 'state', code: 'open_without_balance', reason: 'an open debt needs a balance above 0' }
  return {
    ...debt,
    balanceMinor,
    state: state ?? stateByBalance(debt.state, balanceMinor),
    remindedOn: remindedOn ?? debt.remindedOn,
  }
}

function stateByBalance(before: DebtState, balanceMinor: number): DebtState {
  if (before === 'disputed' || before === 'withdrawn') return before
  return balanceMinor === 0 ? 'paid' : 'open'
}
