import t from 'tap'
import { createAnswerModel, type LeadFeatures } from './answer-model.ts'
import { uniform } from './simulator/random.ts'

/** A world the model does not contain exactly: factors multiply odds, and leads differ by more than is seen. */
function lead(i: number): { features: LeadFeatures; truth: number } {
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

t.test('after 20,000 attempts what is said happens, in every tenth', async (t) => {
  const model = createAnswerModel()
  let loss = 0
  let plainLoss = 0
  for (let i = 0; i < 20_000; i++) {
    const { features, truth } = lead(i)
    const answered = uniform(22, 1, i) < truth
    if (i >= 15_000) {
      loss -= Math.log(answered ? model.probability(features) : 1 - model.probability(features))
      plainLoss -= Math.log(answered ? 0.18 : 0.82)
    }
    model.learn(features, answered)
  }
  const tenths = model.calibration()
  t.equal(tenths.length, 10)
  const error = tenths.reduce((sum, { said, happened }) => sum + Math.abs(said - happened), 0) / 10
  t.ok(error < 0.02, `mean calibration error ${error.toFixed(4)}`)
  t.comment(
    tenths.map(({ said, happened }) => `${said.toFixed(3)}:${happened.toFixed(3)}`).join(' '),
    `error ${error.toFixed(4)}`,
  )
  t.ok(loss < plainLoss * 0.96, `log loss ${(loss / 5000).toFixed(4)} against ${(plainLoss / 5000).toFixed(4)} for one rate`)
  const { features } = lead(1)
  const again = createAnswerModel(JSON.parse(JSON.stringify(model.snapshot())))
  t.equal(again.probability(features), model.probability(features))
})

t.test('before it has learnt anything it says one in ten', async (t) => {
  t.ok(Math.abs(createAnswerModel({ weights: 'x' }).probability(lead(3).features) - 0.1) < 1e-9)
})
