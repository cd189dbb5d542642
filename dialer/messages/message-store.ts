/** What messages say of contacts: one statement for many. Called by messages.ts. */
import type { Db } from '../storage/database.ts'
import type { MessageFacts } from './compose.ts'

/** By contact id. */
export async function readMessageFacts(db: Db, contactIds: number[]): Promise<Map<number, MessageFacts>> {
  const { rows } = await db.query<MessageFacts & { id: number }>(
    `select c.id, c.name, c.language, c.country,
            coalesce((select json_agg(json_build_object('creditor', creditor, 'contract', contract, 'balanceMinor', balance_minor,
                                                        'currency', currency, 'dueDate', due_date, 'accountToPay', account_to_pay)
                                      order by id)
                        from debts where contact_id = c.id and state = 'open'), '[]') as debts
       from contacts c where c.id = any ($1::bigint[])`,
    [contactIds],
  )
  return new Map(rows.map(({ id, ...facts }) => [id, facts]))
}

export async function findContactOfLead(db: Db, query: { campaignId: string; leadId: number }): Promise<number | undefined> {
  const { rows } = await db.query<{ contactId: number }>(
    'select contact_id as "contactId" from leads where id = $1 and campaign_id = $2',
    [query.leadId, query.campaignId],
  )
  return rows[0]?.contactId
}
