/**
 * Measures the lists: claiming, with all rules asked, from 10,000 and from 10 million leads; 20 workers who claim a million
 * leads between them; importing a million lines; balance updates. On an embedded PostgreSQL with the product's own, durable
 * settings. Report: var/reports/leads.json.
 * Run: npx tsx dialer/leads/bench-leads.ts [claims|import|balances ...], or with fewer leads: LARGE=1000000 LINES=200000
 */
import { type Check, report } from '../../load-tests/report.ts'
import { measureBalances } from './bench-balances.ts'
import { measureClaims } from './bench-claims.ts'
import type { Measured } from './bench-database.ts'
import { measureImport } from './bench-import.ts'

const parts: Record<string, () => Promise<Measured>> = { claims: measureClaims, import: measureImport, balances: measureBalances }
const asked = process.argv.slice(2)
const chosen = Object.entries(parts).filter(([name]) => asked.length === 0 || asked.includes(name))

const figures: Record<string, unknown> = {}
const checks: Check[] = []
for (const [name, measure] of chosen) {
  const startedAt = performance.now()
  const measured = await measure()
  Object.assign(figures, measured.figures, { [`${name}_took_seconds`]: Math.round((performance.now() - startedAt) / 1000) })
  checks.push(...measured.checks)
}
process.exitCode = report('leads', figures, checks) ? 0 : 1
