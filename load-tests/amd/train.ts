/**
 * `make train-amd`: trains the model on the train part of the corpus, chooses its thresholds on the validation part,
 * and writes dialer/amd/weights.json. The same corpus gives the same file.
 */
import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { featureNames } from '../../dialer/amd/features.ts'
import type { Model } from '../../dialer/amd/model.ts'
import { areaUnderCurve, type BoostingOptions, boost } from './boosting.ts'
import { openPart } from './items.ts'
import { type Ears, ownEars, rowsOf } from './listening.ts'
import { caughtInTime, choosePolicy, quantile, trialsOf, waitsOfPeople } from './thresholds.ts'

export const boosting: BoostingOptions = { trees: 160, depth: 4, rate: 0.08, leastWeight: 60, sample: 0.6, seed: 4 }

/** A model of what these ears hear. */
export async function train(ears: Ears, tell: (line: string) => void): Promise<Model> {
  const part = await openPart('train')
  const listened = part.items.map((item) => ears(part, item))
  tell(`listened to ${listened.length} items`)
  const { bias, trees } = boost(rowsOf(listened), boosting)
  tell(`grew ${trees.length} trees`)
  const validation = await openPart('validation')
  const trials = trialsOf(
    validation.items.map((item) => ears(validation, item)),
    { bias, trees },
  )
  const policy = choosePolicy(trials)
  const waits = waitsOfPeople(trials, policy)
  const last = trials.flatMap(({ item, moments }) => {
    const moment = moments.at(-1)
    return moment ? [{ score: moment.machine, target: item.label === 'machine' ? 1 : 0 }] : []
  })
  const area = areaUnderCurve(
    last.map(({ score }) => score),
    last.map(({ target }) => target),
  )
  tell(
    `validation: area under the curve at the end ${area.toFixed(4)}, machines in time ${caughtInTime(trials, policy).toFixed(3)}`,
  )
  tell(`validation: people wait ${quantile(waits, 0.5)} / ${quantile(waits, 0.95)} ms; policy ${JSON.stringify(policy)}`)
  return { features: featureNames, bias, trees, policy }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const model = await train(ownEars, (line) => process.stdout.write(`  ${line}\n`))
  await writeFile('dialer/amd/weights.json', `${JSON.stringify(model)}\n`)
}
