/** The agent's machine under any order of events. */
import fc from 'fast-check'
import t from 'tap'
import { step } from './agent.ts'
import { type AgentEvent, type AgentState, loggedOut, type Session } from './agent-state.ts'

const rules = { wrapUpMs: 15_000 }
type Ask = AgentEvent extends infer E ? (E extends AgentEvent ? Omit<E, 'at'> : never) : never
const session = (name: string, via: Session['via'] = 'called', campaignId = 'c1'): Session => ({
  sessionId: `s-${name}`,
  campaignId,
  via,
  channelId: `leg-${name}`,
  bridgeId: `agent-s-${name}`,
})

function check(holds: boolean, what: string) {
  if (!holds) throw new Error(what)
}
const same = (a: unknown, b: unknown, what: string) => check(JSON.stringify(a) === JSON.stringify(b), what)

const callIds = fc.constantFrom('x', 'y')
const legs = fc.constantFrom('leg-a', 'leg-b')
const named = <T extends Ask['type']>(...types: T[]) => fc.constantFrom(...types)
/** Work is likelier than leaving, so that most runs get deep into a shift. */
const anyEvent: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: named('log_in'),
      session: fc.constantFrom(session('a'), session('b', 'dialed_in'), session('b', 'dialed_in', 'c2')),
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: named('leg_up'), channelId: legs }) },
  { weight: 1, arbitrary: fc.record({ type: named('leg_lost'), channelId: legs, reason: fc.constant('dead') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: named('move'),
      sessionId: fc.constantFrom('s-1', 's-2'),
      campaignId: fc.constantFrom('c1', 'c2'),
    }),
  },
  { weight: 8, arbitrary: fc.record({ type: named('reserve', 'connected', 'connected'), callId: callIds }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: named('release', 'finished', 'wrap_up_over', 'result_recorded'), callId: callIds }),
  },
  { weight: 3, arbitrary: fc.record({ type: named('hang_up', 'ready', 'ready') }) },
  { weight: 2, arbitrary: fc.record({ type: named('pause', 'log_out'), reason: fc.constantFrom('r1', 'r2') }) },
)
const callOf = (state: AgentState) => (state.phase === 'reserved' || state.phase === 'talking' ? state.callId : undefined)

t.test('any order of events', async (t) => {
  let reservations = 0
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 20, maxLength: 80, size: 'max' }), (asks) => {
      let state: AgentState = loggedOut(0)
      let openSession: string | undefined
      asks.forEach((ask, i) => {
        const event = { ...ask, at: i + 1 }
        const before = structuredClone(state)
        const { state: after, effects, ignored } = step(state, event, rules)
        same(state, before, 'step does not change its input')
        if (ignored !== undefined) {
          check(after === state && effects.length === 0, 'an ignored event changes nothing')
          return
        }
        // Reservations: taken only when ready, freed once, and only by one of the three ways.
        const [had, has] = [callOf(before), callOf(after)]
        if (event.type === 'reserve') {
          reservations++
          check(before.phase === 'ready' && has === event.callId, 'only a ready agent is reserved')
        } else check(has === undefined || has === had, 'a call comes to an agent by a reservation only')
        const lost = effects.filter((e) => e.do === 'tell_lost')
        if (had !== undefined && has === undefined) {
          const returned = event.type === 'release' || event.type === 'finished'
          check(returned !== (lost.length === 1), 'freed by release, finish or loss: exactly one')
        } else check(lost.length === 0, 'nothing is lost that was not had')
        // Legs: a lost one always ends the shift; each that was begun is closed once.
        if (event.type === 'leg_lost') check(after.phase === 'logged_out', 'a lost leg logs out')
        const begun = 'session' in before ? 1 : 0
        const held = 'session' in after ? 1 : 0
        const logIns = event.type === 'log_in' ? 1 : 0
        check(effects.filter((e) => e.do === 'close_leg').length === begun + logIns - held, 'every leg is closed once')
        // Sessions: opened and closed in turn.
        for (const effect of effects) {
          if (effect.do === 'close_session') {
            check(openSession === effect.sessionId, 'the open session is closed')
            openSession = undefined
          } else if (effect.do === 'open_session') {
            check(openSession === undefined, 'one session at a time')
            openSession = effect.session.sessionId
          } else if (effect.do === 'keep_stretch') check(effect.beganAt < effect.endedAt, 'a stretch has a length')
        }
        check(
          (openSession !== undefined) === (after.phase !== 'logged_out' && after.phase !== 'calling'),
          'session open while on shift',
        )
        state = after
      })
      // Whatever happened, the leg's end frees everything.
      if ('session' in state) {
        const end = step(state, { type: 'leg_lost', channelId: state.session.channelId, reason: 'end', at: 1000 }, rules)
        check(end.state.phase === 'logged_out', 'the leg can always end the shift')
      }
    }),
    { seed: 20261122, numRuns: 3000 },
  )
  t.ok(reservations > 1000, `the property met ${reservations} reservations`)
})
