/**
 * From what was found of the numbers to what becomes of them: an ill one rests, a rested one warms up, a warm one is active
 * again; and what a supervisor should do besides. Pure; used by health-check.ts.
 *
 * The engine never takes more than half of a pool out of use: what would rest beyond that stays, with advice.
 */
import type { CallerId } from './caller-id.ts'
import { warmingDays } from './caps.ts'
import type { StateChange } from './change-state.ts'
import { type Finding, findingOf, type HealthReport } from './health.ts'

export interface Judged {
  callerId: CallerId
  report: HealthReport
  /** Rests that the engine gave it in the last half year. */
  earlierRests: number
}

const dayMs = 86_400_000
/** First rest; each further one in half a year is twice as long. */
const restDays: Readonly<Record<Finding['what'], number>> = { failing: 2, blocked: 14, low_answer_rate: 14 }
const longestRestDays = 60
/** So many rests in half a year: it does not come back to health. */
const restsToRetire = 3
const severity: Readonly<Record<Finding['what'], number>> = { failing: 0, blocked: 1, low_answer_rate: 2 }

export interface PlannedChange {
  callerId: CallerId
  change: StateChange
}

/** `what`: the findings that are acted on now; the others are only reported. */
export function planChanges(judged: readonly Judged[], acted: ReadonlySet<Finding['what']>, at: Date): PlannedChange[] {
  const plans: PlannedChange[] = []
  const pools = new Map<string, Judged[]>()
  for (const one of judged) {
    const { callerId } = one
    const back = comingBack(callerId, at)
    if (back) plans.push({ callerId, change: back })
    if (isUsed(callerId)) pools.set(callerId.pool, [...(pools.get(callerId.pool) ?? []), one])
  }
  for (const used of pools.values()) {
    const ill = used
      .flatMap((one) => {
        const finding = findingOf(one.report)
        return finding && acted.has(finding.what) ? [{ ...one, finding }] : []
      })
      .sort((a, b) => severity[a.finding.what] - severity[b.finding.what] || a.callerId.id - b.callerId.id)
    for (const { callerId, finding, earlierRests } of ill.slice(0, Math.floor(used.length / 2))) {
      const days = Math.min(longestRestDays, restDays[finding.what] * 2 ** earlierRests)
      const restUntil = new Date(at.getTime() + days * dayMs)
      plans.push({ callerId, change: { to: 'resting', reason: `${finding.reason}; rests ${days} days`, at, restUntil } })
    }
  }
  return plans
}

const isUsed = ({ state }: CallerId) => state === 'active' || state === 'warming'

function comingBack({ state, stateSince, restUntil }: CallerId, at: Date): StateChange | undefined {
  if (state === 'resting' && restUntil && restUntil <= at)
    return { to: 'warming', reason: 'rested; few calls at first', at, restUntil: null }
  if (state === 'warming' && at.getTime() - stateSince.getTime() >= warmingDays * dayMs)
    return { to: 'active', reason: `warmed up for ${warmingDays} days`, at, restUntil: null }
  return undefined
}

/** What a supervisor should do about a number; null: nothing. */
export function adviceFor({ callerId, report, earlierRests }: Judged): string | null {
  const { state, inboundRoute, inboundRouteReason, restUntil, stateReason } = callerId
  if (state === 'retired') return null
  if (inboundRoute === 'untested') return 'Test its inbound route: it is not dialed from until then.'
  if (inboundRoute === 'failed')
    return `Ask the carrier why calls to it do not reach us: ${inboundRouteReason}. It is not dialed from.`
  if (state === 'resting') {
    if (earlierRests >= restsToRetire)
      return `It rested ${earlierRests} times in half a year: retire it and put another number in its place.`
    return restUntil ? null : `It rests until you end it (${stateReason}): set its state to warming.`
  }
  const finding = findingOf(report)
  if (!finding) return null
  const cure = {
    failing: 'Ask the carrier whether it may still be presented',
    blocked: 'Let it rest, and have call-screening services told who calls from it',
    low_answer_rate: 'Let it rest: people or their phones do not trust it any more',
  }
  return `${cure[finding.what]}: ${finding.reason}. If the engine leaves it in use, its pool has too few numbers: add some.`
}
