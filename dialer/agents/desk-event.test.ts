import fc from 'fast-check'
import t from 'tap'
import { type CallNews, callNews, type OnCall } from './desk-event.ts'

t.test('the life of a call at the desk', async (t) => {
  const at = (phase: OnCall['phase'], callId: string | null = null): OnCall => ({ phase, callId })
  const news = (before: OnCall, after: OnCall) => callNews(before, after).map(({ news, callId }) => `${news} ${callId}`)
  t.strictSame(news(at('ready'), at('reserved', 'a')), ['offered a'])
  t.strictSame(news(at('reserved', 'a'), at('talking', 'a')), ['connected a'])
  t.strictSame(news(at('talking', 'a'), at('talking', 'a')), [], 'a pause planned during the talk')
  t.strictSame(news(at('talking', 'a'), at('wrap_up', 'a')), ['ended a'])
  t.strictSame(news(at('wrap_up', 'a'), at('ready')), [])
  t.strictSame(news(at('reserved', 'a'), at('ready')), ['withdrawn a'])
  t.strictSame(news(at('talking', 'a'), at('logged_out')), ['ended a'])
  t.strictSame(news(at('wrap_up', 'a'), at('talking', 'b')), ['offered b', 'connected b'], 'told late: the reservation is over')
  t.strictSame(news(at('talking', 'a'), at('reserved', 'b')), ['ended a', 'offered b'])
})

t.test('whatever is told when: each call is offered once, connected at most once, and over exactly once', async () => {
  const seed = Number(process.env.SEED ?? 20261122)
  const call = fc.constantFrom('a', 'b', 'c')
  const idle = fc.constantFrom<OnCall>(...(['ready', 'paused', 'logged_out'] as const).map((phase) => ({ phase, callId: null })))
  const busy = fc.record({ phase: fc.constantFrom('reserved' as const, 'talking' as const, 'wrap_up' as const), callId: call })
  fc.assert(
    fc.property(fc.array(fc.oneof(idle, busy), { maxLength: 30 }), (states) => {
      const open = new Map<string, CallNews>()
      const path: OnCall[] = [...states, { phase: 'logged_out', callId: null }]
      let before: OnCall = { phase: 'logged_out', callId: null }
      for (const after of path) {
        for (const { news, callId } of callNews(before, after)) {
          const was = open.get(callId)
          const fits =
            (news === 'offered' && was === undefined) ||
            (news === 'connected' && was === 'offered') ||
            (news === 'withdrawn' && was === 'offered') ||
            (news === 'ended' && was === 'connected')
          if (!fits) return false
          if (news === 'ended' || news === 'withdrawn') open.delete(callId)
          else open.set(callId, news)
        }
        before = after
      }
      return open.size === 0
    }),
    { seed, numRuns: 2000 },
  )
})
