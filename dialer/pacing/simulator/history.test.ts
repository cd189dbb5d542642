import t from 'tap'
import { historyWorld, parseHistory } from './history.ts'

const text = `hour,outcome,ring_seconds,talk_seconds,wrap_up_seconds
9,person,8.5,60,10
9,no-answer,25,,
10,busy,2,0,0
`

t.test('a world of past calls draws from the hour it is in', async (t) => {
  const calls = parseHistory(text)
  t.same(calls[0], { hour: 9, outcome: 'person', ringSec: 8.5, talkSec: 60, wrapUpSec: 10 })
  const world = historyWorld(calls, { agents: 3, seed: 1, answerProbability: 0.2 }, 9)
  const outcomes = (sec: number) => new Set(Array.from({ length: 50 }, (_, i) => world.person(i, sec).outcome))
  t.same([...outcomes(0)].sort(), ['no-answer', 'person'])
  t.same([...outcomes(3700)], ['busy'])
  t.equal(world.talkSec(5, 0), 60)
})

t.test('a line that cannot be read is named', async (t) => {
  t.throws(() => parseHistory('hour,outcome,ring_seconds\n9,perhaps,3'), { message: /line 2/ })
  t.throws(() => parseHistory('hour,outcome,ring_seconds\nx,person,3'), { message: /line 2/ })
  t.throws(() => historyWorld([], { agents: 1, seed: 1, answerProbability: 0.2 }, 9), { message: /no talk/ })
})
