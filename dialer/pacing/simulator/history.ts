/**
 * A world made of a campaign's own history: each simulated call is one of the calls that were made at
 * that hour, each talk one of the talks that were held. Answers "what would 1 % have cost me last week?".
 * Lines: hour,outcome,ring_seconds,talk_seconds,wrap_up_seconds with a heading; outcome is person, machine,
 * busy, no-answer or failed; ring_seconds runs from placing to the outcome. Pure: text in, world out.
 */
import { uniform } from './random.ts'
import { createWorld, type Person, type WorldOptions, type WorldSettings } from './world-settings.ts'

export interface PastCall {
  hour: number
  outcome: Person['outcome']
  ringSec: number
  talkSec: number
  wrapUpSec: number
}

const OUTCOMES: readonly string[] = ['person', 'machine', 'busy', 'no-answer', 'failed']
const isOutcome = (word: string): word is Person['outcome'] => OUTCOMES.includes(word)

/** Throws a RangeError that names the first line it cannot read. */
export function parseHistory(text: string): PastCall[] {
  const [heading = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const names = heading.split(',').map((name) => name.trim())
  return lines.map((line, index) => {
    const cells = line.split(',')
    const cell = (name: string): string => cells[names.indexOf(name)]?.trim() ?? ''
    const number = (name: string): number => Number(cell(name) || '0')
    const outcome = cell('outcome')
    const past = {
      hour: number('hour'),
      ringSec: number('ring_seconds'),
      talkSec: number('talk_seconds'),
      wrapUpSec: number('wrap_up_seconds'),
    }
    const bad = Object.values(past).some((n) => !Number.isFinite(n) || n < 0)
    if (bad || !isOutcome(outcome)) throw new RangeError(`history line ${index + 2} cannot be read: ${line}`)
    return { ...past, outcome }
  })
}

/** `firstHour` is the hour at which the simulated day starts. */
export function historyWorld(calls: readonly PastCall[], options: WorldOptions, firstHour: number): WorldSettings {
  const talks = calls.filter((call) => call.outcome === 'person' && call.talkSec > 0)
  if (talks.length === 0) throw new RangeError('the history holds no talk')
  const byHour = Array.from({ length: 24 }, (_, hour) => calls.filter((call) => call.hour === hour))
  const pick = <T>(list: readonly T[], stream: number, index: number): T | undefined =>
    list[Math.floor(uniform(options.seed, stream, index) * list.length)]
  const talkOf = (index: number): PastCall | undefined => pick(talks, 9, index)
  return {
    ...createWorld(options),
    person(index, sec) {
      const hour = (firstHour + Math.floor(sec / 3600)) % 24
      const then = byHour[hour] ?? []
      const call = pick(then.length > 0 ? then : calls, 1, index)
      const ringSec = Math.min(60, call?.ringSec ?? 0)
      return { outcome: call?.outcome ?? 'failed', delaySec: 0, ringSec, told: Number.NaN, takenForMachine: false }
    },
    talkSec: (index) => talkOf(index)?.talkSec ?? 0,
    wrapUpSec: (index) => talkOf(index)?.wrapUpSec ?? 0,
  }
}
