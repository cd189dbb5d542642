/** Proves the choice of a caller ID: examples for each rule, then properties over random pools. */
import fc from 'fast-check'
import t from 'tap'
import { lineTypes } from '../leads/lead.ts'
import type { CallerIdCandidate } from './caller-id.ts'
import { type CallerIdChoice, chooseCallerId } from './choose.ts'

const seed = 20_261_122

const candidate = (id: number, fields: Partial<CallerIdCandidate> = {}): CallerIdCandidate => ({
  id,
  number: `+4822100000${id}`,
  country: 'PL',
  lineType: 'fixed',
  trunkId: 'carrier',
  ...fields,
})

const choose = (fields: Partial<CallerIdChoice<CallerIdCandidate>>) =>
  chooseCallerId({
    candidates: [],
    number: '+48500100200',
    country: 'PL',
    lineType: 'mobile',
    seen: [],
    uses: new Map(),
    ...fields,
  })

t.test('examples', async (t) => {
  const foreign = candidate(1, { country: 'CZ', lineType: 'mobile' })
  const home = candidate(2)
  const homeMobile = candidate(3, { lineType: 'mobile' })

  t.equal(choose({ candidates: [foreign, home] }).callerId?.id, 2, 'the country comes before the line type')
  t.equal(choose({ candidates: [foreign, home, homeMobile] }).callerId?.id, 3, 'then the line type')
  t.equal(choose({ candidates: [home, candidate(4)], uses: new Map([[2, 5]]) }).callerId?.id, 4, 'then the one used least')
  t.equal(choose({ candidates: [home, foreign], seen: [{ callerIdId: 2, lastAt: 9 }] }).callerId?.id, 1, 'unseen before home')
  t.equal(
    choose({
      candidates: [home, homeMobile],
      seen: [
        { callerIdId: 2, lastAt: 1 },
        { callerIdId: 3, lastAt: 9 },
        { callerIdId: 2, lastAt: 10 },
      ],
    }).callerId?.id,
    3,
    'all seen: the one whose last time is the longest ago',
  )
  t.equal(
    choose({ candidates: [home, candidate(5, { lineType: 'fixed_or_mobile' })] }).callerId?.id,
    5,
    'a number that may be either goes with a mobile',
  )
  t.match(choose({ candidates: [] }).reason, 'no active caller ID')
  t.match(choose({ candidates: [home], number: home.number }), { callerId: undefined, reason: /own number/ })
  t.match(choose({ candidates: [homeMobile] }).reason, 'not seen by this contact, same country (PL), same line type (mobile)')
})

const pools = fc.record({
  candidates: fc
    .uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 9 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((id) =>
          fc
            .record({ country: fc.constantFrom('PL', 'CZ'), lineType: fc.constantFrom(...lineTypes) })
            .map((fields) => candidate(id, fields)),
        ),
      ),
    ),
  lineType: fc.constantFrom(...lineTypes),
  seen: fc.array(fc.record({ callerIdId: fc.integer({ min: 1, max: 9 }), lastAt: fc.integer({ min: 0, max: 20 }) })),
  uses: fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 3 }))).map((pairs) => new Map(pairs)),
  number: fc.constantFrom('+48500100200', '+48221000001'),
})

t.test('a caller ID comes out exactly when there is one that is not the callee himself', async () => {
  fc.assert(
    fc.property(pools, (pool) => {
      const left = pool.candidates.filter((c) => c.number !== pool.number)
      const { callerId, reason } = choose(pool)
      if (reason === '') return false
      return callerId ? left.includes(callerId) : left.length === 0
    }),
    { seed },
  )
})

t.test('never one the contact has seen while another is left, else the longest unseen', async () => {
  fc.assert(
    fc.property(pools, (pool) => {
      const { callerId } = choose(pool)
      if (!callerId) return true
      const lastAt = (id: number) => Math.max(-1, ...pool.seen.filter((s) => s.callerIdId === id).map((s) => s.lastAt))
      const left = pool.candidates.filter((c) => c.number !== pool.number)
      return left.every((other) => lastAt(other.id) >= lastAt(callerId.id))
    }),
    { seed },
  )
})

t.test('the order of the candidates does not matter', async () => {
  fc.assert(
    fc.property(pools, (pool) => {
      const turned = choose({ ...pool, candidates: [...pool.candidates].reverse() })
      return turned.callerId?.id === choose(pool).callerId?.id
    }),
    { seed },
  )
})

t.test('even wear: alike numbers are used alike', async (t) => {
  const candidates = [candidate(1), candidate(2), candidate(3)]
  const uses = new Map<number, number>()
  for (let call = 0; call < 300; call++) {
    const { callerId } = choose({ candidates, uses })
    if (callerId) uses.set(callerId.id, (uses.get(callerId.id) ?? 0) + 1)
  }
  t.same([...uses.values()], [100, 100, 100])
})
