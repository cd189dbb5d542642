/**
 * The import: a million invented debtors with two phones and one debt each, from a generated stream, then the first 200,000 of
 * them again. The engine's memory is watched while it runs. Part of bench-leads.ts.
 */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Check } from '../../load-tests/report.ts'
import { systemClock } from '../clock.ts'
import { createPseudonyms } from '../privacy/pseudonym.ts'
import { type BenchDatabase, type Measured, withBenchDatabase } from './bench-database.ts'
import { importOptionsSchema } from './column-map.ts'
import { importLeads } from './import.ts'

const lines = Number(process.env.LINES ?? 1_000_000)
const linesAgain = Math.min(lines, 200_000)
const limitSecondsPerMillion = 240
/** Reading and writing batches takes some memory; the file's length must not show in it. */
const limitGrowthMb = 150

function* file(count: number): Generator<string> {
  yield 'external_id;name;address;language;phone1;phone2;debt_id;creditor;contract;balance;currency;due_date;priority\n'
  for (let i = 0; i < count; i += 1) {
    const mobile = `60${String(1_000_000 + i).padStart(7, '0')}`
    const fixed = `12 2${String(i).padStart(6, '0')}`
    yield `K${i};Łukasz Wymyślony ${i};ul. Zmyślona ${i % 300}, 31-000 Kraków;pl;${mobile};${fixed};D${i};Fundusz A;U/${i}/2025;1.${String(i % 1000).padStart(3, '0')},50;PLN;2025-${String((i % 12) + 1).padStart(2, '0')}-15;${i % 10}\n`
  }
}

async function measure({ pool, campaignId, settings }: BenchDatabase, count: number) {
  const memory: number[] = []
  const watch = setInterval(() => memory.push(process.memoryUsage.rss()), 100)
  const before = process.memoryUsage.rss()
  try {
    const done = await importLeads(
      {
        pool,
        clock: systemClock,
        pseudonyms: createPseudonyms('of this benchmark'),
        source: Readable.from(file(count)),
        importId: randomUUID(),
        campaignId,
        settings,
        options: importOptionsSchema.parse({}),
      },
      (progress) => process.stderr.write(`\r${progress.lines} lines, ${progress.refused} refused`),
    )
    process.stderr.write('\n')
    const quarter = Math.max(1, Math.floor(memory.length / 4))
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
    return {
      seconds: done.durationMs / 1000,
      accepted: done.accepted,
      refused: done.refused,
      rssBeforeMb: mb(before),
      rssPeakMb: mb(Math.max(before, ...memory)),
      // The second quarter against the last: what starting up takes is not growth.
      growthMb: mb(mean(memory.slice(-quarter)) - mean(memory.slice(quarter, 2 * quarter))),
    }
  } finally {
    clearInterval(watch)
  }
}

const mb = (bytes: number) => Math.round(bytes / 1024 ** 2)

export function measureImport(): Promise<Measured> {
  return withBenchDatabase(async (database) => {
    const first = await measure(database, lines)
    const again = await measure(database, linesAgain)
    const growth = Math.max(first.growthMb, again.growthMb)
    const accepted = first.accepted + again.accepted
    return {
      figures: {
        import: {
          ...{ lines, seconds: first.seconds, lines_per_second: Math.round(lines / first.seconds) },
          ...{ lines_again: linesAgain, seconds_again: again.seconds },
          ...{ rss_before_mb: first.rssBeforeMb, rss_peak_mb: Math.max(first.rssPeakMb, again.rssPeakMb), rss_growth_mb: growth },
        },
      },
      checks: [
        { name: 'lines accepted', value: accepted, limit: `= ${lines + linesAgain}`, ok: accepted === lines + linesAgain },
        within(`seconds to import ${lines} lines`, first.seconds, lines),
        within(`seconds for ${linesAgain} of them again`, again.seconds, linesAgain),
        { name: 'growth of memory while it runs, MB', value: growth, limit: `< ${limitGrowthMb}`, ok: growth < limitGrowthMb },
      ],
    }
  })
}

function within(name: string, seconds: number, count: number): Check {
  const limit = limitSecondsPerMillion * (count / 1_000_000)
  return { name, value: seconds, limit: `< ${limit}`, ok: seconds < limit }
}
