import fc from 'fast-check'
import t from 'tap'
import { createPacer, type PacerSettings, type PacingEvent, type TunablePacer } from './pacer.ts'

const start = Date.UTC(2026, 0, 5, 9)
const settings: PacerSettings = {
  mode: 'progressive',
  abandonTarget: 0.03,
  graceMs: 2000,
  ringTimeoutMs: 25_000,
  maxLinesPerAgent: 4,
}

function pacerWith(changes: Partial<PacerSettings>, agents: number): TunablePacer {
  const pacer = createPacer({ ...settings, ...changes })
  for (let i = 0; i < agents; i++) pacer.observe(agent(`a${i}`, 'ready', 0))
  return pacer
}

function agent(agentId: string, state: Extract<PacingEvent, { type: 'agent' }>['state'], afterMs: number): PacingEvent {
  return { type: 'agent', agentId, at: start + afterMs, state }
}

t.test('progressive rings once for each free agent, and says why', async (t) => {
  const pacer = pacerWith({}, 3)
  t.same(pacer.decide(start), { calls: 3, reason: 'progressive: 3 idle, 0 waiting, 0 ringing' })
  pacer.observe({ type: 'placed', callId: 'c1', at: start })
  pacer.observe({ type: 'placed', callId: 'c2', at: start })
  t.equal(pacer.decide(start + 1).calls, 1)
  pacer.observe({ type: 'answered', callId: 'c1', at: start + 5000, by: 'human' })
  t.equal(pacer.decide(start + 5000).calls, 1, 'a waiting caller needs an agent as much as a ringing one')
  pacer.observe({ type: 'connected', callId: 'c1', agentId: 'a0', at: start + 5001 })
  t.equal(pacer.decide(start + 5001).calls, 1)
  pacer.observe({ type: 'ended', callId: 'c2', at: start + 25_000, cause: 'no-answer' })
  t.equal(pacer.decide(start + 25_000).calls, 2)
})

t.test('an agent who is known to leave gets no calls', async (t) => {
  const pacer = pacerWith({}, 1)
  pacer.observe({ type: 'agent', agentId: 'a0', at: start + 1, state: 'ready', next: 'logged-out' })
  t.equal(pacer.decide(start + 1).calls, 0)
})

t.test('ratio tops up to lines per agent, talks included', async (t) => {
  const pacer = pacerWith({ mode: 'ratio', linesPerAgent: 2.5 }, 4)
  t.equal(pacer.decide(start).calls, 10)
  pacer.observe({ type: 'placed', callId: 'c1', at: start })
  t.equal(pacer.decide(start).calls, 9)
  pacer.observe(agent('a0', 'paused', 1))
  t.equal(pacer.decide(start + 1).calls, 6, 'floor(2.5 x 3) - 1')
})

t.test('no mode passes the line ceiling', async (t) => {
  const pacer = pacerWith({ mode: 'ratio', linesPerAgent: 9, maxLinesPerAgent: 3 }, 2)
  const decision = pacer.decide(start)
  t.equal(decision.calls, 6)
  t.match(decision.reason, 'line ceiling')
})

t.test('late and doubled events change nothing', async (t) => {
  const pacer = pacerWith({}, 1)
  const events: PacingEvent[] = [
    { type: 'placed', callId: 'c1', at: start + 1 },
    { type: 'ringing', callId: 'c1', at: start + 2 },
    { type: 'answered', callId: 'c1', at: start + 3, by: 'human' },
    { type: 'connected', callId: 'c1', agentId: 'a0', at: start + 4 },
    { type: 'ended', callId: 'c1', at: start + 5 },
    agent('a0', 'wrap-up', 5),
    agent('a0', 'ready', 9),
  ]
  for (const event of events) pacer.observe(event)
  for (const event of events) pacer.observe(event)
  t.match(pacer.decide(start + 10), { calls: 1, reason: '1 idle, 0 waiting, 0 ringing' })
})

t.test('a ringing call whose end was lost stops counting', async (t) => {
  const pacer = pacerWith({}, 1)
  pacer.observe({ type: 'placed', callId: 'c1', at: start })
  t.equal(pacer.decide(start + 20_000).calls, 0)
  t.equal(pacer.decide(start + 60_000).calls, 1)
})

t.test('ratio falls back to progressive when one more abandoned call would break the limit', async (t) => {
  const pacer = pacerWith({ mode: 'ratio', linesPerAgent: 3 }, 2)
  for (let i = 0; i < 3; i++) {
    pacer.observe({ type: 'answered', callId: `c${i}`, at: start, by: 'human' })
    pacer.observe({ type: 'abandoned', callId: `c${i}`, at: start + 2000 })
    pacer.observe({ type: 'ended', callId: `c${i}`, at: start + 2000 })
  }
  const decision = pacer.decide(start + 2000)
  t.equal(decision.calls, 2)
  t.match(decision.reason, 'would break the limit')
  const restarted = createPacer({ ...settings, mode: 'ratio', linesPerAgent: 3 }, JSON.parse(JSON.stringify(pacer.snapshot())))
  restarted.observe(agent('a0', 'ready', 0))
  t.match(restarted.decide(start + 3000).reason, 'would break the limit', 'the ledger survives a restart')
})

t.test('a snapshot that cannot be read counts as none', async (t) => {
  for (const saved of [
    undefined,
    null,
    7,
    {},
    { version: 1, ledger: 'x' },
    { version: 1, ledger: {}, predictive: { ring: {}, talk: {} } },
  ]) {
    const pacer = createPacer(settings, saved)
    pacer.observe(agent('a0', 'ready', 0))
    t.equal(pacer.decide(start).calls, 1)
  }
})

t.test('predictive: whatever comes, a decision is whole, within the ceiling and the same again', async (t) => {
  const ids = fc.constantFrom('c1', 'c2', 'c3', 'c4', 'c5')
  const names = fc.constantFrom('a1', 'a2', 'a3')
  const at = fc.integer({ min: 0, max: 600_000 }).map((ms) => start + ms)
  const event: fc.Arbitrary<PacingEvent> = fc.oneof(
    fc.record({ type: fc.constant('placed' as const), callId: ids, at }),
    fc.record({ type: fc.constant('ringing' as const), callId: ids, at }),
    fc.record({
      type: fc.constant('answered' as const),
      callId: ids,
      at,
      by: fc.constantFrom('human' as const, 'machine' as const),
    }),
    fc.record({ type: fc.constant('connected' as const), callId: ids, agentId: names, at }),
    fc.record({ type: fc.constant('abandoned' as const), callId: ids, at }),
    fc.record({ type: fc.constant('ended' as const), callId: ids, at }),
    fc.record({
      type: fc.constant('agent' as const),
      agentId: names,
      at,
      state: fc.constantFrom('ready' as const, 'talking' as const, 'wrap-up' as const, 'paused' as const, 'logged-out' as const),
    }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const run = () => {
        const pacer = createPacer({ ...settings, mode: 'predictive' })
        return events.map((one) => {
          pacer.observe(one)
          return pacer.decide(one.at)
        })
      }
      const decisions = run()
      t.same(run(), decisions)
      return decisions.every(({ calls, reason }) => Number.isInteger(calls) && calls >= 0 && calls <= 3 * 4 && reason.length > 0)
    }),
    { seed: 7, numRuns: 300 },
  )
})

t.test('predictive dials ahead of free agents, but not for one who leaves', async (t) => {
  const pacer = pacerWith({ mode: 'predictive', maxLinesPerAgent: 50 }, 10)
  const free = pacer.decide(start).calls
  t.ok(free > 10, `${free} calls for 10 free agents`)
  for (let i = 0; i < 10; i++) pacer.observe({ type: 'agent', agentId: `a${i}`, at: start, state: 'ready', next: 'logged-out' })
  t.equal(pacer.decide(start).calls, 0)
})

t.test('no events while calls outlive their timeout: stop', async (t) => {
  const pacer = pacerWith({}, 4)
  for (let i = 0; i < 4; i++) pacer.observe({ type: 'placed', callId: `c${i}`, at: start })
  t.match(pacer.decide(start + 60_000), { calls: 0, reason: 'stopped' })
  pacer.observe(agent('a9', 'ready', 61_000))
  t.ok(pacer.decide(start + 61_000).calls > 0)
})

t.test('new settings take effect at the next decision', async (t) => {
  const pacer = createPacer({ ...settings, maxLinesPerAgent: 20 })
  for (let i = 0; i < 3; i++) pacer.observe(agent(`a${i}`, 'ready', 0))
  t.equal(pacer.decide(start).calls, 3)
  pacer.retune({ mode: 'ratio', linesPerAgent: 2 })
  t.equal(pacer.decide(start).calls, 6)
  pacer.retune({ maxLinesPerAgent: 1 })
  t.equal(pacer.decide(start).calls, 3)
  pacer.retune({ mode: 'predictive', abandonTarget: 0, maxLinesPerAgent: 20 })
  t.match(pacer.decide(start), { calls: 3, reason: 'would break the limit' }, 'at 0 predictive never rings ahead')
})

t.test('people taken for machines: a share that is measured while the campaign runs counts from then on', async (t) => {
  const estimated = (share: number) => {
    const pacer = pacerWith({ mode: 'predictive' }, 100)
    pacer.retune({ peopleTakenForMachines: share })
    for (let i = 0; i < 100; i++) {
      pacer.observe({ type: 'placed', callId: `c${i}`, at: start + i })
      pacer.observe({ type: 'answered', callId: `c${i}`, at: start + 5000 + i, by: 'human' })
      pacer.observe({ type: 'connected', callId: `c${i}`, agentId: `a${i}`, at: start + 5001 + i })
    }
    return pacer.decide(start + 6000).reason
  }
  t.notMatch(estimated(0), 'would break the limit')
  t.match(estimated(0.2), 'would break the limit', 'one in five never heard an agent')
})

t.test('a restart with its snapshot decides as before', async (t) => {
  const before = pacerWith({ mode: 'predictive', maxLinesPerAgent: 50 }, 3)
  for (let i = 0; i < 400; i++) {
    before.observe({ type: 'placed', callId: `c${i}`, at: start + i * 1000 })
    before.observe({ type: 'ended', callId: `c${i}`, at: start + i * 1000 + 500, cause: 'busy' })
    before.decide(start + i * 1000 + 600)
  }
  const now = start + 500_000
  const after = createPacer(
    { ...settings, mode: 'predictive', maxLinesPerAgent: 50 },
    JSON.parse(JSON.stringify(before.snapshot())),
  )
  for (let i = 0; i < 3; i++) after.observe(agent(`a${i}`, 'ready', 0))
  t.equal(after.decide(now).calls, before.decide(now).calls)
  t.ok(before.decide(now).calls > 12, 'it has learnt that few answer')
})
