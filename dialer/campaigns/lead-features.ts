/**
 * What the answer model may know of a lead at a moment: nothing of the person, only when and how he was called before.
 * Pure; used by answer-forecast.ts.
 */
import type { Disposition } from '../calls/outcome.ts'
import type { ClaimedLead, LeadPhone, LineType } from '../leads/lead.ts'
import { dayMs, wallTime, weekdayOf } from '../leads/wall-clock.ts'
import type { LeadFeatures } from '../pacing/answer-model.ts'

const lineTypes: Readonly<Record<LineType, LeadFeatures['lineType']>> = {
  mobile: 'mobile',
  fixed: 'landline',
  fixed_or_mobile: 'unknown',
  voip: 'unknown',
  other: 'unknown',
}

export function leadFeatures(lead: ClaimedLead, phone: LeadPhone, at: number): LeadFeatures {
  const wall = wallTime(at, lead.timeZone)
  const past = lead.recentAttempts.filter((attempt) => attempt.counts)
  const answeredBefore = past.filter((attempt) => attempt.talked).length
  return {
    attempt: lead.attempts + 1,
    hour: new Date(wall).getUTCHours(),
    weekday: weekdayOf(Math.floor(wall / dayMs)) + 1,
    lineType: lineTypes[phone.lineType],
    answeredBefore,
    unansweredBefore: past.length - answeredBefore,
    list: lead.campaignId,
  }
}

/** Whether a person answered; undefined: the attempt says nothing about that. */
export function answeredByPerson(disposition: Disposition): boolean | undefined {
  switch (disposition) {
    case 'human_connected':
    case 'abandoned':
    case 'caller_hangup':
    case 'message_heard':
    case 'message_heard_in_part':
    case 'message_confirmed':
    case 'opted_out':
    case 'callback_asked':
      return true
    case 'machine':
    case 'message_left':
    case 'no_answer':
    case 'busy':
    case 'declined':
      return false
    default:
      return undefined
  }
}
