/**
 * One SIPp process: bounded, without a terminal, on loopback, ended by its own id.
 * Its logs are files in its directory; the wire is in `messages.log`, what the scenario adds in `notes.log`.
 * Used by world.ts only.
 */
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { within } from './deadline.ts'

export interface SippOptions {
  /** Local address of signalling and media; absent: loopback. */
  address?: string | undefined
  /** Scenario file. */
  scenario: string
  /** Local SIP port; 0: any free one. */
  port: number
  /** Port of its one media socket (SIPp 3.6 sends every stream from it and reads none); 0: any free one. */
  mediaPort: number
  /** Audio files are read from here, */
  workDir: string
  /** and logs written here. */
  logDir: string
  /** Prefix of the log files. */
  name: string
  /** The process ends itself after this many seconds, whatever happens. */
  timeoutSeconds: number
  extra?: string[]
}

export interface Sipp {
  pid: number
  address: string
  port: number
  messagesFile: string
  notesFile: string
  errorsFile: string
  /** Resolves with the exit code when the process is gone. */
  ended: Promise<number | null>
  /** Ends it as if it had lost power: no BYE, no goodbye. Idempotent. */
  stop(): Promise<void>
}

export async function startSipp(options: SippOptions): Promise<Sipp> {
  const { address = '127.0.0.1' } = options
  const logDir = resolve(options.logDir)
  const port = await freePort(options.port, address)
  const mediaPort = await freePort(options.mediaPort, address)
  await mkdir(logDir, { recursive: true })
  const file = (kind: string) => join(logDir, `${options.name}-${kind}.log`)
  await Promise.all(['messages', 'notes', 'errors'].map((kind) => rm(file(kind), { force: true })))
  const screen = openSync(file('screen'), 'w')
  const child = spawn(
    // It dies with this process, however that ends.
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'sipp'],
      ...['-sf', options.scenario, '-i', address, '-p', `${port}`, '-mi', address, '-mp', `${mediaPort}`],
      ...['-nostdin', '-timeout', `${options.timeoutSeconds}`, '-skip_rlimit', '-f', '3600'],
      ...['-trace_shortmsg', '-shortmessage_file', file('messages'), '-trace_logs', '-log_file', file('notes')],
      ...['-trace_err', '-error_file', file('errors')],
      ...(options.extra ?? []),
    ],
    { cwd: options.workDir, stdio: ['ignore', screen, screen] },
  )
  closeSync(screen)
  const ended = new Promise<number | null>((done, reject) => {
    child.once('error', (error) => reject(new Error(`setpriv did not start: ${error.message}`)))
    child.once('exit', done)
  })
  await Promise.race([ended, new Promise((spawned) => child.once('spawn', spawned))])
  return {
    pid: child.pid ?? 0,
    address,
    port,
    messagesFile: file('messages'),
    notesFile: file('notes'),
    errorsFile: file('errors'),
    ended,
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Resolves when it answers SIP OPTIONS. */
export async function untilAnswering(sipp: Sipp, deadlineMs = 10_000): Promise<void> {
  const { port, address } = sipp
  const socket = createSocket('udp4')
  const id = `${process.pid}-${port}-${sipp.pid}`
  const options = () =>
    socket.send(
      [
        `OPTIONS sip:ping@${address}:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${address}:${socket.address().port};branch=z9hG4bK${id}`,
        `From: <sip:ping@${address}>;tag=${id}`,
        `To: <sip:ping@${address}:${port}>`,
        `Call-ID: ping-${id}@${address}`,
        'CSeq: 1 OPTIONS',
        'Max-Forwards: 70',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
      port,
      address,
    )
  let again: NodeJS.Timeout | undefined
  try {
    const answered = new Promise<void>((done) => {
      socket.once('message', () => done())
      socket.bind(0, address, () => {
        options()
        again = setInterval(options, 100)
      })
    })
    await within(deadlineMs, `an answer to OPTIONS on port ${port}`, answered)
  } finally {
    clearInterval(again)
    socket.close()
  }
}

/** The port itself if nobody has it, any free one for 0; SIPp would else start beside another and hear nothing. */
async function freePort(wanted: number, address: string): Promise<number> {
  const socket = createSocket('udp4')
  try {
    await new Promise<void>((bound, taken) => {
      socket.once('error', () => taken(new Error(`UDP port ${wanted} is taken: another run of the far end is still there`)))
      socket.bind(wanted, address, () => bound())
    })
    return socket.address().port
  } finally {
    socket.close()
  }
}

/** The file's text, or nothing while it is not there yet. */
export async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
