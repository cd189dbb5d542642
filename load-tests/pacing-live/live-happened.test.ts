/** The judge: what wire and API tell is put together as the definitions say, and what does not fit is seen. */
import t from 'tap'
import type { WireCall } from '../wire-log.ts'
import { cell } from './callees.ts'
import { type Attempt, liveHappened } from './live-happened.ts'
import { holds, interval, measure } from './measured.ts'

const start = Date.UTC(2026, 0, 5)

function call(attemptId: string, invitedSec: number, answeredSec?: number, endedSec?: number): WireCall {
  const at = (sec: number | undefined) => (sec === undefined ? undefined : start + sec * 1000)
  return {
    ...{ callId: attemptId, called: '', caller: '', attemptId, invitedAt: start + invitedSec * 1000, ringingAt: undefined },
    ...{ answeredAt: at(answeredSec), cancelledAt: undefined, endedAt: at(endedSec), hungUpBy: undefined, status: undefined },
  }
}

function attempt(id: string, disposition: string | null, connectedSec?: number): Attempt {
  const connectedAt = connectedSec === undefined ? null : new Date(start + connectedSec * 1000).toISOString()
  return { id, placedAt: new Date(start).toISOString(), connectedAt, disposition }
}

t.test('a talk, one that goes on, an abandoned call and an unanswered one', async (t) => {
  const calls = [call('talk', 0, 10, 60), call('long', 1, 20), call('abandoned', 2, 30, 40), call('no', 3, undefined, 28)]
  const attempts = [attempt('talk', 'human_connected', 10), attempt('long', null, 21)]
  attempts.push(attempt('abandoned', 'abandoned'), attempt('no', 'no_answer'))
  const { happened, contradictions } = liveHappened(calls, attempts)
  t.equal(contradictions, 0)
  t.same(happened.waits, [0, 1000])
  t.same(happened.abandoned, [30_000 + cell.graceMs])

  const measured = measure(happened, { from: 5000, to: 105_000 }, 2)
  t.match(measured, { placed: 0, connected: 2, abandoned: 1, abandonment: 1 / 3 })
  t.equal(measured.occupancy, (50 + cell.wrapUpMs / 1000 + 84) / 200, 'talk and wrap-up, cut at the end of the window')
})

t.test('what one side does not know, or tells otherwise, is a contradiction', async (t) => {
  const count = (calls: WireCall[], attempts: Attempt[]) => liveHappened(calls, attempts).contradictions
  t.equal(count([call('a', 0)], []), 1, 'an INVITE without an attempt')
  t.equal(count([call('a', 0)], [attempt('a', null), attempt('b', null)]), 1, 'an attempt without an INVITE')
  t.equal(count([call('a', 0)], [attempt('a', null, 5)]), 1, 'connected without an answer')
  t.equal(count([call('a', 0, 5, 9)], [attempt('a', 'no_answer')]), 1, 'an answer that was not noticed')
  t.equal(count([call('a', 0, 5, 9)], [attempt('a', 'abandoned', 5)]), 1, 'connected, and yet abandoned')
})

t.test('the middle 95 %', async (t) => {
  const found = interval(Array.from({ length: 201 }, (_, n) => 200 - n))
  t.same(found, { low: 5, median: 100, high: 195 })
  t.ok(holds(found, 5) && !holds(found, 4.9) && !holds(found, 195.1))
})
