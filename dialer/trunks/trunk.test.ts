/** Proves the safety catch and the narrow alphabet of what reaches the switch's configuration. */
import fc from 'fast-check'
import t from 'tap'
import { isLoopback, mayDial, trunkPatchSchema, trunkSchema, viewOf } from './trunk.ts'

const seed = 20_261_122
const trunk = { id: 'carrier', host: '127.0.0.1', maxChannels: 10, callsPerSecond: 5 }

t.test('what is this machine', async (t) => {
  for (const host of ['127.0.0.1', '127.255.255.254', 'localhost', 'LOCALHOST', '::1', '[::1]'])
    t.equal(isLoopback(host), true, host)
  const outside = ['', '0.0.0.0', '128.0.0.1', '127.0.0.256', '127.1', '2130706433', '0177.0.0.1', '127.0.0.1.example.com']
  const names = [
    'localhost.example.com',
    'localhost.',
    'sip.carrier.net',
    '::',
    '::ffff:10.0.0.1',
    '127.0.0.1\n10.0.0.1',
    ' 127.0.0.1',
  ]
  for (const host of [...outside, ...names]) t.equal(isLoopback(host), false, host)
})

t.test('no public address passes the catch while it is on', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.domain(), fc.string()), (host) => {
      if (mayDial(host, false)) return host.startsWith('127.') || host === 'localhost'
      return mayDial(host, true)
    }),
    { seed },
  )
})

t.test('a whole trunk has its defaults, a patch has none', async (t) => {
  const whole = trunkSchema.parse(trunk)
  t.match(whole, { port: 5060, codecs: ['alaw', 'ulaw'], numberFormat: 'plus', enabled: true, password: null })
  t.same(trunkPatchSchema.parse({ port: 5080 }), { port: 5080 })
  t.same(
    Object.keys(trunkPatchSchema.shape).sort(),
    Object.keys(trunkSchema.shape)
      .filter((key) => key !== 'id')
      .sort(),
  )
})

t.test('nothing gets into the configuration of the switch', async (t) => {
  for (const host of ['10.0.0.1\ncontext=evil', 'a;b', 'a b', '-a', 'a_b', '"a"'])
    t.notOk(trunkSchema.safeParse({ ...trunk, host }).success, host)
  for (const password of ['a\nb', 'a;b', 'a b', 'a"b', 'a\\b', ''])
    t.notOk(trunkSchema.safeParse({ ...trunk, password }).success, password)
  t.ok(trunkSchema.safeParse({ ...trunk, host: 'fd00::1', password: "S3cret!#$%&'()*+,-./:<=>?@[]^_`{|}~" }).success)
})

t.test('the password is not shown', async (t) => {
  const shown = viewOf(trunkSchema.parse({ ...trunk, password: 'secret' }))
  t.equal(shown.hasPassword, true)
  t.notMatch(JSON.stringify(shown), 'secret')
})
