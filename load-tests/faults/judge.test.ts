import t from 'tap'
import type { WireCall } from '../wire-log.ts'
import { type AttemptRow, judge, recoveryMs } from './judge.ts'

const at = 1_000_000
const blow = { fault: 'test', at, goneAt: at + 3000 }
const call = (attemptId: string, changes: Partial<WireCall> = {}): WireCall => ({
  ...{ callId: attemptId, called: `+48${attemptId}`, caller: '', attemptId, invitedAt: at - 9000, ringingAt: undefined },
  ...{ answeredAt: at - 8000, cancelledAt: undefined, endedAt: at - 3000, hungUpBy: 'callee', status: 200 },
  ...changes,
})
const row = (id: string, changes: Partial<AttemptRow> = {}): AttemptRow => ({
  ...{ id, number: `+48${id}`, disposition: 'human_connected', endReason: 'x', answeredAt: at - 8000 },
  ...{ connectedAt: at - 7990, endedAt: at - 3000 },
  ...changes,
})
const clean = { dialedTwice: [], lostOutcomes: [], cutTalks: [], silences: [] }

t.test('nothing to say against calls that agree', async (t) => {
  t.same(judge(blow, [call('1')], [row('1')], false), clean)
})

t.test('each crime is seen', async (t) => {
  const twice = judge(blow, [call('1'), call('1', { callId: 'again' })], [row('1')], false)
  t.same(twice.dialedTwice, ['+481'])
  t.match(judge(blow, [], [row('1', { endedAt: null })], false).lostOutcomes, [/no end/])
  t.match(judge(blow, [call('1')], [], false).lostOutcomes, [/not in the database/])
  t.match(judge(blow, [call('1')], [row('1', { answeredAt: null })], false).lostOutcomes, [
    /was answered, and the database says human_connected: x/,
  ])
  const cut = call('1', { hungUpBy: 'caller' })
  t.same(judge(blow, [cut], [row('1')], false).cutTalks, ['1'])
  t.same(judge(blow, [cut], [row('1')], true).cutTalks, [], 'the switch itself died')
})

t.test('silence is measured against the grace and the time of the fault', async (t) => {
  const waits = (answeredAt: number, connectedAt: number) =>
    judge(blow, [call('1', { answeredAt, endedAt: connectedAt + 5000 })], [row('1', { answeredAt, connectedAt })], false).silences
  t.same(waits(at - 9000, at - 5000), [{ attemptId: '1', ms: 4000 }])
  t.same(waits(at + 500, at + 4900), [], '2.5 s of it were the fault')
  t.same(waits(at + 500, at + 6000), [{ attemptId: '1', ms: 5500 }])
})

t.test('where the clock was set, what passed by it is compared', async (t) => {
  const hour = 3_600_000
  const waits = (answeredAt: number, connectedAt: number) =>
    judge(blow, [call('1')], [row('1', { answeredAt, connectedAt })], false).silences.map(({ ms }) => ms)
  t.same(waits(at + hour - 8000, at + hour - 4000), [4000])
  t.same(waits(at - 8000, at + hour - 7990), [], 'set in between')
})

t.test('the full rate is back when two seconds have it', async (t) => {
  const invites = (times: number[]) => times.map((ms, n) => call(String(n), { invitedAt: blow.goneAt + ms }))
  const steady = Array.from({ length: 40 }, (_, n) => 4000 + n * 100)
  t.equal(recoveryMs(blow, invites([100, 2000, ...steady]), 10), 4000)
  t.equal(recoveryMs(blow, invites([100, 2000]), 10), undefined)
})
