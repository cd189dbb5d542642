/**
 * The far end of the telephone network on this machine: a carrier with everybody behind it, and agents' phones.
 * Each is one SIPp process that is ready when the promise resolves and gone after `stop`.
 * Who uses it: `make demo`, the journey tests, the benchmarks. What the callees do: endings.ts.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareAudio, type Voice } from './audio.ts'
import { eventually } from './deadline.ts'
import { type Sipp, startSipp, textOf, untilAnswering } from './sipp.ts'
import { readCalls, readRegistrations, type WireCall } from './wire-log.ts'

const scenario = (name: string) => fileURLToPath(new URL(`./sipp-scenarios/${name}.xml`, import.meta.url))

export interface Carrier {
  pid: number
  port: number
  /** Every call so far. */
  calls(): Promise<WireCall[]>
  /** The first call that fits, as soon as its story is in the log (SIPp writes it down after it happened). */
  call(fits: (call: WireCall) => boolean, deadlineMs?: number): Promise<WireCall>
  stop(): Promise<void>
}

export interface CarrierOptions {
  /** Local address; absent: loopback. */
  address?: string
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
    address: options.address,
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
    call: (fits, deadlineMs = 5000) =>
      eventually(deadlineMs, `a fitting call in ${sipp.messagesFile}`, async () => (await callsOf(sipp)).find(fits)),
    stop: () => sipp.stop(),
  }
}

export interface Agents {
  pid: number
  /** Every call to or from these phones so far; of a call to a phone, `called` is the account. */
  calls(): Promise<WireCall[]>
  /** The phones lose power: no BYE. */
  stop(): Promise<void>
}

export interface AgentsOptions {
  /** Local address; absent: loopback. */
  address?: string
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
    address: options.address,
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
  const wanted = accounts.length
  const all = async () => ((await ready()) >= wanted ? true : undefined)
  await orStop(sipp, eventually(15_000 + wanted * 200, `all ${wanted} phones of ${name} (see ${sipp.messagesFile})`, all))
  return { pid: sipp.pid, calls: () => callsOf(sipp), stop: () => sipp.stop() }
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

/** Ready, or ended with its reason. */
async function orStop(sipp: Sipp, ready: Promise<unknown>): Promise<void> {
  const tooSoon = sipp.ended.then((code) => {
    const why = code === 127 ? 'it is not installed (Debian package sip-tester)' : `see ${sipp.errorsFile}`
    throw new Error(`SIPp ended at its start with code ${code}: ${why}`)
  })
  try {
    await Promise.race([ready, tooSoon])
  } catch (error) {
    await sipp.stop()
    throw error
  }
}
