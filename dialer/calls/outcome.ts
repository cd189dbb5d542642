/**
 * From what the switch said at the end of an attempt to its disposition. Pure table, no state.
 * SIP codes decide where the switch tells them, Q.850 causes otherwise (docs/regulations.md, "SIP answer -> disposition").
 * Used by call.ts for attempts that were never answered, and by recovery.ts.
 */

export const dispositions = [
  'human_connected',
  'abandoned',
  'machine',
  'message_left',
  'message_heard',
  'message_heard_in_part',
  'message_confirmed',
  'opted_out',
  'callback_asked',
  'no_answer',
  'busy',
  'declined',
  'invalid_number',
  'congestion',
  'blocked',
  'trunk_rejected',
  'codec_error',
  'caller_hangup',
  'cancelled',
  'settled',
  'failed',
  'lost',
] as const
export type Disposition = (typeof dispositions)[number]

/** Dispositions that are the network's or our own doing: the debtor's phone did not ring, so no attempt of the lead is used up. */
const notAnAttempt: ReadonlySet<Disposition> = new Set(['congestion', 'trunk_rejected', 'codec_error', 'failed', 'lost'])

/** Whether an attempt with this disposition counts against the lead's attempts and the person's caps. */
export const countsAsAttempt = (disposition: Disposition): boolean => !notAnAttempt.has(disposition)

const bySipCode: Readonly<Record<number, Disposition>> = {
  404: 'invalid_number',
  410: 'invalid_number',
  484: 'invalid_number',
  485: 'invalid_number',
  604: 'invalid_number',
  486: 'busy',
  600: 'busy',
  408: 'no_answer',
  480: 'no_answer',
  487: 'no_answer',
  603: 'declined',
  401: 'trunk_rejected',
  403: 'trunk_rejected',
  407: 'trunk_rejected',
  488: 'codec_error',
  606: 'codec_error',
  607: 'blocked',
  608: 'blocked',
}

const byCause: Readonly<Record<number, Disposition>> = {
  1: 'invalid_number',
  22: 'invalid_number',
  28: 'invalid_number',
  16: 'no_answer',
  17: 'busy',
  18: 'no_answer',
  19: 'no_answer',
  21: 'declined',
  27: 'congestion',
  29: 'congestion',
  34: 'congestion',
  38: 'congestion',
  42: 'congestion',
  102: 'congestion',
  58: 'codec_error',
}

export interface NetworkEnd {
  /** Q.850, 0 when unknown. */
  cause: number
  sipCode?: number
}

/** A redirection is not followed: who would be called there is not the debtor, and the caller pays. */
function bySipClass(sipCode: number): Disposition {
  if (sipCode < 400) return 'declined'
  return sipCode >= 500 && sipCode < 600 ? 'congestion' : 'failed'
}

/** Disposition of an attempt that ended before anyone answered. */
export function dispositionUnanswered(end: NetworkEnd): Disposition {
  const { sipCode } = end
  if (sipCode !== undefined && sipCode >= 300) return bySipCode[sipCode] ?? bySipClass(sipCode)
  return byCause[end.cause] ?? 'failed'
}

const sentences: Readonly<Record<Disposition, string>> = {
  human_connected: 'talked to an agent',
  abandoned: 'a person answered and no agent was free within the grace',
  machine: 'an answering machine answered',
  message_left: 'the message was left on a machine',
  message_heard: 'a person heard the message to its end',
  message_heard_in_part: 'a person heard a part of the message',
  message_confirmed: 'a person confirmed the message by a key',
  opted_out: 'a person asked by a key not to be called any more',
  callback_asked: 'a person asked by a key for an agent, and none was free',
  no_answer: 'nobody answered',
  busy: 'the line was busy',
  declined: 'the call was declined',
  invalid_number: 'the number does not exist',
  congestion: 'the network had no line free',
  blocked: 'the network or the callee blocks our number',
  trunk_rejected: 'the carrier refused the call: check the trunk',
  codec_error: 'the carrier offers no common codec: check the trunk',
  caller_hangup: 'the callee hung up before the call was passed on',
  cancelled: 'the call was taken back while it rang',
  settled: 'the debt was settled while the call was on its way',
  failed: 'the call could not be placed',
  lost: 'the engine lost sight of the call',
}

/** The disposition as a sentence for people, with the network's own words behind it. */
export function describeEnd(disposition: Disposition, end: NetworkEnd): string {
  const network = [end.sipCode ? `SIP ${end.sipCode}` : '', end.cause ? `cause ${end.cause}` : ''].filter(Boolean).join(', ')
  return network ? `${sentences[disposition]} (${network})` : sentences[disposition]
}

export const describe = (disposition: Disposition): string => sentences[disposition]

/** How the pacer calls it. */
export const pacingCause: Readonly<Record<Disposition, 'hang-up' | 'no-answer' | 'busy' | 'machine' | 'failed' | 'cancelled'>> = {
  human_connected: 'hang-up',
  abandoned: 'hang-up',
  caller_hangup: 'hang-up',
  machine: 'machine',
  message_left: 'machine',
  message_heard: 'hang-up',
  message_heard_in_part: 'hang-up',
  message_confirmed: 'hang-up',
  opted_out: 'hang-up',
  callback_asked: 'hang-up',
  busy: 'busy',
  no_answer: 'no-answer',
  declined: 'no-answer',
  cancelled: 'cancelled',
  settled: 'cancelled',
  invalid_number: 'failed',
  congestion: 'failed',
  blocked: 'failed',
  trunk_rejected: 'failed',
  codec_error: 'failed',
  failed: 'failed',
  lost: 'failed',
}
