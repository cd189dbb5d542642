/** The arithmetic of sound: what is put in is measured out, and A-law is the one of G.711. */
import fc from 'fast-check'
import t from 'tap'
import {
  concat,
  decodeAlaw,
  encodeAlaw,
  fit,
  loudSeconds,
  mix,
  noise,
  onset,
  resample,
  silence,
  tone,
  toneLevel,
  toneSeconds,
} from './signal.ts'

const near = (value: number, wanted: number, tolerance: number) => Math.abs(value - wanted) <= tolerance

t.test('a tone of any pitch and strength is measured at its level, and is not heard at another pitch', async (t) => {
  const pitch = fc.integer({ min: 300, max: 3000 })
  fc.assert(
    fc.property(pitch, pitch, fc.double({ min: 0.02, max: 0.9, noNaN: true }), (hz, other, amplitude) => {
      const sound = tone(hz, 0.5, amplitude)
      if (!near(toneLevel(sound, hz), amplitude, amplitude * 0.05)) return false
      return Math.abs(hz - other) < 60 || toneLevel(sound, other) < amplitude * 0.1
    }),
    { seed: 1 },
  )
  t.pass()
})

t.test('A-law: the known codes, all codes there and back, small loss', async (t) => {
  t.same([...encodeAlaw(Float64Array.of(0, -1e-9, 1, -1))], [0xd5, 0x55, 0xaa, 0x2a], 'zero and full scale of G.711')
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code)
  t.same([...encodeAlaw(decodeAlaw(codes))], [...codes])
  fc.assert(
    fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (sample) =>
      near(decodeAlaw(encodeAlaw(Float64Array.of(sample)))[0] ?? 9, sample, Math.max(1 / 2048, Math.abs(sample) / 16)),
    ),
    { seed: 2 },
  )
})

t.test('onset and length of a sound', async (t) => {
  const sound = concat(silence(0.4), tone(440, 0.6), silence(1))
  t.equal(onset(sound), 0.4)
  t.ok(near(loudSeconds(sound), 0.6, 0.02))
  t.equal(toneSeconds(sound, 440), 0.6)
  t.equal(toneSeconds(sound, 1004), 0)
  t.equal(onset(silence(1)), undefined)
  t.equal(toneLevel(silence(0), 440), 0)
})

t.test('a tone is found under noise; the noise is the same every time', async (t) => {
  t.ok(near(toneLevel(mix(tone(1004, 1, 0.1), noise(1, 0.05)), 1004), 0.1, 0.02))
  t.same(noise(0.1, 1, 7), noise(0.1, 1, 7))
  t.equal(fit(noise(1, 1), 0.25).length, 2000)
  t.equal(fit(noise(1, 1), 2).length, 16_000)
})

t.test('resampling keeps what telephones carry and drops what would fold back', async (t) => {
  const at22k = (hz: number) => Float64Array.from({ length: 22_050 }, (_, n) => 0.3 * Math.sin((2 * Math.PI * hz * n) / 22_050))
  t.ok(near(toneLevel(resample(at22k(1000), 22_050).slice(400, 7600), 1000), 0.3, 0.01))
  t.ok(toneLevel(resample(at22k(5000), 22_050), 3000) < 0.01)
})
