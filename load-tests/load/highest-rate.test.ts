/** The search, on a loop that carries a known rate. */
import t from 'tap'
import { findHighestRate } from './highest-rate.ts'
import type { Load, LoadRun } from './loop.ts'

const search = { from: 10, probeSeconds: 20, confirmSeconds: 300 }

/** Holds short runs up to `probes` calls a second, long ones up to `long`. */
const loopOf =
  (probes: number, long = probes) =>
  async ({ callsPerSecond, seconds }: Load): Promise<LoadRun> => {
    const held = callsPerSecond <= (seconds >= 300 ? long : probes)
    return { placed: callsPerSecond * seconds, lost: 0, waits: [held ? 5 : 900], cpuMsPerCall: 1 }
  }

t.test('finds what the loop carries, within six per cent, and confirms it', async (t) => {
  for (const carries of [7, 13, 40, 61, 200]) {
    const found = await findHighestRate(loopOf(carries), search)
    t.ok(found.callsPerSecond <= carries && found.callsPerSecond >= carries * 0.9 - 1, `${found.callsPerSecond} of ${carries}`)
    t.equal(found.tried.at(-1)?.load.seconds, 300)
  }
})

t.test('what a probe carries and five minutes do not is stepped down', async (t) => {
  const found = await findHighestRate(loopOf(100, 80), search)
  t.ok(found.callsPerSecond <= 80 && found.callsPerSecond > 70, `${found.callsPerSecond}`)
})

t.test('a lost call, a rate that was not kept: not held', async (t) => {
  const losing = await findHighestRate(async (load) => ({ ...(await loopOf(100)(load)), lost: 1 }), search)
  t.equal(losing.callsPerSecond, 0)
  const slow = await findHighestRate(async (load) => ({ ...(await loopOf(100)(load)), placed: load.seconds }), search)
  t.ok(slow.callsPerSecond <= 1)
})
