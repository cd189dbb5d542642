import t from 'tap'
import { step } from './agent.ts'
import { type AgentEffect, type AgentEvent, type AgentState, loggedOut, type Session } from './agent-state.ts'

const rules = { wrapUpMs: 15_000 }
const session = (name: string, via: Session['via'] = 'called', campaignId = 'c1'): Session => ({
  sessionId: `s-${name}`,
  campaignId,
  via,
  channelId: `leg-${name}`,
  bridgeId: `agent-s-${name}`,
})

type Ask = AgentEvent extends infer E ? (E extends AgentEvent ? Omit<E, 'at'> : never) : never

/** Runs events one second apart; effects and ignored reasons of all, and the last state. */
function run(events: Ask[], from: AgentState = loggedOut(0)) {
  const effects: AgentEffect[] = []
  const ignored: string[] = []
  let state = from
  events.forEach((event, i) => {
    const outcome = step(state, { ...event, at: (i + 1) * 1000 }, rules)
    state = outcome.state
    effects.push(...outcome.effects)
    if (outcome.ignored) ignored.push(outcome.ignored)
  })
  return { state, effects, ignored, did: effects.map((effect) => effect.do) }
}

const shift: Ask[] = [
  { type: 'log_in', session: session('a') },
  { type: 'leg_up', channelId: 'leg-a' },
]
const talk: Ask[] = [...shift, { type: 'reserve', callId: 'x' }, { type: 'connected', callId: 'x' }]

t.test('a whole shift leaves its rows and its words', async (t) => {
  const { state, effects, ignored } = run([
    ...talk,
    { type: 'finished', callId: 'x' },
    { type: 'wrap_up_over', callId: 'x' },
    { type: 'pause', reason: 'lunch' },
    { type: 'log_out', reason: 'home' },
  ])
  t.same(state, { phase: 'logged_out', since: 8000, reason: 'home' })
  t.same(ignored, [])
  const stretches = effects.flatMap((e) => (e.do === 'keep_stretch' ? [[e.phase, e.beganAt, e.endedAt, e.reason]] : []))
  t.same(stretches, [
    ['ready', 2000, 3000, null],
    ['reserved', 3000, 4000, null],
    ['talking', 4000, 5000, null],
    ['wrap_up', 5000, 6000, null],
    ['ready', 6000, 7000, null],
    ['paused', 7000, 8000, 'lunch'],
  ])
  const told = effects.flatMap((e) => (e.do === 'tell_change' ? [e.phase] : []))
  t.same(told, ['ready', 'reserved', 'talking', 'wrap_up', 'ready', 'paused', 'logged_out'], 'a ringing phone is told to nobody')
  t.same(
    effects.filter((e) => e.do === 'open_session' || e.do === 'close_session' || e.do === 'close_leg').map((e) => e.do),
    ['open_session', 'close_session', 'close_leg'],
  )
})

t.test('released: ready again with the old place in the line', async (t) => {
  const { state } = run([...shift, { type: 'reserve', callId: 'x' }, { type: 'release', callId: 'x' }])
  t.match(state, { phase: 'ready', since: 4000, idleSince: 2000 })
})

t.test('pause and log-out asked during a talk come after it, without wrap-up', async (t) => {
  t.match(run([...talk, { type: 'pause', reason: 'lunch' }]).state, { phase: 'talking', next: { to: 'paused' } })
  t.match(run([...talk, { type: 'pause', reason: 'lunch' }, { type: 'finished', callId: 'x' }]).state, {
    phase: 'paused',
    reason: 'lunch',
  })
  const left = run([...talk, { type: 'log_out', reason: 'home' }, { type: 'finished', callId: 'x' }])
  t.match(left.state, { phase: 'logged_out', reason: 'home' })
  t.equal(left.did.filter((what) => what === 'close_leg').length, 1)
  t.notOk(left.did.includes('tell_lost'), 'the talk ended by itself')
  const stayed = run([...talk, { type: 'log_out', reason: 'home' }, { type: 'ready' }, { type: 'finished', callId: 'x' }])
  t.match(stayed.state, { phase: 'wrap_up', until: 7000 + rules.wrapUpMs }, 'ready takes the wish back')
})

t.test(
  'wrap-up ends by its limit, by ready, by the result, by asking twice; a late timer of an older talk does nothing',
  async (t) => {
    const wrapUp: Ask[] = [...talk, { type: 'finished', callId: 'x' }]
    t.equal(run([...wrapUp, { type: 'wrap_up_over', callId: 'x' }]).state.phase, 'ready')
    t.equal(run([...wrapUp, { type: 'ready' }]).state.phase, 'ready')
    t.equal(run([...wrapUp, { type: 'result_recorded', callId: 'x' }]).state.phase, 'ready')
    t.match(run([...wrapUp, { type: 'pause', reason: 'p' }]).state, { phase: 'wrap_up', next: { to: 'paused' } })
    t.equal(run([...wrapUp, { type: 'pause', reason: 'p' }, { type: 'wrap_up_over', callId: 'x' }]).state.phase, 'paused')
    const gone = run([...wrapUp, { type: 'log_out', reason: 'a' }, { type: 'log_out', reason: 'b' }])
    t.match(gone.state, { phase: 'logged_out', reason: 'b' })
    t.ok(gone.did.includes('close_leg'))
    t.same(run([...wrapUp, { type: 'wrap_up_over', callId: 'w' }]).ignored, ['not in the wrap-up of this call'])
    const none = step(run(talk).state, { type: 'finished', callId: 'x', at: 5000 }, { wrapUpMs: 0 })
    t.equal(none.state.phase, 'ready', 'a limit of 0 means no wrap-up')
  },
)

t.test('a lost leg ends the shift at once and gives the call back', async (t) => {
  for (const events of [[...shift, { type: 'reserve', callId: 'x' } as const], talk]) {
    const { state, effects } = run([
      ...events,
      { type: 'leg_lost', channelId: 'leg-a', reason: 'dead' },
      { type: 'finished', callId: 'x' },
    ])
    t.match(state, { phase: 'logged_out', reason: 'dead' })
    t.same(
      effects.filter((e) => e.do === 'tell_lost'),
      [{ do: 'tell_lost', callId: 'x', reason: 'dead' }],
    )
  }
  t.match(
    run([
      { type: 'log_in', session: session('a') },
      { type: 'leg_lost', channelId: 'leg-a', reason: 'busy' },
    ]).state,
    {
      phase: 'logged_out',
      reason: 'busy',
    },
  )
})

t.test('a second log-in: refused by API, and while a call is with him; a dial-in otherwise replaces the old leg', async (t) => {
  t.same(run([...shift, { type: 'log_in', session: session('b') }]).ignored, ['already ready'])
  t.same(run([...talk, { type: 'log_in', session: session('b', 'dialed_in') }]).ignored, [
    'dialed in from a second phone while talking',
  ])
  const replaced = run([
    ...shift,
    { type: 'log_in', session: session('b', 'dialed_in') },
    { type: 'leg_lost', channelId: 'leg-a', reason: 'hung up' },
    { type: 'leg_up', channelId: 'leg-b' },
  ])
  t.match(replaced.state, { phase: 'ready', session: { sessionId: 's-b' } })
  t.same(replaced.ignored, ['an older leg of this agent'])
  t.same(
    replaced.effects.flatMap((e) => (e.do === 'close_leg' ? [e.session.channelId] : [])),
    ['leg-a'],
  )
  t.same(
    replaced.effects.flatMap((e) => (e.do === 'close_session' ? [e.reason] : [])),
    ['dialed in again'],
  )
})

t.test('moved to another campaign: the old one is told that he left, the new one that he came, the leg stays', async (t) => {
  const { state, effects } = run([...shift, { type: 'move', sessionId: 's-2', campaignId: 'c2' }])
  t.match(state, { phase: 'ready', idleSince: 3000, session: { sessionId: 's-2', campaignId: 'c2', channelId: 'leg-a' } })
  t.same(
    effects.flatMap((e) => (e.do === 'tell_change' ? [[e.campaignId, e.phase]] : [])),
    [
      ['c1', 'ready'],
      ['c1', 'logged_out'],
      ['c2', 'ready'],
    ],
  )
  t.notOk(effects.some((e) => e.do === 'close_leg'))
  t.same(run([...talk, { type: 'move', sessionId: 's-2', campaignId: 'c2' }]).ignored, ['cannot be moved while talking'])
})
