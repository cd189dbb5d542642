/** The trunks' service on a real database, with a switch that says yes, no, or nothing. */
import { pino } from 'pino'
import t from 'tap'
import { withDatabase } from '../../test/support/database.ts'
import { TelephonyError, type TrunkConfig } from '../telephony/telephony.ts'
import { trunkSchema } from './trunk.ts'
import { createTrunks } from './trunks.ts'

const { pool } = await withDatabase(t)
const onSwitch = new Map<string, TrunkConfig>()
let failure: TelephonyError | undefined
const telephony = {
  async putTrunk(trunk: TrunkConfig) {
    if (failure) throw failure
    onSwitch.set(trunk.id, trunk)
  },
  async removeTrunk(id: string) {
    if (failure) throw failure
    onSwitch.delete(id)
  },
}
const make = (liveDialing: boolean) => createTrunks({ pool, telephony, liveDialing, log: pino({ level: 'silent' }) })
const trunks = make(false)
const trunk = (id: string, fields = {}) =>
  trunkSchema.parse({ id, host: '127.0.0.1', maxChannels: 5, callsPerSecond: 0.1, password: 'secret', ...fields })

t.test('what is stored is on the switch, with its password and limits', async (t) => {
  await trunks.create(trunk('one', { callsPerSecond: 0.1, codecs: ['g722', 'alaw'] }))
  t.match(onSwitch.get('one'), { password: 'secret', codecs: ['g722', 'alaw'] })
  t.match(await trunks.get('one'), { callsPerSecond: 0.1, hasPassword: true })
  await t.rejects(trunks.create(trunk('one')), { code: 'already_exists' })
  await trunks.change('one', { port: 5080 })
  t.match(onSwitch.get('one'), { port: 5080, password: 'secret' }, 'a field left out stays, the password too')
  await trunks.change('one', { enabled: false })
  t.notOk(onSwitch.has('one'), 'switched off: taken from the switch')
})

t.test('a switch that says no undoes the change, one that is away gets it later', async (t) => {
  failure = new TelephonyError('refused', 'bad codec')
  await t.rejects(trunks.create(trunk('two')), { code: 'bad_request', message: /bad codec/ })
  await t.rejects(trunks.get('two'), { code: 'not_found' })
  failure = new TelephonyError('unreachable', 'away')
  await trunks.create(trunk('two'))
  failure = undefined
  t.notOk(onSwitch.has('two'))
  await trunks.pushAll()
  t.ok(onSwitch.has('two'))
})

t.test('with live dialing switched off again, no far trunk reaches the switch', async (t) => {
  await t.rejects(trunks.create(trunk('far', { host: '10.0.0.1' })), { code: 'live_dialing_off' })
  await make(true).create(trunk('far', { host: '10.0.0.1' }))
  onSwitch.clear()
  await trunks.pushAll()
  t.same([...onSwitch.keys()], ['two'])
  await t.rejects(trunks.change('far', { maxChannels: 1 }), { code: 'live_dialing_off' })
  t.match(await make(true).change('far', { maxChannels: 1 }), { maxChannels: 1 })
})

t.test('a trunk that numbers dial over stays', async (t) => {
  await pool.query(
    `insert into caller_ids (number, pool, trunk_id, country, line_type) values ('+48221000001', 'p', 'two', 'PL', 'fixed')`,
  )
  await t.rejects(trunks.remove('two'), { code: 'still_in_use' })
  await trunks.remove('one')
  t.same(
    (await trunks.list()).map(({ id }) => id),
    ['far', 'two'],
  )
})
