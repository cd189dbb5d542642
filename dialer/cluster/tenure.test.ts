import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { systemClock } from '../clock.ts'
import type { Coordination } from './coordination.ts'
import { createMemoryCoordination } from './memory.ts'
import { createTenure } from './tenure.ts'

const never = new AbortController().signal

/** One Redis for several engines, that can be away. */
function shared() {
  const memory = createMemoryCoordination(systemClock)
  const state = { away: false, leases: [] as string[] }
  const coordination: Coordination = {
    ...memory,
    healthy: () => !state.away,
    lease: async (name, ttlMs) => (state.away ? undefined : memory.lease(name, ttlMs)),
  }
  return { state, coordination }
}

t.test('one is in charge, the next waits and takes over when it is handed over', async (t) => {
  const { coordination } = shared()
  const engine = () => createTenure({ coordination, switchName: 'main', onStandby() {}, onLost: () => t.fail('lost') })
  const [first, second] = [engine(), engine()]
  t.equal(await first.begin(never), true)
  t.equal(await first.standbyWaits(), false)
  const begun = second.begin(never)
  while (!(await first.standbyWaits())) await pause(10)
  t.equal(first.mayAct(), true)
  await first.handOver()
  t.equal(await begun, true)
  t.equal(first.mayAct(), true, 'until the other has come')
  for (const tenure of [first, second]) tenure.close()
})

t.test('who waits can be asked to stop; another switch is free', async (t) => {
  const { coordination } = shared()
  const engine = (switchName: string) => createTenure({ coordination, switchName, onStandby() {}, onLost() {} })
  const [first, second, third] = [engine('main'), engine('main'), engine('west')]
  await first.begin(never)
  const stop = new AbortController()
  const begun = second.begin(stop.signal)
  stop.abort()
  t.equal(await begun, false)
  t.equal(await third.begin(never), true)
  for (const tenure of [first, second, third]) tenure.close()
})

t.test('replaced: nothing is done before it is known whose the switch is', async (t) => {
  const { coordination } = shared()
  let lost = 0
  const tenure = createTenure({ coordination, switchName: 'main', onStandby() {}, onLost: () => lost++ })
  await tenure.begin(never)
  tenure.doubt()
  t.equal(tenure.mayAct(), false)
  while (!tenure.mayAct()) await pause(10)
  t.equal(lost, 0, 'still ours')
  tenure.close()
})

t.test('the coordination away: who is in charge stays so', async (t) => {
  const { coordination, state } = shared()
  const tenure = createTenure({ coordination, switchName: 'main', onStandby() {}, onLost: () => t.fail('lost') })
  await tenure.begin(never)
  state.away = true
  await pause(1500)
  t.equal(tenure.mayAct(), true)
  tenure.close()
})
