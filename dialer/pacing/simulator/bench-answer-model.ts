/** How well the answer model is calibrated: learns 20,000 attempts of leads whose true chance is known. Pure. */
import { type AnswerModel, createAnswerModel, type LeadFeatures } from '../answer-model.ts'
import { uniform } from './random.ts'

export interface AnswerModelFigures {
  model: AnswerModel
  /** Mean distance of said and happened over ten equal groups, of the last 5,000. */
  calibrationError: number
  /** Mean log loss of the last 5,000, and that of a single rate for all. */
  logLoss: number
  logLossOfOneRate: number
}

export function measureAnswerModel(): AnswerModelFigures {
  const model = createAnswerModel()
  const attempts = 20_000
  let answers = 0
  let loss = 0
  for (let i = 0; i < attempts; i++) {
    const { features, truth } = lead(i)
    const answered = uniform(22, 1, i) < truth
    if (i >= attempts - 5000) {
      if (answered) answers++
      loss -= Math.log(answered ? model.probability(features) : 1 - model.probability(features))
    }
    model.learn(features, answered)
  }
  const tenths = model.calibration()
  const rate = answers / 5000
  return {
    model,
    calibrationError: tenths.reduce((sum, { said, happened }) => sum + Math.abs(said - happened), 0) / tenths.length,
    logLoss: loss / 5000,
    logLossOfOneRate: -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate)),
  }
}

/** A world the model does not contain exactly: factors multiply odds, and leads differ by more than is seen. */
export function lead(i: number): { features: LeadFeatures; truth: number } {
  const draw = (stream: number) => uniform(21, stream, i)
  const features: LeadFeatures = {
    attempt: 1 + Math.floor(6 * draw(1)),
    hour: 9 + Math.floor(9 * draw(2)),
    weekday: 1 + Math.floor(5 * draw(3)),
    lineType: draw(4) < 0.6 ? 'mobile' : 'landline',
    answeredBefore: Math.floor(2 * draw(5)),
    unansweredBefore: Math.floor(4 * draw(6)),
    list: draw(7) < 0.5 ? 'cold' : 'warm',
  }
  const odds =
    0.12 *
    (features.list === 'warm' ? 2.5 : 1) *
    0.85 ** (features.attempt - 1) *
    (features.hour >= 16 ? 1.6 : 1) *
    (features.answeredBefore > 0 ? 2 : 1) *
    Math.exp(0.8 * (draw(8) - 0.5))
  return { features, truth: odds / (1 + odds) }
}
