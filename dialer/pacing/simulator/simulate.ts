/**
 * `make simulate`: what would each way of dialing give my team? Runs peers and our pacer on the same
 * simulated days, prints a table and writes an HTML page. `--help` lists the options; with `--history`
 * the days are made of a campaign's own calls.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { historyWorld, parseHistory } from './history.ts'
import { optimum } from './markov-optimum.ts'
import { everyMsFor, type Measured, summarise } from './measure.ts'
import { createOurs, pacerSettings } from './ours.ts'
import { type PageData, pageOf, type Timeline } from './page.ts'
import { createPeer, type PeerSettings, VICIDIAL_DEFAULT } from './peers.ts'
import { searchDays, tunePeer } from './tune.ts'
import { uplotSources } from './uplot.ts'
import { runDays, type View } from './world.ts'
import { createWorld, type WorldOptions, type WorldSettings } from './world-settings.ts'

const HELP = `npx tsx dialer/pacing/simulator/simulate.ts [options]
  --agents 20          agents at work
  --answer-rate 0.2    share of calls a person answers
  --talk 104           mean talk, seconds (55 % short and 45 % long ones)
  --wrap-up 12         mean wrap-up, seconds
  --false-positives 0  share of people that detection takes for machines
  --target 0.03        abandonment rate for the day's timeline
  --days 10  --hours 8  --seed 1
  --history calls.csv  hour,outcome,ring_seconds,talk_seconds,wrap_up_seconds: your own campaign
  --first-hour 9       hour at which the history's day starts
  --out var/reports/simulate.html`

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '20' },
    'answer-rate': { type: 'string', default: '0.2' },
    talk: { type: 'string', default: '104' },
    'wrap-up': { type: 'string', default: '12' },
    'false-positives': { type: 'string', default: '0' },
    target: { type: 'string', default: '0.03' },
    days: { type: 'string', default: '10' },
    hours: { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    history: { type: 'string' },
    'first-hour': { type: 'string', default: '9' },
    out: { type: 'string', default: 'var/reports/simulate.html' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(HELP)
else main()

function main(): void {
  const options = worldOptions()
  const days = number('days')
  const world = values.history
    ? historyWorld(parseHistory(readFileSync(values.history, 'utf8')), options, number('first-hour'))
    : createWorld(options)
  const peers = peersOf(options, days).map((settings) => runPeer(settings, world, days))
  const ours = [...new Set([0.005, 0.01, 0.02, 0.03, number('target')])].map((target) => ({
    ...runOurs(world, days, target),
    target,
  }))
  const data: PageData = {
    title: `Pacing for ${options.agents} agents`,
    about: values.history
      ? `${days} days drawn from ${values.history}.`
      : `${days} days of ${options.hours} hours, ${100 * number('answer-rate')} % of calls answered by a person, seed ${options.seed}.`,
    peers,
    ours,
    timeline: timelineOf(world, number('target')),
  }
  const exact = exactOptimum(options)
  if (exact !== undefined) data.optimum = exact
  print(data)
  mkdirSync(dirname(values.out), { recursive: true })
  writeFileSync(values.out, pageOf(data, uplotSources()))
  console.log(`\ncharts: ${values.out}`)
}

function number(name: Exclude<keyof typeof values, 'history' | 'out' | 'help'>): number {
  const value = Number(values[name])
  if (!Number.isFinite(value) || value < 0)
    throw new RangeError(`--${name} must be a number that is not negative, not "${values[name]}"`)
  return value
}

function worldOptions(): WorldOptions {
  // The usual mix of 25 s and 200 s talks has a mean of 104 s; other means stretch it.
  const stretch = number('talk') / (0.55 * 25 + 0.45 * 200)
  return {
    agents: number('agents'),
    seed: number('seed'),
    answerProbability: number('answer-rate'),
    hours: number('hours'),
    talk: { shortShare: 0.55, shortSec: 25 * stretch, longSec: 200 * stretch, sigma: 0.6 },
    wrapUpSec: number('wrap-up'),
    ...(number('false-positives') > 0 && { detection: { sec: 1, takenForMachines: number('false-positives') } }),
  }
}

/** The tuned ones are tuned on the plain world; with a history they are shown as they ship. */
function peersOf(options: WorldOptions, days: number): PeerSettings[] {
  const tuned = values.history
    ? []
    : (['vicidial', 'ratio', 'pi'] as const).map(
        (kind) => tunePeer(kind, options, Math.min(days, searchDays(options, days))).settings,
      )
  return [{ kind: 'progressive', level: 1 }, VICIDIAL_DEFAULT, ...tuned.filter((settings) => settings !== undefined)]
}

function runPeer(settings: PeerSettings, world: WorldSettings, days: number): Measured {
  const policy = createPeer(settings, world.hours)
  const tuned = settings.kind === 'progressive' ? '' : settings === VICIDIAL_DEFAULT ? ', default' : ', tuned in hindsight'
  return summarise(policy.name + tuned, runDays(world, policy, days))
}

function runOurs(world: WorldSettings, days: number, abandonTarget: number): Measured {
  const settings = pacerSettings(world, { abandonTarget, peopleTakenForMachines: world.takenForMachines })
  return summarise('Outpace', runDays(world, createOurs(settings, everyMsFor(world.agents)), days), abandonTarget)
}

/** The second day, when the pacer knows its world, every half minute. */
function timelineOf(world: WorldSettings, abandonTarget: number): Timeline {
  const ours = createOurs(pacerSettings(world, { abandonTarget, peopleTakenForMachines: world.takenForMachines }), 1000)
  const timeline: Timeline = { hour: [], talking: [], idle: [], ringing: [], abandoned: [], acceptedRisk: [] }
  let day = -1
  let reason = ''
  const { dayStarts } = ours
  ours.dayStarts = (started) => {
    day = started
    dayStarts?.(started)
  }
  ours.decide = (view) => {
    const decision = ours.pacer.decide(view.at)
    reason = decision.reason
    return decision.calls
  }
  runDays(world, ours, 2, (view: View) => {
    if (day !== 1 || view.at % 30_000 !== 0) return
    const accepted = /accepted ([\d.]+)/.exec(reason)
    timeline.hour.push((view.at % 86_400_000) / 3_600_000 - 9)
    timeline.talking.push(view.busy)
    timeline.idle.push(view.idle)
    timeline.ringing.push(view.ringing)
    timeline.abandoned.push(Math.round(view.abandonedToday))
    timeline.acceptedRisk.push(accepted ? Number(accepted[1]) : null)
  })
  return timeline
}

/** Known for small teams only: the solver's states grow with the square of the team. */
function exactOptimum(options: WorldOptions): number | undefined {
  if (values.history || options.agents > 30) return undefined
  const handleSec = number('talk') + number('wrap-up')
  return optimum(
    { agents: options.agents, answerProbability: number('answer-rate'), handleSec, ringSec: 12, graceSec: 2 },
    number('target'),
  ).occupancy
}

function print({ peers, ours, optimum: best }: PageData): void {
  const rows = [
    ...peers.map((peer) => [peer.policy, peer] as const),
    ...ours.map((one) => [`Outpace, target ${100 * one.target} %`, one] as const),
  ]
  console.log(`${'way of dialing'.padEnd(32)}  busy %  idle %  abandoned %  days within limit`)
  for (const [name, row] of rows) {
    const figures = [100 * row.occupancy, 100 - 100 * row.occupancy].map((n) => n.toFixed(1).padStart(6)).join('  ')
    console.log(
      `${name.padEnd(32)}  ${figures}  ${(100 * row.abandonment).toFixed(2).padStart(11)}  ${row.daysWithin} of ${row.days}`,
    )
  }
  if (best !== undefined) console.log(`exact optimum with exponential times${' '.repeat(2)}${(100 * best).toFixed(1)}`)
}
