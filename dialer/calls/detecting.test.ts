import t from 'tap'
import type { ReservedAgent } from '../agents/agent-pool.ts'
import type { PreparedMessage } from '../messages/message.ts'
import { type CallEffect, type CallEvent, type CallRules, type CallState, placed, step } from './call.ts'

const rules: CallRules = { detection: 'outpace', shadow: false, graceMs: 2000, ringTimeoutMs: 20_000 }
const agent: ReservedAgent = { agentId: 'a', sessionId: 's', channelId: 'c', bridgeId: 'b' }

/** Plays events from an answer at 1000 on. */
function play(events: CallEvent[], by = rules) {
  let state: CallState = placed(0, by)
  const effects: CallEffect[] = []
  for (const event of [{ type: 'answered', at: 1000 } as const, ...events]) {
    const next = step(state, event, by)
    state = next.state
    effects.push(...next.effects)
  }
  return { state, effects, done: effects.map((effect) => effect.do) }
}

t.test('who listens: our detector, the switch, both (one of them in shadow), or nobody', async (t) => {
  const listeners = (by: Partial<CallRules>) =>
    play([], { ...rules, ...by }).done.filter((what) => what === 'listen' || what === 'detect')
  t.same(listeners({}), ['listen'])
  t.same(listeners({ detection: 'asterisk' }), ['detect'])
  t.same(listeners({ detection: 'asterisk', shadow: true }), ['detect', 'listen'])
  t.same(listeners({ detection: 'off' }), [])
  t.same(listeners({ detection: 'off', shadow: true }), ['listen'])
  t.same(listeners({ shadow: true }), ['listen'], 'it cannot be in its own shadow')
})

t.test('the grace counts from the end of the greeting; a late verdict leaves a moment to put an agent through', async (t) => {
  const graceEnds = (greetingEndedAt: number) => {
    const { state } = play([{ type: 'detected', at: 3000, verdict: 'human', cause: 'short', greetingEndedAt }])
    return state.name === 'waiting' && state.deadline
  }
  t.equal(graceEnds(2400), 4400)
  t.equal(graceEnds(500), 3300)
})

t.test('we cannot listen: the switch detects if it is in time for the first word, else the call is unsure', async (t) => {
  const atOnce = play([{ type: 'listening_failed', at: 1050, why: 'refused' }])
  t.equal(atOnce.state.name, 'detecting')
  t.equal(atOnce.done.at(-1), 'detect')
  const late = play([{ type: 'listening_failed', at: 3000, why: 'the media channels did not come up' }])
  t.match(late.state, {
    name: 'waiting',
    facts: { detected: { verdict: 'unsure', cause: 'the media channels did not come up' } },
  })
  t.equal(late.done.at(-1), 'seek_agent')
})

t.test('a sample: a machine that goes to an agent', async (t) => {
  const found: CallEvent = { type: 'detected', at: 3000, verdict: 'machine', cause: 'long', sample: true }
  const talk = play([found, { type: 'agent_reserved', at: 3000, agent }, { type: 'bridged', at: 3005 }])
  t.match(talk.state, { name: 'talking', facts: { detected: { verdict: 'machine', sample: true } } })

  t.ok(
    talk.effects.some((effect) => effect.do === 'tell_agent' && effect.what === 'sample'),
    'he is told so',
  )

  const unserved: [what: string, events: CallEvent[]][] = [
    ['nobody free', [{ type: 'no_agent_free', at: 3000 }]],
    [
      'the bridge is not made in time',
      [
        { type: 'agent_reserved', at: 3000, agent },
        { type: 'deadline', at: 5000 },
      ],
    ],
    ['the campaign is stopped', [{ type: 'cancel', at: 3100, why: 'stopped' }]],
    ['it hangs up', [{ type: 'ended', at: 3100, network: { cause: 16 } }]],
  ]
  for (const [what, events] of unserved) {
    const { state, done } = play([found, ...events, { type: 'ended', at: 6000, network: { cause: 16 } }])
    t.match(state, { name: 'ended', outcome: { disposition: 'machine' } }, what)
    t.equal(state.name === 'ended' && state.outcome.ledger, undefined, `${what}: no person was abandoned`)
    t.notOk(done.includes('play_message'), `${what}: no message for a person`)
  }
  t.notOk(play([{ type: 'settled', at: 2000, why: 'paid' }, found]).done.includes('seek_agent'), 'settled meanwhile')
  const waiting = play([
    { type: 'detected', at: 3000, verdict: 'human', cause: 'short' },
    { type: 'no_agent_free', at: 3000 },
  ])
  t.equal(waiting.state.name, 'waiting', 'a person waits')
})

t.test(
  'with a message for machines: a sample nobody is free for gets it; where Asterisk stepped in, by silence and not by a beep',
  async (t) => {
    const message: PreparedMessage = { media: { machine: ['sound:m'] }, keys: {}, keyWaitMs: 0 }
    const found: CallEvent = { type: 'detected', at: 3000, verdict: 'machine', cause: 'long', detector: 'outpace' }
    const unserved = play(
      [
        { ...found, sample: true },
        { type: 'no_agent_free', at: 3000 },
      ],
      { ...rules, message },
    )
    t.equal(unserved.state.name, 'awaiting_beep')
    t.notOk(unserved.done.includes('listen_for_talk'))
    const fallback = play(
      [
        { type: 'listening_failed', at: 1010, why: 'x' },
        { ...found, detector: 'asterisk' },
      ],
      { ...rules, message },
    )
    t.equal(fallback.done.at(-1), 'listen_for_talk')
  },
)

t.test('a beep after "human" is told to the agent, at once or when he comes', async (t) => {
  const human: CallEvent = { type: 'detected', at: 2000, verdict: 'human', cause: 'short' }
  const reserved: CallEvent = { type: 'agent_reserved', at: 2000, agent }
  const bridged: CallEvent = { type: 'bridged', at: 4000 }
  const beep: CallEvent = { type: 'beep', at: 3000 }
  for (const [when, events] of [
    ['while he waits', [beep, reserved, bridged]],
    ['while the bridge is made', [reserved, beep, bridged]],
    ['in the talk', [reserved, { ...bridged, at: 2100 }, beep]],
  ] as const) {
    const { state, effects } = play([human, ...events])
    t.same(
      effects.filter((effect) => effect.do === 'tell_agent'),
      [{ do: 'tell_agent', what: 'late_beep', agent, at: 3000 }],
      when,
    )
    t.match(state, { name: 'talking', facts: { lateBeepAt: 3000 } })
  }
})
