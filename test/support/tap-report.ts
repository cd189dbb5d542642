/**
 * Reads one test file's TAP into a list of tests. A test is a block (`t.test`) with assertions of its own or without
 * blocks inside; the file itself counts as one if it asserts outside of any. Skipped blocks keep the reason given.
 * Used by test/run.ts only.
 */
import { inspect } from 'node:util'
import { Parser, type Result } from 'tap-parser'

export interface TapReport {
  passed: number
  skipped: { name: string; reason: string }[]
  failed: { name: string; problem: string }[]
}

export function readTap(tap: string): TapReport {
  const report: TapReport = { passed: 0, skipped: [], failed: [] }
  const file = new Parser((results) => {
    if (results.bailout) report.failed.push({ name: 'the whole file', problem: `bailed out: ${results.bailout}` })
  })
  readBlock(file, '', report)
  file.end(tap)
  return report
}

function readBlock(block: Parser, name: string, report: TapReport) {
  const seen = { blocks: 0, assertions: 0, failed: 0, skipped: 0 }
  block.on('child', (inner: Parser) => {
    seen.blocks += 1
    readBlock(inner, inner.fullname, report)
  })
  block.on('assert', (result: Result) => {
    const fullName = [name, result.name].filter(Boolean).join(' > ')
    if (result.skip || result.todo) {
      seen.skipped += 1
      const reason = [result.skip, result.todo, result.name].find((text) => typeof text === 'string' && text !== '')
      report.skipped.push({ name: fullName, reason: String(reason) })
    } else if (!result.closingTestPoint) {
      seen.assertions += 1
      if (result.ok) return
      seen.failed += 1
      report.failed.push({ name: fullName, problem: describe(result.diag) })
    }
  })
  block.on('complete', () => {
    const isTest = seen.assertions > 0 || (name !== '' && seen.blocks === 0 && seen.skipped === 0)
    if (isTest && seen.failed === 0) report.passed += 1
  })
}

/** tap's details of a failure, most telling first, without the quoted source. */
function describe(diag: unknown): string {
  if (typeof diag !== 'object' || diag === null) return ''
  const { source: _, at, ...details } = diag as Record<string, unknown>
  const lines = Object.entries(details).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value.trimEnd() : inspect(value)}`,
  )
  return [...lines, `at: ${inspect(at, { breakLength: Infinity })}`].join('\n')
}
