import fc from 'fast-check'
import t from 'tap'
import type { ReservedAgent } from '../agents/agent-pool.ts'
import type { MessageKind, PreparedMessage } from '../messages/message.ts'
import { type CallEffect, type CallEvent, type CallRules, type CallState, deadlineOf, placed, step } from './call.ts'

const rules: CallRules = { detection: 'asterisk', shadow: false, graceMs: 2000, ringTimeoutMs: 20_000 }
const withoutDetection: CallRules = { ...rules, detection: 'off' }
const sendOut: PreparedMessage = {
  media: { person: ['sound:p'], machine: ['sound:m'], opted_out: ['sound:o'], callback: ['sound:c'] },
  ...{ keys: { agent: '1', repeat: '2', confirm: '3', optOut: '9' }, keyWaitMs: 4000 },
}
const agent = (agentId: string): ReservedAgent => ({
  agentId,
  sessionId: `s-${agentId}`,
  channelId: `c-${agentId}`,
  bridgeId: `b-${agentId}`,
})

/** Plays events from the placing on; returns the last state and every effect. */
function play(
  events: CallEvent[],
  by: CallRules = rules,
  from: CallState = placed(0, by),
): { state: CallState; effects: CallEffect[] } {
  let state = from
  const effects: CallEffect[] = []
  for (const event of events) {
    const next = step(state, event, by)
    state = next.state
    effects.push(...next.effects)
  }
  return { state, effects }
}
const done = (effects: CallEffect[]) => effects.map((effect) => effect.do)
const outcomeOf = (state: CallState) => (state.name === 'ended' ? state.outcome : undefined)

t.test('a person answers, an agent is free: one talk, connected in the ledger, the agent goes to wrap-up', async (t) => {
  const { state, effects } = play([
    { type: 'ringing', at: 1000 },
    { type: 'answered', at: 9000 },
    { type: 'detected', at: 10_000, verdict: 'human', cause: 'HUMAN-500-800' },
    { type: 'agent_reserved', at: 10_000, agent: agent('a') },
    { type: 'bridged', at: 10_010 },
    { type: 'ended', at: 60_000, network: { cause: 16 } },
  ])
  t.match(outcomeOf(state), {
    disposition: 'human_connected',
    ledger: 'connected',
    counts: true,
    reason: 'the callee ended the talk',
  })
  t.same(done(effects), [
    'pace',
    'detect',
    'record_progress',
    'pace_answered',
    'seek_agent',
    'bridge',
    'agent_connected',
    'pace',
    'record_progress',
    'agent_finished',
    'record_ended',
  ])
})

t.test('unsure counts as human', async (t) => {
  const { state } = play([
    { type: 'answered', at: 9000 },
    { type: 'detected', at: 10_000, verdict: 'unsure', cause: '' },
  ])
  t.equal(state.name, 'waiting')
})

t.test('a detector that never answers is unsure after its limit', async (t) => {
  const { state } = play([{ type: 'answered', at: 0 }])
  const limit = deadlineOf(state) ?? 0
  t.equal(step(state, { type: 'deadline', at: limit - 1 }, rules).state.name, 'detecting', 'a stale timer is ignored')
  t.equal(step(state, { type: 'deadline', at: limit }, rules).state.name, 'waiting')
})

t.test('a machine is hung up and never reaches an agent', async (t) => {
  const { state, effects } = play([
    { type: 'answered', at: 0 },
    { type: 'detected', at: 3000, verdict: 'machine', cause: 'LONGGREETING-1500' },
    { type: 'ended', at: 3010, network: { cause: 16 } },
  ])
  t.match(outcomeOf(state), { disposition: 'machine', counts: true })
  t.notOk(outcomeOf(state)?.ledger)
  t.notOk(done(effects).includes('seek_agent'))
})

t.test('no agent within the grace: message, hang-up, abandoned', async (t) => {
  const { state, effects } = play(
    [
      { type: 'answered', at: 0 },
      { type: 'deadline', at: 2000 },
      { type: 'message_played', at: 9000, message: 'abandoned', take: 1, completed: true },
      { type: 'ended', at: 9010, network: { cause: 16 } },
    ],
    withoutDetection,
  )
  t.match(outcomeOf(state), { disposition: 'abandoned', ledger: 'abandoned', reason: /within the grace; the message was played/ })
  t.same(done(effects), ['pace_answered', 'record_progress', 'seek_agent', 'pace', 'play_message', 'hang_up', 'record_ended'])
})

t.test('the agent dies in the talk: another one is sought, and the person counts as connected once', async (t) => {
  const { state, effects } = play(
    [
      { type: 'answered', at: 0 },
      { type: 'agent_reserved', at: 0, agent: agent('a') },
      { type: 'bridged', at: 5 },
      { type: 'agent_lost', at: 5000, why: 'no audio' },
      { type: 'agent_reserved', at: 5100, agent: agent('b') },
      { type: 'bridged', at: 5105 },
      { type: 'agent_hung_up', at: 9000 },
      { type: 'ended', at: 9001, network: { cause: 16 } },
    ],
    withoutDetection,
  )
  t.match(outcomeOf(state), { disposition: 'human_connected', facts: { connected: { agent: { agentId: 'a' }, at: 5 } } })
  t.equal(done(effects).filter((name) => name === 'agent_finished').length, 1)
  t.notOk(effects.some((effect) => effect.do === 'pace' && effect.event === 'abandoned'))
})

t.test('nobody answers: our own ring limit decides, whatever cause the switch gives', async (t) => {
  const rung = play([{ type: 'ringing', at: 4000 }])
  t.equal(deadlineOf(rung.state), 24_000, 'the full ring time counts from the ringing')
  const { state } = play(
    [
      { type: 'deadline', at: 24_000 },
      { type: 'ended', at: 24_010, network: { cause: 0 } },
    ],
    rules,
    rung.state,
  )
  t.match(outcomeOf(state), { disposition: 'no_answer', counts: true })
})

t.test('answer and our cancel cross: counted as abandoned', async (t) => {
  const { state } = play([
    { type: 'ringing', at: 0 },
    { type: 'deadline', at: 20_000 },
    { type: 'answered', at: 20_005 },
    { type: 'ended', at: 20_050, network: { cause: 16 } },
  ])
  t.match(outcomeOf(state), { disposition: 'abandoned', ledger: 'abandoned' })
})

const settled = (at: number): CallEvent => ({ type: 'settled', at, why: 'paid' })

t.test('settled while it rings: let go, no attempt is abandoned', async (t) => {
  const { state, effects } = play([{ type: 'ringing', at: 0 }, settled(5000), { type: 'ended', at: 5050, network: { cause: 0 } }])
  t.match(outcomeOf(state), { disposition: 'settled', counts: true, reason: 'paid' })
  t.notOk(outcomeOf(state)?.ledger)
  t.same(done(effects), ['pace', 'hang_up', 'record_ended'])
})

t.test('settled while the detector listens: its verdict is awaited; a person hears so, a machine is told nothing', async (t) => {
  const listening = [{ type: 'answered', at: 0 }, settled(500), settled(700)] satisfies CallEvent[]
  const person = play([...listening, { type: 'detected', at: 2000, verdict: 'human', cause: '' }])
  t.same(done(person.effects), ['detect', 'record_progress', 'pace_answered', 'play_message'])
  t.match(person.state, { name: 'message', verdicted: { disposition: 'settled' } })
  const machine = play([...listening, { type: 'detected', at: 2000, verdict: 'machine', cause: '' }])
  t.match(machine.state, { name: 'ending', verdicted: { disposition: 'machine' } })
})

t.test('settled while he waits or is being connected: the message of thanks, an agent is freed', async (t) => {
  const reserved: CallEvent = { type: 'agent_reserved', at: 0, agent: agent('a') }
  for (const before of [[], [reserved]]) {
    const { state, effects } = play(
      [
        { type: 'answered', at: 0 },
        ...before,
        settled(100),
        { type: 'bridged', at: 110 },
        { type: 'message_played', at: 4000, message: 'settled', take: 1, completed: true },
        { type: 'ended', at: 4010, network: { cause: 16 } },
      ],
      withoutDetection,
    )
    t.match(outcomeOf(state), { disposition: 'settled', reason: 'paid; the message was played' })
    t.match(
      effects.find((effect) => effect.do === 'play_message'),
      { message: 'settled' },
    )
    t.equal(done(effects).filter((name) => name === 'release_agent').length, before.length)
    t.notOk(effects.some((effect) => effect.do === 'pace'))
  }
})

t.test('settled in the talk: the talk goes on; the agent lost after it: the talk is what it was', async (t) => {
  const talk = play(
    [
      { type: 'answered', at: 0 },
      { type: 'agent_reserved', at: 0, agent: agent('a') },
      { type: 'bridged', at: 5 },
    ],
    withoutDetection,
  )
  t.same(step(talk.state, settled(1000), rules), {
    state: talk.state,
    effects: [],
    ignored: 'settled means nothing while talking',
  })
  const { state } = play([{ type: 'agent_lost', at: 2000, why: 'no audio' }, settled(2100)], withoutDetection, talk.state)
  t.match(state, { name: 'message', verdicted: { disposition: 'human_connected', ledger: 'connected' } })
})

t.test('the switch refuses: no attempt of the lead is used up', async (t) => {
  const { state, effects } = play([{ type: 'refused', at: 5, why: '500 Allocation failed' }])
  t.match(outcomeOf(state), { disposition: 'failed', counts: false })
  t.same(done(effects), ['record_ended'])
})

t.test('the switch does not confirm: after a while hung up, and asked about until the end is certain', async (t) => {
  const { state, effects } = play([
    { type: 'unconfirmed', at: 5000 },
    { type: 'deadline', at: 15_000 },
    { type: 'deadline', at: 20_000 },
  ])
  t.equal(state.name, 'ending')
  t.same(done(effects), ['hang_up', 'verify'])
  const rings = play([
    { type: 'unconfirmed', at: 5000 },
    { type: 'ringing', at: 6000 },
  ])
  t.match(rings.state, { name: 'ringing', deadline: 26_000 }, 'it was placed all the same')
})

t.test('the callee hangs up: while detection listens, while waiting, while the bridge is made', async (t) => {
  const hangUp: CallEvent = { type: 'ended', at: 9500, network: { cause: 16 } }
  const answer: CallEvent = { type: 'answered', at: 9000 }
  t.match(outcomeOf(play([answer, hangUp]).state), { disposition: 'caller_hangup' })
  t.match(outcomeOf(play([answer, hangUp], withoutDetection).state), {
    disposition: 'abandoned',
    ledger: 'abandoned',
    reason: /after 0.5 s/,
  })
  const bridging = play([answer, { type: 'agent_reserved', at: 9001, agent: agent('a') }, hangUp], withoutDetection)
  t.match(outcomeOf(bridging.state), { disposition: 'caller_hangup' })
  t.ok(done(bridging.effects).includes('release_agent'))
})

t.test('an agent who cannot be bridged three times does not hold the person in silence', async (t) => {
  const tries = [1, 2, 3].flatMap((at): CallEvent[] => [
    { type: 'agent_reserved', at, agent: agent('a') },
    { type: 'bridge_failed', at },
  ])
  const { state, effects } = play([{ type: 'answered', at: 0 }, ...tries], withoutDetection)
  t.equal(state.name, 'message')
  t.equal(done(effects).filter((name) => name === 'release_agent').length, 3)
})

const messageKinds: MessageKind[] = ['abandoned', 'settled', 'person', 'machine', 'opted_out', 'callback']

const eventArbitrary = fc.oneof(
  fc.constantFrom<(at: number) => CallEvent>(
    (at) => ({ type: 'refused', at, why: 'x' }),
    (at) => ({ type: 'unconfirmed', at }),
    (at) => ({ type: 'ringing', at }),
    (at) => ({ type: 'answered', at }),
    (at) => ({ type: 'greeting_ended', at }),
    (at) => ({ type: 'beep', at }),
    (at) => ({ type: 'bridged', at }),
    (at) => ({ type: 'bridge_failed', at }),
    (at) => ({ type: 'agent_lost', at, why: 'x' }),
    (at) => ({ type: 'agent_hung_up', at }),
    (at) => ({ type: 'speech', at }),
    (at) => ({ type: 'silence', at }),
    (at) => ({ type: 'deadline', at }),
    (at) => ({ type: 'cancel', at, why: 'x' }),
    (at) => ({ type: 'settled', at, why: 'paid' }),
    (at) => ({ type: 'detected', at, verdict: 'machine', cause: '', sample: true }),
    (at) => ({ type: 'detected', at, verdict: 'human', cause: '', greetingEndedAt: at - 700 }),
    (at) => ({ type: 'listening_failed', at, why: 'x' }),
    (at) => ({ type: 'no_agent_free', at }),
    (at) => ({ type: 'beep', at }),
    (at) => ({ type: 'greeting_ended', at }),
  ),
  fc.constantFrom('human', 'machine', 'unsure').map(
    (verdict) =>
      (at: number): CallEvent => ({ type: 'detected', at, verdict: verdict as 'human', cause: '' }),
  ),
  fc.tuple(fc.constantFrom(...messageKinds), fc.integer({ min: 1, max: 3 }), fc.boolean()).map(
    ([message, take, completed]) =>
      (at: number): CallEvent => ({ type: 'message_played', at, message, take, completed }),
  ),
  fc.constantFrom('1', '2', '3', '4', '9').map(
    (digit) =>
      (at: number): CallEvent => ({ type: 'key', at, digit }),
  ),
  fc.nat(2).map(
    (n) =>
      (at: number): CallEvent => ({ type: 'agent_reserved', at, agent: agent(`a${n}`) }),
  ),
  fc.record({ cause: fc.nat(127), sipCode: fc.constantFrom(200, 404, 486, 503) }).map(
    (network) =>
      (at: number): CallEvent => ({ type: 'ended', at, network }),
  ),
)
const seed = 20261122

t.test(`any order of events (seed ${seed})`, async () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(eventArbitrary, fc.nat(4000)), { maxLength: 40 }),
      fc.constantFrom<CallRules>(
        ...[rules, withoutDetection, { ...rules, detection: 'outpace' as const }].flatMap((by) => [
          by,
          { ...by, message: sendOut },
        ]),
      ),
      (script, by) => {
        let state = placed(0, by)
        let at = 0
        let held: string | undefined
        let endings = 0
        let abandonedPaced = 0
        let settledOnTheWay = false
        for (const [make, wait] of script) {
          at += wait
          const event = make(at)
          // The engine reserves an agent only for a call that waits for one.
          if (event.type === 'agent_reserved' && state.name !== 'waiting') continue
          const before = state
          const next = step(state, event, by)
          state = next.state
          if (before.name === 'ended' && (next.effects.length > 0 || state !== before))
            throw new Error('something happened after the end')
          if (event.type === 'deadline' && before.name === 'talking' && state !== before)
            throw new Error('the grace fired on a bridged call')
          if (event.type === 'settled' && !['talking', 'message', 'ending', 'ended'].includes(before.name)) settledOnTheWay = true
          if (settledOnTheWay && next.effects.some(({ do: what }) => what === 'seek_agent' || what === 'bridge'))
            throw new Error('an agent sought for who owes nothing')
          if (event.type === 'agent_reserved') held = event.agent.agentId
          if (event.type === 'agent_lost' && state.name === 'waiting') held = undefined
          for (const effect of next.effects) {
            if (effect.do === 'release_agent' || effect.do === 'agent_finished') {
              if (held !== effect.agent.agentId) throw new Error('an agent freed who was not held')
              held = undefined
            }
            if (effect.do === 'record_ended') endings++
            if (effect.do === 'pace' && effect.event === 'abandoned') abandonedPaced++
          }
          if (state.name === 'ended' && held) throw new Error('ended with an agent held')
        }
        const last = step(state, { type: 'ended', at: at + 1, network: { cause: 16 } }, by)
        endings += last.effects.filter((effect) => effect.do === 'record_ended').length
        abandonedPaced += last.effects.filter((effect) => effect.do === 'pace' && effect.event === 'abandoned').length
        if (last.state.name !== 'ended' || endings !== 1) throw new Error(`${endings} endings, now ${last.state.name}`)
        if (abandonedPaced !== (last.state.outcome.ledger === 'abandoned' ? 1 : 0))
          throw new Error('pacer and ledger disagree on abandoned')
      },
    ),
    { seed, numRuns: 3000 },
  )
})
