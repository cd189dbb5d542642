/**
 * `make load-test`: a campaign against a system that already runs, over its API alone. By default everything else is ours: a SIPp
 * carrier as a new trunk, SIPp agents, invented people with every ending, and the carrier's log as the judge. With `--trunk` and
 * `--numbers` the calls go over a trunk of the tester's own to numbers whose far end he knows; then the system's word must do.
 * Report: var/reports/load-test.json. Leaves its campaign, trunk and agents in the system, where they can be looked at.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { demoChecks, demoFigures, type LeadHistory } from './demo-result.ts'
import { demoCampaign } from './demo-setup.ts'
import { client } from './engine-process.ts'
import { hireAgents } from './hire.ts'
import { peopleCsv } from './people.ts'
import { report } from './report.ts'
import { readLeads, runToEnd } from './steer.ts'
import { type Carrier, startCarrier } from './world.ts'

const usage = `make load-test ARGS="..."
  --api URL            the system's API                              (http://127.0.0.1:8080)
  --key KEY            a supervisor's key                            (the one in var/first-api-key)
  --sip HOST:PORT      where its switch takes agents' registrations  (127.0.0.1:15060)
  --from ADDRESS       this machine's address for SIP and audio      (127.0.0.1)
  --agents N           SIPp agents                                   (10)
  --rate N             calls a second over our own trunk             (5)
  --seconds N          the campaign's time                           (60)
  --country CC         country of the campaign and its rule pack     (PL)
  --trunk ID           dial over this trunk of the system instead of our own carrier; needs:
  --pool NAME            a pool of caller IDs on that trunk
  --numbers FILE         numbers to dial, one a line`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    api: { type: 'string', default: 'http://127.0.0.1:8080' },
    key: { type: 'string' },
    sip: { type: 'string', default: '127.0.0.1:15060' },
    from: { type: 'string', default: '127.0.0.1' },
    agents: { type: 'string', default: '10' },
    rate: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
    country: { type: 'string', default: 'PL' },
    trunk: { type: 'string' },
    pool: { type: 'string' },
    numbers: { type: 'string' },
  },
})
const say = (text: string) => process.stdout.write(`${text}\n`)
/** Each lead is read back over the API, which has a rate limit. */
const mostPeople = 5000

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${usage}\n`)
  process.exit(2)
}

if (values.help) {
  say(usage)
  process.exit(0)
}
const keyFile = 'var/first-api-key'
const key =
  values.key ?? (existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : refuse('say --key, or run `make up` here'))
const [sipHost = '', sipPort = ''] = values.sip.split(':')
const [agents, rate, seconds] = [values.agents, values.rate, values.seconds].map(Number)
if (!agents || !rate || !seconds || !Number(sipPort))
  refuse('--agents, --rate, --seconds and the port of --sip must be numbers above 0')
if (values.trunk !== undefined && (!values.pool || !values.numbers)) refuse('--trunk needs --pool and --numbers')

const api = client(values.api, key)
const run = Date.now().toString(36)
const dir = resolve('var/load-test')
const address = values.from
const stops: (() => Promise<unknown>)[] = []

/** Our own carrier as a trunk of the system, with one number to call from. */
async function ownTrunk(): Promise<{ carrier: Carrier; pool: string; people: string }> {
  const carrier = await startCarrier({ address, dir: `${dir}/carrier` })
  stops.push(() => carrier.stop())
  const id = `load-test-${run}`
  const limits = { maxChannels: 1000, callsPerSecond: rate, sendAttemptId: true }
  await api.post('/v1/trunks', { id, host: address, port: carrier.port, ...limits })
  const numbers = [`+4822${String(Date.now()).slice(-7)}`]
  await api.post('/v1/caller-ids', { pool: id, trunkId: id, numbers, inboundRouteWaived: 'nobody calls back in a load test' })
  const people = Math.min(mostPeople, (rate ?? 0) * (seconds ?? 0))
  return { carrier, pool: id, people: peopleCsv({ people, brokenLines: 0, seed: Date.now() % 1_000_000, idPrefix: `${run}-` }) }
}

function ownNumbers(file: string): string {
  const numbers = readFileSync(file, 'utf8').split(/\s+/).filter(Boolean).slice(0, mostPeople)
  return ['external_id,name,phone1', ...numbers.map((number, n) => `lt-${run}-${n},Load test ${n},${number}`)].join('\n')
}

async function main(): Promise<boolean> {
  const own = values.trunk === undefined ? await ownTrunk() : undefined
  const pool = own?.pool ?? values.pool
  const { id: campaignId } = await api.post<{ id: string }>('/v1/campaigns', {
    name: `Load test ${run}`,
    settings: { ...demoCampaign.settings, country: values.country, callerIdPool: pool },
  })
  const people = own?.people ?? ownNumbers(values.numbers ?? '')
  await api.upload(`/v1/campaigns/${campaignId}/leads?fileName=load-test.csv`, people)
  say(`${agents} agents log in`)
  const phones = await hireAgents(api, {
    ...{ campaignId, count: agents ?? 0, sipHost, sipPort: Number(sipPort), dir: `${dir}/agents`, mode: 'wait_for_call' },
    ...{ address, accountPrefix: `lt-${run}-` },
  })
  stops.push(() => phones.stop())

  const began = Date.now()
  const stats = await runToEnd(api, campaignId, (seconds ?? 0) * 1000)
  const campaignMs = Date.now() - began
  const leads = await readLeads<LeadHistory>(api, campaignId, ({ lastAttemptAt }) => lastAttemptAt !== null)
  const calls = (await own?.carrier.calls()) ?? []
  const result = { stats, leads, calls, campaignMs }
  const checks = demoChecks({ ...result, campaignLimitMs: ((seconds ?? 0) + 60) * 1000 })
  const ofTheWire = /carrier|INVITE|dialed twice/
  return report(
    'load-test',
    demoFigures(result),
    checks.filter(({ name }) => name !== 'leads in the list' && (own !== undefined || !ofTheWire.test(name))),
  )
}

const ok = await main().catch((error: unknown) => {
  say(`The load test failed: ${error instanceof Error ? error.message : error}`)
  return false
})
for (const stop of stops.reverse()) await stop()
process.exit(ok ? 0 : 1)
