/** Proves the choice of a caller ID: examples for each rule, then properties over random pools and whole histories. */
import fc from 'fast-check'
import t from 'tap'
import { lineTypes } from '../leads/lead.ts'
import type { CallerIdCandidate } from './caller-id.ts'
import { isAtCap, unused } from './caps.ts'
import { type CallerIdChoice, callerIdChoices, chooseCallerId } from './choose.ts'

const seed = 20_261_122
const noCaps = { perDay: Number.POSITIVE_INFINITY, perHour: Number.POSITIVE_INFINITY }

const candidate = (id: number, fields: Partial<CallerIdCandidate> = {}): CallerIdCandidate => ({
  id,
  number: `+4822100000${id}`,
  country: 'PL',
  area: null,
  lineType: 'fixed',
  trunkId: 'carrier',
  brand: null,
  caps: noCaps,
  ...fields,
})

const choose = (fields: Partial<CallerIdChoice<CallerIdCandidate>>) =>
  chooseCallerId({
    candidates: [],
    number: '+48500100200',
    lineType: 'mobile',
    home: { country: 'PL', area: null },
    preference: 'near',
    byHand: null,
    seen: [],
    uses: new Map(),
    hasRoom: () => true,
    ...fields,
  })

t.test('country, line type, wear', async (t) => {
  const foreign = candidate(1, { country: 'CZ', lineType: 'mobile' })
  const home = candidate(2)
  const homeMobile = candidate(3, { lineType: 'mobile' })
  const worn = new Map([[2, { day: 5, hour: 0 }]])

  t.equal(choose({ candidates: [foreign, home] }).callerId?.id, 2, 'the country comes before the line type')
  t.equal(choose({ candidates: [foreign, home, homeMobile] }).callerId?.id, 3, 'then the line type')
  t.equal(choose({ candidates: [home, candidate(4)], uses: worn }).callerId?.id, 4, 'then the one used least')
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
  t.match(choose({ candidates: [] }), { code: 'no_caller_id', reason: 'no caller ID that is active' })
  t.match(choose({ candidates: [home], number: home.number }), { code: 'no_caller_id', reason: /own number/ })
  t.match(choose({ candidates: [homeMobile] }).reason, 'not seen by this contact, same country (PL), same line type (mobile)')
})

t.test('near home, or a mobile for a mobile, as the campaign says', async (t) => {
  const warsaw = candidate(1, { area: '22' })
  const plock = candidate(2, { area: '24' })
  const krakow = candidate(3, { area: '12' })
  const mobile = candidate(4, { lineType: 'mobile' })
  const candidates = [krakow, plock, warsaw, mobile]
  const at = (area: string) => ({ country: 'PL', area })

  t.match(choose({ candidates, home: at('22') }), { callerId: { id: 1 }, reason: /same area \(22\)/ })
  const next = choose({ candidates: [krakow, plock, mobile], home: at('22') })
  t.match(next, { callerId: { id: 2 }, reason: /nearest area 24 \(\d+ km from 22\)/ })
  t.match(choose({ candidates, home: at('22'), preference: 'mobile_for_mobiles' }), {
    callerId: { id: 4 },
    reason: /no area, the callee's is 22, same line type \(mobile\)/,
  })
  t.match(choose({ candidates, home: at('12'), lineType: 'fixed', preference: 'mobile_for_mobiles' }), { callerId: { id: 3 } })
  t.equal(choose({ candidates }).callerId?.id, 4, 'nobody knows where he lives: the line type')
  const unknown = ['2821', '2911'].map((area, index) => candidate(index + 6, { country: 'IT', area }))
  t.match(choose({ candidates: unknown, home: { country: 'IT', area: '2822' } }), {
    callerId: { id: 6 },
    reason: /nearest area 2821 \(3 digits in common from 2822\)/,
  })
})

t.test('caps, rooms, and a choice by hand', async (t) => {
  const one = candidate(1, { caps: { perDay: 10, perHour: 2 } })
  const two = candidate(2, { trunkId: 'other' })
  const byHand = { id: 2, by: 'Anna' }
  const capped = new Map([[1, { day: 3, hour: 2 }]])
  t.match(choose({ candidates: [one, two], uses: capped }), { callerId: { id: 2 }, reason: /1 others at their cap/ })
  t.match(choose({ candidates: [one], uses: capped }), { code: 'caller_ids_at_cap' })
  t.match(choose({ candidates: [one], uses: new Map([[1, { day: 10, hour: 0 }]]) }), { code: 'caller_ids_at_cap' })

  const full = { hasRoom: (trunkId: string) => trunkId !== 'other' }
  t.match(choose({ candidates: [one, two], ...full }), { callerId: { id: 1 } })
  const waits = choose({ candidates: [one, two], seen: [{ callerIdId: 1, lastAt: 5 }], ...full })
  t.match(waits, { callerId: undefined, code: 'trunk_full' }, 'rather waits than shows a number again')

  const seen = [{ callerIdId: 2, lastAt: 5 }]
  t.match(choose({ candidates: [one, two], byHand, seen }), { callerId: { id: 2 }, reason: 'number chosen by hand (Anna)' })
  t.match(choose({ candidates: [one, two], byHand, ...full }), { code: 'trunk_full' })
  t.match(choose({ candidates: [one], byHand }), {
    callerId: { id: 1 },
    reason: /^the number chosen by hand \(Anna\) cannot be used now, not seen/,
  })
})

const anyCandidate = (id: number) =>
  fc
    .record({
      country: fc.constantFrom('PL', 'CZ'),
      area: fc.constantFrom(null, '22', '12', '2'),
      lineType: fc.constantFrom(...lineTypes),
      trunkId: fc.constantFrom('carrier', 'full'),
      caps: fc.record({
        perDay: fc.constantFrom(2, Number.POSITIVE_INFINITY),
        perHour: fc.constantFrom(1, Number.POSITIVE_INFINITY),
      }),
    })
    .map((fields) => candidate(id, fields))

const pools = fc.record({
  candidates: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 9 }).chain((ids) => fc.tuple(...ids.map(anyCandidate))),
  lineType: fc.constantFrom(...lineTypes),
  home: fc.record({ country: fc.constantFrom('PL', 'CZ'), area: fc.constantFrom(null, '22', '12') }),
  preference: fc.constantFrom(...callerIdChoices),
  seen: fc.array(fc.record({ callerIdId: fc.integer({ min: 1, max: 9 }), lastAt: fc.integer({ min: 0, max: 20 }) })),
  uses: fc
    .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.record({ day: fc.integer({ min: 0, max: 3 }), hour: fc.nat({ max: 2 }) })))
    .map((pairs) => new Map(pairs)),
  number: fc.constantFrom('+48500100200', '+48221000001'),
})

const hasRoom = (trunkId: string) => trunkId === 'carrier'
type Drawn = typeof pools extends fc.Arbitrary<infer T> ? T : never
const fitting = (pool: Drawn) =>
  pool.candidates.filter((c) => c.number !== pool.number && !isAtCap(pool.uses.get(c.id) ?? unused, c.caps))

t.test('a caller ID that fits comes out, or the reason why none does', async () => {
  fc.assert(
    fc.property(pools, (pool) => {
      const verdict = choose({ ...pool, hasRoom })
      if (verdict.reason === '') return false
      const fit = fitting(pool)
      if (verdict.callerId) return fit.includes(verdict.callerId) && hasRoom(verdict.callerId.trunkId)
      return verdict.code === 'trunk_full' ? fit.some(({ trunkId }) => !hasRoom(trunkId)) : fit.length === 0
    }),
    { seed },
  )
})

t.test('never one the contact has seen while another fits, else the longest unseen', async () => {
  fc.assert(
    fc.property(pools, (pool) => {
      const { callerId } = choose({ ...pool, hasRoom })
      if (!callerId) return true
      const lastAt = (id: number) => Math.max(-1, ...pool.seen.filter((s) => s.callerIdId === id).map((s) => s.lastAt))
      return fitting(pool).every((other) => lastAt(other.id) >= lastAt(callerId.id))
    }),
    { seed },
  )
})

t.test('the order of the candidates does not matter', async () => {
  fc.assert(
    fc.property(pools, (pool) => {
      const turned = choose({ ...pool, hasRoom, candidates: [...pool.candidates].reverse() })
      return turned.callerId?.id === choose({ ...pool, hasRoom }).callerId?.id
    }),
    { seed },
  )
})

/** Contacts are called in any order while numbers reach their caps, rest and come back, and trunks fill up. */
t.test('over whole histories no contact sees a number twice while another fits, and no cap is broken', async () => {
  const steps = fc.array(
    fc.record({
      contact: fc.nat({ max: 4 }),
      resting: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 4 }),
      full: fc.boolean(),
      preference: fc.constantFrom(...callerIdChoices),
    }),
    { maxLength: 60 },
  )
  const all = fc.tuple(...[1, 2, 3, 4, 5, 6].map(anyCandidate))
  fc.assert(
    fc.property(all, steps, (numbers, calls) => {
      const seen = new Map<number, { callerIdId: number; lastAt: number }[]>()
      const uses = new Map<number, { day: number; hour: number }>()
      return calls.every(({ contact, resting, full, preference }, lastAt) => {
        const candidates = numbers.filter(({ id }) => !resting.includes(id))
        const own = seen.get(contact) ?? []
        const room = (trunkId: string) => !full || trunkId === 'carrier'
        const { callerId } = choose({ candidates, seen: own, uses, preference, hasRoom: room })
        if (!callerId) return true
        const fit = candidates.filter(({ id, caps }) => !isAtCap(uses.get(id) ?? unused, caps))
        const isNew = (id: number) => own.every(({ callerIdId }) => callerIdId !== id)
        const { day, hour } = uses.get(callerId.id) ?? unused
        uses.set(callerId.id, { day: day + 1, hour: hour + 1 })
        seen.set(contact, [...own, { callerIdId: callerId.id, lastAt }])
        const withinCaps = day < callerId.caps.perDay && hour < callerId.caps.perHour
        return withinCaps && (isNew(callerId.id) || !fit.some(({ id }) => isNew(id)))
      })
    }),
    { seed },
  )
})

t.test('even wear: alike numbers are used alike', async (t) => {
  const candidates = [candidate(1), candidate(2), candidate(3)]
  const uses = new Map<number, { day: number; hour: number }>()
  for (let call = 0; call < 300; call++) {
    const { callerId } = choose({ candidates, uses })
    const { day, hour } = uses.get(callerId?.id ?? 0) ?? unused
    if (callerId) uses.set(callerId.id, { day: day + 1, hour: hour + 1 })
  }
  t.same(
    [...uses.values()].map(({ day }) => day),
    [100, 100, 100],
  )
})
