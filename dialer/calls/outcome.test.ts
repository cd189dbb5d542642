import t from 'tap'
import { countsAsAttempt, describeEnd, dispositionUnanswered } from './outcome.ts'

t.test('each line of the table in docs/regulations.md', async (t) => {
  const cases: [number | undefined, number, string][] = [
    [404, 1, 'invalid_number'],
    [485, 1, 'invalid_number'],
    [604, 1, 'invalid_number'],
    [484, 28, 'invalid_number'],
    [410, 22, 'invalid_number'],
    [486, 17, 'busy'],
    [600, 17, 'busy'],
    [480, 19, 'no_answer'],
    [408, 18, 'no_answer'],
    [487, 127, 'no_answer'],
    [603, 21, 'declined'],
    [403, 21, 'trunk_rejected'],
    [407, 21, 'trunk_rejected'],
    [302, 23, 'declined'],
    [503, 34, 'congestion'],
    [500, 38, 'congestion'],
    [502, 27, 'congestion'],
    [488, 58, 'codec_error'],
    [607, 127, 'blocked'],
    [608, 127, 'blocked'],
    [undefined, 17, 'busy'],
    [undefined, 34, 'congestion'],
    [undefined, 1, 'invalid_number'],
    [undefined, 0, 'failed'],
  ]
  for (const [sipCode, cause, disposition] of cases)
    t.equal(dispositionUnanswered({ cause, ...(sipCode && { sipCode }) }), disposition, `SIP ${sipCode ?? '-'}, cause ${cause}`)
})

t.test('what the network did is no attempt of the lead', async (t) => {
  t.notOk(countsAsAttempt('congestion'))
  t.notOk(countsAsAttempt('trunk_rejected'))
  t.ok(countsAsAttempt('no_answer'))
  t.ok(countsAsAttempt('abandoned'), 'Reg F counts abandoned calls')
})

t.test('people read a sentence', async (t) => {
  t.equal(describeEnd('busy', { cause: 17, sipCode: 486 }), 'the line was busy (SIP 486, cause 17)')
})
