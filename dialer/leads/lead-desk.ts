/**
 * The lists as the API sees them: a file goes in, its progress and its refused lines can be read, each lead tells its story
 * and whether it could be called at this moment. Reads and imports only; who is called when is the runner's business.
 */
import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { findCampaign } from '../campaigns/campaign-store.ts'
import type { Clock } from '../clock.ts'
import { OutpaceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Pseudonyms } from '../privacy/pseudonym.ts'
import { inSnapshot, type Pool } from '../storage/database.ts'
import type { ImportOptions } from './column-map.ts'
import { type Eligibility, eligibility, modeOf } from './eligibility.ts'
import { type ExplainedCheck, explainThen } from './explain.ts'
import { getLeadHistory, type LeadHistory } from './history-store.ts'
import type { Holidays } from './holidays.ts'
import { importLeads } from './import.ts'
import { findImport, type ImportRow, listImports, listRefusals } from './import-store.ts'
import type { LeadState } from './lead.ts'
import { type LeadLine, listLeads } from './lead-list-store.ts'
import { readLead } from './lead-store.ts'
import { type RightToCall, rightToCall } from './right-to-call.ts'

export const leadStates = ['waiting', 'claimed', 'in_call', 'finished'] as const satisfies LeadState[]

export interface LeadDesk {
  /** Resolves when the last line is in; throws `import_failed`, and keeps what was in by then. */
  upload(file: { campaignId: string; fileName: string; source: Readable; options: ImportOptions }): Promise<ImportRow>
  getImport(id: string): Promise<ImportRow>
  /** Newest first. */
  listImports(campaignId: string): Promise<ImportRow[]>
  /** The refused lines as CSV, in pieces. */
  refusals(importId: string): Promise<AsyncIterable<string>>
  /** A page in the order of ids. */
  list(query: { campaignId: string; state: LeadState | null; after: number; limit: number }): Promise<LeadLine[]>
  /** `now`: the word of the rules if the lead were due at this moment; null: it is finished. */
  get(leadId: number): Promise<LeadStory>
  /** Why not, and when, with every rule that was looked at. */
  eligibility(leadId: number): Promise<RightToCall>
}

export interface LeadStory extends Omit<LeadHistory, 'attempts'> {
  /** `checks`: the rules it was placed under; null: placed before they were kept. */
  attempts: (Omit<LeadHistory['attempts'][number], 'checks'> & { checks: ExplainedCheck[] | null })[]
  now: Omit<Eligibility, 'checks'> | null
}

const refusalsPerPage = 5000

export interface LeadDeskDeps {
  pool: Pool
  clock: Clock
  holidays: Holidays
  pseudonyms: Pseudonyms
  log: Log
}

export function createLeadDesk({ pool, clock, holidays, pseudonyms, log }: LeadDeskDeps): LeadDesk {
  async function campaignOf(id: string) {
    const campaign = await findCampaign(pool, id)
    if (!campaign) throw new OutpaceError('not_found', { what: 'campaign', id })
    return campaign
  }

  async function getImport(id: string): Promise<ImportRow> {
    const row = await findImport(pool, id)
    if (!row) throw new OutpaceError('not_found', { what: 'import', id })
    return row
  }

  async function historyOf(leadId: number): Promise<LeadHistory> {
    const history = await inSnapshot(pool, (db) => getLeadHistory(db, leadId))
    if (!history) throw new OutpaceError('not_found', { what: 'lead', id: leadId })
    return history
  }

  async function wordOfRules({ lead: { id, state, campaignId } }: LeadHistory): Promise<LeadStory['now']> {
    if (state === 'finished') return null
    const at = clock.now()
    const { settings } = await campaignOf(campaignId)
    const lead = await readLead(pool, id, new Date(at))
    if (!lead) return null
    const { checks: _told, ...word } = eligibility(lead, settings, modeOf(lead, settings), at, holidays)
    return word
  }

  return {
    async upload({ campaignId, fileName, source, options }) {
      const { settings } = await campaignOf(campaignId)
      const importId = randomUUID()
      const report = await importLeads({
        pool,
        clock,
        holidays,
        pseudonyms,
        source,
        importId,
        campaignId,
        fileName,
        settings,
        options,
      })
      log.info({ campaignId, ...report }, 'a list was imported')
      return getImport(importId)
    },

    getImport,

    async listImports(campaignId) {
      await campaignOf(campaignId)
      return listImports(pool, campaignId)
    },

    async refusals(importId) {
      await getImport(importId)
      return csvOfRefusals(pool, importId)
    },

    async list(query) {
      await campaignOf(query.campaignId)
      return listLeads(pool, query)
    },

    async get(leadId) {
      const history = await historyOf(leadId)
      const attempts = history.attempts.map((attempt) => ({
        ...attempt,
        checks: attempt.checks && explainThen(attempt.checks, attempt.rulePack, attempt.rulePackVersion),
      }))
      return { ...history, attempts, now: await wordOfRules(history) }
    },

    async eligibility(leadId) {
      const { lead: asked } = await historyOf(leadId)
      const campaign = await campaignOf(asked.campaignId)
      const at = clock.now()
      const lead = await readLead(pool, leadId, new Date(at))
      if (!lead) throw new OutpaceError('not_found', { what: 'lead', id: leadId })
      return rightToCall(lead, asked, campaign, at, holidays)
    },
  }
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

async function* csvOfRefusals(pool: Pool, importId: string): AsyncGenerator<string> {
  yield 'line,field,code,reason\r\n'
  for (let after = 0; ; after += refusalsPerPage) {
    const page = await listRefusals(pool, importId, { after, limit: refusalsPerPage })
    yield page.map(({ line, field, code, reason }) => `${line},${quoted(field)},${code},${quoted(reason)}\r\n`).join('')
    if (page.length < refusalsPerPage) return
  }
}
