/** The machine of a call to us: its ways in prose, and properties over any order of events. */
import fc from 'fast-check'
import t from 'tap'
import { arrived, type InboundEffect, type InboundEvent, type InboundRules, type InboundState, step } from './inbound-call.ts'

const rules: InboundRules = { maxWaitMs: 60_000, callbackOfferAfterMs: 10_000 }
const agent = (agentId: string) => ({ agentId, sessionId: 's', channelId: 'leg', bridgeId: 'b' })
const known = { withheld: false, known: true, open: true }

/** Plays the events; returns the last state and, in order, what was done. */
function play(events: InboundEvent[], from: InboundState = arrived(0)) {
  let state = from
  const done: string[] = []
  const effects: InboundEffect[] = []
  for (const event of events) {
    const next = step(state, event, rules)
    state = next.state
    effects.push(...next.effects)
    done.push(...next.effects.map((effect) => (effect.do === 'play' ? `play ${effect.sound.say}` : effect.do)))
  }
  return { state, done, effects }
}

t.test('an agent is free: answered and bridged at once, nothing is played', async (t) => {
  const { state, done } = play([
    { type: 'identified', at: 10, caller: known },
    { type: 'agent_reserved', at: 10, agent: agent('a') },
    { type: 'bridged', at: 30 },
    { type: 'ended', at: 5000 },
  ])
  t.strictSame(done, [
    ...['seek_agent', 'answer', 'record_progress', 'bridge', 'agent_connected', 'record_progress', 'agent_finished'],
    'record_ended',
  ])
  t.match(state, { name: 'ended', verdict: { outcome: 'talked', reason: 'the caller ended the talk' } })
})

t.test('nobody is free: answered, the line in rounds, the offer after a while, and the key', async (t) => {
  const line = play([
    { type: 'identified', at: 0, caller: known },
    { type: 'nobody_free', at: 0 },
    { type: 'digit', at: 1, digit: '1' },
    { type: 'played', at: 12_000, completed: true },
  ])
  t.strictSame(
    line.effects.flatMap((effect) => (effect.do === 'play' ? [effect.sound] : [])),
    [
      { say: 'hold', first: true, offer: false },
      { say: 'hold', first: false, offer: true },
    ],
  )
  const { state, done } = play([{ type: 'digit', at: 13_000, digit: '1' }], line.state)
  t.match(state, { name: 'parting', verdict: { outcome: 'callback_planned' } })
  t.strictSame(done, ['stop_playing', 'play callback_planned'])
  const agentFirst = play([{ type: 'agent_reserved', at: 13_000, agent: agent('a') }], line.state)
  t.strictSame(agentFirst.done, ['stop_playing', 'bridge'])
})

t.test('a stranger is offered no call-back: we would not know whom to call', async (t) => {
  const { state } = play([
    { type: 'identified', at: 0, caller: { ...known, known: false } },
    { type: 'nobody_free', at: 0 },
    { type: 'played', at: 30_000, completed: true },
    { type: 'digit', at: 31_000, digit: '1' },
  ])
  t.equal(state.name, 'waiting')
})

t.test(
  'a sound that cannot be played is tried again in a moment, not at once; the longest wait ends with an apology',
  async (t) => {
    const silent = play([
      { type: 'identified', at: 0, caller: known },
      { type: 'nobody_free', at: 0 },
      { type: 'played', at: 1, completed: false },
    ])
    t.match(silent.state, { name: 'waiting', deadline: 5001 })
    t.strictSame(play([{ type: 'deadline', at: 5001 }], silent.state).done, ['play hold'])
    const over = play([{ type: 'deadline', at: 60_000 }], silent.state)
    t.match(over.state, { name: 'parting', verdict: { outcome: 'not_served', reason: /longest wait/ } })
  },
)

t.test('closed: the message, then the hang-up', async (t) => {
  const { state, done } = play([
    { type: 'identified', at: 0, caller: { ...known, open: false } },
    { type: 'played', at: 9000, completed: true },
    { type: 'ended', at: 9010 },
  ])
  t.strictSame(done, ['answer', 'record_progress', 'play closed', 'hang_up', 'record_ended'])
  t.match(state, { name: 'ended', verdict: { outcome: 'closed' } })
})

t.test('a withheld number: the reference, once more when nobody has it, then on without a name', async (t) => {
  const typed = (digits: string, at: number): InboundEvent[] => [...digits].map((digit) => ({ type: 'digit', at, digit }))
  const asked = play([{ type: 'identified', at: 0, caller: { withheld: true, known: false, open: true } }])
  t.strictSame(asked.done, ['answer', 'record_progress', 'play reference'])
  const searched = play([...typed('48#2#*9', 1000), ...typed('12345#', 2000)], asked.state)
  t.match(searched.state, { name: 'waiting' }, 'too short a reference is none')
  const once = play(typed('12345#', 1000), asked.state)
  t.match(once.effects.at(-1), { do: 'search', digits: '12345' })
  const again = play(
    [{ type: 'found', at: 1100, caller: undefined }, ...typed('77777', 2000), { type: 'deadline', at: 8000 }],
    once.state,
  )
  t.match(again.effects.at(-1), { do: 'search', digits: '77777' })
  t.match(play([{ type: 'found', at: 8100, caller: undefined }], again.state).effects.at(-1), { do: 'seek_agent' })
  const found = play([{ type: 'found', at: 8100, caller: { ...known, withheld: true } }], again.state)
  t.match(found.state, { name: 'waiting', facts: { caller: { known: true } } }, 'not asked again')
})

t.test('the agent is lost in the talk: another one, in his own wait; the talk stays a talk', async (t) => {
  const { state } = play([
    { type: 'identified', at: 0, caller: known },
    { type: 'agent_reserved', at: 0, agent: agent('a') },
    { type: 'bridged', at: 1 },
    { type: 'agent_lost', at: 90_000 },
    { type: 'nobody_free', at: 90_000 },
    { type: 'ended', at: 95_000 },
  ])
  t.match(state, {
    name: 'ended',
    verdict: { outcome: 'talked', reason: /in the line/ },
    facts: { connected: { agent: agent('a') } },
  })
})

t.test('any order of events: one end and nothing after it, each agent freed exactly once, no sound into a talk', async () => {
  const seed = Number(process.env.SEED ?? 20261122)
  const caller = fc.record({ withheld: fc.boolean(), known: fc.boolean(), open: fc.boolean() })
  type Happens = (at: number, agentId: string) => InboundEvent
  const event: fc.Arbitrary<Happens> = fc.oneof(
    caller.map(
      (found): Happens =>
        (at) => ({ type: 'identified', at, caller: found }),
    ),
    fc.option(caller, { nil: undefined }).map(
      (found): Happens =>
        (at) => ({ type: 'found', at, caller: found }),
    ),
    fc.constantFrom(...'0123456789*#').map(
      (digit): Happens =>
        (at) => ({ type: 'digit', at, digit }),
    ),
    fc.boolean().map(
      (completed): Happens =>
        (at) => ({ type: 'played', at, completed }),
    ),
    fc.constantFrom<Happens>(
      (at, agentId) => ({ type: 'agent_reserved', at, agent: agent(agentId) }),
      (at) => ({ type: 'cancel', at, why: 'stop' }),
      (at) => ({ type: 'ended', at }),
    ),
    fc.constantFrom('nobody_free' as const, 'bridged', 'bridge_failed', 'agent_lost', 'agent_hung_up', 'deadline').map(
      (type): Happens =>
        (at) => ({ type, at }),
    ),
  )
  const timed = fc.tuple(event, fc.integer({ min: 0, max: 40_000 }))
  fc.assert(
    fc.property(fc.array(timed, { maxLength: 60 }), (steps) => {
      let state = arrived(0)
      let at = 0
      let ends = 0
      let agents = 0
      const held = new Set<string>()
      const run = (one: InboundEvent) => {
        // The engine reserves an agent only for a call that waits for one; a lost one is freed by his own end.
        if (one.type === 'agent_reserved') {
          if (state.name !== 'waiting') return
          held.add(one.agent.agentId)
        }
        if (one.type === 'agent_lost' && (state.name === 'talking' || state.name === 'connecting'))
          held.delete(state.agent.agentId)
        const before = state
        const { effects, ...next } = step(state, one, rules)
        state = next.state
        for (const effect of effects) {
          if (before.name === 'ended') throw new Error('after the end')
          if (effect.do === 'record_ended') ends++
          if (effect.do === 'play' && state.name === 'talking') throw new Error('a sound into a talk')
          if (effect.do === 'release_agent' || effect.do === 'agent_finished')
            if (!held.delete(effect.agent.agentId)) throw new Error('freed twice')
        }
      }
      for (const [happens, pause] of steps) {
        at += pause
        run(happens(at, `a${++agents}`))
      }
      run({ type: 'ended', at })
      return ends === 1 && state.name === 'ended' && held.size === 0
    }),
    { seed, numRuns: 5000 },
  )
})
