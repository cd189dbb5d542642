/**
 * What an agent can say came of a talk, and what each result does: to the lead, to the phone, to whether the contact may
 * be called at all. Data, performed by retry.ts (plan) and record-result.ts (suppressions).
 */
import { z } from 'zod'
import type { SuppressionKind } from './lead.ts'

export const resultCodeSchema = z.enum([
  'promise_to_pay',
  'refusal',
  'callback',
  'wrong_person',
  'dispute',
  'paid',
  'do_not_call',
  'deceased',
  'legal_hold',
  'answering_machine',
  'no_result',
])
export type ResultCode = z.infer<typeof resultCodeSchema>

interface ResultEffect {
  /** The sentence that stands as the lead's reason. */
  meaning: string
  /**
   * finish: no further call in this campaign (with a date given: that call first); call_back: at the date given;
   * next_phone: this phone is dropped; rest: after the days of rest that follow a talk; machine: by the rule for machines.
   */
  lead: 'finish' | 'call_back' | 'next_phone' | 'rest' | 'machine'
  /** `phoneToo`: the number is barred for every contact, not only the contact on all his phones. */
  suppress?: { kind: SuppressionKind; days?: number; phoneToo?: true }
  /** False: it was not the contact we spoke with, so no rest follows. */
  spokeWithContact: boolean
}

export const resultCodes: Readonly<Record<ResultCode, ResultEffect>> = {
  promise_to_pay: { meaning: 'The contact promised to pay', lead: 'finish', spokeWithContact: true },
  refusal: { meaning: 'The contact refused to pay', lead: 'finish', spokeWithContact: true },
  callback: { meaning: 'The contact asked to be called back', lead: 'call_back', spokeWithContact: true },
  wrong_person: { meaning: 'The phone belongs to somebody else', lead: 'next_phone', spokeWithContact: false },
  dispute: { meaning: 'The contact disputes the debt', lead: 'finish', suppress: { kind: 'dispute' }, spokeWithContact: true },
  // Long enough for the payment to be booked and the debts to be imported anew.
  paid: {
    meaning: 'The contact says the debt is paid',
    lead: 'finish',
    suppress: { kind: 'paid', days: 30 },
    spokeWithContact: true,
  },
  do_not_call: {
    meaning: 'The contact must not be called any more',
    lead: 'finish',
    suppress: { kind: 'do_not_call', phoneToo: true },
    spokeWithContact: true,
  },
  deceased: { meaning: 'The contact is deceased', lead: 'finish', suppress: { kind: 'deceased' }, spokeWithContact: false },
  legal_hold: {
    meaning: 'The contact is represented, insolvent or under a court order',
    lead: 'finish',
    suppress: { kind: 'legal_hold' },
    spokeWithContact: true,
  },
  answering_machine: { meaning: 'An answering machine was put through', lead: 'machine', spokeWithContact: false },
  no_result: { meaning: 'The talk brought no result', lead: 'rest', spokeWithContact: true },
}

/** Results after which no rest days follow, as the stores need them. */
export const codesWithoutTalk: readonly ResultCode[] = resultCodeSchema.options.filter(
  (code) => !resultCodes[code].spokeWithContact,
)
