/**
 * The test command. Starts PostgreSQL, Redis and Asterisk once, runs every *.test.ts as a process of its own with a
 * deadline, prints a line per file and each failure in full, ends what it started (also on Ctrl-C).
 * The last line is `N passed, N failed, N skipped`. Arguments: parts of paths, to run only the files that contain one.
 */
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { startInfrastructure } from './support/infrastructure.ts'
import { type FileResult, runTestFile } from './support/test-file.ts'

const checkout = join(import.meta.dirname, '..')
const rooms = ['dialer', 'api', 'pbx-config', 'load-tests', 'test']
/** These use the shared Asterisk, or time that must not be disturbed: one at a time. */
const isLive = (file: string) => /^(load-tests|test\/(contract|journey|faults))\/|\.live\.test\.ts$/.test(file)
const deadlineMs = (file: string) => (isLive(file) ? 300_000 : 120_000)
const filesAtATime = 2

const say = (line: string) => process.stdout.write(`${line}\n`)
const interrupt = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort())

const wanted = process.argv.slice(2)
const files = rooms
  .flatMap((room) => readdirSync(join(checkout, room), { recursive: true, encoding: 'utf8' }).map((path) => join(room, path)))
  .filter((file) => file.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((part) => file.includes(part))))
  .sort()

process.chdir(checkout)
const results: FileResult[] = []
const infrastructure = await startInfrastructure({ asterisk: files.some(isLive), say })
try {
  await runAll(
    files.filter((file) => !isLive(file)),
    filesAtATime,
  )
  await runAll(files.filter(isLive), 1)
} finally {
  await infrastructure.stop()
}
process.exitCode = summarize(results)

async function runAll(queue: string[], atATime: number) {
  const waiting = [...queue]
  const worker = async () => {
    for (let file = waiting.shift(); file && !interrupt.signal.aborted; file = waiting.shift()) {
      const environment = infrastructure.environment
      const result = await runTestFile(file, { environment, deadlineMs: deadlineMs(file), stop: interrupt.signal })
      if (interrupt.signal.aborted) return
      results.push(result)
      print(result)
    }
  }
  await Promise.all(Array.from({ length: atATime }, worker))
}

function print({ file, seconds, passed, failed, skipped, said }: FileResult) {
  const counts = [`${passed} passed`, failed.length && `${failed.length} failed`, skipped.length && `${skipped.length} skipped`]
  say(`${failed.length > 0 ? 'FAIL' : 'ok  '} ${file}  ${counts.filter(Boolean).join(', ')}  ${seconds.toFixed(1)} s`)
  for (const { name, reason } of skipped) say(`       skipped: ${name}: ${reason}`)
  for (const { name, problem } of failed) say(`\n  not ok: ${name}\n${indent(problem)}\n`)
  if (failed.length > 0 && said.trim()) say(`  stderr of ${relative(checkout, file)}:\n${indent(said.trimEnd())}\n`)
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}

/** Prints the closing line; returns the exit code. */
function summarize(all: FileResult[]): number {
  const sum = (count: (result: FileResult) => number) => all.reduce((total, result) => total + count(result), 0)
  const failed = sum((result) => result.failed.length)
  if (failed > 0)
    say(
      `failed: ${all
        .filter((result) => result.failed.length > 0)
        .map((result) => result.file)
        .join(' ')}`,
    )
  if (interrupt.signal.aborted) say('interrupted')
  say(`${sum((result) => result.passed)} passed, ${failed} failed, ${sum((result) => result.skipped.length)} skipped`)
  return failed > 0 || interrupt.signal.aborted ? 1 : 0
}
