/**
 * The last two digits of a called number decide what the carrier plays: the one table of it.
 * sipp-scenarios/carrier.xml plays it, people.ts deals it out, README.md prints it; endings.test.ts proves all three equal.
 */

export type ExpectedDisposition =
  | 'human_connected'
  | 'machine'
  | 'no_answer'
  | 'busy'
  | 'declined'
  | 'invalid_number'
  | 'congestion'
  | 'blocked'
  | 'trunk_rejected'
  | 'codec_error'
  | 'caller_hangup'

export interface Ending {
  /** Last two digits of the called number. */
  digits: string
  /** Label of its part in carrier.xml. */
  plays: string
  behaviour: string
  /** With an agent free, and the ring timeout at 20 s. */
  expected: ExpectedDisposition
  /** Seconds from answer to the callee's hang-up; null: does not answer; 120: stays until the other side hangs up. */
  talkSeconds: number | null
  /** Share of the demo's list, in parts; 0: for tests and load only. */
  demoParts: number
}

export const endings = [
  ending('10', 'person', 'rings 1 s, says hello, listens, talks; hangs up 5 s after the answer', 'human_connected', 5, 16),
  ending('11', 'person_long', 'like 10, but talks for 20 s', 'human_connected', 20, 2),
  ending('12', 'person_slow', 'rings 8 s, then like 10', 'human_connected', 5, 5),
  ending('13', 'person_noisy', 'like 10, with noise at 42 dB below full scale', 'human_connected', 5, 4),
  ending('14', 'person_gone', 'answers and hangs up at once', 'caller_hangup', 0, 3),
  ending('15', 'person_impatient', 'says hello, hangs up 1.2 s after the answer', 'caller_hangup', 1.2, 0),
  ending('16', 'person_patient', 'answers at once and stays until the other side hangs up', 'human_connected', 120, 0),
  ending('17', 'person_tone', 'says hello, then a tone of 1004 Hz; stays like 16', 'human_connected', 120, 0),
  ending('18', 'person_at_once', 'answers at once without audio, hangs up after 5 s (for load)', 'human_connected', 5, 0),
  ending('19', 'person_brief', 'answers at once without audio, hangs up after 1.5 s (for load)', 'human_connected', 1.5, 0),
  ending('20', 'machine', 'rings 3 s, greeting of 5 s, beep, records 6 s, hangs up', 'machine', 12, 20),
  ending('21', 'machine_long', 'rings 3 s, greeting of 12 s, beep, records 6 s, hangs up', 'machine', 19, 3),
  ending('23', 'one_way_audio', 'answers at once and sends no audio; stays like 16', 'human_connected', 120, 0),
  ending('24', 'late_answer', 'rings 13 s, then like 10', 'human_connected', 5, 0),
  ending('25', 'person_holds', 'like 10, and holds the other side from 1 s to 2.5 s', 'human_connected', 5, 0),
  ending('26', 'person_presses', 'like 10, and presses 1 and 5 (SIP INFO)', 'human_connected', 5, 0),
  ending('27', 'person_garbled', 'like 10, and sends nonsense inside the call', 'human_connected', 5, 0),
  ending('28', 'unacked', 'like 16 without audio, says 200 again and again as if no ACK came', 'human_connected', 120, 0),
  ending('29', 'power_lost', 'answers at once and is gone: no audio, no answer to a BYE', 'human_connected', 120, 0),
  ending('30', 'busy', '486 Busy Here', 'busy', null, 14),
  ending('31', 'no_answer', 'rings until the caller cancels', 'no_answer', null, 10),
  ending('32', 'invalid', '404 Not Found', 'invalid_number', null, 9),
  ending('33', 'congestion', '503 Service Unavailable', 'congestion', null, 3),
  ending('34', 'declined', 'rings 2 s, 603 Decline', 'declined', null, 4),
  ending('35', 'hang_up_ringing', 'rings 3 s, 480 Temporarily Unavailable', 'no_answer', null, 4),
  ending('36', 'incomplete', '484 Address Incomplete', 'invalid_number', null, 0),
  ending('37', 'forbidden', '403 Forbidden', 'trunk_rejected', null, 0),
  ending('38', 'no_codec', '488 Not Acceptable Here', 'codec_error', null, 0),
  ending('39', 'unwanted', '607 Unwanted', 'blocked', null, 1),
  ending('40', 'early_media', '183 with ringback audio until the caller cancels', 'no_answer', null, 2),
  ending('41', 'early_media_answer', '183 with ringback audio for 2 s, then like 10', 'human_connected', 5, 3),
  ending('42', 'crossing', 'rings until the caller cancels, and answers against the CANCEL', 'no_answer', null, 0),
  ending('43', 'silent', 'never answers the INVITE at all', 'no_answer', null, 0),
  ending('44', 'redirect', '302 Moved Temporarily to another number: not followed', 'declined', null, 0),
] as const satisfies Ending[]

/** Every other number: like 10. */
export const otherwise = endings[0]

export function endingOf(number: string): Ending {
  return endings.find((one) => number.endsWith(one.digits)) ?? otherwise
}

function ending(
  digits: string,
  plays: string,
  behaviour: string,
  expected: ExpectedDisposition,
  talkSeconds: number | null,
  demoParts: number,
): Ending {
  return { digits, plays, behaviour, expected, talkSeconds, demoParts }
}
