import fc from 'fast-check'
import { pino } from 'pino'
import t from 'tap'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import type { AgentChange } from './agent-pool.ts'
import { createAgentPool } from './pool.ts'

const log = pino({ level: 'silent' })

function setUp(wrapUpMs = 15_000) {
  const clock = createFakeClock()
  const agents = createAgentPool({ clock, log, wrapUpMs: () => wrapUpMs })
  const logIn = (agentId: string, campaignId = 'c1') => {
    const channelId = `leg-${agentId}`
    const session = { sessionId: `s-${agentId}`, campaignId, via: 'called', channelId, bridgeId: `agent-s-${agentId}` } as const
    agents.tell(agentId, { type: 'log_in', session })
    agents.tell(agentId, { type: 'leg_up', channelId })
    clock.advance(1000)
  }
  const talk = (agentId: string, callId: string) => {
    agents.connected(agentId, callId)
    agents.finished(agentId, callId)
  }
  return { clock, agents, logIn, talk }
}

t.test('the longest idle agent of the campaign is reserved; a released one keeps his place', async (t) => {
  const { clock, agents, logIn, talk } = setUp()
  for (const name of ['a', 'b', 'c']) logIn(name)
  logIn('other', 'c2')
  t.same(agents.reserve('c1', 'x'), { agentId: 'a', sessionId: 's-a', channelId: 'leg-a', bridgeId: 'agent-s-a' })
  t.equal(agents.reserve('c1', 'y')?.agentId, 'b')
  agents.release('a', 'x')
  t.equal(agents.reserve('c1', 'z')?.agentId, 'a', 'before c, who came later')
  talk('a', 'z')
  clock.advance(15_000)
  t.equal(agents.reserve('c1', 'u')?.agentId, 'c')
  t.equal(agents.reserve('c1', 'v')?.agentId, 'a', 'ready again after the wrap-up, behind the others')
  t.equal(agents.reserve('c1', 'w'), undefined, 'nobody left; the other campaign has its own line')
  t.equal(agents.counts('c2').ready, 1)
  t.same(agents.counts('c1'), { ready: 0, reserved: 3, talking: 0, wrap_up: 0, paused: 0, logged_out: 0 })
})

t.test('an agent whose bridge failed goes to the end of the line', async (t) => {
  const { clock, agents, logIn } = setUp()
  for (const name of ['a', 'b']) logIn(name)
  agents.reserve('c1', 'x')
  clock.advance(5)
  agents.release('a', 'x', 'bridge_failed')
  t.equal(agents.reserve('c1', 'x')?.agentId, 'b')
  t.equal(agents.reserve('c1', 'y')?.agentId, 'a')
})

t.test('ahead of the answer a certain agent is reserved, only if he is ready, and told so', async (t) => {
  const { agents, logIn } = setUp()
  for (const name of ['a', 'b']) logIn(name)
  const told: unknown[] = []
  agents.onChange(({ agentId, phase, ahead }) => told.push([agentId, phase, ahead]))
  t.same(agents.ready('c1'), ['a', 'b'])
  t.equal(agents.reserveAhead('b', 'c2', 'x'), undefined, 'he works for another campaign')
  t.equal(agents.reserveAhead('b', 'c1', 'x')?.agentId, 'b')
  t.equal(agents.reserveAhead('b', 'c1', 'y'), undefined, 'reserved for another call')
  t.equal(agents.reserveAhead('b', 'c1', 'x')?.agentId, 'b', 'the answer finds him')
  t.same(agents.ready('c1'), ['a'])
  agents.release('b', 'x')
  t.same(agents.ready('c1'), ['a', 'b'], 'with his place in the line')
  t.same(told, [
    ['b', 'reserved', true],
    ['b', 'ready', undefined],
  ])
})

t.test('the wrap-up timer ends with the wrap-up', async (t) => {
  const { clock, agents, logIn, talk } = setUp()
  logIn('a')
  agents.reserve('c1', 'x')
  talk('a', 'x')
  t.equal(clock.pending(), 1)
  agents.tell('a', { type: 'ready' })
  t.equal(clock.pending(), 0)
  agents.reserve('c1', 'y')
  talk('a', 'y')
  clock.advance(14_999)
  t.equal(agents.state('a').phase, 'wrap_up')
  clock.advance(1)
  t.equal(agents.state('a').phase, 'ready')
})

t.test('a paused or lost agent is in no line; who had his call is told', async (t) => {
  const { agents, logIn } = setUp()
  for (const name of ['a', 'b']) logIn(name)
  const lost: unknown[] = []
  agents.onLost((loss) => lost.push(loss))
  agents.tell('a', { type: 'pause', reason: 'lunch' })
  t.equal(agents.reserve('c1', 'x')?.agentId, 'b')
  agents.tell('b', { type: 'leg_lost', channelId: 'leg-b', reason: 'dead' })
  t.same(lost, [{ agentId: 'b', callId: 'x', reason: 'dead' }])
  agents.release('b', 'x')
  t.equal(agents.reserve('c1', 'x'), undefined, 'a release that comes late brings nobody back')
  t.same(
    agents.present('c1').map(({ agentId, phase }) => [agentId, phase]),
    [['a', 'paused']],
  )
})

t.test('every listener hears the changes in one order, also when one calls the pool back', async (t) => {
  const { agents, logIn } = setUp()
  const heard: string[][] = [[], []]
  agents.onChange((change) => {
    heard[0]?.push(change.phase)
    if (change.phase === 'ready') agents.reserve('c1', 'x')
  })
  agents.onChange((change) => heard[1]?.push(change.phase))
  logIn('a')
  t.same(heard, [
    ['ready', 'reserved'],
    ['ready', 'reserved'],
  ])
})

t.test('a listener that throws keeps nobody else waiting for later words', async (t) => {
  const { agents, logIn } = setUp()
  const heard: string[] = []
  agents.onChange((change) => {
    heard.push(change.phase)
    if (change.phase === 'ready') throw new Error('broken listener')
  })
  logIn('a')
  agents.tell('a', { type: 'pause', reason: 'p' })
  t.same(heard, ['ready', 'paused'])
})

t.test('any order: never reserved twice, always the longest idle, changes tell the truth', async (t) => {
  const name = fc.constantFrom('a', 'b', 'c', 'd')
  const call = fc.constantFrom('x', 'y', 'z')
  const act = fc.oneof(
    { weight: 2, arbitrary: fc.record({ do: fc.constant('log_in' as const), name }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('reserve' as const), call }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('release' as const, 'connected' as const, 'finished' as const), name, call }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('ready' as const, 'pause' as const, 'lost' as const), name }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }) },
  )
  let reservations = 0
  fc.assert(
    fc.property(fc.array(act, { minLength: 10, maxLength: 60, size: 'max' }), (acts) => {
      const { clock, agents, logIn } = setUp()
      const told = new Map<string, AgentChange['phase']>()
      agents.onChange(({ agentId, phase }) => told.set(agentId, phase))
      for (const act of acts) {
        if (act.do === 'log_in') logIn(act.name)
        else if (act.do === 'wait') clock.advance(act.ms)
        else if (act.do === 'reserve') {
          const ready = ['a', 'b', 'c', 'd'].flatMap((id) => {
            const state = agents.state(id)
            return state.phase === 'ready' ? [state.idleSince] : []
          })
          const before = new Map(['a', 'b', 'c', 'd'].map((id) => [id, agents.state(id)]))
          const got = agents.reserve('c1', act.call)
          if ((got !== undefined) !== ready.length > 0) throw new Error('reserved exactly when somebody is ready')
          const was = got && before.get(got.agentId)
          if (was && (was.phase !== 'ready' || was.idleSince !== Math.min(...ready))) throw new Error('not the longest idle')
          if (got) reservations++
        } else if (act.do === 'ready') agents.tell(act.name, { type: 'ready' })
        else if (act.do === 'pause') agents.tell(act.name, { type: 'pause', reason: 'p' })
        else if (act.do === 'lost') agents.tell(act.name, { type: 'leg_lost', channelId: `leg-${act.name}`, reason: 'dead' })
        else if ('call' in act) agents[act.do](act.name, act.call)
        for (const [id, phase] of told) if (agents.state(id).phase !== phase) throw new Error(`${id}: told ${phase}`)
      }
    }),
    { seed: 20261122, numRuns: 1000 },
  )
  t.ok(reservations > 1000, `the property met ${reservations} reservations`)
})
