/**
 * What an agent sees of a person: everything in one statement, so that it is there before the voice is. Reads only.
 * Called by call-offers.ts and, for those who call us, by inbound/. Personal data: for the agent's desk alone.
 */
import type { Db } from '../storage/database.ts'

/** Times are ISO 8601 in UTC, dates YYYY-MM-DD, as PostgreSQL writes them into JSON. */
export interface CallScreen {
  contact: {
    id: number
    externalId: string
    name: string
    company: string | null
    taxId: string | null
    responsiblePerson: string | null
    address: string | null
    language: string | null
    timeZone: string
  }
  phones: { number: string; lineType: string; state: string }[]
  debts: {
    externalId: string
    creditor: string | null
    originalCreditor: string | null
    contract: string | null
    balanceMinor: number
    currency: string
    dueDate: string | null
    accountToPay: string | null
    state: 'open' | 'paid' | 'disputed' | 'withdrawn'
  }[]
  /** The latest calls with him, his own among them, over all campaigns, newest first. */
  history: {
    at: string
    direction: 'outbound' | 'inbound'
    number: string | null
    ourNumber: string
    disposition: string | null
    agent: string | null
    resultCode: string | null
    note: string | null
  }[]
  lead: { id: number; campaignId: string; state: string; attempts: number; reason: string } | null
}

const historyLength = 50

const screenOf = (source: string) => `
  select json_build_object('id', c.id, 'externalId', c.external_id, 'name', c.name, 'company', c.company, 'taxId', c.tax_id,
           'responsiblePerson', c.responsible_person, 'address', c.address, 'language', c.language, 'timeZone', c.time_zone) as contact,
         coalesce((select json_agg(json_build_object('number', number, 'lineType', line_type, 'state', state) order by position)
                     from phones where contact_id = c.id), '[]') as phones,
         coalesce((select json_agg(json_build_object('externalId', external_id, 'creditor', creditor,
                            'originalCreditor', original_creditor, 'contract', contract, 'balanceMinor', balance_minor,
                            'currency', currency, 'dueDate', due_date, 'accountToPay', account_to_pay, 'state', state) order by id)
                     from debts where contact_id = c.id), '[]') as debts,
         coalesce((select json_agg(h order by h.at desc) from (
                     select w.at, w.direction, w.number, i.number as "ourNumber", w.disposition, g.name as agent,
                            w.result_code as "resultCode", w.result_note as note
                       from (select placed_at as at, 'outbound' as direction, number, caller_id_id, disposition, agent_id,
                                    result_code, result_note
                               from attempts where contact_id = c.id
                              union all
                             select arrived_at, 'inbound', number, caller_id_id, outcome, agent_id, result_code, result_note
                               from inbound_calls where contact_id = c.id) w
                       join caller_ids i on i.id = w.caller_id_id left join agents g on g.id = w.agent_id
                      order by w.at desc limit ${historyLength}) h), '[]') as history,
         case when l.id is not null then json_build_object('id', l.id, 'campaignId', l.campaign_id, 'state', l.state,
           'attempts', l.attempts, 'reason', l.reason) end as lead
    from ${source}`

export interface CalledScreen {
  campaignId: string
  number: string
  ourNumber: string
  screen: CallScreen
}

/** Of the person whom this attempt calls. */
export async function readCalledScreen(db: Db, attemptId: string): Promise<CalledScreen | undefined> {
  const { rows } = await db.query<CallScreen & Omit<CalledScreen, 'screen'>>({
    name: 'called-screen',
    text: `select t.campaign_id as "campaignId", t.number, n.number as "ourNumber", s.* from attempts t
             join caller_ids n on n.id = t.caller_id_id
            cross join lateral (${screenOf('contacts c join leads l on l.contact_id = c.id and l.id = t.lead_id')}
                                 where c.id = t.contact_id) s
            where t.id = $1`,
    values: [attemptId],
  })
  const row = rows[0]
  if (!row) return undefined
  const { campaignId, number, ourNumber, ...screen } = row
  return { campaignId, number, ourNumber, screen }
}

/** Of these contacts, in this order. */
export async function readScreens(db: Db, contacts: { contactId: number; leadId: number | null }[]): Promise<CallScreen[]> {
  if (contacts.length === 0) return []
  const { rows } = await db.query<CallScreen>({
    name: 'screens',
    text: `select s.* from unnest($1::bigint[], $2::bigint[]) with ordinality as w (contact_id, lead_id, place)
            cross join lateral (${screenOf('contacts c left join leads l on l.id = w.lead_id')} where c.id = w.contact_id) s
            order by w.place`,
    values: [contacts.map(({ contactId }) => contactId), contacts.map(({ leadId }) => leadId)],
  })
  return rows
}
