/**
 * `make bench-amd`: the detector on voices it never heard (the corpus' test part), all targets as checks, beside the
 * ceiling (what perfect ears and a clock could reach) and Asterisk's own detector on the same items, whose port is
 * checked against the real one first. Writes var/reports/amd.json and the curve amd-roc.svg.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { model } from '../../dialer/amd/model.ts'
import { type Check, report } from '../report.ts'
import { amdDefaults } from './app-amd.ts'
import { compareWithAsterisk } from './app-amd-live.ts'
import { curveOf, drawCurve } from './curve.ts'
import { corpusDir, openPart } from './items.ts'
import { ownEars, perfectEars } from './listening.ts'
import {
  firstWordMs,
  hearAll,
  hoursOfSpeech,
  isCaughtInTime,
  isCaughtWithBeep,
  isFalseMachine,
  matchBeeps,
  type Outcome,
} from './outcomes.ts'
import { bySlice, percent, type Share, shareOf, shareWhere } from './share.ts'
import type { Clip } from './speech-bank.ts'
import { caughtInTime, ending, quantile, trialsOf } from './thresholds.ts'
import { train } from './train.ts'
import { type AmdResult, judgeWith, playedOf, tuneAppAmd } from './tune-app-amd.ts'

const streams = 300
const liveItems = 200
/** A slice smaller than this is shown, but no claim is made of it. */
const leastOfSlice = 200
/** Recorded speech of the test part, in clips of one language, for a claim about that language. */
const leastClips = 100

const part = await openPart('test')
const { outcomes, cpuMsPerSecond } = hearAll(part)
const people = outcomes.filter(({ item }) => item.label === 'human')
const machines = outcomes.filter(({ item }) => item.label === 'machine')

const falseMachines = shareWhere(people, isFalseMachine)
const caught = shareWhere(machines, isCaughtInTime)
const caughtWithBeep = shareWhere(machines, isCaughtWithBeep)

const dimensions: Record<string, (outcome: Outcome) => string> = {
  language: ({ item }) => item.language,
  class: ({ item }) => item.kind,
  noise: ({ item }) => (item.noisy ? `much ${item.line.noise}` : item.line.noise),
  codec: ({ item }) => item.line.codec,
  voice: ({ item }) => (item.recorded ? 'recorded' : 'robot'),
  loss: ({ item }) => (item.lost.length > 0 ? 'packets lost' : 'none lost'),
}
const slices = Object.fromEntries(
  Object.entries(dimensions).map(([name, key]) => [
    name,
    { falseMachines: bySlice(people, key, isFalseMachine), caught: bySlice(machines, key, isCaughtInTime) },
  ]),
)
const [worstName, worst] = Object.entries(slices)
  .flatMap(([name, { falseMachines }]) =>
    Object.entries(falseMachines).map(([slice, share]): [string, Share] => [`${name} ${slice}`, share]),
  )
  .filter(([, { of }]) => of >= leastOfSlice)
  .reduce((a, b) => (b[1].share > a[1].share ? b : a))

/** Per language, of recorded voices alone; "insufficient" where there is too little recorded speech for a claim. */
async function recordedByLanguage() {
  const clips: Clip[] = JSON.parse(await readFile(join(corpusDir, 'speech.json'), 'utf8'))
  const languages = [...new Set(outcomes.map(({ item }) => item.language))].sort()
  return Object.fromEntries(
    languages.map((language) => {
      const recorded = clips.filter((clip) => clip.kind === 'recorded' && clip.part === 'test' && clip.language === language)
      if (recorded.length < leastClips) return [language, `insufficient (${recorded.length} recorded clips)`]
      const own = ({ item }: Outcome) => item.recorded && item.language === language
      return [
        language,
        {
          falseMachines: shareWhere(people.filter(own), isFalseMachine),
          caught: shareWhere(machines.filter(own), isCaughtInTime),
        },
      ]
    }),
  )
}

const humanWaits = people.flatMap(({ item, verdict, atMs }) =>
  verdict !== 'machine' && item.greetingEndMs ? [atMs - item.greetingEndMs] : [],
)
const machineWaits = machines.flatMap(({ item, verdict, atMs }) => (verdict === 'machine' ? [atMs - firstWordMs(item)] : []))
const beeps = matchBeeps(outcomes.filter(({ item }) => item.label !== 'other'))
const falseOnTones = matchBeeps(outcomes.filter(({ item }) => item.label === 'other' && item.kind !== 'music')).falseBeeps
const beepRecall = shareWhere(beeps.pairs, ({ heard }) => heard !== undefined)
const hours = hoursOfSpeech(outcomes)

/** Named tones; clean: nothing lost, little noise. */
const isClean = ({ item }: Pick<Outcome, 'item'>) => item.lost.length === 0 && item.line.signalToNoiseDb >= 20
const toneKinds = { fax: 'fax', sit: 'sit', busy: 'busy_tone', ringback: 'ringback', music: 'music' }
const others = outcomes.filter(({ item }) => item.label === 'other')
const hears = ({ item, tones }: Outcome) =>
  Object.entries(toneKinds).some(([kind, tone]) => kind === item.kind && tones.includes(tone))
const tones = {
  all: bySlice(others, ({ item }) => item.kind, hears),
  clean: bySlice(others.filter(isClean), ({ item }) => item.kind, hears),
}
const networkTones = shareWhere(
  others.filter((one) => isClean(one) && one.item.kind !== 'music'),
  hears,
)

process.stdout.write('the ceiling: perfect ears\n')
const perfect = await train(perfectEars, (line) => process.stdout.write(`  ${line}\n`))
const spoken = part.items.filter(({ label }) => label !== 'other')
const perfectTrials = trialsOf(
  spoken.map((item) => perfectEars(part, item)),
  perfect,
)
/** For the curve a third of the items is enough. */
const ourTrials = trialsOf(
  spoken.filter((_, n) => n % 3 === 0).map((item) => ownEars(part, item)),
  model,
)
const perfectMachines = perfectTrials.filter(({ item }) => item.label === 'machine')
const ceiling = {
  falseMachines: shareWhere(
    perfectTrials.filter(({ item }) => item.label === 'human'),
    (trial) => ending(trial, perfect.policy).verdict === 'machine',
  ),
  caught: shareOf(Math.round(caughtInTime(perfectTrials, perfect.policy) * perfectMachines.length), perfectMachines.length),
  caughtWithBeep: shareWhere(perfectMachines, (trial) => {
    const { verdict, atMs } = ending(trial, perfect.policy)
    return (verdict === 'machine' && atMs <= 8000) || (trial.item.beep?.endMs ?? Number.POSITIVE_INFINITY) <= 8000
  }),
  machineWaitMs: {
    median: quantile(
      perfectMachines.flatMap((trial) => {
        const { verdict, atMs } = ending(trial, perfect.policy)
        return verdict === 'machine' ? [atMs - firstWordMs(trial.item)] : []
      }),
      0.5,
    ),
  },
}

process.stdout.write("Asterisk's AMD\n")
const played = playedOf(part)
const tunedSettings = tuneAppAmd(playedOf(await openPart('validation')), falseMachines.share)
const asDefault = judgeWith(played, amdDefaults)
const tuned = judgeWith(played, tunedSettings)
const live = await compareWithAsterisk(part, liveItems)

const told = ({ falseMachines, caught }: AmdResult) => ({ falseMachines, caught })
const check = (name: string, value: string, limit: string, ok: boolean): Check => ({ name, value, limit, ok })
const ms = (values: number[], share: number) => Math.round(quantile(values, share))
const checks = [
  check('people taken for machines', percent(falseMachines), '<= 1 %', falseMachines.share <= 0.01),
  check(`the same in the worst slice (${worstName})`, percent(worst), '<= 3 %', worst.share <= 0.03),
  check(
    'machines caught within 5 s of the first word',
    `${percent(caught)}; ceiling ${percent(ceiling.caught)}`,
    '>= 90 %',
    caught.share >= 0.9,
  ),
  check(
    'machines caught by 8 s, with the beep',
    `${percent(caughtWithBeep)}; ceiling ${percent(ceiling.caughtWithBeep)}`,
    '>= 97 %',
    caughtWithBeep.share >= 0.97,
  ),
  check('"human" after the greeting: median', `${ms(humanWaits, 0.5)} ms`, '<= 500 ms', ms(humanWaits, 0.5) <= 500),
  check('"human" after the greeting: p95', `${ms(humanWaits, 0.95)} ms`, '<= 800 ms', ms(humanWaits, 0.95) <= 800),
  check('"machine" after the first word: median', `${ms(machineWaits, 0.5)} ms`, '<= 2500 ms', ms(machineWaits, 0.5) <= 2500),
  check('"machine" after the first word: p95', `${ms(machineWaits, 0.95)} ms`, '<= 4500 ms', ms(machineWaits, 0.95) <= 4500),
  check('beep: recall', percent(beepRecall), '>= 97 %', beepRecall.share >= 0.97),
  check('beep: error of the onset, p95', `${ms(beeps.errors, 0.95)} ms`, '<= 30 ms', ms(beeps.errors, 0.95) <= 30),
  check(
    'beep: false, an hour of speech',
    (beeps.falseBeeps.length / hours).toFixed(2),
    '<= 0.5',
    beeps.falseBeeps.length / hours <= 0.5,
  ),
  check('beep: false on tones of the network', `${falseOnTones.length}`, '0', falseOnTones.length === 0),
  check('SIT, fax, busy and ringback, clean', percent(networkTones), '>= 99 %', networkTones.share >= 0.99),
  check(`${streams} streams, cores`, ((cpuMsPerSecond * streams) / 1000).toFixed(2), '<= 1', cpuMsPerSecond * streams <= 1000),
  check(
    'port of app_amd agrees with Asterisk',
    percent(shareOf(live.agree, live.items)),
    '>= 95 %',
    live.agree >= 0.95 * live.items,
  ),
  check('items a label', `${people.length}, ${machines.length}`, '>= 3000', Math.min(people.length, machines.length) >= 3000),
]

const svg = drawCurve([
  { name: 'Outpace', colour: '#0a6', points: curveOf(ourTrials, model.policy) },
  { name: 'perfect ears and a clock', colour: '#999', points: curveOf(perfectTrials, perfect.policy) },
  {
    name: "Asterisk's AMD, default",
    colour: '#c33',
    points: [{ falseMachines: asDefault.falseMachines.share, caught: asDefault.caught.share }],
  },
  {
    name: "Asterisk's AMD, tuned",
    colour: '#e90',
    points: [{ falseMachines: tuned.falseMachines.share, caught: tuned.caught.share }],
  },
])

const fine = report(
  'amd',
  {
    'test part': `${outcomes.length} items, ${hours.toFixed(1)} hours of speech, policy ${JSON.stringify(model.policy)}`,
    'ceiling (perfect ears, a clock)': ceiling,
    'asterisk default': told(asDefault),
    'asterisk tuned to our rate of errors': { settings: tunedSettings, ...told(tuned) },
    'asterisk, real against port': { items: live.items, agree: live.agree, differences: live.differences },
    'recorded voices alone': await recordedByLanguage(),
    slices,
    tones,
    'false beeps on tones': bySlice(
      falseOnTones,
      ({ item }) => `${item.kind}, ${isClean({ item }) ? 'clean' : 'noisy or lossy'}`,
      () => true,
    ),
    'false beeps in music': matchBeeps(outcomes.filter(({ item }) => item.kind === 'music')).falseBeeps.length,
    'machine verdict ms': { median: ms(machineWaits, 0.5), p95: ms(machineWaits, 0.95) },
    verdicts: {
      people: bySlice(
        people,
        ({ verdict }) => verdict,
        () => true,
      ),
      machines: bySlice(
        machines,
        ({ verdict }) => verdict,
        () => true,
      ),
    },
  },
  checks,
)
await writeFile('var/reports/amd-roc.svg', svg)
process.exitCode = fine ? 0 : 1
