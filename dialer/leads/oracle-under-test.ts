/**
 * For right-to-call-properties.test.ts: the rules once more, as somebody would check them by hand. It looks at one instant of
 * a history and counts; it knows no "free again from". Wall clocks are read from Intl in quarters of an hour. Slow and plain.
 */
import type { CampaignSettings } from '../campaigns/settings.ts'
import type { Holidays } from './holidays.ts'
import type { Consent, LineType, PhoneState } from './lead.ts'

export const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const quarter = 15 * minute

export interface World {
  contacts: {
    id: number
    timeZone: string
    country: string
    consent: Consent
    phones: { id: number; number: string; lineType: LineType; state: PhoneState }[]
    debts: { id: number; creditor: string | null; dueOn: string | null; remindedOn: string | null; state: 'open' | 'paid' }[]
  }[]
  attempts: {
    contactId: number
    number: string
    at: number
    endedAt: number
    counts: boolean
    talked: boolean
    machine: boolean
    prerecorded: boolean
    abandoned: boolean
    /** Hours of rest after an abandoned call, by the campaign that placed it. */
    restHours: number
    debtIds: number[]
  }[]
  /** The contact called us and talked. */
  inbound: { contactId: number; at: number }[]
  suppressions: { contactId: number | null; number: string | null; creditor: string | null; until: number | null }[]
  /** By contact and campaign. */
  callbacks: { contactId: number; campaign: number; at: number }[]
}

const offsets = new Map<string, Map<number, number>>()
const formats = new Map<string, Intl.DateTimeFormat>()

/** Wall time minus time, of the quarter that holds `at`. */
function offsetAt(at: number, timeZone: string): number {
  const slot = Math.floor(at / quarter)
  const known = offsets.get(timeZone) ?? new Map<number, number>()
  offsets.set(timeZone, known)
  const found = known.get(slot)
  if (found !== undefined) return found
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields })
  formats.set(timeZone, format)
  const part = Object.fromEntries(format.formatToParts(slot * quarter).map(({ type, value }) => [type, Number(value)]))
  const shown = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute)
  known.set(slot, shown - slot * quarter)
  return shown - slot * quarter
}

const wallAt = (at: number, timeZone: string) => at + offsetAt(at, timeZone)
const midnightBefore = (wall: number) => Math.floor(wall / day) * day

/** From `at` on, the wall never shows less than `wall` again. */
function isOver(wall: number, at: number, timeZone: string): boolean {
  if (wallAt(at, timeZone) < wall) return false
  // Clocks go back by some hours at most: whoever is far beyond cannot come back.
  if (wallAt(at, timeZone) >= wall + 3 * hour) return true
  for (let slot = Math.floor(at / quarter) + 1; slot * quarter < at + 4 * hour; slot += 1)
    if (wallAt(slot * quarter, timeZone) < wall) return false
  return true
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const

function isOpen(at: number, timeZone: string, country: string, { windows }: CampaignSettings, holidays: Holidays): boolean {
  const shown = new Date(wallAt(at, timeZone))
  const date = shown.toISOString().slice(0, 10)
  const time = shown.toISOString().slice(11, 16)
  if (!windows.onHolidays && holidays(country, date) !== undefined) return false
  return windows[weekdays[shown.getUTCDay()] ?? 'sunday'].some(({ from, to }) => from <= time && time < to)
}

/** The debts that may be spoken of on each phone that may be dialed at `at`; no phone: the contact may not be called. */
export function allowed(
  world: World,
  who: number,
  campaign: { id: number; settings: CampaignSettings; mode: CampaignSettings['mode'] },
  at: number,
  holidays: Holidays,
): Map<number, number[]> {
  const none = new Map<number, number[]>()
  const contact = world.contacts.find(({ id }) => id === who)
  if (!contact) return none
  const { settings, mode } = campaign
  const { caps, waits } = settings
  const { timeZone } = contact
  const numbers = contact.phones.map(({ number }) => number)
  const his = world.attempts.filter((one) => one.contactId === who || numbers.includes(one.number))

  if (!isOpen(at, timeZone, contact.country, settings, holidays)) return none
  if (contact.consent === 'withdrawn') return none
  if (settings.consent === 'needed' && contact.consent !== 'given') return none
  const bars = world.suppressions.filter(({ until }) => until === null || at < until)
  const wholly = (creditor: string | null) => creditor === null || contact.debts.length === 0
  if (bars.some((bar) => bar.contactId === who && wholly(bar.creditor))) return none
  const agentWaits = mode === 'progressive'
  const restsFromAbandoned = his.some(
    (one) =>
      one.abandoned &&
      (at < one.endedAt + waits.afterAbandonedHours * hour || (one.contactId === who && at < one.endedAt + one.restHours * hour)),
  )
  if (restsFromAbandoned && !agentWaits) return none

  const callback = world.callbacks.findLast((one) => one.contactId === who && one.campaign === campaign.id)
  const asked =
    callback !== undefined && callback.at <= at && !his.some((one) => one.counts && one.at >= callback.at && one.at <= at)

  /** Attempts that still count at `at` are fewer than the limits. */
  const withinCaps = (attempts: World['attempts'], limits: { perHour?: number; perDay?: number; per7Days?: number }) => {
    const counted = attempts.filter((one) => one.counts)
    const inHour = counted.filter((one) => at - one.at < hour).length
    const today = counted.filter((one) => !isOver(midnightBefore(wallAt(one.at, timeZone)) + day, at, timeZone)).length
    const in7Days = counted.filter((one) => !isOver(wallAt(one.at, timeZone) + 7 * day, at, timeZone)).length
    const { perHour = 1000, perDay = 1000, per7Days = 1000 } = limits
    return asked || (inHour < perHour && today < perDay && in7Days < per7Days)
  }
  if (!withinCaps(his, caps)) return none
  if (!asked) {
    if (caps.daysBetween > 0)
      for (const one of his)
        if (one.counts && !isOver(wallAt(one.at, timeZone) + caps.daysBetween * day, at, timeZone)) return none
    const talks = [...his.filter(({ talked }) => talked), ...world.inbound.filter((one) => one.contactId === who)]
    for (const one of talks) {
      const restEnds = midnightBefore(wallAt(one.at, timeZone)) + caps.restDaysAfterTalk * day
      if (caps.restDaysAfterTalk > 0 && !isOver(restEnds, at, timeZone)) return none
    }
  }

  const debts = contact.debts.filter((debt) => {
    const reminder = debt.remindedOn === null ? undefined : Date.parse(debt.remindedOn)
    const due = debt.dueOn === null ? undefined : Date.parse(debt.dueOn)
    const { afterReminderDays: reminderDays, overdueDays } = waits
    const about = his.filter((one) => one.debtIds.includes(debt.id))
    return (
      debt.state === 'open' &&
      (reminderDays === null || (reminder !== undefined && isOver(reminder + reminderDays * day, at, timeZone))) &&
      (overdueDays === 0 || (due !== undefined && isOver(due + (overdueDays + 1) * day, at, timeZone))) &&
      withinCaps(about, caps.debt)
    )
  })
  const bared = (debt: World['contacts'][number]['debts'][number], bar: World['suppressions'][number]) =>
    bar.creditor !== null && (debt.creditor === null || bar.creditor === debt.creditor)
  const withoutDebts = contact.debts.length === 0 && waits.afterReminderDays === null && waits.overdueDays === 0

  const free = new Map<number, number[]>()
  for (const phone of contact.phones) {
    if (phone.state !== 'active') continue
    const onIt = bars.filter((bar) => bar.number === phone.number)
    if (onIt.some((bar) => wholly(bar.creditor))) continue
    const toIt = his.filter((one) => one.number === phone.number)
    if (!agentWaits && toIt.some((one) => one.machine && at < one.at + minute + waits.afterMachineHours * hour)) continue
    if (!withinCaps(toIt, caps.phone)) continue
    if (mode === 'message' && contact.consent !== 'given') {
      const messages = toIt.filter((one) => one.prerecorded && one.counts)
      const lately = messages.filter((one) => !isOver(wallAt(one.at, timeZone) + 30 * day, at, timeZone)).length
      if (phone.lineType === 'mobile' && settings.consent === 'for_messages_to_mobiles') continue
      if (phone.lineType !== 'mobile' && caps.messagesPer30Days !== null && lately >= caps.messagesPer30Days) continue
    }
    const about = debts.filter(
      (debt) => ![...onIt, ...bars.filter((bar) => bar.contactId === who)].some((bar) => bared(debt, bar)),
    )
    if (about.length > 0 || withoutDebts)
      free.set(
        phone.id,
        about.map(({ id }) => id),
      )
  }
  return free
}
