/** The carrier's file holds the simulator's own people, and the twin repeats itself. */
import t from 'tap'
import { calleesCsv, cell, leadsCsv, numberOf, sharedWorld } from './callees.ts'
import { simulate } from './twin.ts'

t.test('callees', async (t) => {
  const world = sharedWorld(1, 1)
  const lines = calleesCsv(world, 5000).trim().split('\n').slice(1)
  const callees = lines.map((line) => {
    const [number = '', delay, ring, ending = '', talk] = line.split(';')
    return { number, delay: Number(delay), ring: Number(ring), ending, talk: Number(talk) }
  })
  t.equal(callees[17]?.number, numberOf(17))
  t.match(leadsCsv(18), numberOf(17))
  const share = (ending: string) => callees.filter((callee) => callee.ending === ending).length / callees.length
  t.ok(Math.abs(share('answers') - cell.answerProbability) < 0.02)
  t.ok(Math.abs(share('rings') - 0.8 * 0.55) < 0.02)
  t.ok(Math.abs(share('unavailable') - 0.8 * 0.4) < 0.02)
  t.ok(Math.abs(share('busy') - 0.8 * 0.05) < 0.01)
  const rings = callees.filter(({ ending }) => ending === 'answers').map(({ ring }) => ring)
  t.ok(Math.abs((rings.sort((a, b) => a - b)[Math.floor(rings.length / 2)] ?? 0) - 9500) < 500, 'median of ringing')
  const talk = callees.reduce((sum, callee) => sum + callee.talk, 0) / callees.length / 1000
  t.ok(Math.abs(talk - (0.55 * 25 + 0.45 * 200)) < 6, `mean talk ${talk} s`)
  t.ok(
    callees.every(({ delay }) => delay >= 1500 && delay <= 4000),
    'post-dial delay',
  )
})

t.test('a twin', async (t) => {
  const window = { from: 60_000, to: 240_000 }
  const twin = simulate(3, window)
  t.same(simulate(3, window), twin, 'the same seed, the same run')
  t.notSame(simulate(4, window), twin)
  t.ok(twin.occupancy > 0.4 && twin.occupancy < 1)
  t.ok(twin.placed <= 180 * cell.trunk.callsPerSecond)
})
