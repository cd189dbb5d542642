import t from 'tap'
import { createSteadyClock } from './clock.ts'

function setUp() {
  const machine = { wall: 1_000_000, steady: 0 }
  const clock = createSteadyClock(
    () => machine.wall,
    () => machine.steady,
  )
  const pass = (ms: number) => {
    machine.wall += ms
    machine.steady += ms
    return clock.now()
  }
  return { machine, clock, pass }
}

t.test('it shows the time of the machine', async (t) => {
  const { pass } = setUp()
  t.equal(pass(10), 1_000_010)
  t.equal(pass(5000), 1_005_010)
})

t.test('set forward is followed at once', async (t) => {
  const { machine, pass } = setUp()
  machine.wall += 3_600_000
  t.equal(pass(0), 4_600_000)
})

t.test('set back: time goes on, at half speed, until the machine has caught up', async (t) => {
  const { machine, clock, pass } = setUp()
  machine.wall -= 10_000
  t.equal(pass(0), 1_000_000)
  t.equal(clock.wall(), 990_000)
  t.equal(pass(4000), 1_002_000)
  let before = clock.now()
  for (let n = 0; n < 40; n++) {
    const now = pass(1000)
    t.ok(now >= before, 'never back')
    before = now
  }
  t.equal(clock.now(), machine.wall)
})
