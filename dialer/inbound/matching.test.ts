import t from 'tap'
import { expectedWaitMs, holdMedia } from './expected-wait.ts'
import { type Candidate, rank } from './matching.ts'

const candidate = (kind: Candidate['kind'], contactId: number, calledAt: number | null = null): Candidate => ({
  ...{ kind, contactId, leadId: contactId * 10, campaignId: 'c', calledAt },
})
const order = (...candidates: Candidate[]) => rank(candidates).map(({ contactId, kind }) => `${contactId} ${kind}`)

t.test('the pair of numbers before the caller alone, the latest first, each contact once', async (t) => {
  t.strictSame(
    order(candidate('caller', 1, 50), candidate('caller', 2), candidate('pair', 1, 50), candidate('last_attempt', 9, 99)),
    ['1 pair', '2 caller'],
  )
  t.strictSame(order(candidate('pair', 1, 10), candidate('pair', 2, 20)), ['2 pair', '1 pair'])
  t.match(rank([candidate('pair', 1)]), [{ why: /number of ours/ }])
})

t.test('whom we called last from that number is a guess, for want of better', async (t) => {
  t.strictSame(order(candidate('last_attempt', 9, 99)), ['9 last_attempt'])
  t.strictSame(order(), [])
})

t.test('no more are offered than an agent can look through', async (t) => {
  t.equal(rank(Array.from({ length: 40 }, (_, n) => candidate('caller', n))).length, 10)
})

t.test('the waiting time, and how it is said', async (t) => {
  t.equal(expectedWaitMs({ place: 3, agents: 6, handleMs: 120_000 }), 60_000)
  t.equal(expectedWaitMs({ place: 1, agents: 0, handleMs: 120_000 }), undefined)
  const said = (waitMs: number | undefined, first = false, offer = false) =>
    holdMedia({ first, offer, waitMs }).map((media) => media.replace('sound:outpace/', ''))
  t.strictSame(said(60_000, true), ['please-wait', 'wait-1', 'hold-music'])
  t.strictSame(said(61_000, false, true), ['wait-2', 'callback-offer', 'hold-music'])
  t.strictSame(said(240_000), ['wait-5', 'hold-music'])
  t.strictSame(said(3_600_000), ['wait-long', 'hold-music'])
  t.strictSame(said(undefined), ['hold-music'])
})
