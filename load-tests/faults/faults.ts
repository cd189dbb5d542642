/**
 * `make faults`: a call centre at 10 calls a second with 50 agents, and one blow after another at random moments of a fixed seed.
 * The carrier's own log is the judge against the database (judge.ts). Report: var/reports/faults.json.
 * `--only=engine-killed,postgres-gone`, `--times=3`, `--agents=`, `--calls-per-second=`, `--seed=`, `--outage-seconds=`, `--minutes=`: ends after the fault that is under way then.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { uniform } from '../../dialer/pacing/simulator/random.ts'
import { report } from '../report.ts'
import { type Hall, openHall } from './hall.ts'
import { type AttemptRow, type Blow, judge, recoveryMs, type Verdict } from './judge.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    times: { type: 'string', default: '20' },
    agents: { type: 'string', default: '50' },
    'calls-per-second': { type: 'string', default: '10' },
    'outage-seconds': { type: 'string', default: '30' },
    seed: { type: 'string', default: '6' },
    minutes: { type: 'string', default: '240' },
  },
})
const times = Number(values.times)
const callsPerSecond = Number(values['calls-per-second'])
const outageMs = Number(values['outage-seconds']) * 1000
const seed = Number(values.seed)
const say = (text: string) => process.stdout.write(`${text}\n`)

interface Fault {
  /** Resolves when the cause is gone. */
  strike(hall: Hall): Promise<void>
  /** The switch itself dies: its talks end with it. */
  endsTalks?: true
}

const shortMs = 6000

const faults: Record<string, Fault> = {
  'engine-killed': {
    async strike(hall) {
      await hall.engine.kill()
      await hall.startAnew()
    },
  },
  'asterisk-killed': {
    endsTalks: true,
    async strike(hall) {
      await hall.killSwitch()
      await hall.startSwitch()
    },
  },
  'postgres-gone': {
    async strike({ lines }) {
      await lines.database.cut()
      await pause(outageMs)
      await lines.database.restore()
    },
  },
  'redis-gone': {
    async strike({ lines }) {
      await lines.redis.cut()
      await pause(shortMs)
      await lines.redis.restore()
    },
  },
  'switch-silent': {
    async strike({ lines }) {
      lines.switch.freeze()
      await pause(shortMs)
      lines.switch.thaw()
    },
  },
  'switch-slow': {
    async strike({ lines }) {
      lines.switch.slowDown(300)
      await pause(shortMs)
      lines.switch.slowDown(0)
    },
  },
  'switch-refuses': {
    async strike({ ari }) {
      await ari.spoil({ method: 'POST', path: /./, how: 500, times: 40 })
    },
  },
  'event-storm': {
    async strike({ ari }) {
      const junk = [
        '{"type":"ChannelDestroyed","cause":16,"channel":{"id":"nobody"}}',
        '{"type":"StasisStart","args":["answered"],"channel":{"id":"nobody"}}',
        '{"type":"ChannelDtmfReceived","digit":"1","channel":{"id":"nobody"}}',
        '{"type":"StasisStart","args":',
        'nonsense',
      ]
      for (let n = 0; n < 40; n++) {
        for (const message of junk) ari.flood(message, 100)
        await pause(50)
      }
    },
  },
  'clock-jumps': {
    async strike(hall) {
      for (const offsetMs of [3_600_000, -3_600_000, 0]) {
        hall.setClock(offsetMs)
        await pause(1500)
      }
    },
  },
  'poison-lead': {
    async strike({ pool, campaignId }) {
      await pool.query(
        `update contacts set time_zone = 'Mars/Phobos', country = '??' where id in (
           select contact_id from leads where campaign_id = $1 and state = 'waiting' order by next_attempt_at limit 20)`,
        [campaignId],
      )
      await pause(2000)
    },
  },
  'rolling-restart': {
    async strike(hall) {
      const before = hall.engine
      const next = await hall.standIn()
      const gone = before.stop()
      await Promise.all([gone, next.takeOver()])
    },
  },
  'engine-slept': {
    async strike(hall) {
      const { pid } = hall.engine
      const next = await hall.standIn()
      process.kill(pid, 'SIGSTOP')
      await next.takeOver()
      process.kill(pid, 'SIGCONT')
    },
  },
}

/** Attempts of earlier rounds; some were placed in a future that a clock made up. */
const judged = new Set<string>()

async function attemptsSince(hall: Hall, at: number): Promise<AttemptRow[]> {
  const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`
  const { rows } = await hall.pool.query<AttemptRow>(
    `select id, number, disposition, end_reason as "endReason", ${ms('answered_at')} as "answeredAt",
            ${ms('connected_at')} as "connectedAt", ${ms('ended_at')} as "endedAt"
       from attempts where placed_at >= to_timestamp($1 / 1000.0) and id <> all ($2::uuid[])`,
    [at, [...judged]],
  )
  return rows
}

const inSeconds = (ms = Number.NaN) => `${(ms / 1000).toFixed(1)} s`

interface Round extends Verdict {
  fault: string
  lastedMs: number
  recoveryMs: number | undefined
  attempts: number
}

/** Waits until the carrier sees the full rate, at most so long. */
async function untilFullRate(hall: Hall, blow: Blow, limitMs: number): Promise<void> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await pause(500))
    if (recoveryMs(blow, await hall.carrier.calls(), callsPerSecond) !== undefined) return
}

async function strikeOnce(hall: Hall, name: string, fault: Fault, round: number): Promise<Round> {
  await hall.enlist(callsPerSecond * 2 * Math.ceil((outageMs + 60_000) / 1000 / 2))
  const began = Date.now()
  await hall.engine.post(`/v1/campaigns/${hall.campaignId}/start`)
  await untilFullRate(hall, { fault: 'none', at: began, goneAt: began }, 20_000)
  await pause(3000 + uniform(seed, 0, round) * 3000)
  const at = Date.now()
  await fault.strike(hall)
  const blow: Blow = { fault: name, at, goneAt: Date.now() }
  await untilFullRate(hall, blow, 20_000)
  await pause(2500)
  await hall.engine.post(`/v1/campaigns/${hall.campaignId}/pause`)
  const attempts = await allOver(hall, began)
  // A second INVITE to anybody since the first blow would be seen, whatever the round.
  const everybody = await hall.carrier.calls()
  const calls = everybody.filter(({ invitedAt }) => invitedAt >= began)
  const verdict = judge(blow, calls, attempts, fault.endsTalks ?? false)
  const twice = judge(blow, everybody, [], true).dialedTwice
  for (const { id } of attempts) judged.add(id)
  return {
    ...verdict,
    dialedTwice: twice.filter((called) => calls.some((call) => call.called === called)),
    fault: name,
    lastedMs: blow.goneAt - blow.at,
    recoveryMs: recoveryMs(blow, everybody, callsPerSecond),
    attempts: attempts.length,
  }
}

/** Every call of the round has ended, on the wire and in the database; what has not after a minute is a finding. */
async function allOver(hall: Hall, since: number): Promise<AttemptRow[]> {
  for (const deadline = Date.now() + 60_000; ; await pause(500)) {
    const attempts = await attemptsSince(hall, since)
    if (attempts.every(({ endedAt }) => endedAt) || Date.now() > deadline) return attempts
  }
}

async function main(): Promise<boolean> {
  const names = values.only?.split(',') ?? Object.keys(faults)
  const hall = await openHall({ agents: Number(values.agents), callsPerSecond })
  const endsAt = Date.now() + Number(values.minutes) * 60_000
  const rounds: Round[] = []
  try {
    for (let n = 1; n <= times; n++)
      for (const name of names) {
        if (Date.now() > endsAt) continue
        const fault = faults[name]
        if (!fault) throw new Error(`no fault is called ${name}; there are ${Object.keys(faults).join(', ')}`)
        const round = await strikeOnce(hall, name, fault, rounds.length)
        rounds.push(round)
        const { dialedTwice, lostOutcomes, cutTalks, silences, attempts } = round
        const found = [
          ...dialedTwice,
          ...lostOutcomes,
          ...cutTalks,
          ...silences.map(({ attemptId, ms }) => `${attemptId} silent for ${ms} ms`),
        ]
        say(
          `${n}/${times} ${name.padEnd(16)} lasted ${(round.lastedMs / 1000).toFixed(1)} s, full rate after ` +
            `${round.recoveryMs === undefined ? 'never' : `${(round.recoveryMs / 1000).toFixed(1)} s`}, ${attempts} attempts` +
            `${found.length > 0 ? `\n    ${found.slice(0, 8).join('\n    ')}` : ''}`,
        )
      }
  } finally {
    await hall.close()
  }
  const sum = (count: (round: Round) => number) => rounds.reduce((total, round) => total + count(round), 0)
  const none = (name: string, value: number) => ({ name, value, limit: '0', ok: value === 0 })
  const slow = rounds.filter((round) => !(round.recoveryMs !== undefined && round.recoveryMs <= 10_000)).length
  const perFault = names.map((name) => {
    const own = rounds.filter(({ fault }) => fault === name)
    const recoveries = own.map((round) => round.recoveryMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
    return [
      name,
      `${own.length} times, ${own.reduce((total, { attempts }) => total + attempts, 0)} attempts, full rate after ${inSeconds(recoveries[Math.floor(recoveries.length / 2)])}, at most ${inSeconds(recoveries.at(-1))}`,
    ] as const
  })
  const fewest = Math.min(...names.map((name) => rounds.filter(({ fault }) => fault === name).length))
  const findings = rounds.filter((round) => Object.values(round).some((value) => Array.isArray(value) && value.length > 0))
  return report('faults', { ...Object.fromEntries(perFault), seed, findings }, [
    none(
      'people dialed twice',
      sum(({ dialedTwice }) => dialedTwice.length),
    ),
    none(
      'outcomes lost',
      sum(({ lostOutcomes }) => lostOutcomes.length),
    ),
    none(
      'talks cut by a death of the engine',
      sum(({ cutTalks }) => cutTalks.length),
    ),
    none(
      'answered callees in silence over 2 s + the fault',
      sum(({ silences }) => silences.length),
    ),
    { name: 'faults without the full rate within 10 s', value: slow, limit: '0', ok: slow === 0 },
    { name: 'times of each fault', value: fewest, limit: '>= 20', ok: fewest >= 20 },
  ])
}

process.exitCode = (await main()) ? 0 : 1
process.exit()
