/** A campaign under its rule pack: what holds where nothing is set, stricter freely, looser only with a reason. */
import fc from 'fast-check'
import t from 'tap'
import { packOf, packOfCountry, rulePackIds, rulePacks } from '../leads/rule-packs/packs.ts'
import { limitOf, looserThan, ruleNames } from '../leads/rule-packs/strictness.ts'
import { ruleSettingsSchema } from '../leads/rule-settings.ts'
import { readSettings, settleChange, settleSettings } from './campaign-rules.ts'

const own = (country: string, more = {}) => ({ country, callerIdPool: 'main', ...more })
const allDay = [{ from: '00:00', to: '24:00' }]
const reason = 'the contacts asked for it in writing'

t.test('without settings of its own: the house rules, or the pack where it is stricter', async (t) => {
  const of = (country: string) => settleSettings(own(country))
  t.match(of('AT'), { rules: { pack: 'default', confirmed: true, looser: [] } })
  t.match(of('AT').settings, {
    windows: { monday: [{ from: '08:00', to: '20:00' }], saturday: [{ from: '09:00', to: '18:00' }], sunday: [] },
    caps: { perHour: 1, perDay: 3, per7Days: 7, restDaysAfterTalk: 7 },
    waits: { afterAbandonedHours: 72, afterMachineHours: 0, afterReminderDays: null },
    ...{ abandonTarget: 0.015, abandonLimit: 0.03, graceMs: 2000, ringTimeoutMs: 20_000, consent: 'not_needed' },
  })
  t.match(of('US').settings, { windows: { sunday: [] }, caps: { debt: { per7Days: 7 } }, consent: 'for_messages_to_mobiles' })
  t.match(of('GB'), {
    rules: { pack: 'UK' },
    settings: { abandonTarget: 0.001, abandonLimit: 0.005, waits: { afterMachineHours: 24 } },
  })
  t.match(of('PL').settings.windows, { monday: [{ from: '08:00', to: '20:00' }], saturday: [] })
  t.match(of('SK').settings.windows, { friday: [{ from: '08:00', to: '18:00' }], saturday: [] })
  t.match(of('GR').settings, {
    windows: { monday: [{ from: '09:00', to: '20:00' }], saturday: [] },
    caps: { perDay: 1, daysBetween: 2 },
    waits: { overdueDays: 10 },
  })
  for (const country of ['HU', 'SI', 'DE']) t.match(of(country).rules, { pack: country, confirmed: false })
  t.match(settleSettings(own('PL', { rulePack: 'GR' })).rules, { pack: 'GR' })
  t.throws(() => settleSettings(own('PL', { rulePack: 'XX' })), { code: 'bad_request' })
})

t.test('up to the pack freely, beyond it with a reason', async (t) => {
  const weekend = { windows: { saturday: [{ from: '10:00', to: '12:00' }] } }
  t.match(
    settleSettings(own('PL', { windows: { monday: [{ from: '06:00', to: '22:00' }] }, caps: { perDay: 1 } })).rules.looser,
    [],
  )
  t.match(settleSettings(own('PL', { abandonTarget: 0.03, ringTimeoutMs: 15_000 })).rules.looser, [])
  t.match(settleSettings(own('US', { windows: { sunday: [{ from: '08:00', to: '21:00' }], onHolidays: true } })).rules.looser, [])
  t.throws(() => settleSettings(own('PL', weekend)), { code: 'looser_than_pack', message: /rule pack PL .*: settings\.windows/ })
  t.match(settleSettings(own('PL', { ...weekend, looserBecause: reason })).rules, {
    looser: [{ rule: 'windows', limit: { saturday: [] }, set: { saturday: [{ from: '10:00', to: '12:00' }] }, source: /KPF/ }],
    looserBecause: reason,
  })
  t.throws(() => settleSettings(own('GR', { waits: { overdueDays: 3 }, caps: { daysBetween: 0 } })), {
    message: /caps\.daysBetween \(0, the pack says 2\); settings\.waits\.overdueDays \(3, the pack says 10\)/,
  })
  t.throws(() => settleSettings(own('GB', { abandonTarget: 0.01, abandonLimit: 0.01 })), { code: 'looser_than_pack' })
  t.throws(() => settleSettings(own('US', { caps: { debt: { per7Days: 9 } } })), { code: 'looser_than_pack' })
  t.throws(() => settleSettings(own('AT', { looserBecause: 'short' })), { code: 'bad_request' })
})

t.test('a change needs a reason for what it loosens itself', async (t) => {
  const first = own('PL', { caps: { perHour: 2 }, looserBecause: reason })
  const { rules } = settleSettings(first)
  const change = (patch: object) => () => settleChange(rules, { ...first, ...patch }, patch)
  t.doesNotThrow(change({ mode: 'ratio' }))
  t.doesNotThrow(change({ caps: { perHour: 1 } }))
  t.throws(change({ caps: { perHour: 3 } }), { code: 'looser_than_pack' })
  t.throws(change({ caps: { perHour: 2, perDay: 9 } }), { message: /perDay/ })
  t.doesNotThrow(change({ caps: { perHour: 3 }, looserBecause: 'a new and better reason' }))
})

t.test('stored settings that no reason covers give way to the pack', async (t) => {
  const { settings, rules } = readSettings(own('GR', { caps: { perDay: 3, perHour: 1 }, windows: { saturday: allDay } }))
  t.match(settings, { caps: { perDay: 1, perHour: 1 }, windows: { saturday: [], monday: [{ from: '09:00' }] } })
  t.same(rules.looser, [])
  t.match(readSettings(own('GR', { caps: { perDay: 3 }, looserBecause: reason })).settings, { caps: { perDay: 3 } })
})

t.test('the packs are whole', async (t) => {
  t.same(rulePackIds, ['default', 'US', 'UK', 'PL', 'CZ', 'SK', 'HU', 'SI', 'GR', 'DE'])
  for (const pack of rulePacks) {
    t.match(pack.version, /^\d{4}-\d{2}\.\d+$/, pack.id)
    for (const { rule, source } of pack.rules) t.ok(ruleNames.includes(rule) && source.length > 10, `${pack.id} ${rule}`)
    for (const country of pack.countries) t.equal(packOfCountry(country).id, pack.id)
    t.equal(new Set(pack.rules.map(({ rule }) => rule)).size, pack.rules.length, 'each rule once')
    const { settings } = settleSettings(own(pack.countries[0] ?? 'AT'))
    t.same(looserThan(pack, settings), [], `${pack.id}: its defaults keep it`)
    for (const rule of ruleNames) t.ok(limitOf(pack, rule).source, `${pack.id} ${rule} has a source`)
  }
  t.equal(packOf('default').id, 'default')
})

t.test('properties: without a reason nothing that holds is ever looser than the pack', async (t) => {
  const time = fc.integer({ min: 0, max: 24 }).map((hour) => `${String(hour).padStart(2, '0')}:00`)
  const span = fc
    .tuple(time, time)
    .filter(([a, b]) => a < b)
    .map(([from, to]) => ({ from, to }))
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
  const settings = fc
    .record({
      country: fc.constantFrom('US', 'GB', 'PL', 'CZ', 'SK', 'HU', 'SI', 'GR', 'DE', 'AT'),
      callerIdPool: fc.constant('main'),
      windows: some(fc.record({ monday: some(fc.array(span, { maxLength: 3 })), onHolidays: some(fc.boolean()) })),
      caps: some(fc.record({ perHour: some(fc.integer({ min: 1, max: 3 })), daysBetween: some(fc.integer({ min: 0, max: 4 })) })),
      waits: some(fc.record({ afterMachineHours: some(fc.integer({ min: 0, max: 48 })) })),
      consent: some(fc.constantFrom('not_needed', 'for_messages_to_mobiles', 'needed')),
      ringTimeoutMs: some(fc.integer({ min: 15_000, max: 30_000 })),
    })
    .map((one) => JSON.parse(JSON.stringify(one)))
  const seed = 20261122
  t.comment(`seed ${seed}`)
  fc.assert(
    fc.property(settings, (own) => {
      const { settings, rules } = readSettings(own)
      const pack = packOf(rules.pack)
      const kept = looserThan(pack, ruleSettingsSchema.strip().parse(settings))
      let accepted = true
      try {
        settleSettings(own)
      } catch {
        accepted = false
      }
      // What is accepted holds as it was given.
      return kept.length === 0 && (!accepted || JSON.stringify(settleSettings(own)) === JSON.stringify(readSettings(own)))
    }),
    { seed, numRuns: 500 },
  )
})
