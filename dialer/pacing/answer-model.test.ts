import t from 'tap'
import { createAnswerModel } from './answer-model.ts'
import { lead, measureAnswerModel } from './simulator/bench-answer-model.ts'

t.test('after 20,000 attempts what is said happens, in every tenth', async (t) => {
  const { model, calibrationError, logLoss, logLossOfOneRate } = measureAnswerModel()
  t.equal(model.calibration().length, 10)
  t.ok(calibrationError < 0.02, `mean calibration error ${calibrationError.toFixed(4)}`)
  t.ok(logLoss < 0.97 * logLossOfOneRate, `log loss ${logLoss.toFixed(4)} against ${logLossOfOneRate.toFixed(4)} for one rate`)
  const { features } = lead(1)
  const again = createAnswerModel(JSON.parse(JSON.stringify(model.snapshot())))
  t.equal(again.probability(features), model.probability(features))
})

t.test('before it has learnt anything it says one in ten', async (t) => {
  t.ok(Math.abs(createAnswerModel({ weights: 'x' }).probability(lead(3).features) - 0.1) < 1e-9)
})
