/** Proves the campaign machine total and its promises, over random orders of events. */
import fc from 'fast-check'
import t from 'tap'
import { type CampaignState, campaignEvents, campaignStates, possible, step } from './lifecycle.ts'

const seed = 20_261_122
const walk = fc.array(fc.constantFrom(...campaignEvents), { maxLength: 40 })
const after = (events: (typeof campaignEvents)[number][], from: CampaignState = 'draft') =>
  events.reduce<CampaignState>((state, event) => step(state, event).state, from)

t.test('the usual life', async (t) => {
  t.equal(after(['start', 'pause', 'start', 'drain', 'last_call_ended']), 'finished')
  t.equal(after(['start'], 'finished'), 'running', 'a finished campaign can be started again')
  t.equal(after(['start'], 'draining'), 'running', 'draining can be taken back')
})

t.test('an event either moves the campaign or is ignored with a reason, never both', async (t) => {
  for (const state of campaignStates) {
    for (const event of campaignEvents) {
      const next = step(state, event)
      if (next.ignored) {
        t.equal(next.state, state)
        t.match(next.ignored, state)
      } else t.not(next.state, state)
      if (event !== 'last_call_ended') t.equal(possible(state).includes(event), !next.ignored, `${state}: ${event} is told right`)
    }
  }
})

t.test('only a draining campaign finishes, and never before it ran', async () => {
  fc.assert(
    fc.property(walk, (events) => {
      const state = after(events)
      const ended = step(state, 'last_call_ended')
      if ((ended.state === 'finished') !== (state === 'finished' || state === 'draining')) return false
      return state === 'draft' ? !events.includes('start') : events.includes('start')
    }),
    { seed },
  )
})

t.test('from every state a person gets it running, and from running to its end', async () => {
  fc.assert(
    fc.property(walk, (events) => {
      const state = after(events)
      const running = state === 'running' ? state : after(['start'], state)
      return running === 'running' && after(['drain', 'last_call_ended'], running) === 'finished'
    }),
    { seed },
  )
})
