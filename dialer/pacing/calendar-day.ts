/** The calendar day of a time zone, for the window a regulator counts by day. Pure; knows DST. */

const DAY_MS = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** Epoch ms of the first midnight in `timeZone` after `at`. */
export function nextMidnight(at: number, timeZone: string): number {
  const guess = at + DAY_MS - localTimeOfDayMs(at, timeZone)
  // On the day the clocks change the guess is off by the hour that was skipped or doubled.
  const off = localTimeOfDayMs(guess, timeZone)
  if (off === 0) return guess
  return off < DAY_MS / 2 ? guess - off : guess + DAY_MS - off
}

function localTimeOfDayMs(at: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
    })
    formats.set(timeZone, format)
  }
  let ms = 0
  for (const { type, value } of format.formatToParts(at)) {
    if (type === 'hour') ms += Number(value) * 3_600_000
    else if (type === 'minute') ms += Number(value) * 60_000
    else if (type === 'second') ms += Number(value) * 1000
    else if (type === 'fractionalSecond') ms += Number(value)
  }
  return ms
}
