import t from 'tap'
import type { LiveChannel } from '../telephony/telephony.ts'
import type { CallState } from './call.ts'
import { missedEvents } from './missed.ts'

const at = 1_000_000
const placing: CallState = { name: 'placing', placedAt: at - 9000, deadline: at + 9000 }
const waiting: CallState = { name: 'waiting', facts: { answeredAt: at - 500 }, bridgeFailures: 0, deadline: at + 1500 }
const channel = (state: LiveChannel['state']): LiveChannel => ({ channelId: 'x', state, endpoint: 'trunk' })

t.test('a channel that stands says how far its call has come', async (t) => {
  t.same(missedEvents(placing, { channel: channel('down') }, at), [])
  t.same(missedEvents(placing, { channel: channel('ringing') }, at), [{ type: 'ringing', at: at - 9000 }])
  t.same(missedEvents(placing, { channel: channel('up') }, at), [{ type: 'answered', at }])
  t.same(missedEvents(placing, { channel: channel('up'), record: { answeredAt: at - 700 } }, at), [
    { type: 'answered', at: at - 700 },
  ])
  t.same(missedEvents(waiting, { channel: channel('up') }, at), [], 'its answer was heard')
})

t.test('a channel that is gone ended as the record says, or unseen', async (t) => {
  const record = { answeredAt: at - 700, ended: { at: at - 100, cause: 16 } }
  t.same(missedEvents(placing, { record }, at), [
    { type: 'answered', at: at - 700 },
    { type: 'ended', at: at - 100, network: { cause: 16 } },
  ])
  t.same(missedEvents(placing, { record: { ended: { at: at - 100, cause: 17 } } }, at), [
    { type: 'ended', at: at - 100, network: { cause: 17 } },
  ])
  t.same(missedEvents(waiting, {}, at), [{ type: 'ended', at, network: { cause: 0 }, unseen: true }])
})
