/** The campaign's message as the call machine plays it: to a person (announcing.ts) and on a machine (leaving.ts). */
import t from 'tap'
import type { PreparedMessage } from '../messages/message.ts'
import { type CallEffect, type CallEvent, type CallRules, type CallState, deadlineOf, placed, step } from './call.ts'

const message: PreparedMessage = {
  media: { person: ['sound:p'], machine: ['sound:m'], opted_out: ['sound:o'], callback: ['sound:c'] },
  ...{ keys: { agent: '1', repeat: '2', confirm: '3', optOut: '9' }, keyWaitMs: 4000 },
}
const rules: CallRules = { detection: 'outpace', shadow: false, graceMs: 2000, ringTimeoutMs: 20_000, message }
const byAsterisk: CallRules = { ...rules, detection: 'asterisk' }

function play(events: CallEvent[], by: CallRules = rules, from: CallState = placed(0, by)) {
  let state = from
  const effects: CallEffect[] = []
  for (const event of events) {
    const next = step(state, event, by)
    state = next.state
    effects.push(...next.effects)
  }
  return { state, effects, outcome: state.name === 'ended' ? state.outcome : undefined }
}
/** `play person 1`, `stop machine 2`, `seek_agent`. */
const done = (effects: CallEffect[]) =>
  effects.flatMap((effect) => {
    if (effect.do === 'play_message') return [`play ${effect.message} ${effect.take}`]
    if (effect.do === 'stop_message') return [`stop ${effect.message} ${effect.take}`]
    return ['pace', 'pace_answered', 'record_progress', 'record_ended', 'detect', 'listen'].includes(effect.do) ? [] : [effect.do]
  })
const answer = (verdict: 'human' | 'machine' | 'unsure', at = 1000): CallEvent[] => [
  { type: 'answered', at: 0 },
  { type: 'detected', at, verdict, cause: 'test' },
]
const played = (at: number, who: 'person' | 'machine', take = 1, completed = true): CallEvent => ({
  ...{ type: 'message_played', at, message: who, take, completed },
})
const key = (at: number, digit: string): CallEvent => ({ type: 'key', at, digit })
const ended = (at: number): CallEvent => ({ type: 'ended', at, network: { cause: 16 } })

t.test('a person hears it at the verdict, to its end; a key is waited for, then we hang up', async (t) => {
  for (const verdict of ['human', 'unsure'] as const) {
    const heard = play([...answer(verdict), played(9000, 'person')])
    t.equal(deadlineOf(heard.state), 13_000)
    const { outcome, effects } = play([{ type: 'deadline', at: 13_000 }, ended(13_010)], rules, heard.state)
    t.match(outcome, { disposition: 'message_heard', ledger: undefined, counts: true, facts: { message: { begunAt: 1000 } } })
    t.same(done([...heard.effects, ...effects]), ['play person 1', 'hang_up'])
  }
})

t.test('without detection it begins with the answer; without keys nothing is waited for', async (t) => {
  const by: CallRules = { ...rules, detection: 'off', message: { ...message, keys: {} } }
  const { state } = play([{ type: 'answered', at: 0 }, played(8000, 'person')], by)
  t.equal(deadlineOf(state), 8000)
})

t.test('hung up before its end: in part; after its end, or in a repetition: heard', async (t) => {
  t.match(play([...answer('human'), ended(5000)]).outcome, { disposition: 'message_heard_in_part', reason: /callee hung up$/ })
  t.match(play([...answer('human'), played(9000, 'person'), ended(9500)]).outcome, { disposition: 'message_heard' })
  const repeated = play([...answer('human'), played(9000, 'person'), key(9500, '2'), ended(12_000)])
  t.same(done(repeated.effects), ['play person 1', 'play person 2'])
  t.match(repeated.outcome, { disposition: 'message_heard' })
})

t.test('repeat in the middle begins anew, and the end of the stopped one is not its end', async (t) => {
  const { state, effects } = play([...answer('human'), key(3000, '2'), played(3010, 'person', 1, false)])
  t.same(done(effects), ['play person 1', 'stop person 1', 'play person 2'])
  t.match(state, { name: 'announcing', take: 2, over: false })
})

t.test('confirmed: noted, the message goes on; after its end the call is over at once', async (t) => {
  t.match(play([...answer('human'), key(3000, '3'), ended(4000)]).outcome, { disposition: 'message_confirmed' })
  const after = play([...answer('human'), played(9000, 'person'), key(9500, '3'), ended(9510)])
  t.same(done(after.effects), ['play person 1', 'hang_up'])
  t.match(after.outcome, { disposition: 'message_confirmed' })
})

t.test('opt-out: barred in the same moment, whether he hears the answer or not', async (t) => {
  const pressed = play([...answer('human'), key(3000, '9')])
  t.same(done(pressed.effects), ['play person 1', 'stop person 1', 'opt_out', 'play opted_out 1'])
  t.match(play([ended(3100)], rules, pressed.state).outcome, { disposition: 'opted_out' })
})

t.test('an agent by key: bridged if one is free within the grace', async (t) => {
  const agent = { agentId: 'a', sessionId: 's', channelId: 'c', bridgeId: 'b' }
  const { state, effects } = play([
    ...answer('human'),
    key(3000, '1'),
    { type: 'agent_reserved', at: 3000, agent },
    { type: 'bridged', at: 3010 },
  ])
  t.same(done(effects), ['play person 1', 'stop person 1', 'seek_agent', 'bridge', 'agent_connected'])
  t.match(state, { name: 'talking', facts: { message: { agentAskedAt: 3000 } } })
})

t.test('an agent by key, and none is free: told that he is called back; not abandoned', async (t) => {
  const asked = play([...answer('human'), key(3000, '1')])
  t.equal(deadlineOf(asked.state), 5000)
  const told = play([{ type: 'deadline', at: 5000 }], rules, asked.state)
  t.same(done(told.effects), ['play callback 1'])
  for (const last of [play([ended(6000)], rules, told.state), play([ended(4000)], rules, asked.state)]) {
    t.match(last.outcome, { disposition: 'callback_asked', reason: /^asked for an agent by a key/ })
    t.notOk(last.outcome?.ledger)
    t.notOk(last.effects.some((effect) => effect.do === 'pace' && effect.event === 'abandoned'))
  }
})

t.test('a key without a meaning is none', async (t) => {
  t.match(step(play(answer('human')).state, key(3000, '7'), rules), { ignored: /key means nothing/, effects: [] })
})

t.test('settled while it plays: thanks instead', async (t) => {
  const { effects, outcome } = play([...answer('human'), { type: 'settled', at: 2000, why: 'paid' }, ended(3000)])
  t.same(done(effects), ['play person 1', 'stop person 1', 'play settled 1'])
  t.match(outcome, { disposition: 'settled' })
})

t.test('a machine: after the beep, and not a moment before', async (t) => {
  const greeting: CallEvent[] = [...answer('machine', 2000), { type: 'greeting_ended', at: 8000 }]
  const waiting = play(greeting)
  t.same(done(waiting.effects), [])
  t.match(waiting.state, { name: 'awaiting_beep', deadline: 10_500 })
  const { effects, outcome } = play([{ type: 'beep', at: 9000 }, played(15_000, 'machine'), ended(15_010)], rules, waiting.state)
  t.same(done(effects), ['play machine 1', 'hang_up'])
  t.match(outcome, { disposition: 'message_left', counts: true })
})

t.test('a machine without a beep: a while after its greeting; one whose greeting never ends: not at all', async (t) => {
  const quiet = play([...answer('machine', 2000), { type: 'greeting_ended', at: 8000 }, { type: 'deadline', at: 10_500 }])
  t.same(done(quiet.effects), ['play machine 1'])
  const endless = play(answer('machine', 2000))
  t.equal(deadlineOf(endless.state), 62_000)
  const { effects, outcome } = play([{ type: 'deadline', at: 62_000 }, ended(62_010)], rules, endless.state)
  t.same(done(effects), ['hang_up'])
  t.match(outcome, { disposition: 'machine', reason: /its greeting did not end within 60 s/ })
})

t.test('the greeting goes on after all: stopped, and played from the start after it', async (t) => {
  const leaving = [
    ...answer('machine', 2000),
    { type: 'greeting_ended', at: 4000 },
    { type: 'deadline', at: 6500 },
  ] as CallEvent[]
  const beeped = play([...leaving, { type: 'beep', at: 8000 }, played(8010, 'machine', 1, false), played(14_000, 'machine', 2)])
  t.same(done(beeped.effects), ['play machine 1', 'stop machine 1', 'play machine 2', 'hang_up'])
  t.match(beeped.state, { verdicted: { disposition: 'message_left', reason: /from its start for the second time/ } })
  const spoke = play([...leaving, { type: 'greeting_ended', at: 9000 }])
  t.same(done(spoke.effects), ['play machine 1', 'stop machine 1'])
  t.match(spoke.state, { name: 'awaiting_beep', deadline: 11_500 })
  t.match(step(play(leaving).state, { type: 'beep', at: 6000 }, rules), { ignored: /beep/ }, 'what was over before we spoke')
})

t.test('a machine that goes on for ever gets the message as it is', async (t) => {
  const beeps = [8000, 9000, 10_000, 11_000, 12_000].map((at): CallEvent => ({ type: 'beep', at }))
  const { effects } = play([...answer('machine', 2000), ...beeps])
  t.same(done(effects).filter((what) => what.startsWith('play')).length, 4)
})

t.test('what was heard before the verdict counts', async (t) => {
  const answered: CallEvent = { type: 'answered', at: 0 }
  const verdict: CallEvent = { type: 'detected', at: 5000, verdict: 'machine', cause: 'beep' }
  t.same(done(play([answered, { type: 'beep', at: 4900 }, verdict]).effects), ['play machine 1'])
  t.match(play([answered, { type: 'greeting_ended', at: 4500 }, verdict]).state, { name: 'awaiting_beep', deadline: 7000 })
})

t.test("with Asterisk's detection: a silence is listened for, speech is waited out", async (t) => {
  const machine = play(answer('machine', 2000), byAsterisk)
  t.same(done(machine.effects), ['listen_for_talk'])
  t.equal(deadlineOf(machine.state), 5000, 'nothing is heard: it begins all the same')
  const speaking = play([{ type: 'speech', at: 2100 }], byAsterisk, machine.state)
  t.equal(deadlineOf(speaking.state), 62_000)
  const left = play(
    [
      { type: 'silence', at: 9000 },
      { type: 'speech', at: 10_000 },
      { type: 'silence', at: 12_000 },
    ],
    byAsterisk,
    speaking.state,
  )
  t.same(done(left.effects), ['play machine 1', 'stop machine 1', 'play machine 2'])
})

t.test('who was taken for a person and beeps was a machine', async (t) => {
  const { effects, state } = play([...answer('human'), { type: 'beep', at: 4000 }])
  t.same(done(effects), ['play person 1', 'stop person 1', 'play machine 1'])
  t.equal(state.name, 'leaving')
})

t.test('the beep after the end of the message says so too; who has confirmed is a person', async (t) => {
  const late = play([
    ...answer('human'),
    played(4000, 'person'),
    { type: 'beep', at: 5000 },
    played(9000, 'machine'),
    ended(9010),
  ])
  t.same(done(late.effects), ['play person 1', 'play machine 1', 'hang_up'])
  t.match(late.outcome, { disposition: 'message_left' })
  t.equal(play([...answer('human'), key(3000, '3'), { type: 'beep', at: 4000 }]).state.name, 'announcing')
})

t.test('an agent campaign leaves a message on a machine, holding no agent; persons get the agent', async (t) => {
  const agents: CallRules = { ...rules, message: { ...message, media: { machine: ['sound:m'] } } }
  t.equal(play(answer('machine'), agents).state.name, 'awaiting_beep')
  t.same(done(play(answer('human'), agents).effects), ['seek_agent'])
  const { message: _, ...none } = rules
  t.match(play(answer('machine'), none).state, { name: 'ending', verdicted: { disposition: 'machine' } })
})
