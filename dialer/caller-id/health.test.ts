/**
 * The health rules against simulated weeks of calls, where it is known which number is ill: how often a healthy one is accused,
 * how often an ill one is found, and that plain rates would have been wrong.
 */
import fc from 'fast-check'
import t from 'tap'
import { seeded } from '../../load-tests/chance.ts'
import { findingOf, judgeAnswerRates, judgeBlocks, judgeRun, noCalls, type StratumCalls } from './health.ts'

const seed = 20_261_122

const numbers = 20
const hours = 7 * 12

/**
 * A week: two lists with different rates, hours with different rates, and numbers that prefer some hours. `oddsOf`: how a
 * number changes the odds of an answer.
 */
function week(random: () => number, oddsOf: (callerIdId: number) => number, volume = 1): StratumCalls[] {
  const rows: StratumCalls[] = []
  for (let hour = 0; hour < hours; hour++) {
    for (const list of [0.15, 0.4]) {
      const rate = Math.min(0.8, Math.max(0.03, list + 0.25 * Math.sin((hour / 12) * 2 * Math.PI)))
      for (let callerIdId = 1; callerIdId <= numbers; callerIdId++) {
        // Half of the numbers are used in the good half of the day, the others in the bad one, three times as often.
        const prefers = callerIdId % 2 === (hour % 12 < 6 ? 0 : 1)
        const calls = Math.floor(random() * volume * (prefers ? 7 : 2.4))
        const odds = (rate / (1 - rate)) * oddsOf(callerIdId)
        const own = odds / (1 + odds)
        let answered = 0
        for (let call = 0; call < calls; call++) if (random() < own) answered++
        if (calls > 0) rows.push({ stratum: `${list}-${hour}`, callerIdId, calls, answered })
      }
    }
  }
  return rows
}

const lowOf = (rows: StratumCalls[]) => [...judgeAnswerRates(rows)].filter(([, { isLow }]) => isLow).map(([id]) => id)

t.test('healthy numbers: a false alarm in one night of a hundred at most', async (t) => {
  const random = seeded(seed)
  const nights = 200
  let alarms = 0
  let small = 0
  let tests = 0
  for (let night = 0; night < nights; night++) {
    const rows = week(random, () => 1)
    if (lowOf(rows).length > 0) alarms++
    for (const { pValue } of judgeAnswerRates(rows).values()) {
      tests++
      if (pValue < 0.05) small++
    }
  }
  // Chance of more than 6 in 200 at 1 %: 0.4 %.
  t.ok(alarms <= 6, `${alarms} of ${nights} nights`)
  t.ok(small / tests < 0.06, `p below 0.05 in ${((100 * small) / tests).toFixed(1)} % of ${tests} tests`)
})

t.test('plain rates would accuse every number of the bad hours', async (t) => {
  const rows = week(seeded(seed), () => 1)
  const rate = (odd: number) => {
    const own = rows.filter(({ callerIdId }) => callerIdId % 2 === odd)
    return own.reduce((sum, row) => sum + row.answered, 0) / own.reduce((sum, row) => sum + row.calls, 0)
  }
  t.ok(rate(0) - rate(1) > 0.1, `${rate(0).toFixed(2)} against ${rate(1).toFixed(2)}`)
  t.same(lowOf(rows), [])
})

t.test('a number whose odds are halved is found, and nobody else', async (t) => {
  const weeks = 60
  for (const { volume, calls, share } of [
    { volume: 1, calls: 300, share: 0.5 },
    { volume: 2, calls: 600, share: 0.95 },
  ]) {
    const random = seeded(seed + 1)
    let found = 0
    let others = 0
    for (let one = 0; one < weeks; one++) {
      const low = lowOf(week(random, (id) => (id === 7 ? 0.5 : 1), volume))
      if (low.includes(7)) found++
      others += low.filter((id) => id !== 7).length
    }
    t.ok(found >= share * weeks, `${calls} calls a week: found in ${found} of ${weeks} weeks`)
    t.ok(others <= 1, `${others} others accused`)
  }
})

t.test('a third of the numbers ill at once: most are found, no healthy one is accused', async (t) => {
  const random = seeded(seed + 2)
  const isIll = (id: number) => id % 3 === 0
  let found = 0
  let wrong = 0
  for (let one = 0; one < 20; one++) {
    const low = lowOf(week(random, (id) => (isIll(id) ? 0.35 : 1)))
    found += low.filter(isIll).length
    wrong += low.filter((id) => !isIll(id)).length
  }
  t.ok(found >= 0.8 * 20 * 6, `${found} of ${20 * 6}`)
  t.ok(wrong <= 1, `${wrong} wrong`)
})

t.test('a difference that is sure but small is left alone, and so are few calls', async (t) => {
  const sure: StratumCalls[] = [1, 2, 3].map((callerIdId) => ({
    ...{ stratum: 's', callerIdId, calls: 20_000 },
    answered: callerIdId === 1 ? 5400 : 6000,
  }))
  const rate = judgeAnswerRates(sure).get(1)
  t.ok(rate && rate.pValue < 1e-9 && !rate.isLow, 'odds of 0.86')
  t.same(lowOf([1, 2].map((callerIdId) => ({ stratum: 's', callerIdId, calls: 12, answered: callerIdId === 1 ? 0 : 9 }))), [])
})

t.test('the order of the rows and the names of the strata do not matter', async () => {
  const anyRows = fc.array(
    fc.record({
      stratum: fc.constantFrom('a', 'b', 'c'),
      callerIdId: fc.integer({ min: 1, max: 4 }),
      calls: fc.integer({ min: 1, max: 300 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  )
  const pValueOf = (rows: StratumCalls[], id: number) => judgeAnswerRates(rows).get(id)?.pValue ?? 1
  fc.assert(
    fc.property(anyRows, (drawn) => {
      const rows = drawn.map(({ share, ...row }) => ({ ...row, answered: Math.floor(share * row.calls) }))
      const turned = rows.map((row) => ({ ...row, stratum: `x${row.stratum}` })).reverse()
      return [1, 2, 3, 4].every((id) => {
        const p = pValueOf(rows, id)
        return p >= 0 && p <= 1 && Math.abs(p - pValueOf(turned, id)) < 1e-9
      })
    }),
    { seed },
  )
})

t.test('blocks: a few are normal, more than that are not', async (t) => {
  t.equal(judgeBlocks({ calls: 20, blockers: 2 }).isBlocked, false)
  t.equal(judgeBlocks({ calls: 15, blockers: 3 }).isBlocked, true)
  t.equal(judgeBlocks({ calls: 1000, blockers: 12 }).isBlocked, false)
  t.equal(judgeBlocks({ calls: 1000, blockers: 25 }).isBlocked, true)
})

t.test('a run of failures counts where peers get through, and needs to be longer the more they fail', async (t) => {
  t.equal(judgeRun({ length: 7, peerCalls: 50, peerFailures: 4 }).isFailing, true)
  t.equal(judgeRun({ length: 4, peerCalls: 500, peerFailures: 0 }).isFailing, false, 'too short to act')
  t.equal(judgeRun({ length: 10, peerCalls: 50, peerFailures: 25 }).isFailing, false, 'the trunk itself is bad')
  t.equal(judgeRun({ length: 30, peerCalls: 5, peerFailures: 0 }).isFailing, false, 'nobody to compare with')
  t.equal(judgeRun({ length: 40, peerCalls: 50, peerFailures: 50 }).isFailing, false, 'the trunk is down')
})

t.test('the worst finding speaks, in a sentence', async (t) => {
  t.equal(findingOf(noCalls), undefined)
  const blocked = judgeBlocks({ calls: 15, blockers: 3 })
  t.match(findingOf({ ...noCalls, blocked }), {
    what: 'blocked',
    reason: '3 people or networks blocked it (SIP 607, 608) in 15 calls',
  })
  const failing = judgeRun({ length: 9, peerCalls: 50, peerFailures: 4 })
  t.match(findingOf({ ...noCalls, blocked, failing }), {
    what: 'failing',
    reason: 'its last 9 calls did not get through, while 46 of 50 calls from other numbers on its trunk got through',
  })
  const answerRate = { ...noCalls.answerRate, calls: 200, answered: 20, expected: 50, pValue: 3e-7, isLow: true }
  t.match(findingOf({ ...noCalls, answerRate }), {
    what: 'low_answer_rate',
    reason: 'people answered 10.0 % of its 200 calls, other numbers at the same hours and lists 25.0 % (p 3e-7)',
  })
})
