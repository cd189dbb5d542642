/**
 * How likely this lead answers now: a logistic model that learns from each attempt as it ends, and a
 * calibration on top that learns how far its own logits can be trusted. What it says goes to the pacer
 * as `answerProbability`. It looks at the attempt number, hour and weekday in the contact's zone, line
 * type, past answers, and list; it knows nothing of the person. Pure; time is in the features.
 */

export interface LeadFeatures {
  /** 1 for the first call to this lead. */
  attempt: number
  /** In the contact's own zone. */
  hour: number
  /** 1 Monday .. 7 Sunday. */
  weekday: number
  lineType: 'mobile' | 'landline' | 'unknown'
  /** How often this contact answered and did not, before. */
  answeredBefore: number
  unansweredBefore: number
  /** Campaign or list id. */
  list: string
}

export interface AnswerModel {
  probability(lead: LeadFeatures): number
  learn(lead: LeadFeatures, answered: boolean): void
  /** Of the last few thousand attempts: said against happened, in tenths of the attempts by what was said. */
  calibration(): { said: number; happened: number; attempts: number }[]
  snapshot(): SavedAnswerModel
}

interface SavedAnswerModel {
  weights: number[]
  squares: number[]
  scale: number
  shift: number
}

const HOURS = 24
const LISTS = 32
// Where each group of features starts; one of each group is on, besides the constant.
const AT = { constant: 0, attempt: 1, hour: 7, weekday: 7 + HOURS, line: 14 + HOURS, past: 17 + HOURS, list: 22 + HOURS }
const SIZE = AT.list + LISTS
/** AdaGrad's step; with squares from 1 it is 0.15 at first and falls as a feature is seen. */
const STEP = 0.15
/** The calibration moves slower than the weights, so that it corrects what they leave. */
const CALIBRATION_STEP = 0.002
/** A cold list answers one call in ten. */
const START_LOGIT = Math.log(0.1 / 0.9)
const REMEMBERED = 5000

export function createAnswerModel(saved?: unknown): AnswerModel {
  const state = isSaved(saved) ? saved : undefined
  const weights = Float64Array.from(state?.weights ?? new Array<number>(SIZE).fill(0))
  const squares = Float64Array.from(state?.squares ?? new Array<number>(SIZE).fill(1))
  if (!state) weights[AT.constant] = START_LOGIT
  let scale = state?.scale ?? 1
  let shift = state?.shift ?? 0
  const recent: { said: number; answered: boolean }[] = []
  let oldest = 0

  function logit(on: readonly number[]): number {
    let sum = 0
    for (const index of on) sum += weights[index] ?? 0
    return sum
  }

  return {
    probability: (lead) => sigmoid(scale * logit(featuresOf(lead)) + shift),
    learn(lead, answered) {
      const on = featuresOf(lead)
      const raw = logit(on)
      const said = sigmoid(scale * raw + shift)
      if (recent.length < REMEMBERED) recent.push({ said, answered })
      else recent[oldest++ % REMEMBERED] = { said, answered }
      const hit = answered ? 1 : 0
      scale = Math.min(3, Math.max(0.3, scale - CALIBRATION_STEP * (said - hit) * raw))
      shift -= CALIBRATION_STEP * (said - hit)
      const error = sigmoid(raw) - hit
      for (const index of on) {
        const square = (squares[index] ?? 1) + error * error
        squares[index] = square
        weights[index] = (weights[index] ?? 0) - (STEP * error) / Math.sqrt(square)
      }
    },
    calibration() {
      const sorted = [...recent].sort((a, b) => a.said - b.said)
      const tenths = Math.min(10, sorted.length)
      return Array.from({ length: tenths }, (_, i) => {
        const part = sorted.slice(Math.floor((i * sorted.length) / tenths), Math.floor(((i + 1) * sorted.length) / tenths))
        const mean = (value: (one: { said: number; answered: boolean }) => number) =>
          part.reduce((sum, one) => sum + value(one), 0) / part.length
        return { said: mean((one) => one.said), happened: mean((one) => (one.answered ? 1 : 0)), attempts: part.length }
      })
    },
    snapshot: () => ({ weights: [...weights], squares: [...squares], scale, shift }),
  }
}

function featuresOf(lead: LeadFeatures): number[] {
  const attempt = AT.attempt + Math.min(5, Math.max(0, lead.attempt - 1))
  const line = AT.line + ['mobile', 'landline', 'unknown'].indexOf(lead.lineType)
  return [
    AT.constant,
    attempt,
    AT.hour + (lead.hour % HOURS),
    AT.weekday + ((lead.weekday - 1) % 7),
    line,
    pastOf(lead),
    listOf(lead),
  ]
}

/** Never called, never answered, answered seldom, often, nearly always. */
function pastOf({ answeredBefore, unansweredBefore }: LeadFeatures): number {
  const calls = answeredBefore + unansweredBefore
  if (calls === 0) return AT.past
  if (answeredBefore === 0) return AT.past + 1
  const share = answeredBefore / calls
  return AT.past + (share < 0.34 ? 2 : share < 0.67 ? 3 : 4)
}

function listOf({ list }: LeadFeatures): number {
  let hash = 7
  for (let i = 0; i < list.length; i++) hash = (Math.imul(hash, 31) + list.charCodeAt(i)) | 0
  return AT.list + ((hash >>> 0) % LISTS)
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

function isSaved(saved: unknown): saved is SavedAnswerModel {
  if (typeof saved !== 'object' || saved === null) return false
  if (!('weights' in saved && 'squares' in saved && 'scale' in saved && 'shift' in saved)) return false
  const numbers = (list: unknown): boolean => Array.isArray(list) && list.length === SIZE && list.every((n) => Number.isFinite(n))
  return numbers(saved.weights) && numbers(saved.squares) && Number.isFinite(saved.scale) && Number.isFinite(saved.shift)
}
