/**
 * `make bench-messages`: voice messages as the far end hears them, through the real engine, detector and Asterisk. Phones of
 * ours play greetings of answering machines with their beeps, and people who say hello; each records what it hears and when.
 * Measured at the callee: how long after the end of the beep the message begins, and how long after the verdict for a person.
 * Report: var/reports/messages.json.
 */
import { createPool, type Pool } from '../dialer/storage/database.ts'
import { speak } from './audio.ts'
import { eventually } from './deadline.ts'
import { demoCampaign } from './demo-setup.ts'
import { startEngine } from './engine-process.ts'
import { type Floor, openFloor } from './load/floor.ts'
import { quantile } from './load/loop.ts'
import { createPhone, type Phone } from './phone.ts'
import type { PhoneCall } from './phone-call.ts'
import { report } from './report.ts'
import { concat, encodeAlaw, mix, noise, type Samples, silence, tone } from './signal.ts'

const machines = Number(process.env.MACHINES ?? 40)
const people = Number(process.env.PEOPLE ?? 20)
/** Two cores play, switch, listen and speak here. */
const atOnce = 5
const runLimitMs = 600_000

interface Callee {
  number: string
  audio: Buffer
  /** Seconds from the first sample to the end of the beep; absent: a person. */
  beepEnds?: number
}

interface Heard {
  callee: Callee
  call: PhoneCall
}

/** Told by three voices; each machine has its own length of greeting, pause before the beep, pitch and line noise. */
const greetings = [
  [
    'pl',
    'Dzień dobry. Dodzwoniłeś się do poczty głosowej. Nie mogę teraz odebrać telefonu. Proszę zostawić wiadomość po sygnale.',
  ],
  [
    'de',
    'Guten Tag. Sie haben die Mailbox von Familie Beispiel erreicht. Bitte hinterlassen Sie eine Nachricht nach dem Signalton.',
  ],
  ['en-gb', 'Hello. You have reached the voice mail of the Example family. Please leave your name and number after the tone.'],
] as const
const hellos = [
  ['pl', 'Halo?'],
  ['cs', 'Haló, prosím?'],
  ['de', 'Ja, hallo?'],
] as const

const numberOf = (n: number) => `+4860${n < machines ? 1 : 2}${String(n).padStart(6, '0')}`

async function cast(): Promise<Callee[]> {
  const [greeted, hello] = await Promise.all(
    [greetings, hellos].map((texts) => Promise.all(texts.map(([voice, words]) => speak(voice, words)))),
  )
  const inTurn = (voices: Samples[] = [], n: number): Samples => voices[n % voices.length] ?? silence(1)
  const onTheLine = (samples: Samples, n: number) => encodeAlaw(mix(samples, noise(1, n % 4 === 0 ? 0.006 : 0.001, n + 1)))
  const machine = (n: number): Callee => {
    const before = concat(silence(0.2 + 0.05 * (n % 5)), inTurn(greeted, n), silence(0.2 + 0.15 * (n % 7)))
    const beep = tone([440, 620, 800, 1000, 1400, 2000][n % 6] ?? 1000, 0.2 + 0.1 * (n % 5), 0.4)
    const spoken = concat(before, beep)
    return { number: numberOf(n), audio: onTheLine(concat(spoken, silence(90)), n), beepEnds: spoken.length / 8000 }
  }
  const person = (n: number): Callee => ({
    number: numberOf(machines + n),
    audio: onTheLine(concat(silence(0.3 + 0.1 * (n % 4)), inTurn(hello, n), silence(90)), n),
  })
  return [...Array.from({ length: machines }, (_, n) => machine(n)), ...Array.from({ length: people }, (_, n) => person(n))]
}

/** Answers every call as its callee would, and keeps it until the engine hangs up. */
async function answerAll(phone: Phone, callees: Callee[], say: (text: string) => void): Promise<Heard[]> {
  const heard: Heard[] = []
  const ends: Promise<unknown>[] = []
  const deadline = Date.now() + runLimitMs
  while (heard.length < callees.length && Date.now() < deadline) {
    const call = await phone.called(60_000)
    const callee = callees.find(({ number }) => number === call.called)
    if (!callee) throw new Error(`nobody has the number ${call.called}`)
    call.ring()
    call.audio.say(callee.audio)
    call.answer()
    heard.push({ callee, call })
    ends.push(call.until('ended', 120_000).then(() => say(`${heard.length} of ${callees.length} called`)))
  }
  await Promise.all(ends)
  return heard
}

interface AttemptRow {
  number: string
  detection: string | null
  detectedAt: number | null
  disposition: string
}

/** When the last end is written. */
async function readAttempts(pool: Pool): Promise<Map<string, AttemptRow>> {
  const written = async () => {
    const { rows } = await pool.query<{ open: number }>('select count(*) as open from attempts where ended_at is null')
    return rows[0]?.open === 0 ? true : undefined
  }
  await eventually(10_000, 'the ends of the calls', written)
  const { rows } = await pool.query<AttemptRow>(
    `select number, detection, disposition, extract(epoch from detected_at)::float8 * 1000 as "detectedAt" from attempts`,
  )
  return new Map(rows.map((row) => [row.number, row]))
}

async function sendOut(floor: Floor, phone: Phone, callees: Callee[]) {
  const url = await floor.newDatabase()
  const engine = await startEngine({ dataDir: floor.dir, env: { ...floor.engineEnv, DATABASE_URL: url } })
  floor.onClose(() => engine.stop())
  const trunk = { id: 'phones', host: '127.0.0.1', port: phone.port, maxChannels: 100, callsPerSecond: 2 }
  await engine.post('/v1/trunks', trunk)
  const waived = { inboundRouteWaived: 'a benchmark in which nobody calls back' }
  await engine.post('/v1/caller-ids', { pool: 'main', trunkId: 'phones', numbers: ['+48223000010', '+48223000011'], ...waived })
  const { windows, looserBecause, country } = demoCampaign.settings
  const { id } = await engine.post<{ id: string }>('/v1/campaigns', {
    name: 'messages',
    settings: {
      ...{
        mode: 'message',
        detection: 'outpace',
        maxConcurrentCalls: atOnce,
        country,
        windows,
        looserBecause,
        callerIdPool: 'main',
      },
      brand: { name: 'Przykład' },
      message: { person: { pl: [{ say: 'Dzień dobry, tu {brand}. Prosimy o kontakt.' }] }, keys: {} },
    },
  })
  const lines = callees.map(({ number }, n) => `M-${n};Jan;${number};D-${n};100,00;PLN`)
  await engine.upload(`/v1/campaigns/${id}/leads`, `external_id;name;phone1;debt_id;balance;currency\n${lines.join('\n')}\n`)
  const pool = createPool(url, 2)
  floor.onClose(() => pool.end())
  await engine.post(`/v1/campaigns/${id}/start`)
  return { pool, pause: () => engine.post(`/v1/campaigns/${id}/pause`) }
}

const round = (value: number) => Math.round(value)
const say = (text: string) => process.stdout.write(`${text}\n`)
/** performance.now() of this process as the engine's clock. */
const wallClock = (at: number) => performance.timeOrigin + at

function judge(heard: Heard[], attempts: Map<string, AttemptRow>): boolean {
  const rows = heard.map(({ callee, call }) => ({ callee, audio: call.audio, attempt: attempts.get(callee.number) }))
  const asMachines = rows.filter(({ callee, attempt }) => callee.beepEnds !== undefined && attempt?.detection === 'machine')
  const afterBeep = asMachines.map(({ callee, audio }) => {
    const first = audio.firstSoundAt()
    const beepEnd = (audio.saidSince() ?? 0) + (callee.beepEnds ?? 0) * 1000
    return first === undefined ? Number.POSITIVE_INFINITY : first - beepEnd
  })
  const asPeople = rows.filter(({ callee, attempt }) => callee.beepEnds === undefined && attempt?.detection !== 'machine')
  const afterVerdict = asPeople
    .map(({ audio, attempt }) => wallClock(audio.firstSoundAt() ?? Number.POSITIVE_INFINITY) - (attempt?.detectedAt ?? 0))
    .sort((a, b) => a - b)
  const inTime = afterBeep.filter((ms) => ms >= 0 && ms <= 600).length
  const early = afterBeep.filter((ms) => ms < 0).length
  const sorted = afterBeep.toSorted((a, b) => a - b)
  const quantiles = (of: number[]) => [0, 0.5, 0.95, 1].map((share) => round(quantile(of, share))).join(' / ')
  const share = inTime / Math.max(1, afterBeep.length)
  const dispositions: Record<string, number> = {}
  for (const { attempt } of rows)
    dispositions[attempt?.disposition ?? 'none'] = (dispositions[attempt?.disposition ?? 'none'] ?? 0) + 1
  const slowest = Math.max(...afterVerdict)
  return report(
    'messages',
    {
      'machines / people called': `${machines} / ${people}`,
      'machines taken for machines, and measured': asMachines.length,
      'machines taken for people (the message began at the verdict)': machines - asMachines.length,
      'people taken for people (or unsure), and measured': asPeople.length,
      'onset after the end of the beep, min / p50 / p95 / max, ms': quantiles(sorted),
      'onset after the verdict for a person, min / p50 / p95 / max, ms': quantiles(afterVerdict),
      dispositions,
    },
    [
      {
        name: 'machines: 0-600 ms after the beep, share',
        value: round(share * 1000) / 1000,
        limit: '>= 0.95',
        ok: share >= 0.95,
      },
      { name: 'machines: begun before the end of the beep', value: early, limit: '0', ok: early === 0 },
      { name: 'people: onset after the verdict, max ms', value: round(slowest), limit: '<= 300', ok: slowest <= 300 },
      {
        name: 'machines measured',
        value: asMachines.length,
        limit: `>= ${machines / 2}`,
        ok: asMachines.length >= machines / 2,
      },
      { name: 'people measured', value: asPeople.length, limit: `>= ${people / 2}`, ok: asPeople.length >= people / 2 },
    ],
  )
}

async function main(floor: Floor): Promise<boolean> {
  const callees = await cast()
  const phone = await createPhone({ port: 0, account: 'everybody' })
  floor.onClose(async () => phone.close())
  const { pool, pause } = await sendOut(floor, phone, callees)
  const heard = await answerAll(phone, callees, say)
  await pause()
  return judge(heard, await readAttempts(pool))
}

const floor = await openFloor('bench-messages')
const ok = await main(floor).catch((error: unknown) => {
  say(`The benchmark failed: ${error instanceof Error ? error.message : error}`)
  return false
})
await floor.close()
process.exit(ok ? 0 : 1)
