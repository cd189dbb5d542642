/**
 * One lead's whole story for the API: the contact, his phones and debts, where the lead is and why, and every attempt.
 * Reads only. Holds personal data: its answer goes to an authorised caller and never to a log.
 */
import type { Db } from '../storage/database.ts'
import type { Consent, LeadState, LineType, PhoneState } from './lead.ts'

export interface LeadHistory {
  lead: {
    id: number
    campaignId: string
    state: LeadState
    priority: number
    attempts: number
    failures: number
    nextAttemptAt: Date
    callbackAt: Date | null
    disposition: string | null
    reason: string
    /** The rule that finished it; it waits again when what stands against it is gone. */
    barredBy: string | null
    /** Chosen by hand for the next attempt. */
    wantedCallerId: { number: string; by: string } | null
    lastAttemptAt: Date | null
    finishedAt: Date | null
  }
  contact: {
    id: number
    externalId: string
    name: string
    company: string | null
    taxId: string | null
    responsiblePerson: string | null
    address: string | null
    language: string | null
    country: string
    timeZone: string
    consent: Consent
    noPredictiveUntil: Date | null
  }
  phones: { id: number; number: string; lineType: LineType; position: number; state: PhoneState }[]
  debts: {
    externalId: string
    creditor: string | null
    originalCreditor: string | null
    contract: string | null
    balanceMinor: number
    currency: string
    dueDate: string | null
    /** Of the last written reminder. */
    remindedOn: string | null
    accountToPay: string | null
    state: 'open' | 'paid' | 'disputed' | 'withdrawn'
  }[]
  /** Those that stand. */
  suppressions: {
    id: number
    kind: string
    until: Date | null
    number: string | null
    creditor: string | null
    list: string
    reason: string
    createdAt: Date
  }[]
  attempts: {
    id: string
    number: string
    trunkId: string
    callerId: string
    mode: string
    reason: string
    placedAt: Date
    answeredAt: Date | null
    detection: string | null
    detectionCause: string | null
    agentId: string | null
    connectedAt: Date | null
    /** When the campaign's recorded message began, for a person or a machine. */
    messageBegunAt: Date | null
    endedAt: Date | null
    disposition: string | null
    endReason: string | null
    hangupCause: number | null
    sipCode: number | null
    counts: boolean
    resultCode: string | null
    resultNote: string | null
    /** The rules it was checked by, and what was found; null: placed before rules were kept. */
    rulePack: string | null
    rulePackVersion: string | null
    checks: Record<string, string> | null
    /** The debts that it was about, by their external ids. */
    debts: string[]
  }[]
}

export async function getLeadHistory(db: Db, leadId: number): Promise<LeadHistory | undefined> {
  const lead = await readLeadRow(db, leadId)
  if (!lead) return undefined
  const { contactId, ...rest } = lead
  const contact = await readContact(db, contactId)
  if (!contact) return undefined
  return {
    lead: rest,
    contact,
    phones: await readPhones(db, contactId),
    debts: await readDebts(db, contactId),
    suppressions: await readSuppressions(db, contactId),
    attempts: await readAttempts(db, leadId),
  }
}

async function readLeadRow(db: Db, leadId: number) {
  const { rows } = await db.query<LeadHistory['lead'] & { contactId: number }>(
    `select id, campaign_id as "campaignId", contact_id as "contactId", state, priority, attempts, failures,
            next_attempt_at as "nextAttemptAt", barred_by as "barredBy", callback_at as "callbackAt", disposition, reason,
            last_attempt_at as "lastAttemptAt", finished_at as "finishedAt",
            (select json_build_object('number', number, 'by', wanted_caller_id_by)
               from caller_ids where id = wanted_caller_id_id) as "wantedCallerId"
       from leads where id = $1`,
    [leadId],
  )
  return rows[0]
}

async function readContact(db: Db, contactId: number) {
  const { rows } = await db.query<LeadHistory['contact']>(
    `select id, external_id as "externalId", name, company, tax_id as "taxId", responsible_person as "responsiblePerson", address,
            language, country, time_zone as "timeZone", consent, no_predictive_until as "noPredictiveUntil"
       from contacts where id = $1`,
    [contactId],
  )
  return rows[0]
}

async function readPhones(db: Db, contactId: number) {
  const { rows } = await db.query<LeadHistory['phones'][number]>(
    'select id, number, line_type as "lineType", position, state from phones where contact_id = $1 order by position',
    [contactId],
  )
  return rows
}

async function readDebts(db: Db, contactId: number) {
  const { rows } = await db.query<LeadHistory['debts'][number]>(
    `select external_id as "externalId", creditor, original_creditor as "originalCreditor", contract, balance_minor as "balanceMinor",
            currency, due_date as "dueDate", reminded_on as "remindedOn", account_to_pay as "accountToPay", state
       from debts where contact_id = $1 order by id`,
    [contactId],
  )
  return rows
}

async function readSuppressions(db: Db, contactId: number) {
  const { rows } = await db.query<LeadHistory['suppressions'][number]>(
    `select id, kind, until, number, creditor, list, reason, created_at as "createdAt" from suppressions
      where lifted_at is null
        and (contact_id = $1 or external_id = (select external_id from contacts where id = $1)
             or number in (select number from phones where contact_id = $1)) order by id`,
    [contactId],
  )
  return rows
}

async function readAttempts(db: Db, leadId: number) {
  const { rows } = await db.query<LeadHistory['attempts'][number]>(
    `select a.id, a.number, a.trunk_id as "trunkId", i.number as "callerId", a.mode, a.reason, a.placed_at as "placedAt",
            a.answered_at as "answeredAt", a.detection, a.detection_cause as "detectionCause", a.agent_id as "agentId",
            a.connected_at as "connectedAt", a.message_begun_at as "messageBegunAt", a.ended_at as "endedAt", a.disposition, a.end_reason as "endReason",
            a.hangup_cause as "hangupCause", a.sip_code as "sipCode", a.counts, a.result_code as "resultCode", a.result_note as "resultNote",
            a.rule_pack as "rulePack", a.rule_pack_version as "rulePackVersion", a.checks,
            array(select external_id from debts where id = any (a.debt_ids) order by external_id) as debts
       from attempts a join caller_ids i on i.id = a.caller_id_id
      where a.lead_id = $1 order by a.placed_at`,
    [leadId],
  )
  return rows
}
