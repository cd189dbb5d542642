/** For the tests of the rules: a lead to ask about on a Monday morning, and the asking. */
import { type CampaignSettings, campaignSettingsSchema } from '../campaigns/settings.ts'
import { eligibility } from './eligibility.ts'
import type { Holidays } from './holidays.ts'
import type { ClaimedLead, LeadPhone, OpenDebt, RecentAttempt } from './lead.ts'

const holidays: Holidays = (_country, date) => (date.endsWith('-01-06') ? 'Epiphany' : undefined)
const settings = campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main' })
export const hour = 3_600_000
export const day = 24 * hour
/** A Monday, 11:00 in Warsaw. */
export const now = Date.parse('2026-01-12T10:00:00Z')

export const phone = (id: number, more: Partial<LeadPhone> = {}): LeadPhone => ({
  id,
  number: `+4860010020${id}`,
  lineType: 'mobile',
  position: id - 1,
  state: 'active',
  ...more,
})

export const debt = (id: number, more: Partial<OpenDebt> = {}): OpenDebt => ({
  ...{ id, creditor: 'Bank A', dueOn: null, remindedOn: null },
  ...more,
})

export const lead = (more: Partial<ClaimedLead> = {}): ClaimedLead => ({
  leadId: 1,
  campaignId: 'c',
  contactId: 1,
  urgency: 0,
  attempts: 0,
  failures: 0,
  phoneId: null,
  callbackAt: null,
  callbackAgentId: null,
  country: 'PL',
  timeZone: 'Europe/Warsaw',
  noPredictiveUntil: null,
  calledUsAt: null,
  phones: [phone(1), phone(2)],
  recentAttempts: [],
  suppressions: [],
  consent: 'unknown',
  openDebts: [debt(1)],
  debts: 1,
  seenCallerIds: [],
  wantedCallerId: null,
  ...more,
})

export const attempt = (placedAt: number, talked = false, counts = true): RecentAttempt => ({
  ...{ number: '+48600100201', placedAt, talked, counts, prerecorded: false, machineAt: null, abandonedAt: null, debtIds: [1] },
})
export const ask = (more: Partial<ClaimedLead>, at = now, mode: CampaignSettings['mode'] = 'ratio') =>
  eligibility(lead(more), settings, mode, at, holidays)
export const settingsWith = (more: object) => campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main', ...more })
export const askUnder = (
  rules: CampaignSettings,
  more: Partial<ClaimedLead>,
  mode: CampaignSettings['mode'] = 'ratio',
  at = now,
) => eligibility(lead(more), rules, mode, at, holidays)
