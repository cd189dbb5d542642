/**
 * How a number does, from our own calls alone. Pure; fed by health-store.ts, used by health-check.ts.
 *
 * - Answer rate: people answered fewer of its calls than of its peers' in the same strata (same list, same hour, same kind of
 *   line, same try), by a stratified test (Cochran-Mantel-Haenszel), with Holm's care for testing many numbers at once, and
 *   only where the difference matters. Comparing plain rates would rest whatever is dialed from in bad hours.
 * - Blocked: more different people or networks answered 607 or 608 than the tolerated share explains.
 * - Failing: its latest calls all failed to get through while those of its peers on the same trunk did.
 */
import { binomialAtLeast, holm, type MantelHaenszel, mantelHaenszel, type TwoByTwo } from './statistics.ts'

/** What such an end says is about the network, the callee's line or us, not about who looks at the number. */
export const saysNothingOfAnswering = [
  ...['busy', 'invalid_number', 'congestion', 'trunk_rejected', 'codec_error', 'failed', 'lost', 'cancelled', 'settled'],
]
/** Calls that did not get through, as it looks when a carrier or a blocking service turned against a number. */
export const didNotGetThrough = ['failed', 'congestion', 'trunk_rejected', 'blocked', 'declined']

/** Answer rates and blocks are looked at over so many days. */
export const healthWindowDays = 7
/** In one night at most this chance of resting even one number without cause. */
const answerRateAlpha = 0.01
/** Odds of an answer down to this part of the peers' are left alone, however sure: areas and brands differ by as much. */
const toleratedOddsRatio = 0.75
/** Somebody always blocks: so many of all calls are tolerated, and fewer people than this never matter. */
const toleratedBlocks = 0.01
const leastBlockers = 3
const blockedAlpha = 0.001
/** Looked at after every call: one false alarm in a million. */
const failingAlpha = 1e-6
/** Shorter ones are nothing to act on. */
export const shortestRun = 5
const leastPeerCalls = 10

/** Calls of one number in one stratum. */
export interface StratumCalls {
  stratum: string
  callerIdId: number
  calls: number
  answered: number
}

export interface BlockCount {
  calls: number
  /** Different contacts whose call ended in 607 or 608. */
  blockers: number
}

/** The latest calls of a number, all failed, and what its peers on the trunk did since the first of them. */
export interface FailingRun {
  length: number
  peerCalls: number
  peerFailures: number
}

export interface HealthReport {
  answerRate: MantelHaenszel & { isLow: boolean }
  blocked: BlockCount & { isBlocked: boolean }
  failing: FailingRun & { isFailing: boolean }
}

/** Every number against all others of its strata. */
export function judgeAnswerRates(rows: readonly StratumCalls[]): Map<number, HealthReport['answerRate']> {
  const totals = new Map<string, { calls: number; answered: number }>()
  for (const { stratum, calls, answered } of rows) {
    const total = totals.get(stratum) ?? { calls: 0, answered: 0 }
    totals.set(stratum, { calls: total.calls + calls, answered: total.answered + answered })
  }
  const strataOf = new Map<number, TwoByTwo[]>()
  for (const { stratum, callerIdId, calls, answered } of rows) {
    const total = totals.get(stratum)
    if (!total) continue
    const table = { calls, answered, peerCalls: total.calls - calls, peerAnswered: total.answered - answered }
    const known = strataOf.get(callerIdId)
    if (known) known.push(table)
    else strataOf.set(callerIdId, [table])
  }
  const tested = [...strataOf].map(([callerIdId, strata]) => ({ callerIdId, rate: mantelHaenszel(strata) }))
  const judged = tested.filter(({ rate }) => rate.enough)
  const worse = holm(
    judged.map(({ rate }) => rate.pValue),
    answerRateAlpha,
  )
  const low = new Set(
    judged.filter(({ rate }, index) => worse[index] && rate.oddsRatio < toleratedOddsRatio).map(({ callerIdId }) => callerIdId),
  )
  return new Map(tested.map(({ callerIdId, rate }) => [callerIdId, { ...rate, isLow: low.has(callerIdId) }]))
}

export function judgeBlocks({ calls, blockers }: BlockCount): HealthReport['blocked'] {
  const unlikely = binomialAtLeast(blockers, calls, toleratedBlocks) < blockedAlpha
  return { calls, blockers, isBlocked: blockers >= leastBlockers && unlikely }
}

/** The peers' share of failures, with one failure more than was seen, must make the run next to impossible. */
export function judgeRun({ length, peerCalls, peerFailures }: FailingRun): HealthReport['failing'] {
  const chance = ((peerFailures + 1) / (peerCalls + 2)) ** length
  const isFailing = length >= shortestRun && peerCalls >= leastPeerCalls && chance < failingAlpha
  return { length, peerCalls, peerFailures, isFailing }
}

/** Of a number of which nothing is known. */
export const noCalls: HealthReport = {
  answerRate: { ...mantelHaenszel([]), isLow: false },
  blocked: judgeBlocks({ calls: 0, blockers: 0 }),
  failing: judgeRun({ length: 0, peerCalls: 0, peerFailures: 0 }),
}

export type Finding = { what: 'failing' | 'blocked' | 'low_answer_rate'; reason: string }

const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`

/** The worst first; undefined: nothing is wrong. */
export function findingOf({ answerRate, blocked, failing }: HealthReport): Finding | undefined {
  if (failing.isFailing) {
    const others = `${failing.peerCalls - failing.peerFailures} of ${failing.peerCalls} calls from other numbers on its trunk got through`
    return { what: 'failing', reason: `its last ${failing.length} calls did not get through, while ${others}` }
  }
  if (blocked.isBlocked) {
    const reason = `${blocked.blockers} people or networks blocked it (SIP 607, 608) in ${blocked.calls} calls of ${healthWindowDays} days`
    return { what: 'blocked', reason }
  }
  if (answerRate.isLow) {
    const { calls, answered, expected, pValue } = answerRate
    const reason = `people answered ${percent(answered, calls)} of its ${calls} calls, other numbers at the same hours and lists ${percent(expected, calls)} (p ${pValue.toExponential(0)})`
    return { what: 'low_answer_rate', reason }
  }
  return undefined
}
