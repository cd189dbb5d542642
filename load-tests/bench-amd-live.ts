/**
 * `make bench-amd-live`: the detector through the real switch. 300 items of the corpus' test part are played by SIPp callees
 * over RTP; the verdicts on the calls are laid beside those on the files. Report: var/reports/amd-live.json.
 */
import { openPart } from './amd/items.ts'
import { chosenItems, compareLive } from './amd/live-verdicts.ts'
import { openFloor } from './load/floor.ts'
import { quantile } from './load/loop.ts'
import { report } from './report.ts'

const count = Number(process.env.ITEMS ?? 300)
const say = (text: string) => process.stdout.write(`${text}\n`)
const round = (value: number) => Math.round(value * 100) / 100

async function main(): Promise<boolean> {
  const part = await openPart('test')
  const items = chosenItems(part, count)
  const floor = await openFloor('bench-amd-live')
  try {
    say(`${items.length} items of the test part are played`)
    const compared = await compareLive({ part, items, ariUrl: floor.ariUrl, dir: `${floor.dir}/recordings` })
    const agreeing = compared.filter(({ offline, live }) => live?.verdict === offline.verdict)
    const share = round((100 * agreeing.length) / compared.length)
    const persons = compared.flatMap(({ live }) =>
      live?.verdict === 'human' && live.greetingEndMs !== undefined ? [live.atMs - live.greetingEndMs] : [],
    )
    persons.sort((a, b) => a - b)
    const late = round(quantile(persons, 0.95))
    const acted = compared.filter(({ offline, live }) => (live?.verdict === 'machine') !== (offline.verdict === 'machine'))
    const shifts = agreeing.map(({ offline, live }) => (live?.atMs ?? 0) - offline.atMs).sort((a, b) => a - b)
    const differences = compared
      .filter(({ offline, live }) => live?.verdict !== offline.verdict)
      .map(({ item, offline, live }) => ({
        ...{ id: item.id, kind: item.kind, noise: item.line.noise },
        ...{ offline: `${offline.verdict} (${offline.reason})`, live: live ? `${live.verdict} (${live.reason})` : 'none' },
      }))
    return report(
      'amd-live',
      {
        items: compared.length,
        'items with lost packets': 'not played: SIPp plays files whole',
        'live verdict after the one on the file p5 / p50 / p95, ms': [0.05, 0.5, 0.95]
          .map((q) => quantile(shifts, q))
          .join(' / '),
        'the call would have gone another way (machine or not)': acted.length,
        'verdict "human" after the end of the greeting p50 / p95, ms': [0.5, 0.95].map((q) => quantile(persons, q)).join(' / '),
        differences,
      },
      [
        { name: 'items', value: compared.length, limit: `>= ${count}`, ok: compared.length >= count },
        { name: 'live and offline verdicts agree, percent', value: share, limit: '>= 98', ok: share >= 98 },
        { name: 'verdict "human" after the end of the greeting, p95, ms', value: late, limit: '<= 800', ok: late <= 800 },
      ],
    )
  } finally {
    await floor.close()
  }
}

const ok = await main().catch((error: unknown) => {
  say(`The benchmark failed: ${error instanceof Error ? error.message : error}`)
  return false
})
process.exit(ok ? 0 : 1)
