/**
 * The far end of the telephone network on this machine: a carrier with everybody behind it, and agents' phones.
 * Each is one SIPp process that is ready when the promise resolves and gone after `stop`.
 * Who uses it: `make demo`, the journey tests, the benchmarks. What the callees do: endings.ts.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareAudio, type Voice } from './audio.ts'
import { type Sipp, startSipp, textOf, untilAnswering } from './sipp.ts'
import { readCalls, readRegistrations, type WireCall } from './wire-log.ts'

const scenario = (name: string) => fileURLToPath(new URL(`./sipp-scenarios/${name}.xml`, import.meta.url))

export interface Carrier {
  pid: number
  port: number
  /** Every call so far. */
  calls(): Promise<WireCall[]>
  stop(): Promise<void>
}

export interface CarrierOptions {
  /** SIP port; 0 or absent: any free one. */
  port?: number
  mediaPort?: number
  /** Where its logs go. */
  dir: string
  name?: string
  dataDir?: string
  timeoutSeconds?: number
}

export async function startCarrier(options: CarrierOptions): Promise<Carrier> {
  const sipp = await startSipp({
    scenario: scenario('carrier'),
    name: options.name ?? 'carrier',
    port: options.port ?? 0,
    mediaPort: options.mediaPort ?? 0,
    workDir: await prepareAudio(options.dataDir),
    logDir: options.dir,
    timeoutSeconds: options.timeoutSeconds ?? 3600,
  })
  await orStop(sipp, untilAnswering(sipp))
  return {
    pid: sipp.pid,
    port: sipp.port,
    calls: () => callsOf(sipp),
    stop: () => sipp.stop(),
  }
}

export interface Agents {
  pid: number
  /** Every call to or from these phones so far; of a call to a phone, `called` is the account. */
  calls(): Promise<WireCall[]>
  /** `killed`: the phones lose power, without a BYE. */
  stop(how?: 'orderly' | 'killed'): Promise<void>
}

export interface AgentsOptions {
  accounts: { account: string; password: string }[]
  registrar: { host: string; port: number }
  /** SIP port of all these phones; 0 or absent: any free one. */
  port?: number
  mediaPort?: number
  dir: string
  name?: string
  /** `wait_for_call`: registers and answers the engine's call. `dial_in`: calls the log-in code; does not register. */
  mode: 'wait_for_call' | 'dial_in'
  /** Dialed in mode `dial_in`. */
  loginCode?: string
  /** What the agents say all day; `none`: no RTP at all, for load without audio. */
  voice?: Voice | 'none'
  pickUpAfterMs?: number
  /** The agent ends his shift by hanging up; absent: never. */
  hangUpAfterMs?: number
  /** Phones that register, or dial in, per second. */
  perSecond?: number
  dataDir?: string
  timeoutSeconds?: number
}

/** Resolves when every phone is registered, or in mode `dial_in` when every log-in call was answered. */
export async function startAgents(options: AgentsOptions): Promise<Agents> {
  const name = options.name ?? 'agents'
  const dir = resolve(options.dir)
  await mkdir(dir, { recursive: true })
  const accountsFile = join(dir, `${name}-accounts.csv`)
  const accounts = options.accounts.map(
    ({ account, password }) => `${account};[authentication username=${account} password=${password}]`,
  )
  await writeFile(accountsFile, `SEQUENTIAL\n${accounts.join('\n')}\n`, { mode: 0o600 })
  const waits = options.mode === 'wait_for_call'
  const template = await readFile(scenario(waits ? 'agent-phone-answers' : 'agent-phone-dials-in'), 'utf8')
  const filledIn = join(dir, `${name}-scenario.xml`)
  await writeFile(filledIn, fillIn(template, options))
  const sipp = await startSipp({
    scenario: waits ? scenario('agent-phone-registers') : filledIn,
    name,
    port: options.port ?? 0,
    mediaPort: options.mediaPort ?? 0,
    workDir: await prepareAudio(options.dataDir),
    logDir: dir,
    timeoutSeconds: options.timeoutSeconds ?? 3600,
    extra: [
      ...(waits ? ['-oocsf', filledIn] : ['-s', options.loginCode ?? '*10']),
      ...['-inf', accountsFile, '-m', `${accounts.length}`, '-l', `${accounts.length}`, '-r', `${options.perSecond ?? 20}`],
      `${options.registrar.host}:${options.registrar.port}`,
    ],
  })
  const ready = async () => {
    if (waits) return readRegistrations(await textOf(sipp.notesFile)).length
    return (await callsOf(sipp)).filter((call) => call.answeredAt !== undefined).length
  }
  await orStop(sipp, untilAll(accounts.length, ready, sipp, name))
  return { pid: sipp.pid, calls: () => callsOf(sipp), stop: (how) => sipp.stop(how) }
}

function fillIn(template: string, options: AgentsOptions): string {
  const voice = options.voice ?? 'speech'
  const play = voice === 'none' ? '' : `<nop><action><exec rtp_stream="agent-${voice}.al,-1,8"/></action></nop>`
  return template
    .replaceAll('PLAY_VOICE', play)
    .replaceAll('PICK_UP_AFTER_MS', `${options.pickUpAfterMs ?? 300}`)
    .replaceAll('HANG_UP_AFTER_MS', `${options.hangUpAfterMs ?? 24 * 3_600_000}`)
}

async function callsOf(sipp: Sipp): Promise<WireCall[]> {
  return readCalls(await textOf(sipp.messagesFile), await textOf(sipp.notesFile))
}

async function orStop(sipp: Sipp, ready: Promise<void>): Promise<void> {
  try {
    await ready
  } catch (error) {
    await sipp.stop('killed')
    throw error
  }
}

/** Looks every 50 ms until the count is reached, the process ended, or the deadline passed. */
function untilAll(wanted: number, count: () => Promise<number>, sipp: Sipp, name: string): Promise<void> {
  const deadline = Date.now() + 15_000 + wanted * 200
  return new Promise((resolvePromise, reject) => {
    const look = () =>
      count().then((reached) => {
        if (reached >= wanted) resolvePromise()
        else if (Date.now() > deadline) reject(new Error(`${name}: only ${reached} of ${wanted} phones got through`))
        else setTimeout(look, 50)
      }, reject)
    void sipp.ended.then(
      (code) => reject(new Error(`${name}: SIPp ended early with code ${code}; see ${sipp.errorsFile}`)),
      reject,
    )
    void look()
  })
}
