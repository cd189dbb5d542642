/**
 * Debts in PostgreSQL, each statement for a whole batch: read and lock, write, and what follows for the leads of their
 * contacts. Decides nothing of a debt (debt.ts does). Called by debts.ts, settled-calls.ts and the import.
 */
import type { Db } from '../storage/database.ts'
import { type Debt, reopenedReason, settledReason } from './debt.ts'

export interface DebtRow extends Debt {
  id: number
  contactId: number
  externalId: string
}

/**
 * The debts with these external ids. Locked with all other debts of their contacts, in the order in which an import takes
 * them: of two that each close one of a contact's last two debts, the second one sees the first.
 */
export async function lockDebts(db: Db, externalIds: string[]): Promise<DebtRow[]> {
  const { rows } = await db.query<DebtRow>({
    name: 'lock-debts',
    text: `select id, contact_id as "contactId", external_id as "externalId", balance_minor as "balanceMinor", currency, state, reminded_on as "remindedOn"
             from debts where contact_id in (select contact_id from debts where external_id = any ($1))
            order by external_id for update`,
    values: [externalIds],
  })
  const asked = new Set(externalIds)
  return rows.filter((row) => asked.has(row.externalId))
}

export async function writeDebts(db: Db, debts: DebtRow[], at: Date): Promise<void> {
  await db.query({
    name: 'write-debts',
    text: `update debts d set balance_minor = n.balance_minor, state = n.state, reminded_on = n.reminded_on, updated_at = $4
             from unnest($1::bigint[], $2::bigint[], $3::text[], $5::date[]) as n(id, balance_minor, state, reminded_on)
            where d.id = n.id`,
    values: [
      debts.map((debt) => debt.id),
      debts.map((debt) => debt.balanceMinor),
      debts.map((debt) => debt.state),
      at,
      debts.map((debt) => debt.remindedOn),
    ],
  })
}

/**
 * The leads of these contacts, in all campaigns, follow their debts: no open one left finishes them unless they are in a
 * call; an open one makes those wait again that were finished for this. A contact of whom no debt is known stays as he is.
 * Returns each contact that has debts, and whether one is open.
 */
export async function followDebts(db: Db, contactIds: number[], at: Date): Promise<{ contactId: number; open: boolean }[]> {
  const { rows } = await db.query<{ contactId: number; open: boolean }>({
    name: 'follow-debts',
    text: `with standing as materialized (
             select contact_id, bool_or(state = 'open') as open from debts where contact_id = any ($1::bigint[]) and external_id not like '#%' group by contact_id),
           held as (
             select l.id, s.open from leads l join standing s on s.contact_id = l.contact_id
              where (not s.open and l.state in ('waiting', 'claimed', 'held')) or (s.open and l.state = 'finished' and l.reason = $2)
              order by l.id for no key update of l),
           moved as (
             update leads l
                set state = case when h.open then 'waiting' else 'finished' end, reason = case when h.open then $3 else $2 end,
                    claimed_by = null, claimed_until = null, barred_by = null, callback_at = null, callback_agent_id = null,
                    finished_at = case when h.open then null else $4::timestamptz end,
                    next_attempt_at = case when h.open then greatest(l.next_attempt_at, $4) else l.next_attempt_at end
               from held h where l.id = h.id)
           select contact_id as "contactId", open from standing`,
    values: [contactIds, settledReason, reopenedReason, at],
  })
  return rows
}

/** Those of these contacts who have debts and none that is open. */
export async function listSettled(db: Db, contactIds: number[]): Promise<number[]> {
  const { rows } = await db.query<{ contactId: number }>({
    name: 'list-settled',
    text: `select contact_id as "contactId" from debts where contact_id = any ($1::bigint[]) and external_id not like '#%'
            group by contact_id having not bool_or(state = 'open')`,
    values: [contactIds],
  })
  return rows.map((row) => row.contactId)
}
