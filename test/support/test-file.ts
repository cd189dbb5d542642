/**
 * Runs one test file as a process of its own, with a deadline, and says how it went. Used by test/run.ts only.
 * The process leads a group, so that whatever it started (SIPp, servers) ends with it.
 */
import { spawn } from 'node:child_process'
import { readTap, type TapReport } from './tap-report.ts'

export interface FileResult extends TapReport {
  file: string
  seconds: number
  /** What it wrote to stderr. */
  said: string
}

export interface RunOptions {
  environment: Record<string, string>
  deadlineMs: number
  /** Ends the file early. */
  stop: AbortSignal
}

export async function runTestFile(file: string, { environment, deadlineMs, stop }: RunOptions): Promise<FileResult> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let tap = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    tap += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const late = AbortSignal.timeout(deadlineMs)
  const endGroup = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL')
  const signal = AbortSignal.any([late, stop])
  signal.addEventListener('abort', endGroup)
  const exitCode = await new Promise<number | null>((settle) => child.once('close', settle))
  signal.removeEventListener('abort', endGroup)

  const report = readTap(tap)
  const seconds = (performance.now() - startedAt) / 1000
  const fail = (problem: string) => report.failed.push({ name: 'the whole file', problem })
  if (late.aborted) fail(`not at its end after ${deadlineMs / 1000} s`)
  else if (exitCode !== 0 && report.failed.length === 0) fail(`ended with ${exitCode ?? 'a signal'}`)
  else if (report.passed + report.skipped.length + report.failed.length === 0) fail('it holds no test')
  return { ...report, file, seconds, said }
}
