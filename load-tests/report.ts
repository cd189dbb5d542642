/** Reports of benchmarks and of the demo: `var/reports/NAME.json`, a short table, and exit code 1 when a check is not ok. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'

export interface Check {
  name: string
  value: number | string
  limit: string
  ok: boolean
}

export interface Report {
  name: string
  at: string
  commit: string
  figures: Record<string, unknown>
  checks: Check[]
}

const commitNow = (): string => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

/** Writes and prints the report; true when every check holds. */
export function report(name: string, figures: Record<string, unknown>, checks: Check[]): boolean {
  const file = `var/reports/${name}.json`
  mkdirSync('var/reports', { recursive: true })
  const whole: Report = { name, at: new Date().toISOString(), commit: commitNow(), figures, checks }
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`)
  process.stdout.write(`\n${name}\n`)
  for (const [figure, value] of Object.entries(figures))
    process.stdout.write(`  ${figure.padEnd(44)} ${typeof value === 'object' ? JSON.stringify(value) : value}\n`)
  for (const check of checks)
    process.stdout.write(`  ${check.ok ? 'ok    ' : 'NOT OK'} ${check.name.padEnd(50)} ${check.value} (limit: ${check.limit})\n`)
  process.stdout.write(`  written to ${file}\n`)
  return checks.every((check) => check.ok)
}
