import t from 'tap'
import { campaignSettingsSchema } from '../campaigns/settings.ts'
import { afterMiss, callbackInstant, callbackTimeSchema } from './callback.ts'

/** A Monday, 11:00 in Warsaw. */
const now = Date.parse('2026-01-12T10:00:00Z')
const instant = (text: string, zone = 'Europe/Warsaw') => new Date(callbackInstant(text, zone, now)).toISOString()

t.test("the time is the contact's own, unless it says its offset", async (t) => {
  t.equal(instant('2026-01-13T14:30'), '2026-01-13T13:30:00.000Z')
  t.equal(instant('2026-01-13T14:30', 'America/New_York'), '2026-01-13T19:30:00.000Z')
  t.equal(instant('2026-07-13T14:30:00'), '2026-07-13T12:30:00.000Z', 'summer time')
  t.equal(instant('2026-01-13T14:30:00+05:00'), '2026-01-13T09:30:00.000Z')
  t.equal(instant('2026-01-13T14:30:00Z', 'Asia/Tokyo'), '2026-01-13T14:30:00.000Z')
  t.equal(instant('2026-03-29T02:30'), '2026-03-29T01:30:00.000Z', 'an hour that is skipped: 3:30')
  t.equal(instant('2026-10-25T02:30'), '2026-10-25T00:30:00.000Z', 'an hour that comes twice: the first')
  t.throws(() => instant('2206-01-13T14:30'), { code: 'bad_request' })
  for (const text of ['tomorrow', '2026-01-13', '14:30', '2026-02-30T10:00'])
    t.notOk(callbackTimeSchema.safeParse(text).success, text)
})

t.test('a callback that its agent missed', async (t) => {
  const settings = (callbacks: object) => campaignSettingsSchema.parse({ country: 'PL', callerIdPool: 'main', callbacks })
  const callback = { callbackAt: now - 20 * 60_000, agentName: 'Anna', misses: 0, country: 'PL', timeZone: 'Europe/Warsaw' }
  const missed = (callbacks: object, more = {}) => afterMiss({ ...callback, ...more }, settings(callbacks), now, () => undefined)
  const agreed = 'Anna was not free within 15 minutes of the callback agreed for Mon 12 Jan 2026 10:40 (Europe/Warsaw)'
  t.same(missed({}), { to: 'anyone', reason: `${agreed}: anyone calls` })
  t.same(missed({ missed: 'supervisor' }), { to: 'held', reason: `${agreed}: a supervisor decides` })
  const hourLater = now + 60 * 60_000
  t.same(missed({ missed: 'later' }), {
    ...{ to: 'later', callbackAt: hourLater, nextAttemptAt: hourLater, reason: `${agreed}: again Mon 12 Jan 2026 12:00` },
  })
  t.match(
    missed({ missed: 'later', laterMinutes: 600 }),
    { nextAttemptAt: Date.parse('2026-01-13T07:00:00Z') },
    'when the window opens',
  )
  t.match(missed({ missed: 'later' }, { misses: 2 }), { to: 'held', reason: /missed 3 times: a supervisor decides$/ })
})
